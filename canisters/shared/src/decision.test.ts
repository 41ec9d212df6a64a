import { COMPARTMENT_KIND, concatBytes, DEVICE_STATE, POWER, RIGHT } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type Asked,
  decide,
  type FactSource,
  powersToGive,
  samePrincipal,
  type Standing,
  type VaultFacts,
  vaultNamed,
} from './decision.ts'
import type { Device } from './device-book.ts'
import type { GrantState } from './grant-rules.ts'
import { idsIn } from './id-list.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const principal = (byte: number) => new Uint8Array([byte, byte, 2])
const category = (cid: Uint8Array) => ({ compartmentKind: COMPARTMENT_KIND.category, cid })

const OWNER = principal(1)
const CARER = principal(4)
const vaultOf = (patientId: Uint8Array, first: number): VaultFacts => ({
  patientId,
  cids: concatBytes(...Array.from({ length: 8 }, (_, i) => id(first + i))),
})
const MINE = vaultOf(id(100), 1)
const OTHERS = vaultOf(id(101), 21)
const PERMIT = { kind: 'permit' }
const NOT_PERMITTED = { kind: 'refuse', refusal: { NotPermitted: null } }

/** Everybody but the owner has a vault of their own elsewhere. */
const factsOf = (change: Partial<FactSource<VaultFacts>> = {}): FactSource<VaultFacts> => ({
  account: (caller) => (samePrincipal(caller, OWNER) ? MINE : OTHERS),
  vault: (patientId) => (patientId[0] === 100 ? MINE : undefined),
  powers: () => 0,
  grant: () => undefined,
  ownsShare: (_, cid) => cid[0] === 9,
  standing: (grant, _, caller) => (samePrincipal(grant.grantee, caller) ? 'grantee' : 'nobody'),
  device: () => undefined,
  isPaused: () => false,
  written: () => 0,
  ...change,
})
const asOwner: Asked = { caller: OWNER, patientId: id(100), ...category(id(1)), grantId: null, anyOf: RIGHT.open }

describe('a decision without a grant', () => {
  test('lets patients into each of their own categories, their inbox and shares they made, whatever they want to do', () => {
    for (const anyOf of Object.values(RIGHT)) {
      for (const cid of idsIn(MINE.cids)) expect(decide({ ...asOwner, cid, anyOf }, factsOf(), 150n)).toEqual(PERMIT)
      const inbox = { ...asOwner, compartmentKind: COMPARTMENT_KIND.inbox, cid: id(100), anyOf }
      expect(decide(inbox, factsOf(), 150n)).toEqual(PERMIT)
      const share = { ...asOwner, compartmentKind: COMPARTMENT_KIND.share, cid: id(9), anyOf }
      expect(decide(share, factsOf(), 150n)).toEqual(PERMIT)
    }
  })

  test.each<[what: string, asked: Partial<Asked>, facts: Partial<FactSource<VaultFacts>>]>([
    ['without an account', {}, { account: () => undefined }],
    ['at the vault of somebody else', { caller: principal(7) }, {}],
    ['under the name of another patient', { patientId: id(101) }, {}],
    ['in a category that is not theirs', { cid: id(20) }, {}],
    ['in a share that is not theirs', { compartmentKind: COMPARTMENT_KIND.share, cid: id(8) }, {}],
    ['in a category under the kind of a share', { compartmentKind: COMPARTMENT_KIND.share }, {}],
    ['in the inbox of somebody else', { compartmentKind: COMPARTMENT_KIND.inbox, cid: id(101) }, {}],
    ['in a category under the kind of an inbox', { compartmentKind: COMPARTMENT_KIND.inbox }, {}],
    ['in the inbox under the kind of a category', { cid: id(100) }, {}],
    ['under a reserved kind', { compartmentKind: COMPARTMENT_KIND.emergency }, {}],
    ['under an unknown kind', { compartmentKind: 0 }, {}],
    ['under a grant that nobody made', { grantId: id(9) }, {}],
  ])('refuses whoever comes %s', (_, asked, facts) => {
    expect(decide({ ...asOwner, ...asked }, factsOf(facts), 150n)).toEqual(NOT_PERMITTED)
  })

  test('lets carers do what their powers say, in that very vault', () => {
    const facts = (powers: number) => factsOf({ powers: (patientId) => (patientId[0] === 100 ? powers : 0) })
    const kinds = (powers: number, change: Partial<Asked> = {}) =>
      Object.values(RIGHT).map((anyOf) => {
        const asked = { ...asOwner, caller: CARER, ...change, anyOf }
        return decide(asked, facts(powers), 150n).kind === 'permit'
      })
    expect(kinds(0)).toEqual([false, false, false, false])
    expect(kinds(POWER.read)).toEqual([true, true, false, false])
    expect(kinds(POWER.write)).toEqual([false, false, true, false])
    expect(kinds(POWER.read | POWER.write)).toEqual([true, true, true, true])
    expect(kinds(POWER.share | POWER.manage)).toEqual([false, false, false, false])
    expect(kinds(POWER.read | POWER.write, { cid: id(21) })).toEqual([false, false, false, false])
    expect(kinds(POWER.read | POWER.write, { patientId: id(102) })).toEqual([false, false, false, false])
  })
})

