import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { textAt } from '../json.ts'
import { createOnItsWay } from '../patients/on-its-way.ts'
import { createVaults } from '../patients/vaults.ts'
import { modelDisk, type ModelDisk } from '../spool/model-disk.fixture.ts'
import { startCreates } from './creates.ts'
import { idOf, type network, patientOf } from './network.fixture.ts'

const KEY = new Uint8Array(32).fill(7)
export const observation = (patient: string, code: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: code },
  subject: { reference: `Patient/${idOf(patient)}` },
})

type Line = Pick<ReturnType<typeof network>, 'client'>

/** Where one gateway after the other takes creates. */
export function createsFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-creates-'))
  const ends = new Set<() => Promise<void>>()

  const open = async ({ client }: Line, disk: ModelDisk = modelDisk(), nowMs: () => number = Date.now) => {
    const onItsWay = createOnItsWay(client.principal)
    const vaults = createVaults(client, nowMs, onItsWay)
    const bugs: unknown[] = []
    const onBug = (error: unknown) => void bugs.push(error)
    const creates = await startCreates({
      folder,
      key: KEY,
      client,
      vaults,
      onItsWay,
      nowMs,
      onBug,
      disk,
      waitsMs: [1],
    })
    const close = () => creates.close().catch(() => {})
    ends.add(close)
    return {
      ...creates,
      disk,
      onItsWay,
      vaults,
      bugs,
      async create(patient: string, code: string): Promise<string> {
        const { resource } = await creates.take(observation(patient, code), 'ehr')
        return textAt(resource, 'id') ?? ''
      },
      view: async (patient: string) => (await vaults.view([idOf(patient)])).resources,
      /** Ids of the Observations that are read of somebody, in alphabetical order. */
      async read(patient: string): Promise<string[]> {
        return (await this.view(patient))
          .flatMap(({ key }) => (key.startsWith('Observation/') ? [key.slice('Observation/'.length)] : []))
          .toSorted((a, b) => a.localeCompare(b))
      },
      /** Until nothing is on its way, or the disk has failed. */
      async quiet(): Promise<void> {
        await expect
          .poll(() => creates.spool.waiting.count === 0 || creates.delivery.state.waitsFor === 'Bug', { interval: 1 })
          .toBe(true)
      },
      async end() {
        ends.delete(close)
        await close()
      },
    }
  }
  return {
    open,
    async remove() {
      for (const end of ends) await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type CreatesFolder = ReturnType<typeof createsFolder>

export const codesOf = (stored: ReturnType<typeof network>['stored'], patient: string): string[] =>
  stored.filter(({ grantId }) => patientOf(grantId) === idOf(patient)).map(({ record }) => record.title)
