import { CATEGORIES, Fault, type MedGuardClient, type Share } from '@medguard/client'
import { Refuse } from '../faults.ts'
import { assembled, type Assembly, newAssembly } from './assembling.ts'
import { createGrants, type Grants, startedAfter } from './grants.ts'
import {
  type GrantedRecords,
  mayRead,
  newRevision,
  nothingOf,
  reaches,
  readGranted,
  relist,
  take,
} from './granted-records.ts'
import { type Held, type View, viewOf } from './held.ts'
import type { Create, OnItsWay } from './on-its-way.ts'
import { valueOf } from './outcomes.ts'
import type { KnownRecord } from './record-resources.ts'

export type VaultsClient = Pick<MedGuardClient, 'changes' | 'sharesReceived' | 'list' | 'open' | 'news'>

export interface Vaults {
  /** What is shared right now, asked for anew. */
  grants(): Promise<readonly Share[]>
  /** What was shared when it was last asked for: enough to take something in by. */
  readonly lately: Omit<Grants, 'now'>
  /**
   * What may be read right now, of these patients or of all. A patient who is looked at for the first time is listed and opened, which their log has.
   *
   * @throws Refuse, Fault: then nothing is given out.
   */
  view(patientIds: readonly string[] | null): Promise<View>
  /** Whose records are open. */
  patientsRead(): readonly string[]
  /** Whose a record is that is on its way; null for any other. */
  takenFor(recordId: string): string | null
  /** What the gateway has just stored itself, under a grant: it does not have to be opened for that to be known. */
  stored(grantId: string, record: KnownRecord): void
  /** The same for what it had taken before. */
  delivered(recordId: string, grantId: string): void
  /** Lets go of what is over, and of everything when nobody has answered for long (decision 36). Called now and then. */
  sweep(): Promise<void>
  close(): void
}

/** Of patients who were never looked at, at once: more is a mistake rather than a question. */
const UNREAD_MAX = 50
const READ_AT_ONCE = 4
const UNANSWERED_MAX = 3
/** How far the node that says what joined a list may be behind the one that stored it. */
const BEHIND_MS = 30_000