describe('a decision about a device', () => {
  const DEVICE = principal(9)
  const device: Device = {
    patientId: id(100),
    cid: id(6),
    algorithm: 1,
    publicKey: new Uint8Array(32),
    principal: DEVICE,
    state: DEVICE_STATE.active,
    addedNs: 1n,
    changedNs: 1n,
    giverId: id(100),
  }
  const asked: Asked = {
    caller: DEVICE,
    patientId: id(100),
    ...category(id(6)),
    grantId: null,
    anyOf: RIGHT.write,
    deviceId: id(50),
  }
  const facts = (change: Partial<Device> = {}, more: Partial<FactSource<VaultFacts>> = {}) =>
    factsOf({ device: (deviceId) => (deviceId[0] === 50 ? { ...device, ...change } : undefined), ...more })

  test('lets it write into its own category', () => {
    expect(decide(asked, facts(), 150n)).toEqual(PERMIT)
  })
  test.each<[what: string, asked: Partial<Asked>, device: Partial<Device>]>([
    ['read', { anyOf: RIGHT.list }, {}],
    ['open', { anyOf: RIGHT.open }, {}],
    ['wrap anew', { anyOf: RIGHT.rewrap }, {}],
    ['do one of several things', { anyOf: RIGHT.write | RIGHT.rewrap }, {}],
    ['write elsewhere', { cid: id(5) }, {}],
    ['write to somebody else', { patientId: id(101) }, {}],
    ['write into a share', { compartmentKind: COMPARTMENT_KIND.share }, {}],
    ['write into the inbox', { compartmentKind: COMPARTMENT_KIND.inbox }, {}],
    ['write under a grant', { grantId: id(9) }, {}],
    ['write as another device', { deviceId: id(51) }, {}],
    ['write with another key', { caller: principal(8) }, {}],
    ['write as a person who knows its id', { caller: OWNER }, {}],
    ['write after it was removed', {}, { state: DEVICE_STATE.removed }],
  ])('does not let it %s', (_, change, changed) => {
    for (const isPaused of [false, true])
      expect(decide({ ...asked, ...change }, facts(changed, { isPaused: () => isPaused }), 150n)).toEqual(NOT_PERMITTED)
  })
  test('tells itself alone that it, or all sharing, is paused', () => {
    const paused = { kind: 'refuse', refusal: { Paused: null } }
    expect(decide(asked, facts({ state: DEVICE_STATE.paused }), 150n)).toEqual(paused)
    expect(decide(asked, facts({}, { isPaused: () => true }), 150n)).toEqual(paused)
    const stranger = { ...asked, caller: principal(8) }
    expect(decide(stranger, facts({ state: DEVICE_STATE.paused }), 150n)).toEqual(NOT_PERMITTED)
  })
  test('is never made for who does not say that they are one', () => {
    const { deviceId: _, ...unnamed } = asked
    expect(decide(unnamed, facts({}, { account: () => undefined }), 150n)).toEqual(NOT_PERMITTED)
  })
})

