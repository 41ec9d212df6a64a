import { type Category, type GrantView, toHex } from '@medguard/protocol'
import { expectOneself } from './acting.ts'
import type { Progress, Vault } from './api.ts'
import { listCompartment, type ListedCompartment, togetherOf } from './listing.ts'
import { grantReaches, mayHold, ownReaches, type Reach } from './place.ts'
import { allReceived, grantReceived } from './received-grants.ts'
import type { Session } from './session.ts'

export interface VaultLists {
  /** Every grant somebody may read under, remembered for `listsIn`. */
  received(): Promise<GrantView[]>
  /**
   * The lists of a vault in which records of some categories may lie.
   *
   * @param isShown whether somebody sees them: to look for a record is to look wherever its author may have put it.
   */
  listsIn(
    vault: Vault,
    categories: readonly Category[],
    isShown: boolean,
    progress: Progress | undefined,
  ): Promise<readonly (readonly [Reach, ListedCompartment])[]>
}

export function createVaultLists(session: Session): VaultLists {
  const { canisters, keyRing } = session
  /** Where grants reach never changes, and whether they still do is the canisters' to say each time. */
  const seen = new Map<string, readonly Reach[]>()
  session.onLock(() => seen.clear())
  const remember = (grant: GrantView): readonly Reach[] => {
    const reaches = grantReaches(grant)
    if ('active' in grant.status) seen.set(toHex(grant.grantId), reaches)
    return reaches
  }
  const reachesOf = async (vault: Vault, categories: readonly Category[]): Promise<readonly Reach[]> => {
    if (vault.of === 'me') return ownReaches(await session.account(), categories)
    expectOneself(session)
    const known = seen.get(vault.grantId)
    const reaches = known ?? remember(await grantReceived(canisters, vault.grantId))
    session.expectOpen()
    // Once: a key that was refused, or that the list did not need, is not asked for with each list.
    if (seen.has(vault.grantId)) seen.set(vault.grantId, reaches.map(withoutGuess))
    return reaches
  }

  return {
    async received() {
      const grants = await allReceived(canisters)
      session.expectOpen()
      seen.clear()
      for (const grant of grants) remember(grant)
      return grants
    },
    async listsIn(vault, categories, isShown, progress) {
      const part = togetherOf(progress)
      const listed = async (reach: Reach) =>
        [reach, await listCompartment({ canisters, keyRing }, reach, part())] as const
      const reaches = await reachesOf(vault, categories)
      return Promise.all(reaches.filter((reach) => !isShown || mayHold(reach, categories)).map(listed))
    },
  }
}

const withoutGuess = (reach: Reach): Reach => ({ ...reach, likelyEpoch: null })