/** What the gateway has open, of everybody who shares with it. In memory, and no longer than the grant. */
export function createVaults(client: VaultsClient, nowMs: () => number, onItsWay: OnItsWay): Vaults {
  const lately = createGrants(client, nowMs)
  const { now: grants } = lately
  /** By grant. */
  const held = new Map<string, GrantedRecords>()
  const underWay = new Map<string, { readonly patientId: string; readonly reading: Promise<GrantedRecords> }>()
  const deliveredMs = new WeakMap<Create, number>()
  const assembledBy = new Map<
    string,
    { readonly of: string; readonly resources: readonly Held[]; readonly assembly: Assembly }
  >()
  let unanswered = 0

  const forget = (grantId: string): void => void held.delete(grantId)
  const dropAllBut = (live: readonly Share[]): void => {
    const ids = new Set(live.map(({ grantId }) => grantId))
    for (const grantId of held.keys()) if (!ids.has(grantId)) forget(grantId)
    // What is being read for somebody who asked before is not kept.
    for (const grantId of underWay.keys()) if (!ids.has(grantId)) underWay.delete(grantId)
    const patients = new Set(live.map(({ patientId }) => patientId))
    for (const patient of assembledBy.keys()) if (!patients.has(patient)) assembledBy.delete(patient)
  }

  /** Grants as they are now, and what joined the lists that are open. */
  const refreshed = startedAfter(async (): Promise<readonly Share[]> => {
    const live = await grants()
    dropAllBut(live)
    const granted = live.flatMap(({ grantId }) => held.get(grantId) ?? []).filter(({ share }) => mayRead(share))
    if (granted.length > 0) {
      const vaults = granted.map(({ share: { grantId } }) => ({ of: 'grant', grantId }) as const)
      const news = valueOf(await client.news(vaults, CATEGORIES))
      await Promise.all(
        granted.map(async (each, i) => {
          const joined = news[i] ?? null
          if (joined === null) await orForget(each.share.grantId, relist(client, each))
          else if (joined.length > 0) await orForget(each.share.grantId, take(client, each, joined))
        }),
      )
    }
    return live
  })

  /** A grant that gives nothing any more, or nothing right now, keeps nothing from the others: whoever asks for its patient has it read anew, and hears why not. */
  const orForget = async (grantId: string, work: Promise<void>): Promise<void> => {
    try {
      await work
    } catch (error) {
      forget(grantId)
      if (!(error instanceof Fault) && !(error instanceof Refuse)) throw error
    }
  }

  const read = (share: Share): Promise<GrantedRecords> => {
    const { grantId, patientId } = share
    const known = held.get(grantId)
    if (known !== undefined) return Promise.resolve(known)
    const reading =
      underWay.get(grantId)?.reading ??
      (mayRead(share) ? readGranted(client, share) : Promise.resolve(nothingOf(share)))
    underWay.set(grantId, { patientId, reading })
    const ended = () => void underWay.delete(grantId)
    reading.then((granted) => {
      if (underWay.get(grantId)?.reading === reading) held.set(grantId, granted)
      return ended()
    }, ended)
    return reading
  }

  const resourcesOf = (patient: string, granted: readonly GrantedRecords[]): readonly Held[] => {
    const revisions = granted.map(({ share, revision }) => `${share.grantId} ${revision}`)
    const of = [...revisions, onItsWay.revisionOf(patient)].join()
    const before = assembledBy.get(patient)
    if (before?.of === of) return before.resources
    const sinceMs = Math.min(...granted.map(({ share }) => Number(share.startNs / 1_000_000n)))
    const assembly = before?.assembly ?? newAssembly()
    const all = [...granted, ...comingTo(patient, granted)]
    const resources = assembled(patient, all, { sinceMs, before: assembly })
    assembledBy.set(patient, { of, resources, assembly })
    return resources
  }

  /** What is on its way, under shares that let its kind be read. Of what is in a list too, the list's is what counts. */
  const comingTo = (patient: string, granted: readonly GrantedRecords[]): GrantedRecords[] =>
    onItsWay.of(patient).flatMap(([{ recordId, record, grantId }, known]) => {
      const reading = granted.filter(({ share }) => mayRead(share) && reaches(share, record.category))
      const share = (reading.find((each) => each.share.grantId === grantId) ?? reading[0])?.share
      return share === undefined ? [] : [{ ...nothingOf(share), records: new Map([[recordId, known]]) }]
    })
  const isLookedAt = ({ patientId }: { readonly patientId: string }): boolean =>
    [...held.values()].some(({ share }) => share.patientId === patientId)
  /** Listed before something was delivered, perhaps. */
  const isBeingRead = ({ patientId }: Create): boolean =>
    [...underWay.values()].some((each) => each.patientId === patientId)
  /** Whether nobody would find it gone: a list that may be read has it, or none has to. */
  const isSettled = (create: Create): boolean => {
    const { recordId, patientId, record } = create
    const lists = [...held.values()].filter(
      ({ share }) => share.patientId === patientId && mayRead(share) && reaches(share, record.category),
    )
    const isListed = lists.some(({ records }) => records.has(recordId))
    return isListed || lists.length === 0 || Math.abs(nowMs() - (deliveredMs.get(create) ?? 0)) > BEHIND_MS
  }

  /** What joined the lists, and what does not have to be kept any more since it is in them. */
  const relisted = async (): Promise<readonly Share[]> => {
    const arrived = onItsWay.arrived().filter((create) => isLookedAt(create) && !isBeingRead(create))
    const live = await refreshed()
    for (const create of arrived) if (isSettled(create)) onItsWay.drop(create.recordId)
    return live
  }
  const stored: Vaults['stored'] = (grantId, record) => {
    const granted = held.get(grantId)
    if (granted === undefined || !mayRead(granted.share)) return
    const { recordId, version } = record.summary
    // What was stored long ago may be told only now.
    if ((granted.records.get(recordId)?.summary.version ?? 0) >= version) return
    granted.records.set(recordId, record)
    granted.revision = newRevision()
  }

  return {
    grants,
    lately,
    async view(patientIds) {
      const live = await relisted()
      const wanted = live.filter(({ patientId }) => patientIds?.includes(patientId) ?? true)
      const unread = new Set(
        wanted.filter((share) => mayRead(share) && !held.has(share.grantId)).map(({ patientId }) => patientId),
      )
      if (unread.size > UNREAD_MAX)
        throw new Refuse(
          422,
          'too-costly',
          `this would open the records of ${unread.size} patients at once: name whom you mean`,
        )
      const granted = await readAll(wanted, read)
      // A first look takes long: what ended meanwhile is not shown.
      const now = granted.length > 0 && unread.size > 0 ? new Set((await grants()).map(({ grantId }) => grantId)) : null
      const shown = granted.filter(({ share }) => now?.has(share.grantId) ?? true)
      const patients = [...new Set(shown.map(({ share }) => share.patientId))]
      const resources = patients.flatMap((patient) =>
        resourcesOf(
          patient,
          shown.filter(({ share }) => share.patientId === patient),
        ),
      )
      return viewOf(
        resources,
        shown.reduce((sum, { damaged }) => sum + damaged.size, 0),
      )
    },
    patientsRead: () => [...assembledBy.keys()],
    takenFor: (recordId) => onItsWay.find(recordId)?.patientId ?? null,
    stored,
    delivered(recordId, grantId) {
      onItsWay.delivered(recordId)
      const create = onItsWay.find(recordId)
      if (create === null) return
      deliveredMs.set(create, nowMs())
      const [, known] = onItsWay.of(create.patientId).find(([each]) => each === create) ?? []
      if (known !== undefined) stored(grantId, known)
      // Nobody has a list without it: whoever looks next asks for one that has it.
      if (known === undefined || (!isLookedAt(create) && !isBeingRead(create))) onItsWay.drop(recordId)
    },
    async sweep() {
      if (held.size === 0 && onItsWay.count === 0) return
      try {
        // What arrived is in the lists by now, or with the next one.
        if (onItsWay.arrived().some(isLookedAt)) await relisted()
        else dropAllBut(await grants())
        for (const create of onItsWay.arrived())
          if (!isLookedAt(create) && !isBeingRead(create)) onItsWay.drop(create.recordId)
        unanswered = 0
      } catch (error) {
        if (!(error instanceof Fault) && !(error instanceof Refuse)) throw error
        if (++unanswered >= UNANSWERED_MAX) dropAllBut([])
      }
    },
    close: () => dropAllBut([]),
  }
}

async function readAll(
  shares: readonly Share[],
  read: (share: Share) => Promise<GrantedRecords>,
): Promise<GrantedRecords[]> {
  const found: GrantedRecords[] = []
  const waiting = shares.values()
  const work = async (): Promise<void> => {
    for (const share of waiting)
      try {
        found.push(await read(share))
      } catch (error) {
        if (!isOver(error)) throw error
      }
  }
  await Promise.all(Array.from({ length: READ_AT_ONCE }, work))
  const order = shares.map(({ grantId }) => grantId)
  return found.toSorted((a, b) => order.indexOf(a.share.grantId) - order.indexOf(b.share.grantId))
}

/** It ended, was paused or narrowed between the list of grants and this. */
const isOver = (error: unknown): boolean => error instanceof Refuse && error.status === 403
