import {
  COMPARTMENT_KIND,
  DEVICE_STATE,
  equalBytes,
  type Grant,
  POWER,
  refuse,
  type RefusalArm,
  RIGHT,
} from '@medguard/protocol'
import type { Device } from './device-book.ts'
import { type GrantState, NOBODYS } from './grant-rules.ts'
import { hasCome, untilWhen } from './horizon.ts'
import { isHome } from './homes.ts'
import { keepShape } from './shapes.ts'

/** The one rule by which both canisters decide, each on its own copy of every fact (keys.md, sections 8.1 and 10). */

export interface Asked {
  /** Raw principal of the person, whoever passed the question on. */
  readonly caller: Uint8Array
  readonly patientId: Uint8Array
  readonly compartmentKind: number
  readonly cid: Uint8Array
  /** Null for the owner and for who acts in their place. */
  readonly grantId: Uint8Array | null
  /** Rights of which at least one is needed. */
  readonly anyOf: number
  /** Of a device that posts by itself, with its own key; absent for people. */
  readonly deviceId?: Uint8Array | undefined
}

/** What a decision needs to know of an account. */
export interface VaultFacts {
  readonly patientId: Uint8Array
  /** Compartment ids of the eight categories, in the order of their numbers, behind one another. */
  readonly cids: Uint8Array
}

/** `blocked` gives nothing and says nothing; `paused` and `unverified` are told to the grantee of that very grant only. */
export type Standing = 'grantee' | 'nobody' | 'blocked' | 'paused' | 'unverified'

/** Looks facts up as they are in this very message (R5). Only those a question turns on are looked up. */
export interface FactSource<A extends VaultFacts> {
  /** The account a principal may act for as its holder: none before enrolment is confirmed, and none once it was unlinked. */
  readonly account: (principal: Uint8Array) => A | undefined
  /** The account whose patient id this is. */
  readonly vault: (patientId: Uint8Array) => VaultFacts | undefined
  /** Powers that somebody holds in the place of a patient, as bits of `POWER`: 0 for whoever holds none now. */
  readonly powers: (patientId: Uint8Array, account: A, nowNs: bigint) => number
  readonly grant: (grantId: Uint8Array) => GrantState | undefined
  /** Whether a share compartment may be the patient's. */
  readonly ownsShare: (patientId: Uint8Array, cid: Uint8Array) => boolean
  /** How somebody stands to the grantee a grant names: that person, a member of that organisation, or nobody; and whether the patient's rules let them. */
  readonly standing: (grant: Grant, account: A, caller: Uint8Array, nowNs: bigint) => Standing
  /** Undefined for what nobody has, and of a vault that is being erased; at the same cost. */
  readonly device: (deviceId: Uint8Array) => Device | undefined
  /** Whether the patient has paused all sharing. */
  readonly isPaused: (patientId: Uint8Array) => boolean
  /** How often anything that these look up was written to in this life of the heap; see `countWrites`. */
  readonly written: () => number
}

// As both canisters ask: whoever reads, whoever writes, and on somebody's behalf.
keepShape('caller', 'patientId', 'compartmentKind', 'cid', 'grantId', 'anyOf', 'deviceId')
keepShape('deviceId', 'caller', 'patientId', 'compartmentKind', 'cid', 'grantId', 'anyOf')
keepShape('compartmentKind', 'cid')

export type Decision = { readonly kind: 'permit' } | { readonly kind: 'refuse'; readonly refusal: RefusalArm }

const PERMIT: Decision = { kind: 'permit' }
const NOT_PERMITTED: Decision = { kind: 'refuse', refusal: refuse.notPermitted }
const REFUSAL_OF = {
  paused: refuse.paused,
  unverified: refuse.unverified,
} satisfies Partial<Record<Standing, RefusalArm>>

/**
 * Whether somebody may do something in a compartment now. Time is the canister's, in the message that answers. Only the grantee of that very grant
 * learns that it has ended or is paused (decision 23).
 */
