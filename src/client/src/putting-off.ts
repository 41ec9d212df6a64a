import { epochOfSearchWords, openSearchWords, sealSearchWords } from '@medguard/crypto'
import { categoryNumber, COMPARTMENT_KIND, fromHex, refusalOf, refuse, toHex } from '@medguard/protocol'
import { expectOneself } from './acting.ts'
import type { createAddOnce } from './adding.ts'
import type { NewRecord, RecordSummary } from './api.ts'
import {
  type DeviceMemory,
  type DeviceMethods,
  KEPT_RECORD_BYTES_MAX,
  WAITING_BYTES_MAX,
  WAITING_MAX,
  type WaitingRecord,
} from './device-api.ts'
import { pieceOf, readPiece } from './device-piece.ts'
import { idOf, newId, Refused } from './outcome.ts'
import { epochOf } from './place.ts'
import { wrongRecord } from './record-input.ts'
import type { Session } from './session.ts'

// New records that wait for a network. Each has its record's id from the start, so that it is stored once, whatever became of earlier tries.

/** What is sealed, with the content beside it. */
type Put = Omit<NewRecord, 'bytes'>
interface Waiting {
  readonly id: string
  readonly putOffMs: number
  readonly sizeBytes: number
  readonly isSealed: boolean
  /** Hexadecimal; where it will go. */
  readonly cid: string | null
  /** Null where no key opens it yet. */
  readonly record: (Put & { readonly bytes: Uint8Array }) | null
  /** Where the device has it. */
  readonly name: string | null
}
const PREFIX = 'waiting '

type Methods = Pick<DeviceMethods, 'putOff' | 'waiting' | 'sendWaiting' | 'dropWaiting'>

