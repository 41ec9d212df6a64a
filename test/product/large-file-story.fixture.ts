import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Files, hashOf, openFolder, runCommand, writeLarge } from './large-file.fixture.ts'
import { medguard, type Product, startProduct } from './product.ts'

const PEAK_BYTES_MAX = 150 * 1_000_000

/**
 * A study goes in and out through the command line, is killed in the middle of both, and gone on with; its process stays small (issue "Vault
 * core", seen to hold 3).
 */
export function largeFileStory({ sizeBytes, waitMs }: { readonly sizeBytes: number; readonly waitMs: number }): void {
  let product: Product
  let files: Files
  let study: string
  beforeAll(async () => {
    product = await startProduct()
    files = openFolder()
    study = files.path('study.dcm')
    await writeLarge(study, sizeBytes)
  }, 300_000)
  afterAll(async () => {
    await product.close()
    files.remove()
  })
  const run = (args: readonly string[], killAt?: string) => runCommand(product, files, 'patient', args, killAt)
  const events = async () => {
    const log = await medguard(product, 'patient', 'log', '--verify', '--json')
    expect(log.code, log.stderr).toBe(0)
    return (log.json() as { items: { event: string; objectId: string }[] }).items
  }
  const peaks: string[] = []
  const within = (what: string, peakBytes: number) => {
    peaks.push(`${what} ${(peakBytes / 1_000_000).toFixed(0)} MB`)
    expect(peakBytes, what).toBeLessThan(PEAK_BYTES_MAX)
  }

  describe(`a study of ${sizeBytes / 1_000_000} MB`, () => {
    let recordId = ''

    test(
      'is stored by a process that is killed half-way and by one that goes on where it was',
      async () => {
        const killed = await run(['add', study, '--kind', 'imaging'], 'sending 40 %')
        expect(killed.code, killed.stderr).toBeNull()
        const added = await run(['add', study, '--kind', 'imaging'])
        expect(added.code, added.stderr).toBe(0)
        const received = /^sending (\d+) %$/m.exec(added.stderr)?.[1]
        expect(Number(received), 'what the canister had counts from the beginning').toBeLessThanOrEqual(10)
        within('in', added.peakBytes)
        const items = await events()
        expect(items.filter(({ event }) => event === 'recordAdd')).toHaveLength(1)
        recordId = items.find(({ event }) => event === 'recordAdd')?.objectId ?? ''
        expect(items.filter((item) => item.event === 'open').map(({ objectId }) => objectId)).toEqual([recordId])
      },
      waitMs,
    )

    test(
      'comes out of one that was killed half-way and of one that goes on, byte for byte',
      async () => {
        const out = files.path('copy.dcm')
        const killed = await run(['show', recordId, '--out', out], 'receiving 40 %')
        expect(killed.code, killed.stderr).toBeNull()
        expect(existsSync(out), 'half a file has not the name that was asked for').toBe(false)
        const shown = await run(['show', recordId, '--out', out])
        expect(shown.code, shown.stderr).toBe(0)
        expect(shown.stderr, 'the first part is not sent again').not.toContain('receiving 10 %')
        within('out', shown.peakBytes)
        expect(await hashOf(out)).toBe(await hashOf(study))
        expect(readdirSync(files.folder).filter((name) => name.endsWith('.part'))).toEqual([])
        console.log(`peak memory: ${peaks.join(', ')}`)
      },
      waitMs,
    )
  })
}
