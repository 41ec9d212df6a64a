import { type Category, toHex } from '@medguard/protocol'
import { Fault, type MedGuardClient, type RecordSummary } from './api.ts'
import { type ListedRecord, listedSince } from './listing.ts'
import { isUnanswered, Refused } from './outcome.ts'
import { addressOf, newestOf, sameCategory, summaryOf } from './record-summary.ts'
import type { Session } from './session.ts'
import { categoriesOf } from './share-list.ts'
import type { createWatch } from './watching.ts'

interface Parts {
  readonly session: Session
  readonly watch: ReturnType<typeof createWatch>
  /** What lists showed, by `addressOf`. */
  readonly seen: Map<string, ListedRecord>
}

/** What joined lists since they were looked at: by query, and nothing of it is logged, since the listing that opened them is. */
export function createNews({ session, watch, seen }: Parts): Pick<MedGuardClient, 'news'> {
  const { canisters, keyRing, unlocked, expectOpen, account } = session
  return {
    news: (vaults, categories) =>
      unlocked(async () => {
        const grown = await watch.growth(vaults, categories)
        const found = await Promise.all(
          grown.map(async (lists) => {
            if (lists === null) return null
            return orNull(
              Promise.all(
                lists.map(async (list) => ({
                  list,
                  records: await listedSince({ canisters, keyRing }, list.reach, list),
                })),
              ),
            )
          }),
        )
        const own = vaults.some(({ of }) => of === 'me') ? categoriesOf(await account()) : new Map<string, Category>()
        expectOpen() // what is remembered below would outlive the lock
        return vaults.map((vault, i): readonly RecordSummary[] | null => {
          const lists = found[i] ?? null
          if (lists === null) return null
          for (const { list, records } of lists) {
            watch.told(vault, list, records)
            for (const record of records) {
              const { recordId, version } = record.row
              seen.set(addressOf({ vault, recordId: toHex(recordId), version }), record)
            }
          }
          const summaries = newestOf(lists.flatMap(({ records }) => records)).map((one) => summaryOf(vault, one, own))
          return summaries.filter((summary) => vault.of === 'me' || sameCategory(summary, categories))
        })
      }),
  }
}

/** What is refused or broken for one keeps nothing from the others: listing it says why. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    const isOfOne = error instanceof Fault && !isUnanswered(error) && error.code !== 'SessionEnded'
    if (error instanceof Refused || isOfOne) return null
    throw error
  }
}
