import { type Delta, type Storage } from '../contracts.ts'

export const COUNTER = 'counter'

/** The `number`-th delta of an endless series, the same in every process: up to five blocks of up to 40 kB, now and then a delete. */
export function deltaAt(number: number): Delta {
  const puts: [string, Uint8Array][] = []
  for (let block = 0; block <= number % 5; block++) {
    const length = (number * 7919 + block * 104_729) % 40_000
    puts.push([`block/${(number * 7 + block * 3) % 23}`, new Uint8Array(length).fill((number + block) % 251)])
  }
  puts.push([COUNTER, Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)])
  return { puts, deletes: number % 3 === 0 ? [`block/${(number * 5) % 23}`] : [] }
}

export type State = Map<string, string>
const text = (value: Uint8Array) => Buffer.from(value).toString('base64')

/** The slow, obvious storage: a map. */
export function applyDelta(state: State, delta: Delta): State {
  const next = new Map(state)
  for (const key of delta.deletes) next.delete(key)
  for (const [key, value] of delta.puts) next.set(key, text(value))
  return next
}

/** What the first `count` deltas of the series, numbered from 1, amount to. */
export function stateAfter(count: number): State {
  const before = states.at(-1) ?? new Map<string, string>()
  if (states.length <= count) {
    states.push(states.length === 0 ? before : applyDelta(before, deltaAt(states.length)))
    return stateAfter(count)
  }
  return states[count] ?? before
}
const states: State[] = []

export const contents = (storage: Storage): State =>
  new Map([...storage.load()].map(([key, value]) => [key, text(value)]))

/** How many deltas of the series a storage has seen. */
export function countIn(storage: Storage): number {
  for (const [key, value] of storage.load()) if (key === COUNTER) return Buffer.from(value).readUInt32BE(0)
  return 0
}
