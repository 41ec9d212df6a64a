import { LISTS_WATCHED_MAX, toHex } from '@medguard/protocol'
import type { Vault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { okOf } from './outcome.ts'
import { placeArg, type Reach } from './place.ts'

interface Listed {
  readonly reach: Reach
  count: number
}

/** How long the lists were that were shown last: so that a page can say that there is more, without listing (and logging) anew. */
export function createWatch({ records }: Pick<Canisters, 'records'>) {
  const vaults = new Map<string, Map<string, Listed>>()
  return {
    /** A list that was just shown whole. */
    listed(vault: Vault, reach: Reach, count: number): void {
      const lists = vaults.get(nameOf(vault)) ?? new Map<string, Listed>()
      vaults.set(nameOf(vault), lists.set(toHex(reach.compartment.cid), { reach, count }))
    },
    /** This very client put one more there. */
    added(vault: Vault, reach: Reach): void {
      const list = vaults.get(nameOf(vault))?.get(toHex(reach.compartment.cid))
      if (list !== undefined) list.count++
    },
    /** Whether a list of this vault has grown since. One replica's word, within 15 minutes of listing: a hint. */
    async hasGrown(vault: Vault): Promise<boolean> {
      const lists = [...(vaults.get(nameOf(vault))?.values() ?? [])].slice(0, LISTS_WATCHED_MAX)
      if (lists.length === 0) return false
      const counts = okOf(await records.listCounts({ lists: lists.map(({ reach }) => placeArg(reach)) }))
      return lists.some(({ count }, i) => (counts[i] ?? 0) > count)
    },
    forget: (): void => vaults.clear(),
  }
}

const nameOf = (vault: Vault): string => (vault.of === 'me' ? 'me' : vault.grantId)
