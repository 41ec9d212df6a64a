import type { SentIdentifier } from '@medguard/fhir/hl7v2'
import type { Disk } from '../spool/disk.ts'
import { openStore } from '../spool/sealed-store.ts'
import type { SpoolEntry, SpoolHead } from '../spool/spool.ts'

/**
 * Why something is not delivered before something changes.
 *
 * `unmatched`: nobody here has this number. `ambiguous`: its numbers are of different people. `mismatch`: the birth date is another one than the number's. `merge`: numbers become one, which is for people to say.
 * `shareOver`: nothing is taken under the patient's share, which is paused or over. `behind`: earlier ones wait for that. `notShared`: the share has no place for what it is. `noRoom`: as it says.
 * `content`: the vault does not take it as it is.
 */
export type QuarantineReason =
  | 'unmatched'
  | 'ambiguous'
  | 'mismatch'
  | 'merge'
  | 'shareOver'
  | 'behind'
  | 'notShared'
  | 'noRoom'
  | 'content'

const MATCHED_BY_NUMBER: ReadonlySet<QuarantineReason> = new Set(['unmatched', 'ambiguous', 'mismatch'])
/** What may come right without anybody's doing here: it is tried again, in the order in which it came. */
const PASSING: ReadonlySet<QuarantineReason> = new Set(['shareOver', 'behind', 'notShared', 'noRoom'])
/** What holds up later ones of the same patient, so that they come in order. */
const HOLDING: ReadonlySet<QuarantineReason> = new Set(['shareOver', 'behind'])
/** Of a hospital's month without anybody looking: beyond that the spool fills, and then senders are told to wait. */
export const QUARANTINED_MAX = 100_000

export interface QuarantinedHead extends SpoolHead {
  readonly reason: QuarantineReason
  /** A word of the protocol that says more, such as the kind of a refusal; empty for none. */
  readonly detail: string
  /** As sent, for whoever is to say whose it is. */
  readonly identifiers: readonly SentIdentifier[]
  /** Grant under which it would have been stored; null where nobody knows. */
  readonly target: string | null
}
type Why = Pick<QuarantinedHead, 'reason' | 'detail' | 'identifiers' | 'target'>

export interface Quarantine {
  /** Resolves once it is on the disk. Of what is there already, the reason is changed. */
  put(entry: SpoolEntry, why: Why): Promise<void>
  readonly count: number
  /** Whether nobody has refused or assigned it since it was taken. */
  isAsTaken(entry: SpoolEntry): boolean
  /** In the order in which they came, with those that are being tried again. */
  list(): readonly QuarantinedHead[]
  show(id: string): Promise<(QuarantinedHead & Pick<SpoolEntry, 'payload'>) | null>
  /** Somebody says under which of the grants it is to be stored: this one only. False for what is not there. */
  assign(id: string, grantId: string): Promise<boolean>
  /** Somebody says that it is not to be stored: it is gone. False for what is not there. */
  refuse(id: string): Promise<boolean>
  /** Whether something waits here until this grant is good for it. */
  holds(grantId: string): boolean
  /** Matches anew what is matched by number: after a change to the table of patients. */
  retryUnmatched(): void
  /** Tries anew what may have come right. @param isMeant by id; all of it unless told. */
  retryPassing(isMeant?: (id: string) => boolean): void
  /** Ids of what is to be tried, in order. */
  released(): readonly string[]
  take(id: string): Promise<SpoolEntry | null>
  /** It was delivered. */
  done(id: string): Promise<void>
  /** Calls back when there is something to try. @returns stops that. */
  onRelease(call: () => void): () => void
  close(): Promise<void>
}

type Meta = Omit<QuarantinedHead, 'id'>

/** In the spool's folder, which its process has. */
export async function openQuarantine(folder: string, key: Uint8Array, disk?: Disk): Promise<Quarantine> {
  const store = await openStore<Meta>({ folder, name: 'quarantine', key, ...(disk === undefined ? {} : { disk }) })
  // Assigned before the process ended: tried again.
  const toTry = new Set<string>()
  const held = new Map<string, Set<string>>()
  const hold = (id: string, meta: Meta | undefined): void => {
    for (const [target, ids] of held) if (ids.delete(id) && ids.size === 0) held.delete(target)
    if (meta === undefined || meta.target === null || !HOLDING.has(meta.reason)) return
    held.set(meta.target, (held.get(meta.target) ?? new Set()).add(id))
  }
  for (const [id, { meta }] of store.entries()) {
    if (meta.grantId !== undefined) toTry.add(id)
    hold(id, meta)
  }
  const callbacks = new Set<() => void>()
  const release = (isMeant: (meta: Meta, id: string) => boolean): void => {
    for (const [id, { meta }] of store.entries()) if (isMeant(meta, id)) toTry.add(id)
    if (toTry.size > 0) for (const call of callbacks) call()
  }
  /** Until the disk has it that they are gone, or whose they are. */
  const [leaving, changing] = [new Set<string>(), new Set<string>()]
  const has = (id: string): boolean => store.get(id) !== undefined && !leaving.has(id)
  const forget = async (id: string): Promise<void> => {
    leaving.add(id)
    await store.remove(id).finally(() => leaving.delete(id))
    toTry.delete(id)
    hold(id, undefined)
  }
  const entryOf = async (id: string) => {
    const meta = has(id) ? store.get(id)?.meta : undefined
    return meta === undefined ? null : { ...meta, id, payload: await store.content(id) }
  }

  return {
    async put(entry, why) {
      const { id, payload, ...head } = entry
      const { reason, detail, identifiers, target } = why
      const meta = { ...head, reason, detail, identifiers, target }
      const present = store.get(id)?.meta
      if (present === undefined || JSON.stringify(present) !== JSON.stringify(meta)) await store.put(id, meta, payload)
      toTry.delete(id)
      hold(id, meta)
    },
    get count() {
      return store.count
    },
    isAsTaken: ({ id, grantId }) => has(id) && !changing.has(id) && store.get(id)?.meta.grantId === grantId,
    list: () => [...store.entries()].map(([id, { meta }]) => ({ id, ...meta })),
    show: entryOf,
    async assign(id, grantId) {
      const entry = await entryOf(id)
      // Somebody else may have refused it while it was read.
      if (entry === null || !has(id)) return false
      const { payload, id: _id, ...meta } = entry
      changing.add(id)
      await store.put(id, { ...meta, grantId }, payload).finally(() => changing.delete(id))
      release((_, each) => each === id)
      return true
    },
    async refuse(id) {
      const isThere = has(id)
      await forget(id)
      return isThere
    },
    holds: (grantId) => held.has(grantId),
    retryUnmatched: () => release(({ reason }) => MATCHED_BY_NUMBER.has(reason)),
    retryPassing: (isMeant = () => true) => release(({ reason }, id) => PASSING.has(reason) && isMeant(id)),
    released: () => (toTry.size === 0 ? [] : [...store.entries()].flatMap(([id]) => (toTry.has(id) ? [id] : []))),
    async take(id) {
      const entry = await entryOf(id)
      if (entry === null) return null
      const { reason: _reason, detail: _detail, identifiers: _identifiers, target: _target, ...taken } = entry
      return taken
    },
    done: forget,
    onRelease(call) {
      callbacks.add(call)
      return () => void callbacks.delete(call)
    },
    close: () => store.close(),
  }
}
