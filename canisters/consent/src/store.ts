import { type CompartmentRef, DERIVERS_PER_EPOCH_MAX, equalBytes, orgIdOf, orgPrincipal } from '@medguard/protocol'
import {
  asIs,
  assert,
  bytes,
  createCounters,
  createDeviceBook,
  createErasures,
  createGrantBook,
  createPeopleBook,
  createRecoveryBook,
  createRows,
  PEOPLE_SECTION,
  createRulesBook,
  createTrustBook,
  deriveOneKey,
  idsIn,
  keyOf,
  type Rows,
  section,
  u32,
  u8,
} from '@medguard/shared'
import {
  ACCOUNT,
  decodeDerivers,
  type Deriver,
  encodeDerivers,
  EPOCHS,
  type Epochs,
  FIRST_EPOCHS,
  type StoredAccount,
  SWEPT,
  type Swept,
} from './codec.ts'
import { createAuthorKeyBook } from './author-key-book.ts'
import { createRequestBook } from './request-book.ts'

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
  changes: 11, // principal -> counter; an organisation's by its principal
  trust: 40, // organisations, their members, and the council that verifies them
  ...PEOPLE_SECTION, // 30 to 39
  patientRules: 50, // patient id -> what they laid down for all sharing; absent: nothing
  accessRequests: 52, // who asked whom for access, by id, by requester and by patient; whom a patient once shared with
  agreements: 51, // grant id -> UTF-8 of the text that was confirmed
  // 60 is retired: generations of keys
  factsChanged: 61, // nothing -> counter: when anything that decisions rest on was last written, but for grants
  swept: 62, // place -> Swept
  devices: 66, // what may post where; see the shared package
  authorKeys: 64, // 0: key id -> AuthorKey; 1: patient id -> n × key id
  erasures: 73, // patient id -> Erasure
  erasureMarks: 75, // 0: SHA-256(label || patient id || principal) -> Receipt; 1: the same in the order of their end
  repeats: 80, // changes of the last day
  logShards: 90, // which canister of the log has whose lines; see directory.ts
  shardOutboxes: 91, // shard u8 -> the stream to that canister of the log
  readerNotes: 92, // 0: shard u8 -> the stream of notes; 1: organisation id -> n × shard u8 that know its readers; 2: queue of who is still to be told
  layout: 255, // nothing -> layout number; absent: 1
} as const

/** Rows that one retirement removes at most; what is left of older ones harms nobody. */
const RETIRED_NOTES_MAX = 100
/** No key, or the row of a section that is about no one in particular. */
const ALL = new Uint8Array(0)
const PLACE = { patientId: bytes(16), compartmentKind: u8, cid: bytes(16) }
const PLACE_KEY = keyOf(PLACE)
const EPOCH_KEY = keyOf({ ...PLACE, epoch: u32 })

