import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Files, hashOf, openFolder, runCommand, writeLarge } from './large-file.fixture.ts'
import { medguard, type Product, startProduct } from './product.ts'

const PEAK_BYTES_MAX = 150 * 1_000_000
/** Files begin and end within chunks, of which a few are kept. */
const FOLDER_PEAK_BYTES_MAX = 200 * 1_000_000

interface Large {
  /** All together. */
  readonly sizeBytes: number
  /** One is stored as it is, several as a folder. */
  readonly fileCount: number
  readonly waitMs: number
}

/**
 * A study goes in and out through the command line, is killed in the middle of both, and gone on with; its process stays small (issue "Vault
 * core", seen to hold 3).
 */
export function largeFileStory({ sizeBytes, fileCount, waitMs }: Large): void {
  const isFolder = fileCount > 1
  let product: Product
  let files: Files
  let study: string
  const names = Array.from({ length: fileCount }, (_, i) => (isFolder ? `series/IM${100 + i}` : ''))
  beforeAll(async () => {
    product = await startProduct()
    files = openFolder()
    study = files.path('study.dcm')
    if (isFolder) mkdirSync(join(study, 'series'), { recursive: true })
    for (const [i, name] of names.entries()) await writeLarge(join(study, name), sizeBytes / fileCount, i)
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
    expect(peakBytes, what).toBeLessThan(isFolder ? FOLDER_PEAK_BYTES_MAX : PEAK_BYTES_MAX)
  }
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
      /** Files that have the name that was asked for, and when each was finished. */
      const finished = () =>
        names.flatMap((name) => {
          const stat = statSync(join(out, name), { throwIfNoEntry: false })
          return stat?.isFile() === true ? [{ name, atMs: stat.mtimeMs }] : []
        })
      const asks = [isFolder ? 'get' : 'show', recordId, '--out', out]
      const killed = await run(asks, 'receiving 40 %')
      expect(killed.code, killed.stderr).toBeNull()
      const before = finished()
      expect(before.length, 'half a file has not the name that was asked for').toBeLessThan(fileCount)
      const shown = await run(asks)
      expect(shown.code, shown.stderr).toBe(0)
      if (isFolder) expect(finished(), 'what was there stays').toEqual(expect.arrayContaining(before))
      else expect(shown.stderr, 'the first part is not sent again').not.toContain('receiving 10 %')
      within('out', shown.peakBytes)
      for (const name of names) expect(await hashOf(join(out, name)), name).toBe(await hashOf(join(study, name)))
      const left = readdirSync(files.folder, { recursive: true, encoding: 'utf8' })
      expect(left.filter((path) => basename(path).endsWith('.part'))).toEqual([])
      console.log(`peak memory: ${peaks.join(', ')}`)
    },
    waitMs,
  )
}
