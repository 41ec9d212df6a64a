import {
  type Account,
  CHANGES_PER_HOUR,
  fromHex,
  IDL,
  LINES_PER_HOUR,
  NS_PER_HOUR,
  NS_PER_MS,
  ORGS_REGISTERED_MAX,
  ORGS_REGISTERED_PER_HOUR,
  type Principal,
  ROLE,
  type RulesChange,
} from '@medguard/protocol'
import type { RecordSummary } from '@medguard/client'
import { BUDGET_TAG, u64Key } from '@medguard/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'

import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'

// I35: what leaves lines in the log and costs whoever does it nothing, they do so often an hour and no oftener. Ending is never counted.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const HALVES = ['consent', 'records'] as const
type Half = (typeof HALVES)[number]

const known = async (name: string): Promise<Account & { readonly who: Principal }> => {
  const who = clinic.person(name).principal
  return { ...(await enrol(clinic, who)), who }
}
async function newGrant(account: Account, to: Principal) {
  const startNs = await clinic.nowNs()
  return grantArg({ to, compartments: [categoryOf(account, 'labs')], startNs, endNs: startNs + NS_PER_HOUR })
}
/** Until one is told to wait: how many were taken before, and for how long the last is to wait. */
async function untilBusy(take: () => Promise<unknown>): Promise<{ taken: number; waitNs: bigint }> {
  for (let taken = 0; taken <= 2 * CHANGES_PER_HOUR; taken++) {
    const answer = (await take()) as { Ok: unknown } | { Err: { Busy?: { retryAfterMs: number } } }
    if ('Ok' in answer) continue
    expect(Object.keys(answer.Err)).toEqual(['Busy'])
    return { taken, waitNs: BigInt(answer.Err.Busy?.retryAfterMs ?? 0) * NS_PER_MS }
  }
  throw new Error('nobody was told to wait')
}

describe.each(HALVES)('shares that one account gives, in %s', (half: Half) => {
  test('are so many an hour, whatever becomes of them, and leave everybody else room with the same recipient', async () => {
    const [stranger, patient] = [await known(`stranger of ${half}`), await known(`patient of ${half}`)]
    const { who: clinician } = await known(`clinician of ${half}`)
    const grant = async (by: typeof stranger) => clinic.call(by.who, half, 'grant', await newGrant(by, clinician))
    const first = await newGrant(stranger, clinician)
    for (let i = 0; i < 3; i++) {
      expect(kindOf(await clinic.call(stranger.who, half, 'grant', first)), 'a repeat counts once').toBe('Ok')
      const others = { ...first, rights: 1 }
      expect(kindOf(await clinic.call(stranger.who, half, 'grant', others)), 'not at all').toBe('IdConflict')
    }
    const end = () =>
      clinic.call(stranger.who, half, 'revoke', { grantId: first.grantId, requestId: freshId() }).then(kindOf)
    const { taken, waitNs } = await untilBusy(() => grant(stranger))
    expect(taken).toBe(CHANGES_PER_HOUR - 1)
    expect(waitNs > 0n && waitNs <= NS_PER_HOUR / BigInt(CHANGES_PER_HOUR) + NS_PER_MS).toBe(true)
    expect(kindOf(await grant(patient)), 'of somebody else').toBe('Ok')
    expect(await end(), 'ending never waits').toBe('Ok')
    await clinic.advance(waitNs)
    expect(kindOf(await grant(stranger)), 'after the time that was said').toBe('Ok')
    expect(kindOf(await grant(stranger))).toBe('Busy')
  })
})

describe('what holds for all sharing', () => {
  test('is changed so often an hour, while pausing and blocking never wait', async () => {
    const [{ who }, { who: other }] = [await known('fickle'), await known('blocked by fickle')]
    const change = async (rules: RulesChange) =>
      clinic.call(who, 'consent', 'changeRules', { patientId: [], change: rules, requestId: freshId() })
    await change({ pause: null })
    await change({ block: other })
    for (let i = 0; i < 3; i++) expect(kindOf(await change({ requestsFrom: 1 })), 'once for all').toBe('Ok')
    let turn = 0
    const { taken, waitNs } = await untilBusy(() => change({ requestsFrom: turn++ % 2 }))
    expect(taken).toBe(CHANGES_PER_HOUR - 1)
    expect([kindOf(await change({ resume: null })), kindOf(await change({ unblock: other }))]).toEqual(['Busy', 'Busy'])
    await clinic.advance(waitNs)
    expect([kindOf(await change({ resume: null })), kindOf(await change({ unblock: other }))]).toEqual(['Ok', 'Busy'])
    expect(kindOf(await change({ pause: null })), 'ending never waits').toBe('Ok')
    expect(kindOf(await change({ block: clinic.person('another one').principal })), 'nor blocking').toBe('Ok')
  })
})

