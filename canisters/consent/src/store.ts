import {
  ByteReader,
  ByteWriter,
  type CompartmentRef,
  concatBytes,
  DERIVERS_PER_EPOCH_MAX,
  equalBytes,
} from '@medguard/protocol'
import { assert, type ByteMap, createGrantBook, section, u64Key } from '@medguard/shared'
import {
  decodeAccount,
  decodeDerivers,
  decodeEpochs,
  type Deriver,
  encodeAccount,
  encodeDerivers,
  encodeEpochs,
  type Epochs,
  FIRST_EPOCHS,
  type StoredAccount,
} from './codec.ts'

/** Memory register. An id is for life: a reused one would read old bytes as a new type. */
export const MEMORY = {
  rows: 0, // everything, by the sections below
} as const

/** Sections of `rows`; a number is for life too. */
export const SECTION = {
  configuration: 0,
  outbox: 1,
  requests: 2, // account holders only
  budgets: 3,
  accounts: 4, // principal -> StoredAccount
  owners: 5, // patient id -> principal
  shredSalts: 6, // patient id -> 32 bytes; erasing one makes every wrap of that patient unopenable
  epochs: 7, // place -> Epochs; absent: both 1
  derivers: 8, // place || epoch(4) -> Deriver[]
  keyChecks: 9, // place || epoch(4) -> 16 bytes
  grants: 10,
  changes: 11, // principal -> counter(8)
  layout: 255, // nothing -> layout number; absent: 1
} as const

export function createConsentStore(rows: ByteMap) {
  const accounts = section(rows, SECTION.accounts)
  const owners = section(rows, SECTION.owners)
  const shredSalts = section(rows, SECTION.shredSalts)
  const epochRows = section(rows, SECTION.epochs)
  const deriverRows = section(rows, SECTION.derivers)
  const keyChecks = section(rows, SECTION.keyChecks)
  const changeRows = section(rows, SECTION.changes)

  const store = {
    configurationRows: section(rows, SECTION.configuration),
    outboxRows: section(rows, SECTION.outbox),
    requestRows: section(rows, SECTION.requests),
    budgetRows: section(rows, SECTION.budgets),
    grants: createGrantBook(section(rows, SECTION.grants)),
    /** Layout of the rows as a whole; a step in `migrate.ts` raises it. */
    layout: (): number => section(rows, SECTION.layout).get(new Uint8Array(0))?.[0] ?? 1,

    /** Also one whose enrolment the log has not acknowledged. */
    anyAccount(principal: Uint8Array): StoredAccount | undefined {
      const row = accounts.get(principal)
      if (row === undefined) return undefined
      const account = decodeAccount(row)
      assert(account !== null, 'a stored account decodes')
      return account
    },
    account(principal: Uint8Array): StoredAccount | undefined {
      const account = store.anyAccount(principal)
      return account?.isConfirmed === true ? account : undefined
    },
    openAccount(principal: Uint8Array, account: StoredAccount, shredSalt: Uint8Array): void {
      assert(!owners.has(account.patientId), 'a patient id is drawn once')
      accounts.set(principal, encodeAccount(account))
      owners.set(account.patientId, principal)
      shredSalts.set(account.patientId, shredSalt)
    },
    confirmAccount(principal: Uint8Array): StoredAccount {
      const opened = store.anyAccount(principal)
      assert(opened !== undefined, 'only an opened account is confirmed')
      const account = { ...opened, isConfirmed: true }
      accounts.set(principal, encodeAccount(account))
      return account
    },
    /** Principal of the patient, or undefined for an id nobody has. */
    ownerOf: (patientId: Uint8Array): Uint8Array | undefined => owners.get(patientId),
    shredSalt(patientId: Uint8Array): Uint8Array {
      const salt = shredSalts.get(patientId)
      assert(salt !== undefined, 'every patient has a salt')
      return salt
    },

    epochs(patientId: Uint8Array, compartment: CompartmentRef): Epochs {
      const row = epochRows.get(placeKey(patientId, compartment))
      if (row === undefined) return FIRST_EPOCHS
      const epochs = decodeEpochs(row)
      assert(epochs !== null, 'stored epochs decode')
      return epochs
    },
    /** Moves the compartment to its next epoch. @returns its number. */
    bumpEpoch(patientId: Uint8Array, compartment: CompartmentRef): number {
      const { minEpoch, currentEpoch } = store.epochs(patientId, compartment)
      epochRows.set(placeKey(patientId, compartment), encodeEpochs({ minEpoch, currentEpoch: currentEpoch + 1 }))
      return currentEpoch + 1
    },
    derivers(patientId: Uint8Array, compartment: CompartmentRef, epoch: number): Deriver[] {
      const row = deriverRows.get(epochKey(patientId, compartment, epoch))
      if (row === undefined) return []
      const derivers = decodeDerivers(row)
      assert(derivers !== null, 'stored derivers decode')
      return derivers
    },
    /** Notes who is about to get an epoch's key. Twice is once. @returns false when the list is full. */
    noteDeriver(patientId: Uint8Array, compartment: CompartmentRef, epoch: number, deriver: Deriver): boolean {
      const derivers = store.derivers(patientId, compartment, epoch)
      const isKnown = derivers.some(
        ({ principal, grantId }) => equalBytes(principal, deriver.principal) && equalBytes(grantId, deriver.grantId),
      )
      if (isKnown) return true
      if (derivers.length >= DERIVERS_PER_EPOCH_MAX) return false
      derivers.push(deriver)
      deriverRows.set(epochKey(patientId, compartment, epoch), encodeDerivers(derivers))
      return true
    },
    keyCheck: (patientId: Uint8Array, compartment: CompartmentRef, epoch: number): Uint8Array | undefined =>
      keyChecks.get(epochKey(patientId, compartment, epoch)),
    setKeyCheck(patientId: Uint8Array, compartment: CompartmentRef, epoch: number, value: Uint8Array): void {
      keyChecks.set(epochKey(patientId, compartment, epoch), value)
    },

    changes: (principal: Uint8Array): bigint => new ByteReader(changeRows.get(principal) ?? new Uint8Array(8)).u64(),
    /** Tells the page of an account holder to look again. Others are not counted: nothing grows from strangers. */
    noteChange(principal: Uint8Array): void {
      if (accounts.has(principal)) changeRows.set(principal, u64Key(store.changes(principal) + 1n))
    },
  }
  return store
}
export type ConsentStore = ReturnType<typeof createConsentStore>

/** `patientId(16) || kind || cid(16)`. */
function placeKey(patientId: Uint8Array, { compartmentKind, cid }: CompartmentRef): Uint8Array {
  return new ByteWriter(33).raw(patientId).u8(compartmentKind).raw(cid).done()
}
function epochKey(patientId: Uint8Array, compartment: CompartmentRef, epoch: number): Uint8Array {
  return concatBytes(placeKey(patientId, compartment), new ByteWriter(4).u32(epoch).done())
}