export function createPuttingOff(options: {
  readonly session: Session
  readonly memory: DeviceMemory | null
  readonly addOnce: ReturnType<typeof createAddOnce>
}): Methods {
  const { session, memory, addOnce } = options
  const inMemory = new Map<string, Waiting>()
  session.onLock(() => inMemory.clear())

  /** With the keys that are here; asks nobody. */
  const unseal = async (name: string, cid: string): Promise<Waiting['record']> => {
    const sealed = await memory?.read(name)
    if (!sealed) return null
    const epoch = epochOfSearchWords(sealed)
    const keys = (await session.keyRing.ownHeld(cid)).find(({ place }) => place.epoch === epoch)
    if (keys === undefined) return null
    const piece = await openSearchWords(keys, sealed).then(
      (opened) => readPiece('MGW1', opened),
      () => null, // changed on the device: it stays, and is shown as what does not open
    )
    return piece !== null && isPut(piece.about) ? { ...piece.about, bytes: piece.bytes } : null
  }
  const named = async () =>
    ((await memory?.names(PREFIX)) ?? []).map((name) => {
      const [, id = '', cid = '', ms, size] = name.split(' ')
      return { name, id, cid, putOffMs: Number(ms), sizeBytes: Number(size), isSealed: true }
    })
  const all = async (): Promise<Waiting[]> => {
    const sealed = (await named()).map(async (each) => ({ ...each, record: await unseal(each.name, each.cid) }))
    return [...(await Promise.all(sealed)), ...inMemory.values()].toSorted((a, b) => a.putOffMs - b.putOffMs)
  }
  const drop = async (id: string): Promise<void> => {
    inMemory.delete(id)
    for (const each of await named()) if (each.id === id) await memory?.remove(each.name)
  }
  const viewOf = ({ id, putOffMs, sizeBytes, isSealed, record }: Waiting): WaitingRecord => {
    return { id, putOffMs, sizeBytes, isSealed, title: record?.title ?? null, category: record?.category ?? null }
  }

  const putOff = async (record: NewRecord): Promise<Waiting> => {
    expectOneself(session)
    const wrong = wrongRecord(record)
    if (wrong !== null) throw new Refused(wrong)
    const bytes = await wholeOf(record.bytes)
    const before = [...(await named()), ...inMemory.values()]
    const waitingBytes = before.reduce((sum, { sizeBytes }) => sum + sizeBytes, bytes.length)
    if (before.length >= WAITING_MAX || waitingBytes > WAITING_BYTES_MAX) throw new Refused(refusalOf(refuse.full))
    const home = (await session.account()).compartments.find(
      (each) => each.category === categoryNumber(record.category),
    )
    const cid = home === undefined ? null : toHex(home.cid)
    const { bytes: _, ...about } = record
    const putOffMs = Date.now()
    const id = toHex(newId())
    const plain = { id, putOffMs, cid, record: { ...about, bytes } }
    const [keys] = memory === null || cid === null ? [] : await session.keyRing.ownHeld(cid)
    if (memory === null || keys === undefined) {
      const waiting = { ...plain, sizeBytes: bytes.length, isSealed: false, name: null }
      inMemory.set(id, waiting)
      return waiting
    }
    const sealed = await sealSearchWords(keys, pieceOf('MGW1', about, bytes))
    session.expectOpen()
    const name = `${PREFIX}${id} ${cid} ${putOffMs} ${sealed.length}`
    await memory.write(name, sealed)
    if ((await memory.read(name)) === null) throw new Refused(refusalOf(refuse.full)) // somebody else's pieces are in the way
    return { ...plain, sizeBytes: sealed.length, isSealed: true, name }
  }

  /** With the key of its category, asked for where it is not here. */
  const opened = async (waiting: Waiting): Promise<Waiting['record']> => {
    const { cid, name } = waiting
    if (waiting.record !== null || cid === null || name === null) return waiting.record
    const sealed = (await memory?.read(name)) ?? null
    const epoch = sealed === null ? null : epochOfSearchWords(sealed)
    if (epoch === null) return null
    const { patientId } = await session.account()
    const compartment = { compartmentKind: COMPARTMENT_KIND.category, cid: idOf(cid) }
    const reach = { patientId: new Uint8Array(patientId), compartment, grantId: null }
    await session.keyRing.keysOf(epochOf(reach, epoch), null)
    return unseal(name, cid)
  }
  /** Stores one. @returns what was stored; null where somebody did so meanwhile. @throws Refused. */
  const send = async (waiting: Waiting): Promise<RecordSummary | null> => {
    const isThere = waiting.name === null ? inMemory.has(waiting.id) : (await memory?.read(waiting.name)) !== null
    if (!isThere) return null
    const record = await opened(waiting)
    if (record === null) throw new Refused(refusalOf(refuse.badInput('record', 'unknown')))
    return addOnce(idOf(waiting.id), record)
  }
  const alone = <T>(work: () => Promise<T>): Promise<T> => (memory === null ? work() : memory.alone(work))

  return {
    putOff: (record) => session.unlocked(async () => viewOf(await putOff(record))),
    waiting: () => session.unlocked(async () => (await all()).map(viewOf)),
    dropWaiting: (id) =>
      session.unlocked(async () => {
        if (fromHex(id) !== null) await drop(id)
        return null
      }),
    sendWaiting: () =>
      session.unlocked(() =>
        alone(async () => {
          const sent: RecordSummary[] = []
          const refused: { id: string; why: string }[] = []
          for (const waiting of await all()) {
            try {
              const summary = await send(waiting)
              await drop(waiting.id)
              if (summary !== null) sent.push(summary)
            } catch (error) {
              if (!(error instanceof Refused)) {
                if (sent.length === 0) throw error
                break // no answer: what is done is told, the rest waits
              }
              refused.push({ id: waiting.id, why: error.refusal.kind })
            }
          }
          return { sent, refused }
        }),
      ),
  }
}

/** @throws Refused for several files, or too much. */
async function wholeOf(bytes: NewRecord['bytes']): Promise<Uint8Array> {
  if ('files' in bytes) throw new Refused(refusalOf(refuse.badInput('content', 'unknown')))
  const sizeBytes = bytes instanceof Uint8Array ? bytes.length : bytes instanceof Blob ? bytes.size : bytes.sizeBytes
  if (sizeBytes > KEPT_RECORD_BYTES_MAX) throw new Refused(refusalOf(refuse.tooLarge(KEPT_RECORD_BYTES_MAX)))
  if (bytes instanceof Uint8Array) return bytes
  return bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : bytes.read(0, sizeBytes)
}

/** Sealed by this person's own client, so of this shape; `wrongRecord` looks at it again before it is stored. */
const isPut = (about: unknown): about is Put =>
  typeof about === 'object' && about !== null && 'title' in about && 'category' in about && 'mediaType' in about
