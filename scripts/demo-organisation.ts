import type { MedGuardClient } from '@medguard/client'
import { NS_PER_DAY } from '@medguard/client'
import { Principal, type Council } from '@medguard/protocol'

import { must } from './outcome.ts'

export const DEMO_COUNCIL = ['council-amara', 'council-berit', 'council-chen'] as const
const THRESHOLD = 2
export const DEMO_ADMINISTRATOR = 'admin-fjordvik'
const NAME = 'Fjordvik Hospital'

/** Two of these three verify organisations. */
export const demoCouncil = (principalOf: (name: string) => Uint8Array): Council => ({
  members: DEMO_COUNCIL.map((name) => Principal.fromUint8Array(principalOf(name))),
  threshold: THRESHOLD,
})

/**
 * A hospital that the council has verified, with a physician. Each step looks at what is there, so that a run that was cut short goes on.
 * @returns its id.
 */
export async function seedHospital(
  as: (name: string) => MedGuardClient,
  physician: MedGuardClient,
  say: (line: string) => void,
): Promise<string> {
  const administrator = as(DEMO_ADMINISTRATOR)
  for (const client of [administrator, ...DEMO_COUNCIL.map(as)]) must(await client.enrol())
  const known = must(await administrator.memberships()).find(({ organisation }) => organisation.name === NAME)
  const { orgId, isInForce } =
    known?.organisation ?? must(await administrator.registerOrganisation({ name: NAME, kind: 'hospital' }))
  const inAYear = BigInt(Date.now()) * 1_000_000n + 365n * NS_PER_DAY
  if (!isInForce) {
    say(`demo: the council verifies ${NAME}`)
    const [first, second] = DEMO_COUNCIL
    const { actId } = must(await as(first).propose({ kind: 'verify', orgId, untilNs: inAYear }))
    must(await as(second).vote(actId))
  }
  const { member } = must(await physician.organisation(orgId))
  if (member?.status === 'active') return orgId
  say(`demo: ${NAME} takes on a physician`)
  if (member?.status !== 'invited') {
    const terms = { principal: physician.principal, roles: ['physician'], untilNs: inAYear } as const
    must(await administrator.setMember(orgId, terms))
  }
  must(await physician.acceptMembership(orgId))
  return orgId
}
