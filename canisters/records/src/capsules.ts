import { CAPSULE_WRAP_BYTES, type CapsuleHead, type CapsuleStep, decodeWrap } from '@medguard/crypto/verify'
import {
  CAPSULE_BYTES,
  CAPSULE_LIFE_NS,
  equalBytes,
  ID_BYTES,
  refuse,
  type RefusalArm,
  WRAP_BYTES,
} from '@medguard/protocol'
import {
  asIs,
  assert,
  bytes,
  createRows,
  createSequences,
  keyOf,
  principal,
  rowOf,
  type Rows,
  section,
  u32,
  u64,
  u8,
} from '@medguard/shared'
import { type Place, placeKey } from './lists.ts'

/** What a reader is given of one. */
export interface KeptCapsule {
  readonly capsuleId: Uint8Array
  readonly capsule: Uint8Array
  readonly chainWrap: [] | [Uint8Array]
}

/** A capsule as it is kept: for whoever may list what is under it (keys.md, section 7). */
export interface StoredCapsule {
  /** Raw principal of who posted it: nobody else deposits under it. */
  readonly depositor: Uint8Array
  readonly postedNs: bigint
  readonly epoch: number
  readonly stepsMax: number
  /** Steps below it were used, or skipped, and are never used again. */
  readonly nextStep: number
  /** Wraps under it, former ones too. */
  readonly wraps: number
  readonly capsule: Uint8Array
}
const ROW = rowOf(1, {
  depositor: principal,
  postedNs: u64,
  epoch: u32,
  stepsMax: u32,
  nextStep: u32,
  wraps: u32,
  capsule: bytes(CAPSULE_BYTES),
})
const CHAIN_WRAP = rowOf(1, { chainWrap: bytes(WRAP_BYTES) })
const LAST = rowOf(1, { capsuleId: bytes(16) })
const PLACE = { patientId: bytes(16), compartmentKind: u8, cid: bytes(16) }

const CAPSULE_KEY = new Uint8Array(49)
/** `place || capsule id`. Good until the next call. */
function capsuleKey(place: Place, capsuleId: Uint8Array): Uint8Array {
  assert(capsuleId.length === ID_BYTES, 'ids have 16 bytes')
  CAPSULE_KEY.set(placeKey(place))
  CAPSULE_KEY.set(capsuleId, 33)
  return CAPSULE_KEY
}

const POSTED_BYTES = ID_BYTES + 30
/** `capsule id(16) || length u8 || depositor(29, zero padded)`. */
function encodePosted(capsuleId: Uint8Array, depositor: Uint8Array): Uint8Array {
  const entry = new Uint8Array(POSTED_BYTES)
  entry.set(capsuleId)
  entry[ID_BYTES] = depositor.length
  entry.set(depositor, ID_BYTES + 1)
  return entry
}
const decodePosted = (entry: Uint8Array) => ({
  capsuleId: entry.slice(0, ID_BYTES),
  depositor: entry.slice(ID_BYTES + 1, ID_BYTES + 1 + (entry[ID_BYTES] ?? 0)),
})

/**
 * @param rows 0: place || capsule id -> `StoredCapsule`. 1: place || depositor -> the capsule that they posted last. 2: place -> every capsule that was
 * ever posted there and by whom, so that an erasure finds those that nothing came under. 3: place || capsule id -> the wrap of its chain's start.
 */
