import { CATEGORIES, type Category, COMPARTMENT_KIND, toHex } from '@medguard/protocol'
import type { Progress, RecordSummary, ShareRange, Vault } from './api.ts'
import { certifiedRows } from './listing.ts'
import { idOf, okOf } from './outcome.ts'
import { isWithin } from './record-days.ts'
import type { Session } from './session.ts'
import { eitherOf, givenPairs, givenShare, type GrantPair } from './share-list.ts'
import type { createWatch } from './watching.ts'

export interface RecordVersionRef {
  readonly recordId: string
  readonly version: number
}
type Own = Pick<RecordSummary, 'recordId' | 'version' | 'category' | 'clinicalDate' | 'links'>

/** A share that lives in both canisters alike: what one says alone may be its own invention. */
interface LiveShare {
  readonly grantId: Uint8Array
  /** Null for one by record. */
  readonly range: ShareRange | null
  /** Kinds it is held to; null for all. */
  readonly categories: readonly Category[] | null
}

/**
 * Keeps what shares by record and by days hold as it was agreed: newer versions of what they have, notes and corrections to it, and what falls into their
 * days. The canister learns no dates, and whoever corrects a record of somebody else cannot share it: the patient's client does, here and nowhere else.
 */
export function createFollowing(from: {
  readonly session: Session
  readonly watch: ReturnType<typeof createWatch>
  readonly list: (vault: Vault, categories: readonly Category[]) => Promise<RecordSummary[]>
  /** Puts exactly these into a share. */
  readonly fillShare: (grantId: Uint8Array, records: readonly RecordVersionRef[], progress?: Progress) => Promise<void>
}) {
  const { session, watch, list } = from
  const { canisters, account } = session
  /** Records of one's own as they were listed whole, with what this client stored since; null before that. */
  let own: Map<string, Own> | null = null
  /** For one record more, what was known of the shares will do: `catchUp` makes the rest good. */
  let pairs: Promise<GrantPair[]> | null = null
  /** The shares that had everything when last looked at. */
  let caughtUp: string | null = null
  /** Ids of the records in each of them, as far as this client has seen or put them there; null before it looked. */
  let held: Map<string, ReadonlySet<string>> | null = null
  const hold = (grantId: Uint8Array, records: readonly string[]) =>
    (held ??= new Map()).set(toHex(grantId), new Set([...(held.get(toHex(grantId)) ?? []), ...records]))
  const fillShare: typeof from.fillShare = async (grantId, records, progress) => {
    await from.fillShare(grantId, records, progress)
    if (held !== null)
      hold(
        grantId,
        records.map(({ recordId }) => recordId),
      )
  }
  /** One goes after the other: two that fill one share at a time would each wrap what is missing. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work)
    turn = next.catch(() => {})
    return next
  }
  session.onLock(() => {
    own = null
    pairs = null
    caughtUp = null
    held = null
  })

  const sharesNow = async (isFresh: boolean): Promise<LiveShare[]> => {
    if (pairs === null || isFresh) {
      pairs = givenPairs(canisters, (await account()).patientId)
      pairs.catch(() => (pairs = null))
    }
    const nowNs = BigInt(Date.now()) * 1_000_000n
    return (await pairs).flatMap((pair) => {
      const { state, scope, terms } = givenShare(pair, nowNs)
      // Also one that has not begun: by then it is to be whole.
      const isLive = (state === 'live' || state === 'notStarted') && scope.includes('shared')
      if (!isLive) return []
      const range = terms?.range ?? null
      return [
        {
          grantId: new Uint8Array(eitherOf(pair).grantId),
          range,
          categories: range?.categories ?? terms?.categories ?? null,
        },
      ]
    })
  }

  const missingIn = async (
    { grantId, range, categories }: LiveShare,
    all: ReadonlyMap<string, Own>,
  ): Promise<RecordVersionRef[]> => {
    const compartment = { compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
    const patientId = new Uint8Array((await account()).patientId)
    const there = new Map<string, number>()
    for (const row of await certifiedRows(canisters, { patientId, compartment, grantId: null })) {
      if ('deletedNs' in row) continue
      const id = toHex(row.recordId)
      there.set(id, Math.max(there.get(id) ?? 0, row.version))
    }
    hold(grantId, [...there.keys()])
    const mine = [...all.values()]
    const base = mine.filter((one) =>
      range === null ? there.has(one.recordId) && isOf(one, categories) : isWithin(one, range),
    )
    return withNotes(base, mine, categories).filter(({ recordId, version }) => version > (there.get(recordId) ?? 0))
  }

  /** Goes through everything: after signing in, and when something changed at the other end. @returns how many were put into shares. */
  const catchUp = async (): Promise<number> => {
    const shares = await sharesNow(true)
    held ??= new Map()
    if (shares.length === 0) return 0
    // Each list is a line in the log: what was listed a moment ago will do.
    const isListed = own !== null && !(await watch.hasGrown({ of: 'me' }, 'looked').catch(() => true))
    const which = shares.map(({ grantId }) => toHex(grantId)).join()
    if (isListed && which === caughtUp) return 0
    if (!isListed) await list({ of: 'me' }, CATEGORIES)
    let added = 0
    const failed: unknown[] = []
    for (const share of shares)
      try {
        const missing = await missingIn(share, own ?? new Map())
        if (missing.length > 0) await fillShare(share.grantId, missing)
        added += missing.length
      } catch (error) {
        failed.push(error) // one that is full or ends meanwhile keeps nothing from the others
      }
    if (failed.length > 0) throw failed[0]
    caughtUp = which
    return added
  }

  /** @param before the version it follows, where there is one. */
  const follow = async (record: RecordSummary, before: RecordVersionRef | null): Promise<void> => {
    const shares = await sharesNow(false)
    if (shares.length === 0) return
    const patientId = new Uint8Array((await account()).patientId)
    const links = (record.links ?? []).filter((link) => travels(record.category, own?.get(link.recordId)?.category))
    const newest = links.flatMap(({ recordId }) => own?.get(recordId) ?? [])
    const holding = new Set<string>()
    for (const { recordId, version } of [...(before === null ? [] : [before]), ...links, ...newest]) {
      const arg = { patientId: [patientId] as [Uint8Array], recordId: idOf(recordId), version }
      for (const grantId of okOf(await canisters.records.sharesHolding(arg))) holding.add(toHex(grantId))
    }
    for (const { grantId, range, categories } of shares) {
      const isHeld = holding.has(toHex(grantId))
      const isWanted = (range !== null && isWithin(record, range)) || (isHeld && isOf(record, categories))
      if (isWanted) await fillShare(grantId, [record])
    }
  }

  return {
    /** What a list of one's own vault showed; a list of some categories alone says nothing of the others. */
    listed(records: readonly RecordSummary[], categories: readonly Category[]): void {
      if (categories.length < CATEGORIES.length) return
      const sound = records.filter(({ isDamaged }) => isDamaged !== true)
      own = new Map(sound.map((record) => [record.recordId, record]))
    },
    /** One's own, just stored: it is, whatever becomes of its shares, which `catchUp` makes good. */
    async stored(record: RecordSummary, before: RecordVersionRef | null = null): Promise<void> {
      await Promise.allSettled([inTurn(() => follow(record, before))])
      own?.set(record.recordId, record)
    },
    catchUp: () => inTurn(catchUp),
    fillShare,
    held: () => (held === null ? null : Object.fromEntries(Array.from(held, ([grantId, ids]) => [grantId, [...ids]]))),
    deleted: (recordId: string): void => void own?.delete(recordId),
    /** Shares were made or ended. */
    forgetShares: (): void => void (pairs = null),
  }
}
export type Following = ReturnType<typeof createFollowing>

