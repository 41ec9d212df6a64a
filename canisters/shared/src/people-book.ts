import { equalBytes, ID_BYTES, isDependantPrincipal, POWER } from '@medguard/protocol'
import { assert } from './assert.ts'
import { bytes, flag, principal, u64, u8 } from './collections/fields.ts'
import { asIs, createRows, type RowCodec, rowOf, type TypedRows } from './collections/rows.ts'
import type { VaultFacts } from './decision.ts'
import { hasCome } from './horizon.ts'
import { type Rows, section } from './maps.ts'

/** Sections of a canister's `rows`, the same in consent and in records; a number is for life. */
export const PEOPLE_SECTION = {
  links: 30, // principal -> Link
  circles: 31, // patient id -> Member[]; absent: only the principal that enrolled
  offers: 32, // patient id -> Offer
  representatives: 33, // patient id -> Representative[]
  powers: 34, // patient id || patient id of who acts -> Power
  wards: 35, // patient id of who acts -> Ward[]
  appointments: 36, // length || principal of the patient || principal of who is named -> patient id
  recoverySettings: 37, // patient id -> what counts, and what will
  recoveries: 38, // 0: patient id -> Waiting; 1: patient id -> Approval[]
  announcedErasures: 76, // patient id -> AnnouncedErasure; 74 until it was found to be taken in records: what was announced then is announced again
  recoveryIndex: 39, // who finds which patient: 0: kit; 1: patient's principal and guardian; 2: patient's principal and new principal
} as const

/** What both canisters keep of an account. */
export interface HeldAccount extends VaultFacts {
  /** Bits of `PEOPLE`; 0 as long as only the principal that enrolled is known. */
  readonly people: number
}
export const PEOPLE = { hasCircle: 1, homeRetired: 2 } as const

/** One principal of an account. The first is the one that enrolled (`home`), under which the account is kept; the others in the order they came. */
export interface Member {
  readonly principal: Uint8Array
  /** A retired one never acts again; grants that name it are still the account's. */
  readonly isActive: boolean
  /** 0 for the first. */
  readonly sinceNs: bigint
}
export interface Offer {
  readonly principal: Uint8Array
  readonly untilNs: bigint
}
export interface Power {
  readonly powers: number
  readonly startNs: bigint
  /** 0: until ended. */
  readonly endNs: bigint
}
export interface Representative extends Power {
  /** As the patient named them. */
  readonly principal: Uint8Array
  /** Whose account accepted; zeros until then. */
  readonly representativeId: Uint8Array
}
/** Of a dependant's vault. */
export interface AnnouncedErasure {
  /** Not before. */
  readonly readyNs: bigint
}
export interface Ward {
  readonly patientId: Uint8Array
  /** Enrolled by this very person, under that request; zeros otherwise. */
  readonly enrolledBy: Uint8Array
}

const LAYOUT = 1
const id = bytes(ID_BYTES)
const LINK = rowOf(LAYOUT, { home: principal, isRetired: flag })
const OFFER: RowCodec<Offer> = rowOf(LAYOUT, { principal, untilNs: u64 })
const ANNOUNCED: RowCodec<AnnouncedErasure> = rowOf(LAYOUT, { readyNs: u64 })
const POWER_ROW: RowCodec<Power> = rowOf(LAYOUT, { powers: u8, startNs: u64, endNs: u64 })
const MEMBERS = listOf<Member>(rowOf(LAYOUT, { principal, isActive: flag, sinceNs: u64 }), 40)
const REPRESENTATIVES = listOf<Representative>(
  rowOf(LAYOUT, { principal, representativeId: id, powers: u8, startNs: u64, endNs: u64 }),
  64,
)
const WARDS = listOf<Ward>(rowOf(LAYOUT, { patientId: id, enrolledBy: id }), 33)

