import { type Category, categoryNumber, COMPARTMENT_KIND, refusalOf, refuse, toHex } from '@medguard/protocol'
import type { NewRecord, Progress, RecordSummary } from './api.ts'
import type { Following } from './following.ts'
import { Refused } from './outcome.ts'
import { epochOf, type Reach } from './place.ts'
import { wrongRecord } from './record-input.ts'
import { storedSummary } from './records-part.ts'
import type { Searching } from './searching.ts'
import type { Session } from './session.ts'
import type { createWatch } from './watching.ts'
import { addRecord } from './writing.ts'

export interface HowToAdd {
  /** Of a record that may have been stored in an earlier try. */
  readonly recordId?: Uint8Array
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}
export type Add = (record: NewRecord, how: HowToAdd) => Promise<RecordSummary>

/**
 * Stores a record under an id that was drawn before, once, whatever became of earlier tries: one that arrived unheard is found in the list, whose completeness is
 * checked, and nothing is believed on a canister's word alone.
 */
export function createAddOnce({
  add,
  ownOf,
}: {
  readonly add: Add
  /** Lists a category of one's own anew. */
  readonly ownOf: (category: Category) => Promise<readonly RecordSummary[]>
}): (id: Uint8Array, record: NewRecord, how?: Omit<HowToAdd, 'recordId'>) => Promise<RecordSummary> {
  return async (id, record, how = {}) => {
    try {
      return await add(record, { ...how, recordId: id })
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.kind !== 'Stale') throw error
      const found = (await ownOf(record.category)).find(({ recordId }) => recordId === toHex(id))
      if (found === undefined) throw error
      return found
    }
  }
}

/** Stores a new record in one of the vault's own categories. */
export function createAdd(parts: {
  readonly session: Session
  readonly underWay: Set<string>
  readonly watch: ReturnType<typeof createWatch>
  readonly following: Following
  readonly searching: Searching
}): Add {
  const { session, underWay, watch, following, searching } = parts
  const { canisters, keyRing, authors } = session
  // Several at a time ask once. Whether the epoch is still the current one the commit asks again.
  let asking: ReturnType<Session['freshAccount']> | null = null
  const freshAccount = async () => {
    asking ??= session.freshAccount().finally(() => (asking = null))
    return asking
  }
  return async (record, { recordId, progress, signal }) => {
    const wrong = wrongRecord(record)
    if (wrong !== null) throw new Refused(wrong)
    const owner = (await freshAccount()) ?? (await session.account())
    const number = categoryNumber(record.category)
    const home = owner.compartments.find(({ category }) => category === number)
    if (home === undefined) throw new Refused(refusalOf(refuse.badInput('category', 'unknown')))
    const compartment = { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(home.cid) }
    const reach: Reach = { patientId: new Uint8Array(owner.patientId), compartment, grantId: null }
    const keysAt = (epoch: number) => keyRing.keysOf(epochOf(reach, epoch), null, progress)
    const { currentEpoch } = home
    const writing = { canisters, author: await authors.read(), reach, record, recordId, keysAt, currentEpoch, underWay }
    const stored = await addRecord({ ...writing, progress, signal })
    watch.added({ of: 'me' }, reach)
    const summary = storedSummary({ of: 'me' }, record, stored)
    await following.stored(summary)
    searching.stored(summary, reach.compartment.cid)
    if (record.bytes instanceof Uint8Array) await searching.learn(summary, reach.compartment.cid, record.bytes)
    return summary
  }
}
