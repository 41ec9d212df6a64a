import { LISTS_WATCHED_MAX, toHex } from '@medguard/protocol'
import type { Vault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { okOf } from './outcome.ts'
import { placeArg, type Reach } from './place.ts'

/** How long a list was. */
interface Listed {
  readonly reach: Reach
  /** When somebody saw it last; null for one that nobody has seen. */
  shown: number | null
  /** When this client looked through it last. */
  looked: number
}

/** How long lists were: so that a page can say that there is more, and that nothing is looked through twice, without listing (and logging) anew. */
export function createWatch({ records }: Pick<Canisters, 'records'>) {
  const vaults = new Map<string, Map<string, Listed>>()
  return {
    /** A list that was just read whole. @param isShown whether somebody sees it. */
    listed(vault: Vault, reach: Reach, count: number, isShown: boolean): void {
      const lists = vaults.get(nameOf(vault)) ?? new Map<string, Listed>()
      const cid = toHex(reach.compartment.cid)
      vaults.set(
        nameOf(vault),
        lists.set(cid, { reach, shown: isShown ? count : (lists.get(cid)?.shown ?? null), looked: count }),
      )
    },
    /** This very client put one more there. */
    added(vault: Vault, reach: Reach): void {
      const list = vaults.get(nameOf(vault))?.get(toHex(reach.compartment.cid))
      if (list === undefined) return
      list.looked++
      if (list.shown !== null) list.shown++
    },
    /** Whether a list of this vault has grown since. One replica's word, within 15 minutes of listing: a hint. */
    async hasGrown(vault: Vault, since: 'shown' | 'looked' = 'shown'): Promise<boolean> {
      const lists = [...(vaults.get(nameOf(vault))?.values() ?? [])]
        .filter((list) => list[since] !== null)
        .slice(0, LISTS_WATCHED_MAX)
      if (lists.length === 0) return false
      const counts = okOf(await records.listCounts({ lists: lists.map(({ reach }) => placeArg(reach)) }))
      // A canister that has forgotten the listing says zero: whoever looks through everything looks again then.
      return lists.some((list, i) =>
        since === 'looked' ? counts[i] !== list.looked : (counts[i] ?? 0) > (list.shown ?? 0),
      )
    },
    forget: (): void => vaults.clear(),
  }
}

const nameOf = (vault: Vault): string => (vault.of === 'me' ? 'me' : vault.grantId)
