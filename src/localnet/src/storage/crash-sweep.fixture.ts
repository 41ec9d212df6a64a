// Every crash at every change of a recorded run, checked one by one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Crash, CRASHES, type Recording } from './crash-model.fixture.ts'

export interface CrashedFolder {
  readonly dir: string
  readonly crash: Crash
  /** Changes done before the crash. */
  readonly count: number
  /** Everything acknowledged by then. */
  readonly acknowledged: number
}

/**
 * @param every checks one in so many crashes, so that a short setting still sees every kind.
 * @param check throws for a folder that is not as it should be; the error names the crash.
 * @returns how many folders were checked.
 */
export function sweep(recording: Recording, every: number, check: (folder: CrashedFolder) => void): number {
  const root = mkdtempSync(join(tmpdir(), 'localnet-crash-'))
  let number = 0
  let checked = 0
  const tryOne = (count: number, crash: Crash, cut: number) => {
    if (number++ % every !== 0) return
    const dir = join(root, String(number), 'state')
    recording.crash(count, crash, dir, cut)
    const acknowledged = recording.acknowledgedAt(count)
    try {
      check({ dir, crash, count, acknowledged })
    } catch (error) {
      const where = `${crash} before change ${count} (${recording.whatAt(count)}), ${cut} bytes of it done, ${acknowledged} acknowledged`
      throw new Error(`after a crash: ${where}`, { cause: error })
    }
    rmSync(join(root, String(number)), { recursive: true, force: true })
    checked++
  }
  try {
    for (let count = 0; count <= recording.length; count++) {
      for (const crash of CRASHES) tryOne(count, crash, 0)
      for (const cut of recording.cutsAt(count)) {
        for (const crash of ['kill', 'contents'] as const) tryOne(count, crash, cut)
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return checked
}