describe.each(HALVES)('members of an organisation that nobody verified, in %s', (half: Half) => {
  test('are changed so often an hour, and suspended and removed at any time', async () => {
    const { who } = await known(`founder of ${half}`)
    const [orgId, member] = [freshId(), clinic.person(`member of ${half}`).principal]
    await clinic.ok(who, half, 'registerOrganisation', { orgId, name: 'Made up', kind: 0, requestId: freshId() })
    const about = () => ({ orgId, principal: member, requestId: freshId() })
    let untilNs = (await clinic.nowNs()) + NS_PER_HOUR
    const set = () => clinic.call(who, half, 'setMember', { ...about(), roles: ROLE.nurse, validUntilNs: ++untilNs })
    const { taken, waitNs } = await untilBusy(set)
    expect(taken).toBe(CHANGES_PER_HOUR)
    expect(kindOf(await clinic.call(who, half, 'suspendMember', about()))).toBe('Ok')
    expect(kindOf(await clinic.call(who, half, 'removeMember', about()))).toBe('Ok')
    await clinic.advance(waitNs)
    expect(kindOf(await set())).toBe('Ok')
  })
})

describe.each(HALVES)('organisations, of which so many are registered an hour in all, in %s', (half: Half) => {
  test('have room for others, whatever somebody tries who registered as many as one may', async () => {
    const [many, one] = [await known(`registrant of many in ${half}`), await known(`registrant of one in ${half}`)]
    const register = async ({ who }: typeof many) => {
      const arg = { orgId: freshId(), name: 'A practice', kind: 0, requestId: freshId() }
      return kindOf(await clinic.call(who, half, 'registerOrganisation', arg))
    }
    const tried: string[] = []
    for (let i = 0; i < ORGS_REGISTERED_PER_HOUR + 1; i++) tried.push(await register(many))
    expect(tried.filter((kind) => kind === 'Ok').length).toBe(ORGS_REGISTERED_MAX)
    expect(tried.filter((kind) => kind === 'Full').length).toBe(tried.length - ORGS_REGISTERED_MAX)
    expect(await register(one)).toBe('Ok')
  })
})

/** Of the rows of both canisters, the section with what is left of budgets. */
const BUDGETS = 3

describe('lines that reading and filling write', () => {
  /** As if all but so many of an account's hourly lines had been written. */
  async function leave(half: Half, patientId: Uint8Array, left: number): Promise<void> {
    const { wasm } = await buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' })
    const spentNs = (NS_PER_HOUR / BigInt(LINES_PER_HOUR)) * BigInt(LINES_PER_HOUR - left)
    await clinic.upgrade(half, wasm)
    const key = Uint8Array.of(BUDGETS, BUDGET_TAG.lines, ...patientId)
    const row = [key, u64Key((await clinic.nowNs()) + spentNs)]
    const arg = new Uint8Array(IDL.encode([IDL.Vec(IDL.Nat8), IDL.Vec(IDL.Nat8)], row))
    await clinic.send(clinic.controller, clinic.ids[half], 'write', arg)
    await clinic.upgrade(half)
  }

  test('are so many an hour of one account, in each canister, while ending and the log never wait', async () => {
    const { who, patientId } = await known('reads by a program')
    const { who: doctor } = await known('reads little')
    const { client } = clinic.person('reads by a program')
    const about = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' } as const
    const added: RecordSummary[] = []
    for (const title of ['One', 'Two', 'Three']) {
      const record = await client.add({ ...about, title, bytes: new TextEncoder().encode(title) })
      if (record.kind === 'refused') throw new Error(record.refusal.kind)
      added.push(record.value)
    }
    const startNs = await clinic.nowNs()
    const terms = { rights: ['list', 'open'], purpose: 'FAMRQT', startNs, endNs: startNs + NS_PER_HOUR } as const
    const share = await client.share({ ...terms, grantee: doctor.toText(), scope: { records: added.slice(0, 1) } })
    if (share.kind === 'refused') throw new Error(share.refusal.kind)

    await leave('consent', patientId, 2)
    const account = await enrol(clinic, who)
    const place = { patientId, ...categoryOf(account, 'labs'), grantId: [] as [] }
    const open = (count: number) => {
      const records = added
        .slice(0, count)
        .map(({ recordId, version }) => ({ recordId: fromHex(recordId) ?? freshId(), version }))
      return clinic.call(who, 'records', 'open', { ...place, records, requestId: freshId() })
    }
    const waits = await open(3)
    expect(kindOf(waits)).toBe('Busy')
    expect(kindOf(await open(2)), 'what is left').toBe('Ok')
    expect(kindOf(await clinic.call(who, 'records', 'beginList', { ...place, requestId: freshId() }))).toBe('Busy')
    // Others read what this account shares; it ends that, and sees what happened.
    const { grantId } = share.value
    const theirs = await clinic.person('reads little').client.list({ of: 'grant', grantId })
    expect(theirs).toMatchObject({ kind: 'done' })
    expect((await client.revoke(grantId)).kind).toBe('done')
    expect(await client.log('patient')).toMatchObject({ value: { verification: { kind: 'verified' } } })

    await clinic.advance(NS_PER_HOUR)
    expect(kindOf(await open(3))).toBe('Ok')
    // Nothing is shared by a road that broke off, and the client says when to come back.
    await leave('records', patientId, 0)
    const later = await clinic.nowNs()
    const scope = { records: added.slice(1) }
    const wanted = { ...terms, startNs: later, endNs: later + NS_PER_HOUR, grantee: doctor.toText(), scope }
    expect(await client.share(wanted)).toMatchObject({ kind: 'refused', refusal: { kind: 'Busy' } })
  })
})