/** A note goes where the record is that it is about, but what is sensitive only along with what is. */
const travels = (note: string, about: string | undefined): boolean => note !== 'sensitive' || about === 'sensitive'
const isOf = ({ category }: Pick<Own, 'category'>, categories: readonly string[] | null): boolean =>
  categories === null || categories.includes(category)

interface Linked extends RecordVersionRef {
  readonly category: string
  readonly links?: readonly { readonly recordId: string }[]
}
/**
 * Records of one's own with the notes to them, and the notes to those: the newest version of each.
 * @param all what there is, each record once or more.
 * @param categories which notes go along; null: all but what is sensitive.
 */
export function withNotes(
  records: readonly RecordVersionRef[],
  all: readonly Linked[],
  categories: readonly string[] | null,
): RecordVersionRef[] {
  const found = new Map(records.map(({ recordId, version }) => [recordId, { recordId, version }]))
  const categoryOf = new Map(all.map(({ recordId, category }) => [recordId, category]))
  const notes = all.filter(({ links }) => (links ?? []).length > 0).toSorted((a, b) => b.version - a.version)
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { recordId, version, category, links = [] } of notes) {
      const goesTo = links.filter((link) => found.has(link.recordId))
      const goes = goesTo.some((link) =>
        categories === null ? travels(category, categoryOf.get(link.recordId)) : categories.includes(category),
      )
      if (goes && !found.has(recordId)) found.set(recordId, { recordId, version })
    }
  }
  return [...found.values()]
}
