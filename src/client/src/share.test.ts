import {
  type AgreedGrantArg,
  type GrantView,
  PLAIN_TERMS,
  Principal,
  refuse,
  type RefusalArm,
  RIGHT,
} from '@medguard/protocol'
import { expect, test } from 'vitest'
import { Fault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { allGrants, givenPairs, givenShare } from './share-list.ts'
import { finishHalves, revoke } from './share.ts'

// The two-key rule holds only while neither canister can get its own invention written into the other by the patient's client.

const NOW_NS = 1_900_000_000_000_000_000n
const id = (n: number) => new Uint8Array(16).fill(n)
const patient = Principal.selfAuthenticating(new Uint8Array(44).fill(1))
const doctor = Principal.selfAuthenticating(new Uint8Array(44).fill(2))
const attacker = Principal.selfAuthenticating(new Uint8Array(44).fill(3))

const view = (n: number, changes: Partial<GrantView> = {}): GrantView => ({
  grantId: id(n),
  patientId: id(200),
  patient,
  grantee: doctor,
  rights: RIGHT.list | RIGHT.open,
  purpose: 1,
  startNs: NOW_NS - 1n,
  endNs: NOW_NS + 1_000_000n,
  agreementHash: new Uint8Array(32).fill(n),
  status: { active: null },
  endedNs: [],
  compartments: [{ compartmentKind: 1, cid: id(100), category: 2, minEpoch: 1, currentEpoch: 1, isDerived: [] }],
  terms: [],
  bar: [],
  ...changes,
})

type Side = 'consent' | 'records'
/** Two canisters that say whatever they are told to, and what the client then asked of them. */
function saying(lists: Record<Side, GrantView[]>, answers: Partial<Record<Side, () => { Err: RefusalArm }>> = {}) {
  const asked: string[] = []
  const side = (name: Side) => ({
    grantsGiven: async ({ from, count }: { from: number; count: number }) => ({
      Ok: { total: lists[name].length, grants: lists[name].slice(from, from + count) },
    }),
    grant: async ({ grantId }: AgreedGrantArg) => {
      asked.push(`${name} grant ${grantId[0]}`)
      return { Ok: null }
    },
    revoke: async ({ grantId }: { grantId: Uint8Array }) => {
      asked.push(`${name} revoke ${grantId[0]}`)
      const answer = answers[name]
      return answer === undefined ? { Ok: { endNs: NOW_NS } } : answer()
    },
  })
  const canisters = { consent: side('consent'), records: side('records') } as unknown as Canisters
  return { canisters, asked }
}

test.each(['consent', 'records'] as const)(
  'a grant that only %s claims to have is withdrawn and never written to the other',
  async (liar) => {
    const invented = view(1, { grantee: attacker })
    const lists = { consent: [], records: [], [liar]: [invented] }
    const { canisters, asked } = saying(lists)
    await finishHalves(canisters, NOW_NS, new Map())
    expect(asked.toSorted()).toEqual(['consent revoke 1', 'records revoke 1'])
  },
)

test('a share that this client began itself is finished in its own terms', async () => {
  const own = view(1)
  const { canisters, asked } = saying({ consent: [], records: [own] })
  const grant: AgreedGrantArg = {
    ...own,
    agreement: [],
    answering: [],
    patientId: [],
    compartments: [{ compartmentKind: 1, cid: id(100) }],
    requestId: id(9),
  }
  await finishHalves(canisters, NOW_NS, new Map([['01'.repeat(16), { grant, isUnderWay: false }]]))
  expect(asked.toSorted()).toEqual(['consent grant 1', 'records grant 1'])
})

test('a share that is under way in this client is neither finished nor withdrawn from beside', async () => {
  const own = view(1)
  const { canisters, asked } = saying({ consent: [], records: [own] })
  const grant: AgreedGrantArg = {
    ...own,
    agreement: [],
    answering: [],
    patientId: [],
    compartments: [{ compartmentKind: 2, cid: id(1) }],
    requestId: id(9),
  }
  const begun = new Map([['01'.repeat(16), { grant, isUnderWay: true }]])
  await finishHalves(canisters, NOW_NS, begun)
  expect(asked).toEqual([])
  begun.set('01'.repeat(16), { grant, isUnderWay: false })
  await finishHalves(canisters, NOW_NS, begun)
  expect(asked.toSorted()).toEqual(['consent revoke 1', 'records revoke 1'])
})

test.each<[string, Partial<GrantView>]>([
  ['another recipient', { grantee: attacker }],
  ['more rights', { rights: RIGHT.list | RIGHT.open | RIGHT.write }],
  ['a later end', { endNs: NOW_NS + 2_000_000n }],
  ['another purpose', { purpose: 2 }],
  [
    'other compartments',
    { compartments: [{ compartmentKind: 1, cid: id(101), category: 3, minEpoch: 1, currentEpoch: 1, isDerived: [] }] },
  ],
  ['what they say beyond that', { terms: [{ ...PLAIN_TERMS, excluded: [], namesSensitive: true }] }],
  ['another agreement', { agreementHash: new Uint8Array(32) }],
])('two copies of one share that differ in %s are no live share and are withdrawn', async (_, change) => {
  const { canisters, asked } = saying({ consent: [view(1, change)], records: [view(1)] })
  const [pair] = await givenPairs(canisters)
  expect(pair && givenShare(pair, NOW_NS).state).toBe('notFinished')
  await finishHalves(canisters, NOW_NS, new Map())
  expect(asked.toSorted()).toEqual(['consent revoke 1', 'records revoke 1'])
})

test('shares that both have alike are left alone', async () => {
  const { canisters, asked } = saying({ consent: [view(1), view(2)], records: [view(1), view(2)] })
  expect((await givenPairs(canisters)).map((pair) => givenShare(pair, NOW_NS).state)).toEqual(['live', 'live'])
  expect(await finishHalves(canisters, NOW_NS, new Map())).toEqual([])
  expect(asked).toEqual([])
})

test('a consent canister that does not answer cannot keep a share alive: records ends its copy, and the caller is told to try again', async () => {
  const down = () => {
    throw new Fault('Unreachable', 'down')
  }
  const { canisters, asked } = saying({ consent: [view(1)], records: [view(1)] }, { consent: down })
  await expect(revoke(canisters, '01'.repeat(16))).rejects.toMatchObject({ code: 'Unreachable' })
  expect(asked).toEqual(['consent revoke 1', 'records revoke 1'])
})

test('a half that only records has is ended there although consent never heard of it', async () => {
  const { canisters } = saying({ consent: [], records: [view(1)] }, { consent: () => ({ Err: refuse.notPermitted }) })
  expect(await revoke(canisters, '01'.repeat(16))).toEqual({ endNs: NOW_NS })
})

test.each([
  ['never ends', (from: number) => ({ total: 4_000_000_000, grants: [view(from % 200)] })],
  ['repeats a share', (from: number) => ({ total: 2, grants: [view(from === 0 ? 1 : 1)] })],
  ['sends more than was asked for', () => ({ total: 60, grants: Array.from({ length: 60 }, (_, i) => view(i)) })],
])('a list of shares that %s is refused', async (_, page) => {
  let calls = 0
  const ask = async ({ from }: { from: number }) => {
    calls++
    return { Ok: page(from) }
  }
  await expect(allGrants(ask)).rejects.toMatchObject({ code: 'ListIncomplete' })
  expect(calls).toBeLessThan(300)
})
