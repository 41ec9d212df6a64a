import { join } from 'node:path'
import { type Disk, type DiskFile, systemDisk } from './disk.ts'
import { diskFault, SpoolFault } from './fault.ts'
import { beginLog, type Place, readLog, type SealedLog } from './sealed-log.ts'

/** What is kept of a key: a few words in memory, and a content on the disk. */
export interface Kept<Meta> {
  readonly meta: Meta
  readonly contentBytes: number
}

/** Values by key in a sealed file: what a change did is there for good when it resolves. In the order in which keys first came. */
export interface SealedStore<Meta> {
  get(key: string): Kept<Meta> | undefined
  entries(): IterableIterator<[key: string, kept: Kept<Meta>]>
  readonly count: number
  content(key: string): Promise<Uint8Array>
  /** @throws SpoolFault `Full`, after which nothing has changed; `Broken`, after which nothing is taken any more. */
  put(key: string, meta: Meta, content?: Uint8Array): Promise<void>
  /** Of what is not there too. */
  remove(key: string): Promise<void>
  close(): Promise<void>
}

interface Slot<Meta> extends Kept<Meta> {
  readonly meta: Meta
  /** Null for an empty content. */
  where: { readonly place: Place; readonly start: number } | null
  readonly contentBytes: number
}
interface Change<Meta> {
  readonly key: string
  /** Null: it goes. */
  readonly meta: Meta | null
  readonly content: Uint8Array
}

/** What is written at once. */
const BATCH_BYTES_MAX = 1024 * 1024
/** Below that a file is not made anew, whatever is dead in it. */
const REWRITE_FROM_BYTES = 8 * 1024 * 1024
const EMPTY = new Uint8Array()

/**
 * Opens a store in a folder of its own process (`lockFolder`). What is read is written anew before anything is acknowledged on the strength of it: whether it reached the disk before, nobody
 * can tell after a failure.
 *
 * @param key 32 bytes.
 * @throws SpoolFault `WrongKey`, `Damaged`, `Full`, `Broken`.
 */
export async function openStore<Meta>(options: {
  readonly folder: string
  readonly name: string
  readonly key: Uint8Array
  readonly disk?: Disk
}): Promise<SealedStore<Meta>> {
  const { folder, name, key, disk = systemDisk } = options
  if (key.length !== 32) throw new RangeError('a key of 32 bytes')
  const path = join(folder, `${name}.journal`)
  const part = `${path}.part`
  const slots = new Map<string, Slot<Meta>>()
  let log: SealedLog | null = null
  let state: 'open' | 'broken' | 'closed' = 'open'
  let liveBytes = 0
  let lastRead: { readonly place: Place; readonly record: Uint8Array } | null = null

  const apply = ({ key, meta, content }: Change<Meta>, place: Place, start: number): void => {
    liveBytes -= slots.get(key)?.contentBytes ?? 0
    liveBytes += meta === null ? 0 : content.length
    if (meta === null) slots.delete(key)
    else slots.set(key, { meta, contentBytes: content.length, where: content.length === 0 ? null : { place, start } })
  }

  /** A fresh file with what lives, in the place of the former. */
  const rewrite = async (): Promise<void> => {
    const file = await disk.newFile(part)
    const moved: (readonly [Slot<Meta>, NonNullable<Slot<Meta>['where']>])[] = []
    let fresh: SealedLog
    try {
      fresh = await beginLog(file, key)
      for (const batch of batchesOf(slots)) {
        const changes: Change<Meta>[] = []
        for (const [key, slot] of batch) changes.push({ key, meta: slot.meta, content: await contentOf(slot) })
        const { bytes, starts } = encoded(changes)
        const place = await fresh.append(bytes)
        for (const [i, [, slot]] of batch.entries())
          if (slot.where !== null) moved.push([slot, { place, start: starts[i] ?? 0 }])
      }
      await fresh.sync()
      await disk.rename(part, path)
    } catch (error) {
      await file.close()
      throw error
    }
    // The former file has no name any more.
    const former = log
    log = fresh
    for (const [slot, where] of moved) slot.where = where
    await former?.close()
    await disk.syncFolder(folder).catch((error: unknown) => {
      // A power cut may bring the former one back: what comes now would be lost with this one.
      state = 'broken'
      throw error
    })
  }
  const contentOf = async ({ where, contentBytes }: Slot<Meta>): Promise<Uint8Array> => {
    if (where === null || log === null) return EMPTY
    // What was written together is read together: in order, each record is opened once.
    if (lastRead?.place !== where.place) lastRead = { place: where.place, record: await log.read(where.place) }
    return new Uint8Array(lastRead.record.subarray(where.start, where.start + contentBytes))
  }

  try {
    await disk.makeFolder(folder)
    await disk.remove(part)
    const file = await disk.openFile(path)
    log = file === null ? null : await readInto(file, key, apply)
    await rewrite()
  } catch (error) {
    await log?.close().catch(() => {}) // told already why it is not opened
    throw diskFault(error)
  }

  /** One thing at a time. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => {}) // told to whoever asked for it
    return done
  }
  const expectOpen = (): SealedLog => {
    if (state === 'broken') throw new SpoolFault('Broken', 'the disk failed: nothing is taken until it is opened again')
    if (state === 'closed' || log === null) throw new SpoolFault('Closed', 'it is closed')
    return log
  }

  let gathered: (Change<Meta> & { readonly resolve: () => void; readonly reject: (error: unknown) => void })[] = []
  /** Whoever asks while another write is under way is written with all who did: one wait for the disk for all of them. */
  const flush = async (): Promise<void> => {
    const batch = taken(gathered)
    gathered = gathered.slice(batch.length)
    if (batch.length === 0) return
    try {
      const log = expectOpen()
      const { bytes, starts } = encoded(batch)
      const place = await log.append(bytes).catch((error: unknown) => {
        // With room again it goes on; any other failure leaves who knows what.
        const fault = diskFault(error)
        if (fault.code !== 'Full') state = 'broken'
        throw fault
      })
      await log.sync().catch((error: unknown) => {
        state = 'broken'
        throw diskFault(error)
      })
      for (const [i, change] of batch.entries()) apply(change, place, starts[i] ?? 0)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    await tidy()
  }
  const tidy = async (): Promise<void> => {
    if (log === null || log.endBytes < REWRITE_FROM_BYTES || log.endBytes < 2 * liveBytes + 256 * slots.size) return
    try {
      await rewrite()
    } catch (error) {
      // Without room the former file goes on.
      if (diskFault(error).code !== 'Full') state = 'broken'
    }
  }
  const change = (key: string, meta: Meta | null, content: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      gathered.push({ key, meta, content, resolve, reject })
      void inTurn(flush)
    })

  return {
    get: (key) => slots.get(key),
    entries: () => slots.entries(),
    get count() {
      return slots.size
    },
    content: (key) =>
      inTurn(async () => {
        expectOpen()
        const slot = slots.get(key)
        if (slot === undefined) throw new RangeError('nothing has this key')
        return contentOf(slot)
      }),
    put: (key, meta, content = EMPTY) => change(key, meta, content),
    remove: (key) => change(key, null, EMPTY),
    close: () =>
      inTurn(async () => {
        if (state !== 'closed') await log?.close()
        state = 'closed'
      }),
  }
}