export function createCapsules(rows: Rows) {
  const capsules = createRows(section(rows, 0), { key: asIs, row: ROW })
  const last = createRows(section(rows, 1), { key: keyOf({ ...PLACE, depositor: principal }), row: LAST })
  const posted = createSequences(section(rows, 2), { entryBytes: POSTED_BYTES, entriesPerRun: 16 })
  const chainWraps = createRows(section(rows, 3), { key: asIs, row: CHAIN_WRAP })
  const keyAt = ({ patientId, compartmentKind, cid }: Place) => ({ patientId, compartmentKind, cid })
  const book = {
    get: (place: Place, capsuleId: Uint8Array): StoredCapsule | undefined => capsules.get(capsuleKey(place, capsuleId)),
    chainWrap(place: Place, capsuleId: Uint8Array): [] | [Uint8Array] {
      const kept = chainWraps.get(capsuleKey(place, capsuleId))
      return kept === undefined ? [] : [kept.chainWrap]
    },
    /** Of a capsule that is there. */
    keepChainWrap: (place: Place, capsuleId: Uint8Array, chainWrap: Uint8Array): void =>
      chainWraps.set(capsuleKey(place, capsuleId), { chainWrap }),
    /** The capsules that some wraps are under, each once; `[]` where there is none. */
    over(place: Place, wraps: readonly Uint8Array[]): [] | [KeptCapsule[]] {
      const found = new Map<string, KeptCapsule>()
      for (const wrap of wraps) {
        if (wrap.length !== CAPSULE_WRAP_BYTES) continue
        const head = decodeWrap(wrap)
        if (!head.ok || head.value.capsule === null) continue
        const { capsuleId } = head.value.capsule
        const name = String.fromCharCode(...capsuleId)
        const stored = found.has(name) ? undefined : book.get(place, capsuleId)
        if (stored !== undefined)
          found.set(name, { capsuleId, capsule: stored.capsule, chainWrap: book.chainWrap(place, capsuleId) })
      }
      return found.size === 0 ? [] : [[...found.values()]]
    },
    /** Keeps a new one. Of the same depositor, the one before goes if nothing came under it in its time. */
    post(
      place: Place,
      { capsuleId, stepsMax, place: at }: CapsuleHead,
      by: Pick<StoredCapsule, 'depositor' | 'postedNs' | 'capsule'>,
    ): StoredCapsule {
      const { depositor, postedNs } = by
      const before = last.get({ ...keyAt(place), depositor })
      const unused = before === undefined ? undefined : book.get(place, before.capsuleId)
      if (before !== undefined && unused?.wraps === 0 && postedNs >= unused.postedNs + CAPSULE_LIFE_NS)
        book.remove(place, before.capsuleId)
      const { epoch } = at
      const kept = { ...by, epoch, stepsMax, nextStep: 0, wraps: 0 }
      capsules.set(capsuleKey(place, capsuleId), kept)
      last.set({ ...keyAt(place), depositor }, { capsuleId })
      const all = posted.of(placeKey(place).slice())
      all.push(encodePosted(capsuleId, depositor))
      all.save()
      return kept
    },
    /**
     * Of a place that is erased: removes up to `count` capsules from the place's `from`th on, unused ones too, and who posted them.
     * @returns how many it looked at; fewer than `count` at the end.
     */
    forget(place: Place, from: number, count: number): number {
      const all = posted.of(placeKey(place).slice())
      const entries = all.entries(from, count)
      for (let at = 0; at < entries.length; at += POSTED_BYTES) {
        const { capsuleId, depositor } = decodePosted(entries.subarray(at, at + POSTED_BYTES))
        book.remove(place, capsuleId)
        last.delete({ ...keyAt(place), depositor })
      }
      const looked = entries.length / POSTED_BYTES
      if (looked < count) posted.erase(placeKey(place).slice())
      return looked
    },
    /** Whether a wrap may be stored under a step now. */
    refuseStep(
      place: Place,
      { capsuleId, step }: CapsuleStep,
      by: { readonly depositor: Uint8Array; readonly epoch: number; readonly nowNs: bigint },
    ): RefusalArm | null {
      const stored = book.get(place, capsuleId)
      if (stored === undefined || !equalBytes(stored.depositor, by.depositor) || stored.epoch !== by.epoch)
        return refuse.badInput('capsule', 'unknown')
      if (by.nowNs >= stored.postedNs + CAPSULE_LIFE_NS) return refuse.badInput('capsule', 'past')
      return step >= stored.nextStep && step < stored.stepsMax ? null : refuse.badInput('capsule', 'range')
    },
    /** A wrap was stored under a step. */
    use(place: Place, { capsuleId, step }: CapsuleStep): void {
      const stored = book.get(place, capsuleId)
      assert(stored !== undefined, 'a step that is used was asked about')
      const { wraps } = stored
      capsules.set(capsuleKey(place, capsuleId), { ...stored, nextStep: step + 1, wraps: wraps + 1 })
    },
    /** The same, of a device, whose batches come in any order. */
    useAnyOrder(place: Place, { capsuleId, step }: CapsuleStep, stored: StoredCapsule): void {
      const { wraps, nextStep } = stored
      const next = Math.max(nextStep, step + 1)
      capsules.set(capsuleKey(place, capsuleId), { ...stored, nextStep: next, wraps: wraps + 1 })
    },
    /** A wrap is gone; if it was the last under a capsule, so is that. */
    release: (place: Place, wrap: Uint8Array): void => {
      const head = decodeWrap(wrap)
      if (!head.ok || head.value.capsule === null) return
      const { capsuleId } = head.value.capsule
      const stored = book.get(place, capsuleId)
      if (stored === undefined) return
      const wraps = stored.wraps - 1
      if (wraps <= 0) book.remove(place, capsuleId)
      else capsules.set(capsuleKey(place, capsuleId), { ...stored, wraps })
    },
    /** Of a share, which its patient alone fills. */
    forgetAll(place: Place): void {
      const looked = posted.of(placeKey(place).slice()).count
      if (looked > 0) book.forget(place, 0, looked + 1)
    },
    /** Overwritten before it goes: what it opens does not hang on the salt, and only its end ends it (keys.md, section 17). */
    remove(place: Place, capsuleId: Uint8Array): void {
      const stored = book.get(place, capsuleId)
      if (stored === undefined) return
      capsules.set(capsuleKey(place, capsuleId), { ...stored, capsule: new Uint8Array(CAPSULE_BYTES) })
      capsules.delete(capsuleKey(place, capsuleId))
      if (chainWraps.get(capsuleKey(place, capsuleId)) === undefined) return
      book.keepChainWrap(place, capsuleId, new Uint8Array(WRAP_BYTES))
      chainWraps.delete(capsuleKey(place, capsuleId))
    },
  }
  return book
}
export type Capsules = ReturnType<typeof createCapsules>
