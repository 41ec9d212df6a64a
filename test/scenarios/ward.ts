import { createHash } from 'node:crypto'
import { type CompartmentKeys, wrapRecord } from '@medguard/crypto'
import {
  type Account,
  type Category,
  categoryNumber,
  COMPARTMENT_KIND,
  type CompartmentRef,
  type AgreedGrantArg,
  NS_PER_DAY,
  NS_PER_MINUTE,
  Principal,
  type Purpose,
  purposeCode,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import { type Calls, type Clinic, freshId, type Person, type Sender } from './clinic.ts'
import { keysFor, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'

/** Who knocks at a patient's records in a ward. */
export const CALLERS = [
  'owner',
  // Grantees of the laboratory results, to list and open; `rewrapper` to wrap their keys anew, too. `otherScope` has the medicines alone.
  'live',
  'rewrapper',
  'expired',
  'revoked',
  'otherScope',
  // Nobody to the patient: with an account, with none, who controls the canisters, and a canister of somebody else.
  'otherUser',
  'stranger',
  'controller',
  'canister',
  'anonymous',
] as const
/** Everybody else who may: strangers in a ward, until `openCrowd` has them come. */
export const CROWD = [
  // Other sign-ins of the owner, the second one shut out again.
  'furtherSignIn',
  'formerSignIn',
  // In the owner's place: to read; to read, write and share; one who was dismissed.
  'carerReading',
  'carerForAll',
  'formerCarer',
  // Has every power over a child without a sign-in, and knocks at the child's vault.
  'manager',
  // May help to bring the owner's account back.
  'guardian',
  // Grantees of the laboratory results: to write and not to read; from next week on; whom the patient blocked since.
  'writer',
  'notYet',
  'blocked',
  // Grantee of a patient who paused all sharing, whose vault they knock at.
  'paused',
  // Of a hospital that has a grant: a doctor, one whom the patient excluded, one whom the hospital suspended, and who made them members.
  'member',
  'excluded',
  'suspendedMember',
  'administrator',
  // An interface engine of that hospital, with a grant of its own: to write and not to read.
  'device',
  // A device of the patient's own, which posts into the laboratory results by itself.
  'sensor',
  // Doctor of a hospital that has a grant and that the council suspended, and of a verified one without a grant.
  'memberOfSuspended',
  'otherProvider',
  'councillor',
] as const
export type Caller = (typeof CALLERS)[number] | (typeof CROWD)[number]
const GRANTEES = ['live', 'rewrapper', 'expired', 'revoked', 'otherScope'] as const
type Grantee = (typeof GRANTEES)[number]

/** What a ward needs of the network it is in. */
export interface WardClinic extends Calls, Pick<Clinic, 'controller' | 'nowNs' | 'advance'> {
  person(name: string): Pick<Person, 'principal'>
}

/** Somebody's vault with one record. */
export interface WardVault {
  readonly account: Account
  readonly labs: CompartmentRef
  /** Of the laboratory results: first epoch, in which `record` is, and the present one, in which new ones have to be. */
  readonly firstKeys: CompartmentKeys
  readonly keys: CompartmentKeys
  readonly record: SealedRecord
}

/** A patient with one record, and the people around. */
export interface Ward<C extends WardClinic = Clinic> extends WardVault {
  readonly clinic: C
  readonly medicines: CompartmentRef
  /** Ids of the grants that the four grantees have or had. */
  readonly grants: Readonly<Record<Grantee, Uint8Array>>
  senderOf(caller: Caller): Sender
  /** The laboratory results as this caller can name them: the ways in, an honest one first. */
  reachesOf(caller: Caller): readonly Reach[]
  /** The first of them. */
  reachOf(caller: Caller): Reach
  /** The vault that this caller knocks at: the patient's, unless they have to do with another one. */
  vaultOf(caller: Caller): WardVault
}

/** @param purpose of its grants. With a council, care is for those whom a verified organisation vouches for, and these are not. */
export async function openWard<C extends WardClinic>(clinic: C, purpose: Purpose = 'TREAT'): Promise<Ward<C>> {
  const patient = clinic.person('patient').principal
  const account = await enrol(clinic, patient)
  const accounts = ['live', 'rewrapper', 'expired', 'revoked', 'otherScope', 'otherUser'] as const
  for (const name of accounts) await enrol(clinic, clinic.person(name).principal)
  const labs = categoryOf(account, 'labs')
  const medicines = categoryOf(account, 'medicines')
  const owned: Reach = { patientId: account.patientId, compartment: labs, grantId: null }
  const firstKeys = await keysFor(clinic, patient, owned)
  const record = await store(clinic, patient, await seal(firstKeys, owned))

  const nowNs = await clinic.nowNs()
  const grant = async (
    grantee: Grantee,
    compartment: CompartmentRef,
    periodNs: bigint,
    more: { rights?: number } = {},
  ) => {
    const to = clinic.person(grantee).principal
    const arg = grantArg({ to, compartments: [compartment], startNs: nowNs, endNs: nowNs + periodNs })
    return give(clinic, patient, { ...arg, purpose: purposeCode(purpose), ...more })
  }
  const grants = {
    live: await grant('live', labs, 30n * NS_PER_DAY),
    rewrapper: await grant('rewrapper', labs, 30n * NS_PER_DAY, {
      rights: RIGHT.list | RIGHT.open | RIGHT.rewrap,
    }),
    expired: await grant('expired', labs, NS_PER_MINUTE),
    revoked: await grant('revoked', labs, NS_PER_DAY),
    otherScope: await grant('otherScope', medicines, NS_PER_DAY),
  }
  const reachesOf = (caller: Caller): readonly Reach[] => {
    if (caller === 'owner') return [owned]
    const own = GRANTEES.find((grantee) => grantee === caller)
    if (own !== undefined) return [{ ...owned, grantId: grants[own] }]
    // Whoever has no grant may pretend to be the owner, or somebody else with a grant.
    return [null, grants.live, grants.revoked].map((grantId) => ({ ...owned, grantId }))
  }
  const ward: Omit<Ward<C>, 'keys' | 'vaultOf'> = {
    clinic,
    account,
    labs,
    medicines,
    firstKeys,
    record,
    grants,
    senderOf(caller: Caller): Sender {
      if (caller === 'canister') return 'canister'
      if (caller === 'anonymous') return Principal.anonymous()
      if (caller === 'controller') return clinic.controller
      return clinic.person(caller === 'owner' ? 'patient' : caller).principal
    },
    reachesOf,
    reachOf: (caller: Caller) => reachesOf(caller)[0] ?? owned,
  }
  // Those who lost access had the key and an open list session a moment ago: the hardest case for a refusal.
  for (const grantee of ['live', 'expired', 'revoked'] as const) {
    await keysFor(clinic, ward.senderOf(grantee), ward.reachOf(grantee))
    await beginList(ward, grantee)
  }
  await takeBack(clinic, patient, grants.revoked)
  await clinic.advance(2n * NS_PER_MINUTE)
  const whole = { ...ward, keys: await settledKeys(clinic, patient, owned, firstKeys) }
  return { ...whole, vaultOf: () => whole }
}

/** Two readers who had the key have lost access, so the compartment moves on. Stores a record the way the client does, until it is taken. */
export async function settledKeys(clinic: WardClinic, patient: Sender, owned: Reach, firstKeys: CompartmentKeys) {
  const record = await seal(firstKeys, owned)
  await clinic.ok(patient, 'records', 'begin', record.begin)
  for (const chunk of record.chunks) await clinic.ok(patient, 'records', 'putChunk', chunk)
  let keys = firstKeys
  for (let tries = 0; tries < 4; tries++) {
    const place = { patientId: new Uint8Array(owned.patientId), recordId: record.recordId, version: 1 }
    const wraps = await wrapRecord(keys, place, record.secret)
    const answer = await clinic.call(patient, 'records', 'commit', { ...record.commit, ...wraps, requestId: freshId() })
    if ('Ok' in answer) return keys
    if (!('StaleEpoch' in answer.Err)) throw new Error(`commit refused: ${Object.keys(answer.Err).join()}`)
    keys = await keysFor(clinic, patient, owned, answer.Err.StaleEpoch.current)
  }
  throw new Error('the epoch does not settle')
}

/** Opens the fifteen minutes of queries. */
export const beginList = (ward: Omit<Ward<WardClinic>, 'keys' | 'vaultOf'>, caller: Caller) =>
  ward.clinic.ok(ward.senderOf(caller), 'records', 'beginList', {
    ...placeOf(ward.reachOf(caller)),
    requestId: freshId(),
  })

/** Opens an account in both canisters. */
export async function enrol(clinic: Calls, sender: Sender): Promise<Account> {
  const account = await clinic.ok(sender, 'consent', 'enrol', { requestId: freshId() })
  const { patientId } = account
  const compartments = account.compartments.map(({ category, cid }) => ({ category, cid }))
  await clinic.ok(sender, 'records', 'enrol', { patientId, compartments, requestId: freshId() })
  return account
}

export function categoryOf(account: Account, category: Category): CompartmentRef {
  const number = categoryNumber(category)
  const found = account.compartments.find((each) => each.category === number)
  if (found === undefined) throw new Error(`${toHex(account.patientId)} has no ${category}`)
  return { compartmentKind: COMPARTMENT_KIND.category, cid: found.cid }
}

const AGREEMENT = new TextEncoder().encode('What the patient confirmed.\n')

export function grantArg(
  terms: Pick<AgreedGrantArg, 'startNs' | 'endNs'> & {
    to: Principal
    compartments: readonly CompartmentRef[]
  } & Partial<AgreedGrantArg>,
): AgreedGrantArg {
  const { to, compartments, ...rest } = terms
  return {
    patientId: [],
    grantId: freshId(),
    grantee: to,
    rights: RIGHT.list | RIGHT.open,
    purpose: purposeCode('TREAT'),
    agreementHash: createHash('sha256').update(AGREEMENT).digest(),
    agreement: [AGREEMENT],
    answering: [],
    compartments: [...compartments],
    terms: [],
    requestId: freshId(),
    ...rest,
  }
}

/** Writes both copies of a grant, as sharing does. */
export async function give(clinic: Calls, patient: Sender, arg: AgreedGrantArg): Promise<Uint8Array> {
  await clinic.ok(patient, 'records', 'grant', arg)
  await clinic.ok(patient, 'consent', 'grant', arg)
  return arg.grantId
}

/** Ends both copies. */
export async function takeBack(clinic: Calls, patient: Sender, grantId: Uint8Array): Promise<bigint> {
  const { endNs } = await clinic.ok(patient, 'consent', 'revoke', { grantId, requestId: freshId() })
  await clinic.ok(patient, 'records', 'revoke', { grantId, requestId: freshId() })
  return endNs
}
