import type { LogReport, MedGuardClient, Member, NewAct, Organisation, VoteInfo } from '@medguard/client'
import { createLogStore } from '../access-log/log-store.ts'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'

// What the pages about organisations and the council ask for and do. Both canisters keep these facts; the client shows what both say.

export type MemberChange =
  | { readonly kind: 'set'; readonly member: Pick<Member, 'principal' | 'roles' | 'untilNs'> }
  | { readonly kind: 'suspend' | 'remove'; readonly principal: string }

/** One organisation, for as long as its page is shown. @param onChanged when what one is there may have changed. */
export function createOrganisationStores(client: MedGuardClient, orgId: string, onChanged: () => void) {
  const about = createLoadable(() => client.organisation(orgId))
  const members = createLoadable(() => client.members(orgId))
  const invitations = createLoadable(() => client.invitations(orgId))
  const log: LoadableStore<LogReport> = createLogStore(client, { organisation: orgId })
  const changing = createTask<MemberChange, void>(async (change) => {
    const outcome = await changed(client, orgId, change)
    // Also after a refusal: it may say that somebody else was quicker.
    void members.getState().load()
    void about.getState().load()
    onChanged()
    return outcome
  })
  const inviting = createTask<{ endNs: bigint }, { readonly code: string; readonly endNs: bigint }>(
    async ({ endNs }) => {
      const outcome = await client.invite(orgId, endNs)
      void invitations.getState().load()
      return outcome
    },
  )
  return { about, members, invitations, log, changing, inviting }
}
export type OrganisationStores = ReturnType<typeof createOrganisationStores>

function changed(client: MedGuardClient, orgId: string, change: MemberChange) {
  switch (change.kind) {
    case 'set':
      return client.setMember(orgId, change.member)
    case 'suspend':
      return client.suspendMember(orgId, change.principal)
    case 'remove':
      return client.removeMember(orgId, change.principal)
  }
}

/** What somebody is in organisations, and how they come into one. */
export function createMembershipStores(client: MedGuardClient) {
  const memberships = createLoadable(() => client.memberships())
  const reload = () => void memberships.getState().load()
  const accepting = createTask<string, void>(async (orgId) => {
    const outcome = await client.acceptMembership(orgId)
    reload()
    return outcome
  })
  const leaving = createTask<string, void>(async (orgId) => {
    const outcome = await client.removeMember(orgId, client.principal)
    reload()
    return outcome
  })
  const registering = createTask<Pick<Organisation, 'name' | 'kind'>, Organisation>(async (wanted) => {
    const outcome = await client.registerOrganisation(wanted)
    reload()
    return outcome
  })
  return { memberships, accepting, leaving, registering, reload }
}

/** The council, for its members: what is put to the vote and what became of it. */
export function createCouncilStores(client: MedGuardClient) {
  const council = createLoadable(() => client.council())
  const acts = createLoadable(() => client.openActs())
  const reload = () => {
    void acts.getState().load()
    void council.getState().load()
  }
  const deciding = createTask<{ propose: NewAct } | { vote: string }, VoteInfo>(async (decision) => {
    const outcome = await ('propose' in decision ? client.propose(decision.propose) : client.vote(decision.vote))
    reload()
    return outcome
  })
  /** The organisation that a code stands for, so that whoever votes reads its name first. */
  const finding = createTask<string, Organisation>(async (orgId) => {
    const outcome = await client.organisation(orgId)
    return outcome.kind === 'done' ? { kind: 'done', value: outcome.value.organisation } : outcome
  })
  return { council, acts, deciding, finding }
}