export function decide<A extends VaultFacts>(asked: Asked, facts: FactSource<A>, nowNs: bigint): Decision {
  if (asked.deviceId !== undefined) return decideDevice(asked, asked.deviceId, facts)
  const account = facts.account(asked.caller)
  if (account === undefined) return NOT_PERMITTED
  if (asked.grantId === null) return decideOwner(asked, account, facts, nowNs)
  // One that gives nobody anything stands in for a grant that is not there, and both questions are always asked: looking takes as long (I7).
  const state = facts.grant(asked.grantId) ?? NOBODYS
  const standing = facts.standing(state.grant, account, asked.caller, nowNs)
  const isCovered = covers(asked, state.grant, nowNs)
  if (standing === 'nobody' || standing === 'blocked' || !isCovered) return NOT_PERMITTED
  const { grant, endedNs } = state
  const overNs = endedNs !== null && endedNs < grant.endNs ? endedNs : grant.endNs
  if (hasCome(overNs, nowNs)) return { kind: 'refuse', refusal: refuse.consentEnded(overNs) }
  if (standing !== 'grantee') return { kind: 'refuse', refusal: REFUSAL_OF[standing] }
  decidedUnder = grant
  return PERMIT
}

/** What was permitted, by the very question of a flow. */
const permits = new WeakMap<
  Asked,
  { readonly written: number; readonly untilNs: bigint; readonly grant: Grant | null }
>()
/** What the last permit was under. */
let decidedUnder: Grant | null = null

/**
 * As `decide`, for a flow that asks the same again behind a wait. As long as no fact was written to and no moment came that the permit rests on, all would be read as it
 * was and come out as it did, so nothing is looked up: another look costs as much as a whole small method. A refusal is never kept.
 *
 * @param asked the same object each time.
 */
export function decideAgain<A extends VaultFacts>(asked: Asked, facts: FactSource<A>, nowNs: bigint): Decision {
  const written = facts.written()
  const permit = permits.get(asked)
  if (permit !== undefined && permit.written === written && nowNs < permit.untilNs) return PERMIT
  decidedUnder = null
  const { value: decision, untilNs } = untilWhen(() => decide(asked, facts, nowNs))
  if (decision.kind === 'permit') permits.set(asked, { written, untilNs, grant: decidedUnder })
  return decision
}
/** The grant under which that very question was permitted, so that nobody reads it again: what it says never changes. Null where there is none. */
export const permittedUnder = (asked: Asked): Grant | null => permits.get(asked)?.grant ?? null

/**
 * A device writes into its one category, and nothing else is permitted to it, whoever its key is beside. Only itself is told that it, or all sharing, is paused: to somebody
 * else it is no device, and a removed one is none.
 */
function decideDevice<A extends VaultFacts>(asked: Asked, deviceId: Uint8Array, facts: FactSource<A>): Decision {
  const { caller, patientId, compartmentKind, cid, grantId, anyOf } = asked
  const device = facts.device(deviceId)
  const isPaused = facts.isPaused(patientId)
  const { principal, cid: ownCid, patientId: ownPatientId, state } = device ?? NO_DEVICE
  // All are looked at whatever the others say: where nothing is, it takes as long (I7).
  const isItself = samePrincipal(principal, caller)
  const isPlace = text(ownCid) === text(cid) && text(ownPatientId) === text(patientId)
  const isAllowed =
    isItself &&
    isPlace &&
    device !== undefined &&
    state !== DEVICE_STATE.removed &&
    compartmentKind === COMPARTMENT_KIND.category &&
    grantId === null &&
    anyOf === RIGHT.write
  if (!isAllowed) return NOT_PERMITTED
  return isPaused || state === DEVICE_STATE.paused ? { kind: 'refuse', refusal: refuse.paused } : PERMIT
}
const NO_DEVICE = {
  principal: new Uint8Array(29),
  cid: new Uint8Array(16),
  patientId: new Uint8Array(16),
  state: DEVICE_STATE.removed,
}

