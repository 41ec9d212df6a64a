import { equalBytes, HASH_BYTES, ID_BYTES } from '@medguard/protocol'
import { onTrap } from './flow.ts'
import type { Rows } from './maps.ts'

/**
 * A row per intent: `layout u8 = 1 || state u8 || step u8 || 0 || digest(32)`, and behind it the outcome of one that is done. Beside them counters and the
 * ring of those that are done, oldest first.
 */
const LAYOUT = 1
const OPEN = 0
const DONE = 1
const HEADER_BYTES = 4
const OUTCOME_AT = HEADER_BYTES + HASH_BYTES
const PREFIX = { counters: 0, intents: 1, finished: 2 } as const
const OUTCOME_BYTES_MAX = 1_000

export interface IntentsOptions {
  readonly rows: Rows
  /** How many may be under way, those of interrupted flows among them. */
  readonly openMax: number
  /** How many outcomes are kept for who asks again, the newest ones. */
  readonly doneMax: number
}

/** What one flow holds of an intent. Nobody else gets it until `finish`, `abandon` or `release`. */
export interface Held {
  /** The last step that was noted: 0 for one that has only begun. */
  readonly step: number
  /** Notes, in the same message, that what this step does is done. 1 to 255, rising. */
  reach(step: number): void
  /** Ends it. @param outcome what who asks again is told, at most 1,000 bytes. */
  finish(outcome: Uint8Array): void
  /** It came to nothing and left nothing behind: the id may be used anew. */
  abandon(): void
  /** Lets others go on with it from the step that was reached. Does nothing after the end, so it may stand in a `finally`. */
  release(): void
}
export type Entered =
  | { readonly kind: 'begun' | 'resumed'; readonly held: Held }
  /** Another flow is at it. */
  | { readonly kind: 'busy' }
  /** The id stands for other arguments. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'done'; readonly outcome: Uint8Array }
  /** Too many are under way. */
  | { readonly kind: 'full' }

/**
 * What a flow is about to do, written down before it waits for anybody (rule R6). A trap undoes one run, an upgrade drops the heap, a call may never be
 * answered: whoever comes next with the same id finds how far it went. The lock that keeps two flows from doing it at once lives in
 * the heap and is released by a trap; the truth is in the rows.
 */
export function createIntents({ rows, openMax, doneMax }: IntentsOptions) {
  const locked = new Set<string>()

  const counters = (): { open: number; done: number } => {
    const row = rows.get(COUNTERS)
    if (row === undefined) return { open: 0, done: 0 }
    const view = new DataView(row.buffer, row.byteOffset)
    return { open: view.getUint32(0), done: Number(view.getBigUint64(4)) }
  }
  const count = (open: number, done: number) => {
    const row = new Uint8Array(12)
    const view = new DataView(row.buffer)
    view.setUint32(0, open)
    view.setBigUint64(4, BigInt(done))
    rows.set(COUNTERS, row)
  }

  const hold = (name: string, key: Uint8Array, row: Uint8Array): Held => {
    locked.add(name)
    const forget = onTrap(() => locked.delete(name))
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      forget()
      locked.delete(name)
    }
    const end = (write: () => void) => {
      if (!isHeld) throw new Error('an intent ends once, by who holds it')
      write()
      release()
    }
    return {
      step: row[2] ?? 0,
      reach(step) {
        if (!isHeld || step <= (row[2] ?? 0) || step > 255) throw new Error('the steps of an intent rise')
        row[2] = step
        rows.set(key, row)
      },
      finish: (outcome) =>
        end(() => {
          if (outcome.length > OUTCOME_BYTES_MAX) throw new Error('an outcome is at most 1,000 bytes')
          const done = new Uint8Array(OUTCOME_AT + outcome.length)
          done.set(row)
          done[1] = DONE
          done.set(outcome, OUTCOME_AT)
          rows.set(key, done)
          const { open, done: before } = counters()
          const place = placeKey(before % doneMax)
          const oldest = rows.get(place)
          if (oldest !== undefined) rows.delete(oldest)
          rows.set(place, key)
          count(open - 1, before + 1)
        }),
      abandon: () =>
        end(() => {
          rows.delete(key)
          const { open, done } = counters()
          count(open - 1, done)
        }),
      release,
    }
  }

  return {
    /**
     * @param id 16 bytes, chosen by who asks.
     * @param digest 32 bytes over everything that was asked, so that the id cannot be used for something else.
     */
    enter(id: Uint8Array, digest: Uint8Array): Entered {
      if (id.length !== ID_BYTES || digest.length !== HASH_BYTES) throw new Error('an intent has an id and a digest')
      const key = new Uint8Array(1 + ID_BYTES)
      key[0] = PREFIX.intents
      key.set(id, 1)
      const name = key.join()
      const row = rows.get(key)
      if (row === undefined) {
        const { open, done } = counters()
        if (open >= openMax) return { kind: 'full' }
        const fresh = new Uint8Array(OUTCOME_AT)
        fresh[0] = LAYOUT
        fresh[1] = OPEN
        fresh.set(digest, HEADER_BYTES)
        rows.set(key, fresh)
        count(open + 1, done)
        return { kind: 'begun', held: hold(name, key, fresh) }
      }
      if (!equalBytes(row.subarray(HEADER_BYTES, OUTCOME_AT), digest)) return { kind: 'conflict' }
      if (row[1] === DONE) return { kind: 'done', outcome: row.slice(OUTCOME_AT) }
      return locked.has(name) ? { kind: 'busy' } : { kind: 'resumed', held: hold(name, key, row) }
    },
    /** How many are under way, those of interrupted flows among them. */
    open: (): number => counters().open,
  }
}
export type Intents = ReturnType<typeof createIntents>

const COUNTERS = Uint8Array.of(PREFIX.counters)
function placeKey(place: number): Uint8Array {
  const key = new Uint8Array(5)
  key[0] = PREFIX.finished
  new DataView(key.buffer).setUint32(1, place)
  return key
}
