import { encodeAct, NS_PER_DAY, type Principal, ROLE } from '@medguard/protocol'
import { freshId } from '../scenarios/clinic.ts'
import { somebody, type Stepped } from '../scenarios/stepped.ts'
import { utf8 } from '../scenarios/trust-table.ts'
import { HALVES } from './model-facts.ts'
import { COUNCIL } from './model-steps.fixture.ts'

// What a run begins with, beside people's own accounts.

/** An organisation that the council has verified, in both canisters, and one who works there. */
export async function openClinic(net: Stepped, chief: Principal, member: Principal): Promise<Uint8Array> {
  const orgId = freshId()
  const untilNs = net.nowNs() + 300n * NS_PER_DAY
  const named = { orgId, name: 'Clinic', requestId: freshId() }
  const act = {
    kind: 'verify',
    orgId,
    name: 'Clinic',
    orgKind: 0,
    registrant: chief.toUint8Array(),
    untilNs,
  } as const
  const vote = { actId: freshId(), act: encodeAct(act, utf8), requestId: freshId() }
  const term = {
    orgId,
    principal: member,
    roles: ROLE.physician,
    validUntilNs: untilNs,
    requestId: freshId(),
  }
  for (const half of HALVES) {
    await net.ok(chief, half, 'registerOrganisation', { ...named, kind: 0 })
    await net.ok(somebody(COUNCIL), half, 'councilVote', vote)
    await net.ok(chief, half, 'setMember', term)
    await net.ok(member, half, 'acceptMembership', { orgId, requestId: freshId() })
  }
  return orgId
}