describe('a method about one’s own vault', () => {
  const named = (patientId: Uint8Array | undefined, caller: Uint8Array, powers: number, held = 0) =>
    vaultNamed(patientId, caller, factsOf({ powers: () => held }), powers, 150n)
  test('is about the caller’s, or about that of a patient who gave them all the powers it takes', () => {
    expect(named(undefined, OWNER, POWER.share)).toBe(MINE)
    expect(named(id(100), OWNER, POWER.share)).toBe(MINE)
    expect(named(undefined, CARER, POWER.share)).toBe(OTHERS)
    expect(named(id(100), CARER, POWER.share, POWER.share)).toBe(MINE)
    for (const held of [0, POWER.read, POWER.read | POWER.write | POWER.manage])
      expect(named(id(100), CARER, POWER.share, held)).toBeNull()
    expect(named(id(102), CARER, POWER.share, POWER.share)).toBeNull()
    const facts = factsOf({ account: () => undefined, powers: () => 15 })
    expect(vaultNamed(id(100), CARER, facts, POWER.read, 150n)).toBeNull()
  })
  test('gives others only what one may do oneself', () => {
    expect(powersToGive(RIGHT.list)).toBe(POWER.share | POWER.read)
    expect(powersToGive(RIGHT.open | RIGHT.write)).toBe(POWER.share | POWER.read | POWER.write)
    expect(powersToGive(RIGHT.write)).toBe(POWER.share | POWER.write)
  })
})

