import {
  type Account,
  type CouncilAct,
  encodeAct,
  type AgreedGrantArg,
  type GrantTermsArg,
  NS_PER_DAY,
  orgIdOf,
  orgPrincipal,
  PLAIN_TERMS,
  Principal,
  ROLE,
  type TrustMethods,
} from '@medguard/protocol'
import {
  type Arg,
  type Clinic,
  type ClinicOptions,
  freshId,
  kindOf,
  openClinic,
  type Person,
  type Sender,
} from './clinic.ts'
import { deriveArg, placeOf, type Reach, seal, store, keysFor } from './sealed-record.ts'
import { utf8 } from './trust-table.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// A clinic with a council of three, two of whom have to agree, and hospitals that they verify.

export const COUNCIL = ['cora', 'carl', 'cleo'] as const
export const HOLDERS = ['consent', 'records'] as const
export type Holder = (typeof HOLDERS)[number]
type Method = keyof TrustMethods

export const openCouncilClinic = (options: Pick<ClinicOptions, 'subnets'> = {}) =>
  openClinic({ ...options, council: { members: COUNCIL, threshold: 2 } })

/** The same call to both canisters, as a client makes it: the kinds of the answers. */
export async function inBoth<M extends Method>(
  clinic: Clinic,
  sender: Sender,
  method: M,
  arg: Arg<'consent', M>,
  holders: readonly Holder[] = HOLDERS,
): Promise<string[]> {
  const answers: string[] = []
  for (const canister of holders) answers.push(kindOf(await clinic.call(sender, canister, method, arg as never)))
  return answers
}

export async function vote(
  clinic: Clinic,
  name: string,
  actId: Uint8Array,
  act: CouncilAct,
  holders = HOLDERS as readonly Holder[],
) {
  return inBoth(
    clinic,
    clinic.person(name).principal,
    'councilVote',
    { actId, act: encodeAct(act, utf8), requestId: freshId() },
    holders,
  )
}
/** Enough of the council, in both canisters unless told. */
export async function decree(clinic: Clinic, act: CouncilAct, holders?: readonly Holder[]): Promise<Uint8Array> {
  const actId = freshId()
  for (const name of ['cora', 'carl']) await vote(clinic, name, actId, act, holders)
  return actId
}

export interface Hospital {
  readonly orgId: Uint8Array
  /** Stands for it in grants. */
  readonly principal: Principal
  readonly admin: Person
  readonly name: string
}
export async function registered(clinic: Clinic, name: string, holders?: readonly Holder[]): Promise<Hospital> {
  const admin = clinic.person(`admin of ${name}`)
  await enrol(clinic, admin.principal)
  const orgId = freshId()
  await inBoth(clinic, admin.principal, 'registerOrganisation', { orgId, name, kind: 0, requestId: freshId() }, holders)
  return { orgId, principal: Principal.fromUint8Array(orgPrincipal(orgId)), admin, name }
}
export const verifyAct = ({ orgId, name, admin }: Hospital, untilNs: bigint): CouncilAct => ({
  kind: 'verify',
  orgId,
  name,
  orgKind: 0,
  registrant: admin.principal.toUint8Array(),
  untilNs,
})
export async function verified(clinic: Clinic, name: string): Promise<Hospital> {
  const hospital = await registered(clinic, name)
  await decree(clinic, verifyAct(hospital, (await clinic.nowNs()) + 365n * NS_PER_DAY))
  return hospital
}

export interface MemberTerms {
  readonly roles?: number
  readonly forNs?: bigint
  readonly holders?: readonly Holder[]
}
export async function setMember(clinic: Clinic, hospital: Hospital, who: Principal, terms: MemberTerms = {}) {
  const { roles = ROLE.physician, forNs = 30n * NS_PER_DAY, holders } = terms
  const validUntilNs = (await clinic.nowNs()) + forNs
  const arg = { orgId: hospital.orgId, principal: who, roles, validUntilNs, requestId: freshId() }
  return inBoth(clinic, hospital.admin.principal, 'setMember', arg, holders)
}
export const accept = (clinic: Clinic, hospital: Hospital, who: Principal, holders?: readonly Holder[]) =>
  inBoth(clinic, who, 'acceptMembership', { orgId: hospital.orgId, requestId: freshId() }, holders)

/** Somebody with an account who works there. */
export async function employed(
  clinic: Clinic,
  hospital: Hospital,
  name: string,
  terms?: MemberTerms,
): Promise<Principal> {
  const { principal } = clinic.person(name)
  await enrol(clinic, principal)
  await setMember(clinic, hospital, principal, terms)
  await accept(clinic, hospital, principal, terms?.holders)
  return principal
}

/** A patient with one laboratory result. */
export interface Patient {
  readonly principal: Principal
  readonly account: Account
  readonly owned: Reach
  readonly recordId: Uint8Array
}
export async function patientWith(clinic: Clinic, name: string): Promise<Patient> {
  const { principal } = clinic.person(name)
  const account = await enrol(clinic, principal)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const { recordId } = await store(clinic, principal, await seal(await keysFor(clinic, principal, owned), owned))
  return { principal, account, owned, recordId }
}
export async function termsFor(clinic: Clinic, { owned }: Patient, to: Principal, terms: Partial<AgreedGrantArg> = {}) {
  const nowNs = await clinic.nowNs()
  const period = { startNs: nowNs, endNs: nowNs + 60n * NS_PER_DAY }
  const forOrg =
    orgIdOf(to.toUint8Array()) === null ? {} : { terms: [{ ...PLAIN_TERMS, excluded: [] }] as [GrantTermsArg] }
  return grantArg({ to, compartments: [owned.compartment], ...period, ...forOrg, ...terms })
}
export async function shared(
  clinic: Clinic,
  patient: Patient,
  to: Principal,
  terms?: Partial<AgreedGrantArg>,
): Promise<Reach> {
  const grantId = await give(clinic, patient.principal, await termsFor(clinic, patient, to, terms))
  return { ...patient.owned, grantId }
}

/** What happens to whoever tries each way to read: a key, a list, an opening, a page of headers. */
export async function tries(clinic: Clinic, who: Principal, reach: Reach, recordId: Uint8Array): Promise<string[]> {
  const place = placeOf(reach)
  const records = [{ recordId, version: 1 }]
  return [
    await clinic.call(who, 'consent', 'deriveKey', deriveArg(reach)),
    await clinic.call(who, 'records', 'beginList', { ...place, requestId: freshId() }),
    await clinic.call(who, 'records', 'open', { ...place, records, requestId: freshId() }),
    await clinic.call(who, 'records', 'headers', { ...place, fromSeq: 0, count: 1 }),
  ].map(kindOf)
}
export const ALL_OK = ['Ok', 'Ok', 'Ok', 'Ok']
export const all = (kind: string) => [kind, kind, kind, kind]
