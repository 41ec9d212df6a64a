import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createPrng, type Meters } from '@medguard/localnet'
import { Principal } from '@medguard/protocol'
import type { Toolkit } from '../test/canisters/toolkit.fixture.ts'
import { type Card, type Entry, filledRowId, LIST_PAGE_MAX } from '../test/canisters/toolkit-service.ts'
import { type Cost, costOf } from './costs.ts'
import { check } from './rows.ts'

/** One kind of call on the toolkit's probe canister and what it may cost, in thousands of instructions. */
export interface Measure {
  readonly name: string
  /** With ten rows in the canister, and with up to 100,000. */
  readonly ceiling: { readonly few: number; readonly many: number }
  /** The cost of each of a few such calls, whose answers were right. The first of a kind after an upgrade is not among them. */
  readonly costs: (toolkit: Toolkit) => Promise<readonly Cost[]>
}

const CALLS = 20
/** The number of the call before them. */
const WARM_UP = CALLS
const SEALED_ROW = new Uint8Array(100).fill(9)
const LIST_ROW_BYTES = 1_000

const CARD: Card = {
  cardId: new Uint8Array(16).fill(1),
  holder: Principal.fromUint8Array(new Uint8Array(29).fill(3)),
  title: 'Blood count, 21 November',
  cardKind: 2,
  version: 7,
  sizeBytes: 123_456n,
  startNs: 1_700_000_000_000_000_000n,
  endNs: 1_800_000_000_000_000_000n,
  isSealed: true,
  digest: new Uint8Array(32).fill(5),
}
const ENTRY: Entry = {
  entryId: new Uint8Array(16).fill(1),
  entryKind: 2,
  seq: 4_000,
  version: 7,
  timeNs: 1_700_000_000_000_000_000n,
  isSealed: true,
  digest: new Uint8Array(32).fill(5),
  wrappedKey: new Uint8Array(72).fill(6),
}
const ENTRIES = 20
/** Above the indices of all rows that a canister is filled with. */
const NEW_ROWS = 1_000_000

/** What does not depend on how much there is. */
export const FIXED: readonly Measure[] = [
  measure('no argument, constant reply', 15, (toolkit) => toolkit.run('ping', null)),
  measure('record of 10 fields in', 200, (toolkit) => toolkit.run('check', CARD)),
  measure(`${ENTRIES} records of 8 fields out`, 200, async (toolkit, i) => {
    if (i === WARM_UP) for (let n = 0; n < ENTRIES; n++) await toolkit.run('addEntry', ENTRY)
    const page = await toolkit.run('entries', { from: 0, count: ENTRIES })
    check(
      isDeepStrictEqual(
        page.value,
        Array.from({ length: ENTRIES }, () => ENTRY),
      ),
      'entries come back as they were',
    )
    return page
  }),
  measure('round trip to another canister, both sides', 250, async (toolkit) => {
    const asked = await toolkit.run('ask', { canister: toolkit.peer })
    check(asked.parts.length === 3, 'one message here, one there, and the reply')
    return asked
  }),
]

/** What may depend on how many rows there are. */
export const BY_SIZE: readonly Measure[] = [
  measure('write a row of 100 B', { few: 150, many: 300 }, (toolkit, i) =>
    toolkit.run('put', { rowId: filledRowId(NEW_ROWS + i), row: SEALED_ROW }),
  ),
  measure('read a row of 100 B', { few: 130, many: 190 }, async (toolkit, i) => {
    const read = await toolkit.run('get', { rowId: filledRowId(NEW_ROWS + i) })
    check(Buffer.from(read.value).equals(SEALED_ROW), 'the row is the one written')
    return read
  }),
  listOf(20, 400),
  listOf(100, 1_600),
]

function listOf(count: number, ceiling: number): Measure {
  return measure(`list of ${count} rows of 1 kB, in the middle`, ceiling, async (toolkit) => {
    const total = (await toolkit.run('count', null)).value
    const page = await toolkit.run('list', { from: Math.floor((total - count) / 2), count })
    check(page.value.length === count, 'the page is full')
    check(
      page.value.every((row) => row.length === LIST_ROW_BYTES),
      'rows are as long as they were',
    )
    return page
  })
}

function measure(
  name: string,
  ceiling: number | Measure['ceiling'],
  work: (toolkit: Toolkit, i: number) => Promise<{ readonly parts: Meters['parts'] }>,
): Measure {
  return {
    name,
    ceiling: typeof ceiling === 'number' ? { few: ceiling, many: ceiling } : ceiling,
    async costs(toolkit) {
      await work(toolkit, WARM_UP)
      const costs: Cost[] = []
      for (let i = 0; i < CALLS; i++) costs.push(costOf((await work(toolkit, i)).parts))
      return costs
    },
  }
}

/** SHA-256 by its two figures: what each call takes, for 32 bytes, and what each byte more does. In single instructions. */
export async function hashCosts(toolkit: Toolkit): Promise<{ readonly perCall: number; readonly perByte: number }> {
  const cost = async (sizeBytes: number, times: number) => {
    const { value, parts } = await toolkit.run('hash', { sizeBytes, times })
    const expected = createHash('sha256').update(new Uint8Array(sizeBytes)).digest()
    check(expected.equals(value), 'the digest is SHA-256')
    return costOf(parts).instructions
  }
  await cost(32, 1)
  const each = async (sizeBytes: number) => ((await cost(sizeBytes, 11)) - (await cost(sizeBytes, 1))) / 10
  const perCall = await each(32)
  return { perCall, perByte: ((await each(32 + HASHED_BYTES)) - perCall) / HASHED_BYTES }
}
const HASHED_BYTES = 8_192

/** Calls of all kinds in an order that repeats, each with the messages it set going. */
export function mixedCalls(toolkit: Toolkit): () => Promise<Meters['parts']> {
  const random = createPrng('mixed calls')
  const rowId = () => filledRowId(random.below(ROWS_MIXED))
  const kinds = [
    () => toolkit.run('put', { rowId: rowId(), row: random.bytes(1 + random.below(300)) }),
    () => toolkit.run('get', { rowId: rowId() }),
    () => toolkit.run('append', { row: random.bytes(LIST_ROW_BYTES) }),
    () => toolkit.run('list', { from: random.below(ROWS_MIXED), count: 1 + random.below(LIST_PAGE_MAX) }),
    () => toolkit.run('check', CARD),
    () => toolkit.run('addEntry', ENTRY),
    () => toolkit.run('entries', { from: 0, count: ENTRIES }),
    () => toolkit.run('ask', { canister: toolkit.peer }),
    () => toolkit.run('hash', { sizeBytes: 32, times: 1 }),
    () => toolkit.run('count', null),
  ] as const
  return async () => {
    const call = kinds[random.below(kinds.length)]
    check(call !== undefined, 'there is a kind of each number')
    return (await call()).parts
  }
}
/** Of the rows with which a canister is filled, those that mixed calls touch. */
const ROWS_MIXED = 100_000
