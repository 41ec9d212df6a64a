import { COMPARTMENT_KIND, concatBytes, DERIVERS_PER_EPOCH_MAX } from '@medguard/protocol'
import { memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ACCOUNT, decodeDerivers, encodeDerivers, EPOCHS, type StoredAccount } from './codec.ts'
import { LAYOUT, LAYOUT_OF_SHARDS, migrate } from './migrate.ts'
import { createConsentStore, SECTION } from './store.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const principal = (n: number) => new Uint8Array([n >>> 8, n, 2])
const LABS = { compartmentKind: COMPARTMENT_KIND.category, cid: id(1) }
const PATIENT = id(100)

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const account: fc.Arbitrary<StoredAccount> = fc.record({
  accountId: bytes(16),
  patientId: bytes(16),
  enrolledNs: u64,
  isConfirmed: fc.boolean(),
  leafSeq: u64,
  cids: bytes(128),
  people: fc.constant(0),
})

describe('rows', () => {
  test('decode to what was encoded', () => {
    const deriver = fc.record({
      principal: fc.uint8Array({ minLength: 1, maxLength: 29 }),
      grantId: bytes(16),
    })
    const epoch = fc.nat(0xffff_ffff)
    fc.assert(
      fc.property(
        account,
        fc.array(deriver),
        fc.record({ minEpoch: epoch, currentEpoch: epoch }),
        (stored, derivers, epochs) => {
          expect(ACCOUNT.decode(ACCOUNT.encode(stored))).toEqual(stored)
          expect(decodeDerivers(encodeDerivers(derivers))).toEqual(derivers)
          expect(EPOCHS.decode(EPOCHS.encode(epochs))).toEqual(epochs)
        },
      ),
    )
  })

  test('of another layout, cut, or made up are refused and never throw', () => {
    fc.assert(
      fc.property(account, fc.nat(177), (stored, cut) => {
        const row = ACCOUNT.encode(stored)
        expect(ACCOUNT.decode(row.subarray(0, cut))).toBeNull()
        expect(ACCOUNT.decode(new Uint8Array([...row, 0]))).toBeNull()
        expect(ACCOUNT.decode(new Uint8Array([2, ...row.subarray(1)]))).toBeNull()
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => {
        const derivers = decodeDerivers(junk)
        if (derivers !== null) expect(encodeDerivers(derivers).length).toBe(junk.length)
        const epochs = EPOCHS.decode(junk)
        if (epochs !== null) expect(EPOCHS.encode(epochs)).toEqual(junk)
      }),
    )
  })
})

describe('the store', () => {
  const opened = (isConfirmed: boolean): StoredAccount => ({
    accountId: id(1),
    patientId: PATIENT,
    enrolledNs: 5n,
    isConfirmed,
    leafSeq: 3n,
    cids: concatBytes(...[1, 2, 3, 4, 5, 6, 7, 8].map(id)),
    people: 0,
  })

  test('knows nobody whose enrolment is not in the log yet', () => {
    const store = createConsentStore(memoryMap())
    store.openAccount(principal(1), opened(false), new Uint8Array(32).fill(9))
    expect(store.account(principal(1))).toBeUndefined()
    expect(store.anyAccount(principal(1))).toEqual(opened(false))
    expect(store.confirmAccount(principal(1))).toEqual(opened(true))
    expect(store.account(principal(1))).toEqual(opened(true))
    expect(store.ownerOf(PATIENT)).toEqual(principal(1))
    expect(store.shredSalt(PATIENT)).toEqual(new Uint8Array(32).fill(9))
    expect(() => store.openAccount(principal(2), opened(false), new Uint8Array(32))).toThrow('drawn once')
  })

  test('keeps the epochs of each compartment apart', () => {
    const store = createConsentStore(memoryMap())
    expect(store.bumpEpoch(PATIENT, LABS)).toBe(2)
    expect(store.bumpEpoch(PATIENT, LABS)).toBe(3)
    expect(store.epochs(PATIENT, LABS)).toEqual({ minEpoch: 1, currentEpoch: 3 })
    const others = [
      [PATIENT, { ...LABS, cid: id(2) }],
      [PATIENT, { ...LABS, compartmentKind: 2 }],
      [id(101), LABS],
    ] as const
    for (const [patientId, compartment] of others)
      expect(store.epochs(patientId, compartment)).toEqual({ minEpoch: 1, currentEpoch: 1 })
  })

  test('lists a deriver once for each grant, and at most 256', () => {
    const store = createConsentStore(memoryMap())
    const note = (n: number, grantId = id(9)) =>
      store.noteDeriver(PATIENT, LABS, 1, { principal: principal(n), grantId })
    expect([note(1), note(1), note(1, id(8))]).toEqual([true, true, true])
    expect(store.derivers(PATIENT, LABS, 1)).toHaveLength(2)
    for (let n = 2; store.derivers(PATIENT, LABS, 1).length < DERIVERS_PER_EPOCH_MAX; n++) expect(note(n)).toBe(true)
    expect(note(9_999)).toBe(false)
    expect(note(1), 'whoever is on the list may derive again').toBe(true)
    expect(store.derivers(PATIENT, LABS, 1)).toHaveLength(DERIVERS_PER_EPOCH_MAX)
    expect(store.derivers(PATIENT, LABS, 2)).toEqual([])
  })

  test('counts changes for account holders alone, so that nothing grows from strangers', () => {
    const rows = memoryMap()
    const store = createConsentStore(rows)
    store.openAccount(principal(1), opened(true), new Uint8Array(32))
    const before = rows.size()
    store.noteChange(principal(2))
    expect(rows.size()).toBe(before)
    store.noteChange(principal(1))
    store.noteChange(principal(1))
    expect(store.changes(opened(true), principal(1), 0n)).toBe(2n)
  })

  test('keeps the first key check of an epoch where it was put', () => {
    const store = createConsentStore(memoryMap())
    store.setKeyCheck(PATIENT, LABS, 1, id(7))
    expect(store.keyCheck(PATIENT, LABS, 1)).toEqual(id(7))
    expect(store.keyCheck(PATIENT, LABS, 2)).toBeUndefined()
  })
})

test('rows of a later layout are refused and those of this one are kept', () => {
  const rows = memoryMap()
  const store = createConsentStore(rows)
  store.setLayout(LAYOUT)
  expect(() => migrate(store, rows)).not.toThrow()
  rows.set(Uint8Array.of(SECTION.layout), Uint8Array.of(LAYOUT_OF_SHARDS + 1))
  expect(() => migrate(store, rows)).toThrow('the layout this module knows')
})
