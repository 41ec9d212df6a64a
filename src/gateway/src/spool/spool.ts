import { lockFolder } from '@medguard/client/node'
import { createHash, createHmac } from 'node:crypto'
import { type Disk } from './disk.ts'
import { SpoolFault } from './fault.ts'
import { openStore, type SealedStore } from './sealed-store.ts'

/** What came in from an institution's system and is on its way into a vault. */
export interface SpoolEntry {
  /** 32 hexadecimal digits, of the source's own message id: the same message has the same one again. */
  readonly id: string
  readonly kind: 'hl7v2' | 'fhir'
  readonly receivedMs: number
  /** Who sent it, as the institution calls them. */
  readonly source: string
  /** Grant under which it is to be stored, where its sender knew; else it is matched by the patient's number. */
  readonly grantId?: string
  /** Its sender was told that the patient has to take it in. */
  readonly isForInbox?: true
  readonly payload: Uint8Array
}
export type SpoolHead = Omit<SpoolEntry, 'payload'>

export interface Taken {
  /** Whether it had been taken before. */
  readonly isRepeat: boolean
  /** When it came the first time: what was acknowledged then is acknowledged so again. */
  readonly receivedMs: number
}

export interface Spool {
  /**
   * Resolves once the entry is on the disk: then, and only then, its source may be told that it was taken.
   *
   * @throws SpoolFault `Full`, `Broken`; `Repeated` for an id that was taken with another content.
   */
  append(entry: SpoolEntry): Promise<Taken>
  /** Ids of what waits, in the order in which it came. */
  pending(): readonly string[]
  /** @throws RangeError for what does not wait. */
  read(id: string): Promise<SpoolEntry>
  head(id: string): SpoolHead | null
  /** It is elsewhere now, for good. Its id is remembered. */
  done(id: string): Promise<void>
  /** Id of the record that an entry becomes: the same again, and nobody without this spool's key knows it beforehand. */
  recordIdOf(id: string): string
  readonly waiting: { readonly count: number; readonly sizeBytes: number }
  /** Calls back when something was appended. @returns stops that. */
  onAppend(call: () => void): () => void
  close(): Promise<void>
}

type Meta =
  | (Omit<SpoolHead, 'id'> & { readonly state: 'waiting'; readonly digest: string })
  | { readonly state: 'done'; readonly receivedMs: number; readonly digest: string }

/** The backlog of a day without a network in a large hospital, and what may be on the disk of it. */
export const WAITING_MAX = 200_000
export const WAITING_BYTES_MAX = 4 * 1024 * 1024 * 1024
/** Ids of what is done, by which a repeat is known: two weeks of a hospital that sends ten thousand messages a day. */
export const REMEMBERED_MAX = 150_000
const ID = /^[\da-f]{32}$/

/**
 * Opens the spool in a folder. One process has it at a time.
 *
 * @param key 32 bytes, under which all of it is sealed.
 * @param options `waitingMax`: so many may wait, `WAITING_MAX` unless told.
 * @throws SpoolFault
 */
export async function openSpool(
  folder: string,
  key: Uint8Array,
  { disk, waitingMax = WAITING_MAX }: { readonly disk?: Disk; readonly waitingMax?: number } = {},
): Promise<Spool> {
  const unlock = await lockFolder(folder, 'medguard-gateway')
  if (unlock === null) throw new SpoolFault('InUse', `another gateway works with ${folder}`)
  try {
    const store = await openStore<Meta>({ folder, name: 'spool', key, ...(disk === undefined ? {} : { disk }) })
    return spoolOf(store, { key, unlock, waitingMax })
  } catch (error) {
    await unlock()
    throw error
  }
}

function spoolOf(
  store: SealedStore<Meta>,
  { key, unlock, waitingMax }: { key: Uint8Array; unlock: () => Promise<void>; waitingMax: number },
): Spool {
  const waiting = new Set<string>()
  const remembered = new Set<string>()
  let sizeBytes = 0
  for (const [id, { meta, contentBytes }] of store.entries()) {
    if (meta.state === 'done') remembered.add(id)
    else waiting.add(id)
    sizeBytes += contentBytes
  }
  const underWay = new Map<string, { readonly digest: string; readonly stored: Promise<Taken> }>()
  const callbacks = new Set<() => void>()

  const taken = (digest: string, before: string, receivedMs: number): Taken => {
    if (digest !== before) throw new SpoolFault('Repeated', 'this id was taken with another content')
    return { isRepeat: true, receivedMs }
  }
  const keep = async (entry: SpoolEntry, digest: string): Promise<Taken> => {
    const { id, payload, ...head } = entry
    waiting.add(id)
    sizeBytes += payload.length
    try {
      await store.put(id, { ...head, state: 'waiting', digest }, payload)
    } catch (error) {
      waiting.delete(id)
      sizeBytes -= payload.length
      throw error
    }
    for (const call of callbacks) call()
    return { isRepeat: false, receivedMs: entry.receivedMs }
  }

  return {
    async append(entry) {
      if (!ID.test(entry.id)) throw new RangeError('an id of 32 hexadecimal digits')
      const digest = createHash('sha256').update(entry.payload).digest('hex').slice(0, 32)
      const present = store.get(entry.id)?.meta
      if (present !== undefined) return taken(digest, present.digest, present.receivedMs)
      const sent = underWay.get(entry.id)
      if (sent !== undefined) return taken(digest, sent.digest, (await sent.stored).receivedMs)
      if (waiting.size >= waitingMax || sizeBytes + entry.payload.length > WAITING_BYTES_MAX)
        throw new SpoolFault('Full', 'too much waits to be delivered')
      const stored = keep(entry, digest).finally(() => underWay.delete(entry.id))
      underWay.set(entry.id, { digest, stored })
      return stored
    },
    pending: () => [...waiting].filter((id) => !underWay.has(id)),
    async read(id) {
      const head = headOf(store, id)
      if (head === null) throw new RangeError('nothing with this id waits')
      return { ...head, payload: await store.content(id) }
    },
    head: (id) => headOf(store, id),
    async done(id) {
      const present = store.get(id)
      if (present?.meta.state !== 'waiting') return
      const { digest, receivedMs } = present.meta
      await store.put(id, { state: 'done', receivedMs, digest })
      waiting.delete(id)
      sizeBytes -= present.contentBytes
      remembered.add(id)
      for (const oldest of remembered) {
        if (remembered.size <= REMEMBERED_MAX) break
        remembered.delete(oldest)
        await store.remove(oldest)
      }
    },
    recordIdOf: (id) => createHmac('sha256', key).update(`medguard gateway record ${id}`).digest('hex').slice(0, 32),
    get waiting() {
      return { count: waiting.size, sizeBytes }
    },
    onAppend(call) {
      callbacks.add(call)
      return () => void callbacks.delete(call)
    },
    async close() {
      await store.close()
      await unlock()
    },
  }
}

function headOf(store: SealedStore<Meta>, id: string): SpoolHead | null {
  const meta = store.get(id)?.meta
  if (meta?.state !== 'waiting') return null
  const { state: _state, digest: _digest, ...head } = meta
  return { id, ...head }
}
