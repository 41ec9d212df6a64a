import {
  type Category,
  equalBytes,
  LIST_WINDOW_NS,
  LISTS_WATCHED_MAX,
  NS_PER_MINUTE,
  NS_PER_MS,
  toHex,
} from '@medguard/protocol'
import { Fault, type Vault } from './api.ts'
import type { Canisters } from './canisters.ts'
import type { ListedCompartment, ListedRecord } from './listing.ts'
import { okOf } from './outcome.ts'
import { mayHold, placeArg, type Reach } from './place.ts'

/** How long a list was. */
interface Listed {
  readonly reach: Reach
  /** When somebody saw it last; null for one that nobody has seen. */
  shown: number | null
  /** When this client looked through it last. */
  looked: number
  /** By the own clock, and a minute early: what is asked later is answered as if the list were empty. */
  readonly openUntilMs: number
  /** How far `news` has told of it. */
  told: number
  /** The manifests of what it told since the last list, by place: the next one has to have them there. */
  readonly tail: Map<number, Uint8Array>
}
const OPEN_MS = Number((LIST_WINDOW_NS - NS_PER_MINUTE) / NS_PER_MS)
/** A list that grew, from where on. */
export interface Growth {
  readonly reach: Reach
  readonly fromSeq: number
  readonly count: number
}

/** How long lists were: so that a page can say that there is more, and that nothing is looked through twice, without listing (and logging) anew. */
export function createWatch({ records }: Pick<Canisters, 'records'>) {
  const vaults = new Map<string, Map<string, Listed>>()
  const listOf = (vault: Vault, { compartment }: Reach) => vaults.get(nameOf(vault))?.get(toHex(compartment.cid))
  const countsOf = async (lists: readonly Listed[]): Promise<readonly number[]> =>
    okOf(await records.listCounts({ lists: lists.map(({ reach }) => placeArg(reach)) }))
  return {
    /**
     * A list that was just read whole.
     *
     * @param isShown whether somebody sees it.
     * @throws Fault `ListIncomplete` where a node had put something else among what joined it since the last one.
     */
    listed(vault: Vault, reach: Reach, { count, records }: ListedCompartment, isShown: boolean): void {
      const lists = vaults.get(nameOf(vault)) ?? new Map<string, Listed>()
      const before = listOf(vault, reach)
      const shown = isShown ? count : (before?.shown ?? null)
      // What was told while this list was on its way may be newer than it; and what this list has may be news to another page.
      const newer = [...(before?.tail ?? [])].filter(([seq]) => seq >= count)
      const told = before?.told ?? count
      const openUntilMs = Date.now() + OPEN_MS
      const now = { reach, shown, looked: count, openUntilMs, told, tail: new Map(newer) }
      vaults.set(nameOf(vault), lists.set(toHex(reach.compartment.cid), now))
      const isFalse = records.some(({ row }) => {
        const manifest = before?.tail.get(row.seq)
        return manifest !== undefined && !equalBytes(manifest, row.manifest)
      })
      if (isFalse) throw new Fault('ListIncomplete', 'a node showed a record that the list does not have')
    },
    /** This very client put one more there. */
    added(vault: Vault, reach: Reach): void {
      const list = listOf(vault, reach)
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
      const counts = await countsOf(lists)
      // A canister that has forgotten the listing says zero: whoever looks through everything looks again then.
      return lists.some((list, i) =>
        since === 'looked' ? counts[i] !== list.looked : (counts[i] ?? 0) > (list.shown ?? 0),
      )
    },
    /**
     * What each of some vaults has got since it was listed or told of; null for one whose lists are not open (any more), which has to be listed anew. One query for
     * `LISTS_WATCHED_MAX` lists, not logged.
     */
    async growth(of: readonly Vault[], categories: readonly Category[]): Promise<(readonly Growth[] | null)[]> {
      const wanted = of.map((vault) =>
        [...(vaults.get(nameOf(vault))?.values() ?? [])].filter(({ reach }) => mayHold(reach, categories)),
      )
      const all = wanted.flat()
      const counts = new Map<Listed, number>()
      for (let from = 0; from < all.length; from += LISTS_WATCHED_MAX) {
        const some = all.slice(from, from + LISTS_WATCHED_MAX)
        for (const [i, count] of (await countsOf(some)).entries()) if (some[i] !== undefined) counts.set(some[i], count)
      }
      return wanted.map((lists) => {
        const isOpen =
          lists.length > 0 &&
          lists.every((list) => Date.now() < list.openUntilMs && (counts.get(list) ?? 0) >= list.looked)
        if (!isOpen) return null
        return lists.flatMap((list) => {
          const count = counts.get(list) ?? 0
          return count > list.told ? [{ reach: list.reach, fromSeq: list.told, count }] : []
        })
      })
    },
    /** Records of a growth were handed on. */
    told(vault: Vault, { reach, count }: Growth, records: readonly ListedRecord[]): void {
      const list = listOf(vault, reach)
      if (list === undefined) return
      list.told = Math.max(list.told, count)
      if (list.shown !== null) list.shown = Math.max(list.shown, count)
      for (const { row } of records) list.tail.set(row.seq, row.manifest)
    },
    forget: (): void => vaults.clear(),
  }
}

const nameOf = (vault: Vault): string => (vault.of === 'me' ? 'me' : vault.grantId)
