import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../exit-code.ts'
import { errorCodeOf } from '../new-file.ts'
import type { Kind } from './texts.ts'

/** What a watch knows of an address. */
export interface Delivery {
  /** When a message was taken last; null: never. */
  deliveredMs: number | null
  /** Tries in a row that nobody took, the last of them, and why. */
  failures: number
  failedMs: number | null
  why: string | null
  heartbeatMs: number | null
  /** When it was last told that there is something to look at. */
  toldMs: number | null
  /** Of what it was told that it could not be read, as hashes; empty once it was told that all can. */
  toldBlind: readonly string[]
  /** With the next, what makes the id of a message: drawn once, and how many of each kind were taken. */
  series: string
  taken: Partial<Record<Kind, number>>
}
/** What is remembered over restarts: addresses, patients, hashes of what was told, and times; of readings nothing. */
export interface Kept {
  readonly format: 1
  startedMs: number
  /** When everything was last known to be read; null: never. */
  readMs: number | null
  /** When this was written. */
  savedMs: number
  blindMinutes: number
  /** How many people's readings, and how many of their alerts ask for somebody. */
  followed: number
  open: number
  /** By what was told to whom. */
  told: Record<string, { atMs: number; times: number }>
  /** By the name of the channel. */
  channels: Record<string, Delivery>
  /** What was looked after, by patient, and when it was not there any more; null: it is there. */
  patients: Record<string, number | null>
}

const FILE = 'state.json'

export const folderOf = (stateDir: string, name: string): string => join(stateDir, 'watch', name)

/** Null where nothing was kept yet. @throws UsageError for a file that is none of ours. */
export function readKept(folder: string): Kept | null {
  let text: string
  try {
    text = readFileSync(join(folder, FILE), 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
  try {
    const kept = JSON.parse(text) as Kept
    if (kept.format === 1 && [kept.told, kept.channels, kept.patients].every((each) => typeof each === 'object')) {
      for (const [name, known] of Object.entries(kept.channels)) kept.channels[name] = { ...noDelivery(), ...known }
      return kept
    }
  } catch {
    // said below
  }
  throw new UsageError(`${join(folder, FILE)} is damaged: remove it, and what was told is told once more`)
}

export const nothingKept = (nowMs: number): Kept => ({
  format: 1,
  startedMs: nowMs,
  readMs: null,
  savedMs: nowMs,
  blindMinutes: 0,
  followed: 0,
  open: 0,
  told: {},
  channels: {},
  patients: {},
})

/** Whole or not at all, and on the disk before it returns. */
export function writeKept(folder: string, kept: Kept): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const part = join(folder, `${FILE}.part`)
  rmSync(part, { force: true })
  const file = openSync(part, 'wx', 0o600)
  try {
    writeFileSync(file, JSON.stringify(kept))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(part, join(folder, FILE))
  const place = openSync(folder, 'r')
  try {
    fsyncSync(place)
  } finally {
    closeSync(place)
  }
}

const noDelivery = (): Delivery => ({
  deliveredMs: null,
  failures: 0,
  failedMs: null,
  why: null,
  heartbeatMs: null,
  toldMs: null,
  toldBlind: [],
  series: randomBytes(16).toString('hex'),
  taken: {},
})
export const deliveryOf = (kept: Kept, name: string): Delivery => (kept.channels[name] ??= noDelivery())