describe('a decision under a grant', () => {
  const START = 100n
  const END = 200n
  const state: GrantState = {
    grant: {
      grantId: id(9),
      patientId: id(100),
      grantee: principal(7),
      rights: RIGHT.list | RIGHT.open,
      purpose: 1,
      startNs: START,
      endNs: END,
      agreementHash: new Uint8Array(32),
      terms: null,
      compartments: [category(id(1)), category(id(2))],
    },
    endedNs: null,
  }
  const asked: Omit<Asked, 'grantId'> = {
    caller: principal(7),
    patientId: id(100),
    ...category(id(1)),
    anyOf: RIGHT.open,
  }
  const ended = (endNs: bigint) => ({ kind: 'refuse', refusal: { ConsentEnded: { endNs } } })

  const underGrant = (question: Omit<Asked, 'grantId'>, held: GrantState | undefined, nowNs: bigint) =>
    decide({ ...question, grantId: id(9) }, factsOf({ grant: () => held }), nowNs)

  test('needs an account of the grantee, and is not for the owner', () => {
    const facts = factsOf({ grant: () => state, account: () => undefined })
    expect(decide({ ...asked, grantId: id(9) }, facts, 150n)).toEqual(NOT_PERMITTED)
    expect(underGrant({ ...asked, caller: OWNER }, state, 150n)).toEqual(NOT_PERMITTED)
  })

  test.each<[standing: Standing, during: object, after: object]>([
    ['grantee', PERMIT, { kind: 'refuse', refusal: { ConsentEnded: { endNs: END } } }],
    [
      'paused',
      { kind: 'refuse', refusal: { Paused: null } },
      { kind: 'refuse', refusal: { ConsentEnded: { endNs: END } } },
    ],
    [
      'unverified',
      { kind: 'refuse', refusal: { Unverified: null } },
      { kind: 'refuse', refusal: { ConsentEnded: { endNs: END } } },
    ],
    ['blocked', NOT_PERMITTED, NOT_PERMITTED],
    ['nobody', NOT_PERMITTED, NOT_PERMITTED],
  ])(
    'says to who stands to it as %s what concerns them, and nothing of what it does not cover',
    (standing, during, after) => {
      const facts = factsOf({ grant: () => state, standing: () => standing })
      const named = { ...asked, grantId: id(9) }
      expect([START, END].map((nowNs) => decide(named, facts, nowNs))).toEqual([during, after])
      expect(decide({ ...named, cid: id(3) }, facts, START)).toEqual(NOT_PERMITTED)
    },
  )

  test('permits from the first nanosecond of the period to the last before its end', () => {
    const decisions = [START - 1n, START, END - 1n, END, END + 1n].map((nowNs) => underGrant(asked, state, nowNs))
    expect(decisions).toEqual([NOT_PERMITTED, PERMIT, PERMIT, ended(END), ended(END)])
  })

  test('refuses from the very nanosecond in which the grant was revoked', () => {
    const revoked = { ...state, endedNs: 150n }
    const decisions = [149n, 150n, 151n, END + 1n].map((nowNs) => underGrant(asked, revoked, nowNs))
    expect(decisions).toEqual([PERMIT, ended(150n), ended(150n), ended(150n)])
  })

  test('refuses a grant that was revoked before it began, without telling before its start', () => {
    const revoked = { ...state, endedNs: 50n }
    expect(underGrant(asked, revoked, 60n)).toEqual(NOT_PERMITTED)
    expect(underGrant(asked, revoked, START)).toEqual(ended(50n))
  })

  const strangers: [what: string, change: Partial<typeof asked>][] = [
    ['somebody else', { caller: principal(8) }],
    ['a principal that only begins like the grantee', { caller: new Uint8Array([7, 7]) }],
    ['another patient', { patientId: id(101) }],
    ['a compartment that is not shared', { cid: id(3) }],
    ['the same id under another kind', { compartmentKind: COMPARTMENT_KIND.share }],
    ['the inbox', { compartmentKind: COMPARTMENT_KIND.inbox, cid: id(100) }],
    ['a right that was not given', { anyOf: RIGHT.write }],
  ]
  test.each(strangers)('tells nothing for %s, neither during nor after', (_, change) => {
    for (const nowNs of [START - 1n, START, END, END + 1n])
      expect(underGrant({ ...asked, ...change }, state, nowNs)).toEqual(NOT_PERMITTED)
  })

  test('refuses when there is no such grant', () => {
    expect(underGrant(asked, undefined, START)).toEqual(NOT_PERMITTED)
  })

  test('one of the rights asked for is enough', () => {
    expect(underGrant({ ...asked, anyOf: RIGHT.open | RIGHT.write }, state, START)).toEqual(PERMIT)
  })

  const time = fc.bigInt({ min: 0n, max: 400n })
  const cid = fc.constantFrom(id(1), id(2), id(3))
  const compartmentKind = fc.constantFrom(COMPARTMENT_KIND.category, COMPARTMENT_KIND.share, COMPARTMENT_KIND.inbox)
  const anyState = fc.record({
    grant: fc.record({
      grantId: fc.constant(id(9)),
      patientId: fc.constantFrom(id(100), id(101)),
      grantee: fc.constantFrom(principal(7), principal(8)),
      rights: fc.nat(15),
      purpose: fc.constant(1),
      startNs: time,
      endNs: time,
      agreementHash: fc.constant(new Uint8Array(32)),
      terms: fc.constant(null),
      compartments: fc.array(fc.record({ compartmentKind, cid }), { minLength: 1, maxLength: 3 }),
    }),
    endedNs: fc.option(time),
  })
  const anyAsked = fc.record({
    caller: fc.constantFrom(principal(7), principal(8)),
    patientId: fc.constantFrom(id(100), id(101)),
    compartmentKind,
    cid,
    anyOf: fc.integer({ min: 1, max: 15 }),
  })

  test('is the grant’s own words and nothing beyond them', () => {
    fc.assert(
      fc.property(anyAsked, anyState, time, (question, held, nowNs) => {
        const { grant, endedNs } = held
        const isTheirs = String(grant.grantee) === String(question.caller)
        const isCovered =
          String(grant.patientId) === String(question.patientId) &&
          grant.compartments.some(
            (each) => String(each.cid) === String(question.cid) && each.compartmentKind === question.compartmentKind,
          ) &&
          (grant.rights & question.anyOf) > 0
        const inPeriod = grant.startNs <= nowNs && nowNs < grant.endNs && (endedNs === null || nowNs < endedNs)
        const decision = underGrant(question, held, nowNs)
        expect(decision.kind === 'permit').toBe(isTheirs && isCovered && inPeriod)
        if (decision.kind === 'refuse' && 'ConsentEnded' in decision.refusal)
          expect(isTheirs && isCovered && nowNs >= grant.startNs).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test('never widens when a grant is revoked, ends earlier, covers less or gives fewer rights', () => {
    const narrower = (held: GrantState, by: number): GrantState => {
      const { grant } = held
      if (by === 0) return { ...held, endedNs: held.endedNs ?? 0n }
      if (by === 1) return { ...held, grant: { ...grant, endNs: grant.endNs > 0n ? grant.endNs - 1n : 0n } }
      if (by === 2) return { ...held, grant: { ...grant, compartments: grant.compartments.slice(1) } }
      return { ...held, grant: { ...grant, rights: grant.rights & 5 } }
    }
    fc.assert(
      fc.property(anyAsked, anyState, fc.nat(3), time, (question, held, by, nowNs) => {
        const permits = (each: GrantState) => underGrant(question, each, nowNs).kind === 'permit'
        if (permits(narrower(held, by))) expect(permits(held)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})