/** Whether a grant, once somebody is its grantee, is about what they ask. Periods are half open (I3). */
function covers({ patientId, compartmentKind, cid, anyOf }: Asked, grant: Grant, nowNs: bigint): boolean {
  const askedCid = text(cid)
  // Both are looked at whatever the other says: where nothing is, it takes as long (I7).
  const isPatient = text(grant.patientId) === text(patientId)
  const isPlace = grant.compartments.some(
    (each) => text(each.cid) === askedCid && each.compartmentKind === compartmentKind,
  )
  return isPatient && isPlace && (grant.rights & anyOf) !== 0 && hasCome(grant.startNs, nowNs)
}

function decideOwner<A extends VaultFacts>(asked: Asked, account: A, facts: FactSource<A>, nowNs: bigint): Decision {
  const { patientId, compartmentKind, cid, anyOf } = asked
  const vault = actingFor(account, patientId, facts, powersFor(anyOf), nowNs)
  if (vault === null) return NOT_PERMITTED
  const isOwn =
    compartmentKind === COMPARTMENT_KIND.share
      ? facts.ownsShare(patientId, cid)
      : isHome(vault, { compartmentKind, cid })
  return isOwn ? PERMIT : NOT_PERMITTED
}

/**
 * The vault somebody acts for without a grant: their own, or that of a patient who gave them these powers.
 * @param powers bits of `POWER`, all of which are needed.
 * @returns null for who may not, and for a patient nobody knows.
 */
export function actingFor<A extends VaultFacts>(
  account: A,
  patientId: Uint8Array,
  facts: Pick<FactSource<A>, 'vault' | 'powers'>,
  powers: number,
  nowNs: bigint,
): VaultFacts | null {
  if (equalBytes(account.patientId, patientId)) return account
  if ((facts.powers(patientId, account, nowNs) & powers) !== powers) return null
  return facts.vault(patientId) ?? null
}

/** Whether somebody is the vault's own holder, or manages that of somebody who cannot sign in. What nobody can take back is theirs alone. */
export function holdsVault<A extends VaultFacts>(
  { caller, patientId, grantId }: Pick<Asked, 'caller' | 'patientId' | 'grantId'>,
  facts: Pick<FactSource<A>, 'account' | 'vault' | 'powers'>,
  nowNs: bigint,
): boolean {
  return grantId === null && vaultNamed(patientId, caller, facts, POWER.manage, nowNs) !== null
}

/**
 * The vault that a method about "one's own" is about: the caller's, or that of the patient they name, for whoever has all of these powers there.
 * Null for everybody else; they are told `NotPermitted`, whatever it is.
 */
export function vaultNamed<A extends VaultFacts>(
  named: Uint8Array | undefined,
  caller: Uint8Array,
  facts: Pick<FactSource<A>, 'account' | 'vault' | 'powers'>,
  powers: number,
  nowNs: bigint,
): VaultFacts | null {
  const account = facts.account(caller)
  if (account === undefined) return null
  return named === undefined ? account : actingFor(account, named, facts, powers, nowNs)
}

/** What one needs to give others these rights in a patient's place: to share, and each right oneself. Nobody gives what they do not have (I4). */
export const powersToGive = (rights: number): number =>
  POWER.share |
  ((rights & (RIGHT.list | RIGHT.open)) === 0 ? 0 : POWER.read) |
  ((rights & (RIGHT.write | RIGHT.rewrap)) === 0 ? 0 : POWER.write)

/**
 * To read needs one power, to add another, and to wrap anew both: it shows what is there. A question after one of several rights is one after the one
 * that needs least.
 */
function powersFor(anyOf: number): number {
  if ((anyOf & (RIGHT.list | RIGHT.open)) !== 0) return POWER.read
  return (anyOf & RIGHT.write) === 0 ? POWER.read | POWER.write : POWER.write
}

/** Short ids compared as text: native work, where byte by byte would show in what a refusal costs (I7). */
const text = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])

/** Whether two short byte strings are the same, as cheaply whatever they are. */
export const sameShort = (a: Uint8Array, b: Uint8Array): boolean => text(a) === text(b)
export const samePrincipal = sameShort
