// Killed, or without power, at every change it makes to the disk: opened again, storage has everything it acknowledged, whole.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { record } from './crash-model.fixture.ts'
import { sweep } from './crash-sweep.fixture.ts'
import { contents, countIn, deltaAt, stateAfter } from './deltas.fixture.ts'
import { openStorage } from './index.ts'

const COMPACTS_ABOVE = 60_000
/** `npm run test:long` looks at every crash, `npm test` at some of each kind. */
const EVERY = process.env['MEDGUARD_LONG'] === '1' ? 1 : 7

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'localnet-crash-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Opens, appends, closes: as often as told. @returns the recording. */
function life(appends: readonly number[]) {
  const dir = join(root, 'state')
  const recording = record(dir)
  let number = 0
  for (const count of appends) {
    const storage = openStorage(dir, COMPACTS_ABOVE, recording.disk)
    for (let i = 0; i < count; i++) {
      storage.append(deltaAt(++number))
      recording.disk.acknowledge()
    }
    storage.close()
  }
  return recording
}

/** @returns how many deltas are there, each whole. */
function checked(dir: string, acknowledged: number): number {
  const storage = openStorage(dir, COMPACTS_ABOVE)
  const count = countIn(storage)
  expect(count - acknowledged).toBeOneOf([0, 1])
  expect(contents(storage)).toEqual(stateAfter(count))
  storage.close()
  return count
}

test('at every change, compactions and openings included', () => {
  const recording = life([40, 0, 8])
  const kinds = Array.from({ length: recording.length }, (_, count) => recording.whatAt(count))
  expect(kinds.filter((what) => what.startsWith('rename')).length).toBeGreaterThan(2)
  const folders = sweep(recording, EVERY, ({ dir, acknowledged }) => void checked(dir, acknowledged))
  expect(folders).toBeGreaterThan(1000 / EVERY)
})

test('then opened, used and without power: what the second life acknowledged, or only read, is there too', () => {
  const recording = life([4])
  for (let count = 0; count <= recording.length; count++) {
    const dir = join(root, `again ${count}`, 'state')
    recording.crash(count, 'kill', dir)
    const again = recording.goOn(count, dir)
    const storage = openStorage(dir, COMPACTS_ABOVE, again.disk)
    // Whoever asked has been told what is there now.
    const seen = countIn(storage)
    const told = again.length
    storage.append(deltaAt(seen + 1))
    const stored = again.length
    for (const [at, least] of [
      [told, seen],
      [stored, seen + 1],
    ] as const) {
      const after = join(root, `after ${count} ${at}`, 'state')
      again.crash(at, 'nothing', after)
      expect([count, checked(after, least)]).toEqual([count, least])
    }
    storage.close()
  }
})
