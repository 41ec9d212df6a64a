import { type CompartmentKeys, epochOfSearchWords, openSearchWords, sealSearchWords } from '@medguard/crypto'
import {
  CATEGORIES,
  type Category,
  categoryNumber,
  COMPARTMENT_KIND,
  refusalOf,
  refuse,
  toHex,
} from '@medguard/protocol'
import { expectOneself } from './acting.ts'
import type { OpenedRecord, Progress, RecordSummary } from './api.ts'
import {
  type DeviceMemory,
  type DeviceMethods,
  KEPT_BYTES_MAX,
  KEPT_RECORD_BYTES_MAX,
  type KeptOnDevice,
} from './device-api.ts'
import { isKeptPiece, pieceOf, readPiece } from './device-piece.ts'
import { Refused } from './outcome.ts'
import { epochOf } from './place.ts'
import type { RecordAddress } from './api-records.ts'
import type { Session } from './session.ts'

// Records that are kept on the device for when there is no network. A name says what a canister knows as well: record, version, compartment, size; and when. Nothing else
// is readable.

interface Named extends KeptOnDevice {
  readonly name: string
  readonly cid: string
}
const PREFIX = 'kept '
/** Of a kind that is kept as a whole: its compartment, and no content. */
const KIND_PREFIX = 'keptkind '

export interface Keeping {
  readonly methods: Pick<DeviceMethods, 'keep' | 'kept' | 'keptKinds' | 'keepKind' | 'unkeep' | 'renewKept'>
  /** The record as it is kept; null where it is not, or where no key that is here opens it. */
  readonly opened: (address: Pick<RecordAddress, 'vault' | 'recordId' | 'version'>) => Promise<OpenedRecord | null>
  /** The record is gone. */
  readonly forget: (recordId: string) => Promise<void>
}

