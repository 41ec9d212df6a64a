import { CHANGES_PER_HOUR, encodeAct, NS_PER_DAY, NS_PER_HOUR, ROLE, type TrustMethods } from '@medguard/protocol'
import type { Expectations } from './access-expectations.ts'
import type { Case, Try } from './access-table.ts'
import { type Arg, type CanisterName, freshId, type MethodName } from './clinic.ts'
import type { Ward, WardClinic } from './ward.ts'

// Who may call the methods about organisations, which consent and records both have. The hospital here is the owner's; nobody is on a council.

/** Both have them, with the same arguments. */
type Holder = Exclude<CanisterName, 'audit'>
type TrustCases<C extends Holder> = {
  readonly [M in keyof TrustMethods & MethodName<C>]: readonly [Case<C, M>, ...Case<C, M>[]]
}

export function trustCases<C extends Holder>(
  ward: Ward<WardClinic>,
  canister: C,
  expectations: Readonly<Record<'nobody' | 'holders' | 'enrolled' | 'signedIn', Expectations>>,
): TrustCases<C> {
  const { clinic } = ward
  const { nobody, holders, enrolled, signedIn } = expectations
  const only = <A>(exists: A): Try<A>[] => [{ exists, missing: [], missingThere: [] }]
  const requestId = () => freshId()
  const hospital = hospitalOf(ward, canister)
  const member = (name: string) => clinic.person(name).principal
  const terms = async () => ({ roles: ROLE.nurse, validUntilNs: (await clinic.nowNs()) + 30n * NS_PER_DAY })
  const invite = async (name: string) => {
    const arg = { orgId: await hospital(), principal: member(name), ...(await terms()), requestId: requestId() }
    // The owner is asked for more changes here than anybody makes in an hour.
    await clinic.advance(NS_PER_HOUR / BigInt(CHANGES_PER_HOUR))
    await clinic.ok(ward.senderOf('owner'), canister, 'setMember', arg as Arg<C, 'setMember' & MethodName<C>>)
    return { orgId: arg.orgId, principal: arg.principal, requestId: requestId() }
  }
  const cases: TrustCases<'consent'> = {
    registerOrganisation: [
      {
        expected: enrolled,
        tries: () => only({ orgId: freshId(), name: 'Practice', kind: 1, requestId: requestId() }),
      },
    ],
    setMember: [
      {
        expected: holders,
        tries: async () =>
          only({ orgId: await hospital(), principal: member('nurse'), ...(await terms()), requestId: requestId() }),
      },
    ],
    suspendMember: [{ expected: holders, tries: async () => only(await invite('suspended')) }],
    removeMember: [{ expected: holders, tries: async () => only(await invite('removed')) }],
    acceptMembership: [
      {
        expected: { ...nobody, owner: 'Ok', otherUser: 'Ok' },
        tries: async () => {
          const { orgId } = await invite('otherUser')
          return only({ orgId, requestId: requestId() })
        },
      },
    ],
    invite: [
      {
        // The owner's hospital is not verified: nobody here could do that.
        expected: { ...nobody, owner: 'Unverified', furtherSignIn: 'Unverified' },
        tries: async () =>
          only({
            orgId: await hospital(),
            codeHash: new Uint8Array(32),
            endNs: (await clinic.nowNs()) + NS_PER_DAY,
            requestId: requestId(),
          }),
      },
    ],
    invitations: [{ expected: holders, tries: async () => only({ orgId: await hospital(), from: 0, count: 50 }) }],
    claimInvitation: [{ expected: nobody, tries: () => only({ code: new Uint8Array(32), requestId: requestId() }) }],
    organisation: [
      {
        expected: signedIn,
        tries: async () => [{ ...only({ orgId: await hospital() })[0]!, missing: [{ orgId: freshId() }] }],
      },
    ],
    organisations: [{ expected: signedIn, tries: () => only({ from: 0, count: 50 }) }],
    members: [
      {
        expected: holders,
        tries: async () => only({ orgId: await hospital(), grantId: [], from: 0, count: 50 }),
      },
    ],
    memberships: [{ expected: signedIn, tries: () => only(null) }],
    practitioner: [{ expected: signedIn, tries: () => only({ principal: member('nurse') }) }],
    council: [{ expected: signedIn, tries: () => only(null) }],
    councilActs: [{ expected: { ...nobody, councillor: 'Ok' }, tries: () => only(null) }],
    councilVote: [
      {
        expected: { ...nobody, councillor: 'Ok' },
        tries: async () =>
          only({
            actId: freshId(),
            act: encodeAct({ kind: 'suspend', orgId: await hospital() }, utf8),
            requestId: requestId(),
          }),
      },
    ],
  }
  return cases as TrustCases<C>
}

/** The owner's hospital has nobody else. */
export function organisationGrantsCases(
  ward: Ward<WardClinic>,
  holders: Expectations,
): readonly [Case<'consent', 'organisationGrants'>] {
  const hospital = hospitalOf(ward, 'consent')
  const page = { from: 0, count: 50 }
  const tries = async () => [{ exists: { orgId: await hospital(), ...page }, missing: [], missingThere: [] }]
  return [{ expected: holders, tries }]
}

/** The owner's hospital in one canister, made once. */
function hospitalOf(ward: Ward<WardClinic>, canister: Holder): () => Promise<Uint8Array> {
  let made: Promise<Uint8Array> | null = null
  const make = async () => {
    const orgId = freshId()
    const arg = { orgId, name: 'Hospital', kind: 0, requestId: freshId() }
    await ward.clinic.ok(ward.senderOf('owner'), canister, 'registerOrganisation', arg)
    return orgId
  }
  return () => (made ??= make())
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