async function readInto<Meta>(
  file: DiskFile,
  key: Uint8Array,
  apply: (change: Change<Meta>, place: Place, start: number) => void,
): Promise<SealedLog | null> {
  try {
    const log = await readLog(file, key, (record, place) => {
      for (const { change, start } of decoded<Meta>(record)) apply(change, place, start)
    })
    if (log === null) await file.close()
    return log
  } catch (error) {
    await file.close()
    throw error
  }
}

/** As many from the beginning as are written at once, at least one. */
function taken<T extends { readonly content: Uint8Array }>(changes: readonly T[]): readonly T[] {
  let sizeBytes = 0
  const end = changes.findIndex(({ content }, at) => (sizeBytes += content.length) > BATCH_BYTES_MAX && at > 0)
  return end === -1 ? changes : changes.slice(0, end)
}
function* batchesOf<Meta>(slots: ReadonlyMap<string, Slot<Meta>>): Generator<[string, Slot<Meta>][]> {
  let batch: [string, Slot<Meta>][] = []
  let sizeBytes = 0
  for (const entry of slots) {
    if (batch.length > 0 && (sizeBytes + entry[1].contentBytes > BATCH_BYTES_MAX || batch.length === BATCH_COUNT)) {
      yield batch
      ;[batch, sizeBytes] = [[], 0]
    }
    batch.push(entry)
    sizeBytes += entry[1].contentBytes
  }
  if (batch.length > 0) yield batch
}
const BATCH_COUNT = 1024

/** Several changes as one record: for each the length of its words (4) and of its content (4), words as JSON, content. */
function encoded(changes: readonly Change<unknown>[]): {
  readonly bytes: Uint8Array
  readonly starts: readonly number[]
} {
  const parts: Uint8Array[] = []
  const starts: number[] = []
  let at = 0
  for (const { key, meta, content } of changes) {
    const words = Buffer.from(JSON.stringify([key, meta]))
    const lengths = Buffer.alloc(8)
    lengths.writeUInt32BE(words.length, 0)
    lengths.writeUInt32BE(content.length, 4)
    parts.push(lengths, words, content)
    starts.push(at + lengths.length + words.length)
    at += lengths.length + words.length + content.length
  }
  return { bytes: Buffer.concat(parts), starts }
}
function* decoded<Meta>(record: Uint8Array): Generator<{ readonly change: Change<Meta>; readonly start: number }> {
  const bytes = Buffer.from(record)
  for (let at = 0; at < bytes.length;) {
    const [words, length] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
    const start = at + 8 + words
    // Sealed by us under this key: of no other shape.
    const [key, meta] = JSON.parse(bytes.toString('utf8', at + 8, start)) as [string, Meta | null]
    at = start + length
    yield { change: { key, meta, content: bytes.subarray(start, at) }, start }
  }
}
