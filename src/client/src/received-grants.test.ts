import { type GrantView, Principal, toHex } from '@medguard/protocol'
import { expect, test } from 'vitest'
import type { Canisters } from './canisters.ts'
import { allReceived, grantReceived, RECEIVED_READ_MAX } from './received-grants.ts'

// Whoever has an account can put shares into somebody's list and end them again. The list stays readable, and what is at its end is found at once.

const patient = Principal.selfAuthenticating(new Uint8Array(44).fill(1))
const idOf = (n: number) => {
  const id = new Uint8Array(16)
  new DataView(id.buffer).setUint32(12, n + 1)
  return id
}
const view = (n: number): GrantView => ({
  grantId: idOf(n),
  patientId: new Uint8Array(16),
  patient,
  grantee: patient,
  rights: 1,
  purpose: 1,
  startNs: 0n,
  endNs: 1n,
  agreementHash: new Uint8Array(32),
  status: { active: null },
  endedNs: [],
  compartments: [],
  terms: [],
  bar: [],
})

type Ask = { from: number; count: number }
/** A canister with one list, which says how often it was asked. */
function listing(pageOf: (ask: Ask) => { total: number; grants: GrantView[] }) {
  const asked: Ask[] = []
  const consent = {
    memberships: async () => ({ Ok: [] }),
    grantsReceived: async (ask: Ask) => {
      asked.push(ask)
      return { Ok: pageOf(ask) }
    },
  }
  return { canisters: { consent } as unknown as Canisters, asked }
}
const honest = (total: number) => (ask: Ask) => ({
  total,
  grants: Array.from({ length: Math.max(0, Math.min(ask.count, total - ask.from)) }, (_, i) => view(ask.from + i)),
})
const numbers = (grants: readonly GrantView[]) =>
  grants.map(({ grantId }) => new DataView(new Uint8Array(grantId).buffer).getUint32(12) - 1)
const upTo = (from: number, until: number) => Array.from({ length: until - from }, (_, i) => from + i)

test.each([0, 1, 50, 51, 137, RECEIVED_READ_MAX])(
  'a list of %i is read whole, in the order of its making',
  async (n) => {
    const { canisters } = listing(honest(n))
    expect(numbers(await allReceived(canisters))).toEqual(upTo(0, n))
  },
)

test('of a list that others made longer than anybody reads, the newest are there', async () => {
  const { canisters, asked } = listing(honest(4_000_000_000))
  expect(numbers(await allReceived(canisters))).toEqual(upTo(4_000_000_000 - RECEIVED_READ_MAX, 4_000_000_000))
  expect(asked.length).toBeLessThan(300)
})

test('a share is looked for among the newest first', async () => {
  const { canisters, asked } = listing(honest(9_000))
  expect((await grantReceived(canisters, toHex(idOf(8_990)))).grantId).toEqual(idOf(8_990))
  expect(asked.length).toBe(2)
  expect((await grantReceived(canisters, toHex(idOf(3)))).grantId).toEqual(idOf(3))
  await expect(grantReceived(canisters, toHex(idOf(9_001)))).rejects.toMatchObject({
    refusal: { kind: 'NotPermitted' },
  })
})

test('none is missed of a list that grows while it is read, wherever the new ones are put', async () => {
  let grown = 0
  const { canisters } = listing(({ from, count }) => {
    const all = [...upTo(1_000, 1_000 + grown), ...upTo(0, 200)]
    grown++
    return { total: all.length, grants: all.slice(from, from + count).map(view) }
  })
  const read = numbers(await allReceived(canisters))
  expect(read.filter((n) => n < 1_000).toSorted((a, b) => a - b)).toEqual(upTo(0, 200))
})

test.each([
  ['is cut short', () => ({ total: 60, grants: [view(1)] })],
  ['repeats a share', () => ({ total: 2, grants: [view(1), view(1)] })],
  ['sends more than was asked for', () => ({ total: 60, grants: upTo(0, 60).map(view) })],
])('a list of shares that %s is refused', async (_, page) => {
  const { canisters } = listing(page)
  await expect(allReceived(canisters)).rejects.toMatchObject({ code: 'ListIncomplete' })
})
