import { sha256 } from '@noble/hashes/sha2'
import {
  fromHex,
  INVITATION_CODE_BYTES,
  INVITATIONS_OF_ORG_MAX,
  ORG_PAGE_MAX,
  refuse,
  refusalOf,
  type Result,
  toHex,
} from '@medguard/protocol'
import { Fault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import type { Session } from './session.ts'
import type { InvitationInfo, TrustMethods } from './trust-api.ts'

type Holder = Canisters['consent'] | Canisters['records']
export type InBoth = <T>(ask: (canister: Holder) => Promise<Result<T>>) => Promise<[T, T]>

/** Invitations: the code is drawn here, and the canisters only ever see its hash until it is claimed. */
export function invitationMethods(
  { unlocked }: Session,
  inBoth: InBoth,
): Pick<TrustMethods, 'invite' | 'invitations' | 'claimInvitation'> {
  return {
    invite: (orgId, endNs) =>
      unlocked(async () => {
        const code = crypto.getRandomValues(new Uint8Array(INVITATION_CODE_BYTES))
        const arg = { orgId: idOf(orgId), codeHash: sha256(code), endNs, requestId: newId() }
        await inBoth((canister) => canister.invite(arg))
        return { code: toHex(code), endNs }
      }),
    invitations: (orgId) =>
      unlocked(async () => {
        const list = async (canister: Holder): Promise<Map<string, InvitationInfo>> => {
          const all = new Map<string, InvitationInfo>()
          for (let from = 0, total = 1; from < total; from += ORG_PAGE_MAX) {
            const page = okOf(await canister.invitations({ orgId: idOf(orgId), from, count: ORG_PAGE_MAX }))
            if (page.total > INVITATIONS_OF_ORG_MAX) throw new Fault('ListIncomplete', 'a list does not add up')
            total = page.total
            for (const { codeHash, ...rest } of page.invitations)
              all.set(toHex(codeHash), { codeHash: toHex(codeHash), ...rest })
          }
          return all
        }
        const [one, other] = await inBoth(async (canister) => ({ Ok: await list(canister) }))
        return [...one.values()].map((each) => ({
          ...each,
          isClaimed: each.isClaimed || other.get(each.codeHash)?.isClaimed === true,
        }))
      }),
    claimInvitation: (text) =>
      unlocked(async () => {
        const code = fromHex(text.replaceAll(/\s/g, '')) // as long as it is, it comes in lines
        if (code?.length !== INVITATION_CODE_BYTES) throw new Refused(refusalOf(refuse.badInput('code', 'format')))
        const arg = { code, requestId: newId() }
        await inBoth((canister) => canister.claimInvitation(arg))
      }),
  }
}