export function createConsentStore(rows: Rows) {
  const accounts = createRows(section(rows, SECTION.accounts), { key: asIs, row: ACCOUNT })
  const owners = section(rows, SECTION.owners)
  const shredSalts = section(rows, SECTION.shredSalts)
  const erasures = createErasures(section(rows, SECTION.erasures), section(rows, SECTION.erasureMarks))
  const epochRows = createRows(section(rows, SECTION.epochs), { key: PLACE_KEY, row: EPOCHS })
  const deriverRows = section(rows, SECTION.derivers)
  const keyChecks = section(rows, SECTION.keyChecks)
  const changes = createCounters(section(rows, SECTION.changes))
  const factsChanged = createCounters(section(rows, SECTION.factsChanged))
  const sweptRows = createRows(section(rows, SECTION.swept), { key: PLACE_KEY, row: SWEPT })
  const layoutRow = section(rows, SECTION.layout)
  const trust = createTrustBook(section(rows, SECTION.trust))
  const people = createPeopleBook({ rows, accounts, owners })
  const recovery = createRecoveryBook(rows)

  const store = {
    configurationRows: section(rows, SECTION.configuration),
    outboxRows: section(rows, SECTION.outbox),
    shardOutboxRows: section(rows, SECTION.shardOutboxes),
    shardRows: section(rows, SECTION.logShards),
    readerNoteRows: section(rows, SECTION.readerNotes),
    requestRows: section(rows, SECTION.requests),
    budgetRows: section(rows, SECTION.budgets),
    repeatRows: section(rows, SECTION.repeats),
    grants: createGrantBook(section(rows, SECTION.grants)),
    requests: createRequestBook(section(rows, SECTION.accessRequests)),
    agreements: section(rows, SECTION.agreements),
    authorKeys: createAuthorKeyBook(section(rows, SECTION.authorKeys)),
    devices: createDeviceBook(section(rows, SECTION.devices)),
    rules: createRulesBook(section(rows, SECTION.patientRules)),
    trust,
    /** Layout of the rows as a whole; a step in `migrate.ts` raises it. */
    layout: (): number => layoutRow.get(ALL)?.[0] ?? 1,
    setLayout: (layout: number): void => layoutRow.set(ALL, Uint8Array.of(layout)),

    people,
    recovery,
    /** Of the principal that enrolled it; also one whose enrolment the log has not acknowledged. */
    anyAccount: (principal: Uint8Array): StoredAccount | undefined => accounts.get(principal),
    /** Whoever's vault is being erased, or was, is nobody here. */
    account(principal: Uint8Array): StoredAccount | undefined {
      const account = people.account(principal)
      return account?.isConfirmed === true && !erasures.has(account.patientId) ? account : undefined
    },
    vaultOf(patientId: Uint8Array): StoredAccount | undefined {
      const owner = owners.get(patientId)
      const account = owner === undefined ? undefined : accounts.get(owner)
      return account?.isConfirmed === true && !erasures.has(patientId) ? account : undefined
    },
    /** The account of somebody as long as it is there, also while it is erased. */
    heldAccount: (principal: Uint8Array): StoredAccount | undefined => people.account(principal),
    erasures,
    /** Overwritten before it goes, since freed memory keeps its bytes: without it no wrap of this patient opens again (keys.md, section 17). */
    eraseShredSalt(patientId: Uint8Array): void {
      if (!shredSalts.has(patientId)) return
      shredSalts.set(patientId, new Uint8Array(32))
      shredSalts.delete(patientId)
    },
    /** Forgets what this canister knows of the keys of one compartment. */
    forgetCompartment(patientId: Uint8Array, { compartmentKind, cid }: CompartmentRef): void {
      const { currentEpoch } = store.epochs(patientId, { compartmentKind, cid })
      for (let epoch = 1; epoch <= currentEpoch; epoch++) {
        for (const { principal } of store.derivers(patientId, { compartmentKind, cid }, epoch))
          store.budgetRows.delete(deriveOneKey(principal, cid))
        const key = epochKey(patientId, { compartmentKind, cid }, epoch)
        deriverRows.delete(key)
        keyChecks.delete(key)
      }
      epochRows.delete({ patientId, compartmentKind, cid })
      sweptRows.delete({ patientId, compartmentKind, cid })
    },
    /** The last of a vault that is erased: who it was. */
    closeAccount(account: StoredAccount, nowNs: bigint): void {
      const home = people.homeOfPatient(account.patientId)
      store.authorKeys.forget(account.patientId, nowNs)
      store.grants.forget(account.patientId)
      store.rules.forget(account.patientId)
      recovery.forget(account.patientId, home)
      people.forget(account.patientId)
      accounts.set(home, { ...account, cids: new Uint8Array(account.cids.length) })
      accounts.delete(home)
      owners.delete(account.patientId)
      changes.forget(home)
    },
    openAccount(principal: Uint8Array, account: StoredAccount, shredSalt: Uint8Array): void {
      assert(!owners.has(account.patientId), 'a patient id is drawn once')
      accounts.set(principal, account)
      owners.set(account.patientId, principal)
      shredSalts.set(account.patientId, shredSalt)
    },
    confirmAccount(principal: Uint8Array): StoredAccount {
      const opened = store.anyAccount(principal)
      assert(opened !== undefined, 'only an opened account is confirmed')
      const account = { ...opened, isConfirmed: true }
      accounts.set(principal, account)
      return account
    },
    /** Principal of the patient, or undefined for an id nobody has. */
    ownerOf: (patientId: Uint8Array): Uint8Array | undefined => owners.get(patientId),
    shredSalt(patientId: Uint8Array): Uint8Array {
      const salt = shredSalts.get(patientId)
      assert(salt !== undefined, 'every patient has a salt')
      return salt
    },

    epochs: (patientId: Uint8Array, { compartmentKind, cid }: CompartmentRef): Epochs =>
      epochRows.get({ patientId, compartmentKind, cid }) ?? FIRST_EPOCHS,
    /** Moves the compartment to its next epoch. @returns its number. */
    bumpEpoch(patientId: Uint8Array, compartment: CompartmentRef): number {
      const { minEpoch, currentEpoch } = store.epochs(patientId, compartment)
      const { compartmentKind, cid } = compartment
      epochRows.set({ patientId, compartmentKind, cid }, { minEpoch, currentEpoch: currentEpoch + 1 })
      return currentEpoch + 1
    },
    /** None of the epochs below can be derived from now on. What was noted of the newest of them goes. */
    retireEpochs(patientId: Uint8Array, compartment: CompartmentRef, minEpoch: number): void {
      const { compartmentKind, cid } = compartment
      const { minEpoch: oldest, currentEpoch } = store.epochs(patientId, compartment)
      assert(minEpoch > oldest && minEpoch <= currentEpoch, 'epochs end in their order')
      epochRows.set({ patientId, compartmentKind, cid }, { minEpoch, currentEpoch })
      for (let epoch = minEpoch - 1; epoch >= oldest && epoch >= minEpoch - RETIRED_NOTES_MAX; epoch--) {
        deriverRows.delete(epochKey(patientId, compartment, epoch))
        keyChecks.delete(epochKey(patientId, compartment, epoch))
      }
    },
    /** Whether anybody was given the key of an epoch that has not ended. */
    isDerived: (patientId: Uint8Array, compartment: CompartmentRef, epoch: number): boolean =>
      deriverRows.has(epochKey(patientId, compartment, epoch)),
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
      const { compartmentKind, cid } = compartment
      sweptRows.delete({ patientId, compartmentKind, cid })
      return true
    },
    swept: (patientId: Uint8Array, { compartmentKind, cid }: CompartmentRef): Swept | undefined =>
      sweptRows.get({ patientId, compartmentKind, cid }),
    setSwept(patientId: Uint8Array, { compartmentKind, cid }: CompartmentRef, swept: Swept): void {
      sweptRows.set({ patientId, compartmentKind, cid }, swept)
    },
    /** When facts that decisions rest on last changed; see `watchFacts`. */
    factsChangedNs: (): bigint => factsChanged.of(ALL),
    noteFactsChanged(changedNs: bigint): void {
      if (factsChanged.of(ALL) < changedNs) factsChanged.set(ALL, changedNs)
    },
    keyCheck: (patientId: Uint8Array, compartment: CompartmentRef, epoch: number): Uint8Array | undefined =>
      keyChecks.get(epochKey(patientId, compartment, epoch)),
    setKeyCheck(patientId: Uint8Array, compartment: CompartmentRef, epoch: number, value: Uint8Array): void {
      keyChecks.set(epochKey(patientId, compartment, epoch), value)
    },

    /**
     * Of the account, whichever of its principals asks, and above 32 bits of the organisations that its principals work for: whatever changes in either,
     * the number does.
     */
    changes(account: StoredAccount, caller: Uint8Array, nowNs: bigint): bigint {
      let ofOrganisations = 0n
      for (const principal of people.principalsOf(account, caller))
        for (const orgId of idsIn(trust.person(principal).orgIds))
          if (trust.rolesOf(orgId, principal, nowNs) !== 0) ofOrganisations += changes.of(orgPrincipal(orgId))
      return changes.of(people.homeOf(caller) ?? caller) + (ofOrganisations << 32n)
    },
    /** Tells the pages of an account holder, or of whoever works for an organisation, to look again. Nothing grows from strangers. */
    noteChange(principal: Uint8Array): void {
      const orgId = orgIdOf(principal)
      const isOrganisation = orgId !== null && trust.organisation(orgId) !== undefined
      const whose = isOrganisation ? principal : people.homeOf(principal)
      if (whose !== undefined) changes.add(whose, 1n)
    },
    noteChangeOf(patientId: Uint8Array): void {
      const owner = owners.get(patientId)
      if (owner !== undefined) store.noteChange(owner)
    },
  }
  return store
}
export type ConsentStore = ReturnType<typeof createConsentStore>

/** `patientId(16) || kind || cid(16) || epoch(4)`. Good until the next call. */
const epochKey = (patientId: Uint8Array, { compartmentKind, cid }: CompartmentRef, epoch: number): Uint8Array =>
  EPOCH_KEY({ patientId, compartmentKind, cid, epoch })