/** A short list in one row: the entries behind one another, each with its layout. */
export function listOf<V>(entry: RowCodec<V>, entryBytes: number): RowCodec<readonly V[]> {
  return {
    encode(values) {
      const row = new Uint8Array(values.length * entryBytes)
      for (const [i, value] of values.entries()) row.set(entry.encode(value), i * entryBytes)
      return row
    },
    decode(row) {
      const values: V[] = []
      for (let at = 0; at < row.length; at += entryBytes) {
        const value = entry.decode(row.subarray(at, at + entryBytes))
        if (value === null) return null
        values.push(value)
      }
      return values
    },
  }
}

export const isOver = ({ endNs }: Power, nowNs: bigint): boolean => endNs !== 0n && hasCome(endNs, nowNs)

export interface PeopleBookOptions<A extends HeldAccount> {
  readonly rows: Rows
  /** By the principal that enrolled. */
  readonly accounts: Pick<TypedRows<Uint8Array, A>, 'get' | 'has' | 'set'>
  /** That principal, by patient id. */
  readonly owners: Pick<Rows, 'get'>
}

/** One canister's knowledge of who stands behind an account: which principals it has, and who may act in a patient's place. */
export function createPeopleBook<A extends HeldAccount>({ rows, accounts, owners }: PeopleBookOptions<A>) {
  const links = createRows(section(rows, PEOPLE_SECTION.links), { key: asIs, row: LINK })
  const circles = createRows(section(rows, PEOPLE_SECTION.circles), { key: asIs, row: MEMBERS })
  const offers = createRows(section(rows, PEOPLE_SECTION.offers), { key: asIs, row: OFFER })
  const representatives = createRows(section(rows, PEOPLE_SECTION.representatives), { key: asIs, row: REPRESENTATIVES })
  const powers = createRows(section(rows, PEOPLE_SECTION.powers), { key: asIs, row: POWER_ROW })
  const wards = createRows(section(rows, PEOPLE_SECTION.wards), { key: asIs, row: WARDS })
  const appointments = section(rows, PEOPLE_SECTION.appointments)
  const announcedErasures = createRows(section(rows, PEOPLE_SECTION.announcedErasures), { key: asIs, row: ANNOUNCED })

  const homeOfPatient = (patientId: Uint8Array): Uint8Array => {
    const home = owners.get(patientId)
    assert(home !== undefined, 'every patient has a principal')
    return home
  }
  /** Keeps a principal out for good, without saying whose it was. */
  const markRetired = (principal: Uint8Array): void => links.set(principal, { home: principal, isRetired: true })
  const withFlag = (patientId: Uint8Array, people: number): void => {
    const home = homeOfPatient(patientId)
    const account = book.accountOf(patientId)
    if ((account.people & people) !== people) accounts.set(home, { ...account, people: account.people | people })
  }

  const book = {
    /** The account somebody acts for as its holder: by the principal that enrolled it, or by one that was linked since. */
    account(principal: Uint8Array): A | undefined {
      const own = accounts.get(principal)
      if (own !== undefined) return (own.people & PEOPLE.homeRetired) === 0 ? own : undefined
      const link = links.get(principal)
      return link === undefined || link.isRetired ? undefined : accounts.get(link.home)
    },
    isAccount: (patientId: Uint8Array): boolean => owners.get(patientId) !== undefined,
    /** Under which principal the account of this one is kept, also when it is retired. */
    homeOf(principal: Uint8Array): Uint8Array | undefined {
      return accounts.has(principal) ? principal : links.get(principal)?.home
    },
    /** Whether a principal has had its place, so that it can neither be linked nor enrol. */
    isTaken: (principal: Uint8Array): boolean => accounts.has(principal) || links.has(principal),
    homeOfPatient,
    accountOf(patientId: Uint8Array): A {
      const account = accounts.get(homeOfPatient(patientId))
      assert(account !== undefined, 'every patient has an account')
      return account
    },

    /** Every principal the account has or had, the first one first. */
    circle(patientId: Uint8Array): readonly Member[] {
      const known = circles.get(patientId)
      if (known !== undefined) return known
      const home = homeOfPatient(patientId)
      return [{ principal: home, isActive: !isDependantPrincipal(home), sinceNs: 0n }]
    },
    /** Principals that are the account's now. */
    signIns: (patientId: Uint8Array): readonly Uint8Array[] =>
      book.circle(patientId).flatMap(({ principal, isActive }) => (isActive ? [principal] : [])),
    /** The same as bare principals: for an account that never had another, who came. */
    principalsOf({ patientId, people }: HeldAccount, caller: Uint8Array): readonly Uint8Array[] {
      return people === 0 ? [caller] : book.circle(patientId).map(({ principal }) => principal)
    },
    /** @param room how many principals an account may have had; the oldest retired one that is not `home` makes room for more. */
    link(patientId: Uint8Array, principal: Uint8Array, nowNs: bigint, room: number): void {
      const circle = [...book.circle(patientId)]
      if (circle.length >= room) {
        const oldest = circle.findIndex(({ isActive }, i) => i > 0 && !isActive)
        for (const { principal: gone } of oldest > 0 ? circle.splice(oldest, 1) : []) {
          markRetired(gone)
          book.endAppointment(patientId, gone)
        }
      }
      links.set(principal, { home: homeOfPatient(patientId), isRetired: false })
      circles.set(patientId, [...circle, { principal, isActive: true, sinceNs: nowNs }])
      withFlag(patientId, PEOPLE.hasCircle)
    },
    /** Takes their place from principals of an account, for good. */
    retire(patientId: Uint8Array, principals: readonly Uint8Array[]): void {
      const home = homeOfPatient(patientId)
      const isMeant = (principal: Uint8Array) => principals.some((each) => equalBytes(each, principal))
      circles.set(
        patientId,
        book.circle(patientId).map((member) => (isMeant(member.principal) ? { ...member, isActive: false } : member)),
      )
      withFlag(patientId, isMeant(home) ? PEOPLE.hasCircle | PEOPLE.homeRetired : PEOPLE.hasCircle)
      for (const principal of principals)
        if (!equalBytes(principal, home)) links.set(principal, { home, isRetired: true })
    },

    /** Puts what another canister says in place of what was known of an account's principals. @param members the first one first. */
    setCircle(patientId: Uint8Array, members: readonly Member[]): void {
      const [home, ...others] = members
      assert(home !== undefined, 'an account has a principal')
      for (const { principal } of book.circle(patientId).slice(1))
        if (!others.some((each) => equalBytes(each.principal, principal))) markRetired(principal)
      for (const { principal, isActive } of others) links.set(principal, { home: home.principal, isRetired: !isActive })
      if (others.length > 0) circles.set(patientId, members)
      const isRetired = !home.isActive && !isDependantPrincipal(home.principal)
      const flags = (others.length > 0 ? PEOPLE.hasCircle : 0) | (isRetired ? PEOPLE.homeRetired : 0)
      if (flags !== 0) withFlag(patientId, flags)
    },

    offer: (patientId: Uint8Array): Offer | undefined => offers.get(patientId),
    setOffer: (patientId: Uint8Array, offer: Offer): void => offers.set(patientId, offer),
    endOffer: (patientId: Uint8Array): void => offers.delete(patientId),

    /** Bits of `POWER` that an account has over a patient now. */
    powers(patientId: Uint8Array, { patientId: who }: VaultFacts, nowNs: bigint): number {
      const held = powers.get(pairKey(patientId, who))
      return held === undefined || !hasCome(held.startNs, nowNs) || isOver(held, nowNs) ? 0 : held.powers
    },
    power: (patientId: Uint8Array, who: Uint8Array): Power | undefined => powers.get(pairKey(patientId, who)),
    /** Whether what somebody gives in a patient's place would outlast their own powers there. */
    outlasts(patientId: Uint8Array, caller: Uint8Array, endNs: bigint): boolean {
      const account = book.account(caller)
      if (account === undefined || equalBytes(account.patientId, patientId)) return false
      const held = powers.get(pairKey(patientId, account.patientId))
      return held === undefined || (held.endNs !== 0n && endNs > held.endNs)
    },
    announcedErasure: (patientId: Uint8Array): AnnouncedErasure | undefined => announcedErasures.get(patientId),
    announceErasure: (patientId: Uint8Array, announced: AnnouncedErasure): void =>
      announcedErasures.set(patientId, announced),
    endErasureNotice: (patientId: Uint8Array): void => announcedErasures.delete(patientId),
    representatives: (patientId: Uint8Array): readonly Representative[] => representatives.get(patientId) ?? [],
    setRepresentatives: (patientId: Uint8Array, all: readonly Representative[]): void =>
      representatives.set(patientId, all),
    wards: (who: Uint8Array): readonly Ward[] => wards.get(who) ?? [],
    /** From now on the account has these powers over the patient. */
    empower(
      patientId: Uint8Array,
      who: Uint8Array,
      power: Power,
      enrolledBy: Uint8Array = new Uint8Array(ID_BYTES),
    ): void {
      powers.set(pairKey(patientId, who), power)
      const others = book.wards(who).filter((ward) => !equalBytes(ward.patientId, patientId))
      wards.set(who, [...others, { patientId, enrolledBy }])
    },
    /**
     * Of a patient whose vault is erased: who stood behind it, and over whom they had powers. Retired principals keep a mark that tells nothing else: they
     * never come back.
     */
    forget(patientId: Uint8Array): void {
      const home = homeOfPatient(patientId)
      for (const { principal, isActive } of book.circle(patientId)) {
        if (!isActive && !isDependantPrincipal(principal)) markRetired(principal)
        else if (!equalBytes(principal, home)) links.delete(principal)
        book.endAppointment(patientId, principal)
      }
      const offered = book.offer(patientId)
      if (offered !== undefined) book.endAppointment(patientId, offered.principal)
      for (const { principal, representativeId } of book.representatives(patientId)) {
        book.endAppointment(patientId, principal)
        book.disempower(patientId, representativeId)
      }
      for (const ward of book.wards(patientId)) book.disempower(ward.patientId, patientId)
      for (const each of [circles, offers, representatives, wards, announcedErasures]) each.delete(patientId)
    },
    disempower(patientId: Uint8Array, who: Uint8Array): void {
      powers.delete(pairKey(patientId, who))
      const others = book.wards(who).filter((ward) => !equalBytes(ward.patientId, patientId))
      if (others.length > 0) wards.set(who, others)
      else wards.delete(who)
    },

    /** Whom a principal was named by, for who was told the patient's principal; nothing is found by the principal alone. */
    appointedBy: (patient: Uint8Array, named: Uint8Array): Uint8Array | undefined =>
      appointments.get(namedKey(patient, named)),
    noteAppointment(patientId: Uint8Array, named: Uint8Array): void {
      appointments.set(namedKey(homeOfPatient(patientId), named), patientId)
    },
    endAppointment(patientId: Uint8Array, named: Uint8Array): void {
      appointments.delete(namedKey(homeOfPatient(patientId), named))
    },
    /** Whether the patient is somebody who cannot sign in: then, and only then, others may manage for them. */
    isDependant: (patientId: Uint8Array): boolean => isDependantPrincipal(homeOfPatient(patientId)),
  }
  return book
}
export type PeopleBook<A extends HeldAccount = HeldAccount> = ReturnType<typeof createPeopleBook<A>>

/** Whether somebody can do nothing for themselves: a dependant whom nobody has handed a sign-in of their own. */
export const isDependantAlone = <A extends HeldAccount>(book: PeopleBook<A>, patientId: Uint8Array): boolean =>
  book.isDependant(patientId) && !book.circle(patientId).some(({ isActive }) => isActive)

export const ALL_POWERS = POWER.read | POWER.write | POWER.share | POWER.manage

function pairKey(patientId: Uint8Array, who: Uint8Array): Uint8Array {
  const key = new Uint8Array(2 * ID_BYTES)
  // A patient id of a caller may have any length: cut or padded it is nobody's.
  key.set(patientId.subarray(0, ID_BYTES))
  key.set(who, ID_BYTES)
  return key
}
/** `length || first || second`. */
export function namedKey(first: Uint8Array, second: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + first.length + second.length)
  key[0] = first.length
  key.set(first, 1)
  key.set(second, 1 + first.length)
  return key
}