export function createKeeping(options: {
  readonly session: Session
  readonly memory: DeviceMemory | null
  /** Over the network, into the log. */
  readonly open: (record: RecordSummary, progress?: Progress) => Promise<OpenedRecord>
}): Keeping {
  const { session, memory, open } = options

  const all = async (): Promise<Named[]> => {
    const names = (await memory?.names(PREFIX)) ?? []
    return names.map((name) => {
      const [, recordId = '', version, cid = '', keptMs, sizeBytes] = name.split(' ')
      return { name, recordId, version: Number(version), cid, keptMs: Number(keptMs), sizeBytes: Number(sizeBytes) }
    })
  }
  const forget = async (recordId: string): Promise<void> => {
    for (const each of await all()) if (each.recordId === recordId) await memory?.remove(each.name)
  }
  /** Newest key of the category that a record of one's own is in. */
  const keysFor = async (category: RecordSummary['category']): Promise<CompartmentKeys> => {
    if (category === 'shared') throw new Refused(refusalOf(refuse.badInput('record', 'unknown')))
    return keysOfCategory(session, category)
  }
  /** @throws Refused Full. */
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    try {
      await memory?.write(name, bytes)
    } catch (error) {
      if (error instanceof Error && error.name === 'QuotaExceededError') throw new Refused(refusalOf(refuse.full))
      throw error
    }
    // Somebody else's pieces are in the way.
    if (!(await memory?.names(name))?.includes(name)) throw new Refused(refusalOf(refuse.full))
  }
  const kindNameOf = async (category: Category): Promise<string> =>
    KIND_PREFIX + toHex((await homeOf(session, category)).cid)
  const keep = async (record: RecordSummary, progress?: Progress): Promise<KeptOnDevice> => {
    expectOneself(session)
    if (memory === null || record.vault.of !== 'me') throw new Refused(refusalOf(refuse.badInput('record', 'unknown')))
    const others = (await all()).filter(({ recordId }) => recordId !== record.recordId)
    const keptBytes = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    if (record.sizeBytes > KEPT_RECORD_BYTES_MAX) throw new Refused(refusalOf(refuse.tooLarge(KEPT_RECORD_BYTES_MAX)))
    if (keptBytes + record.sizeBytes > KEPT_BYTES_MAX) throw new Refused(refusalOf(refuse.full))
    const { bytes, summary, leafIndex } = await open(record, progress)
    const keys = await keysFor(record.category)
    const sealed = await sealSearchWords(keys, pieceOf('MGK1', { summary, leafIndex }, bytes))
    session.expectOpen()
    const cid = toHex(keys.place.compartmentId)
    const kept = { recordId: record.recordId, version: record.version, keptMs: Date.now(), sizeBytes: sealed.length }
    const name = `${PREFIX}${kept.recordId} ${kept.version} ${cid} ${kept.keptMs} ${kept.sizeBytes}`
    await put(name, sealed)
    for (const each of await all())
      if (each.recordId === record.recordId && each.name !== name) await memory.remove(each.name)
    return kept
  }

  const methods: Keeping['methods'] = {
    keep: (record, progress) => session.unlocked(() => keep(record, progress)),
    kept: () =>
      session.unlocked(async () =>
        (await all()).map(({ recordId, version, keptMs, sizeBytes }) => ({ recordId, version, keptMs, sizeBytes })),
      ),
    keptKinds: () =>
      session.unlocked(async () => {
        const names = new Set((await memory?.names(KIND_PREFIX)) ?? [])
        if (names.size === 0) return []
        const named = await Promise.all(CATEGORIES.map(async (each) => names.has(await kindNameOf(each))))
        return CATEGORIES.filter((_, i) => named[i])
      }),
    keepKind: (category, isKept) =>
      session.unlocked(async () => {
        expectOneself(session)
        if (memory === null) throw new Refused(refusalOf(refuse.badInput('record', 'unknown')))
        const name = await kindNameOf(category)
        if (isKept) await put(name, new Uint8Array())
        else {
          await memory.remove(name)
          const cid = name.slice(KIND_PREFIX.length)
          for (const each of await all()) if (each.cid === cid) await memory.remove(each.name)
        }
        return null
      }),
    unkeep: (recordId) =>
      session.unlocked(async () => {
        await forget(recordId)
        return null
      }),
    renewKept: (records) =>
      session.unlocked(async () => {
        let renewed = 0
        for (const { name, recordId, version } of await all()) {
          const record = records.find((one) => one.recordId === recordId)
          if (record === undefined) {
            await memory?.remove(name)
            continue
          }
          const sealed = await memory?.read(name)
          const keys = await keysFor(record.category)
          if (record.version === version && sealed && epochOfSearchWords(sealed) === keys.place.epoch) continue
          await keep(record)
          renewed++
        }
        return renewed
      }),
  }

  return {
    methods,
    forget,
    async opened({ vault, recordId, version }) {
      if (memory === null || vault.of !== 'me') return null
      const found = (await all()).find((one) => one.recordId === recordId && one.version === version)
      const sealed = found === undefined ? null : await memory.read(found.name)
      if (found === undefined || sealed === null) return null
      const epoch = epochOfSearchWords(sealed)
      const keys = (await session.keyRing.ownHeld(found.cid)).find(({ place }) => place.epoch === epoch)
      if (keys === undefined) return null
      const piece = await openSearchWords(keys, sealed).then(
        (opened) => readPiece('MGK1', opened),
        () => null, // changed on the device: as if it were not there
      )
      if (piece === null || !isKeptPiece(piece.about)) return null
      const { summary, leafIndex } = piece.about
      if (summary.recordId !== recordId || summary.version !== version) return null
      return { summary, bytes: piece.bytes, verified: true, leafIndex, keptMs: found.keptMs }
    },
  }
}

/** Keys of the current epoch of a category of one's own; derived, and logged, where they are not here yet. */
async function keysOfCategory(session: Session, category: Category): Promise<CompartmentKeys> {
  const { patientId } = await session.account()
  const home = await homeOf(session, category)
  const compartment = { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(home.cid) }
  const reach = { patientId: new Uint8Array(patientId), compartment, grantId: null }
  return session.keyRing.keysOf(epochOf(reach, home.currentEpoch), null)
}

async function homeOf(session: Session, category: Category) {
  const home = (await session.account()).compartments.find((each) => each.category === categoryNumber(category))
  if (home === undefined) throw new Error('every account has the eight compartments')
  return home
}
