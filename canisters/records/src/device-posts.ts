import { ByteWriter, DEVICE_SEQ_WINDOW } from '@medguard/protocol'
import { assert, bytes, createRows, keyOf, rowOf, type Rows, sameShort, section, u32, u64, u8 } from '@medguard/shared'

/** What a device has posted (I23): its last 1,024 numbers with what each was, and for ever that older ones are over. */

export interface DeviceUse {
  /** When it last posted or asked; 0 for never. */
  readonly lastSeenNs: bigint
  /** One more than the highest number it used. */
  readonly nextSeq: number
  /** All that it ever stored: what is deleted counts on, as under a grant. */
  readonly versions: number
  readonly sizeBytes: bigint
}
const USE = rowOf(1, { lastSeenNs: u64, nextSeq: u32, versions: u32, sizeBytes: u64 })
const NEVER: DeviceUse = { lastSeenNs: 0n, nextSeq: 0, versions: 0, sizeBytes: 0n }

/** Numbers in one row; and rows of a device: one more than the window needs, since it ends within one. */
const SEQS_PER_RUN = 32
const RUNS = DEVICE_SEQ_WINDOW / SEQS_PER_RUN + 1
/** `first half of the manifest hash(16) || position in the list, from 1(4)`; zeros for a number that was not used. */
const DIGEST_BYTES = 16
const ENTRY_BYTES = DIGEST_BYTES + 4
/** `layout = 1 || run number u32 || 32 entries`. */
const HEAD_BYTES = 5
const RUN_BYTES = HEAD_BYTES + SEQS_PER_RUN * ENTRY_BYTES
const LAYOUT = 1
const NOTHING = new Uint8Array(0)

/** A number as it stands, and what is written when it is used. */
export interface Looked {
  /** `ahead`: so far beyond what the device used that others it may still have would be over. */
  readonly is: 'unused' | 'used' | 'over' | 'ahead'
  /** Of one that is used: its position in the list. */
  readonly position: number
  /** Of one that is used: half of its manifest hash. */
  readonly digest: Uint8Array
  readonly use: DeviceUse
  readonly run: Uint8Array
}

/** Whether a number that is used is this record's. */
export const isSameRecord = ({ digest }: Looked, manifestHash: Uint8Array): boolean =>
  sameShort(digest, manifestHash.subarray(0, DIGEST_BYTES))

/** @param rows 0: device id -> DeviceUse. 1: device id || run number modulo 33 -> the run. */
export function createDevicePosts(rows: Rows) {
  const uses = createRows(section(rows, 0), { key: keyOf({ deviceId: bytes(16) }), row: USE })
  const runs = section(rows, 1)
  const runKey = keyOf({ deviceId: bytes(16), slot: u8 })
  /** A run as it is stored; empty where it is not there, or an older one is. */
  const runOf = (deviceId: Uint8Array, number: number): Uint8Array => {
    const row = runs.get(runKey({ deviceId, slot: number % RUNS }))
    if (row === undefined) return newRun(number)
    assert(row.length === RUN_BYTES && row[0] === LAYOUT, 'a stored run decodes')
    return viewOf(row).getUint32(1) === number ? row : newRun(number)
  }
  const posts = {
    use: (deviceId: Uint8Array): DeviceUse => uses.get({ deviceId }) ?? NEVER,
    look(deviceId: Uint8Array, seq: number): Looked {
      const use = posts.use(deviceId)
      const { nextSeq } = use
      const none = { position: 0, digest: NOTHING, use, run: NOTHING }
      if (seq + DEVICE_SEQ_WINDOW < nextSeq) return { ...none, is: 'over' }
      if (seq >= nextSeq + DEVICE_SEQ_WINDOW) return { ...none, is: 'ahead' }
      const run = runOf(deviceId, Math.floor(seq / SEQS_PER_RUN))
      const at = HEAD_BYTES + (seq % SEQS_PER_RUN) * ENTRY_BYTES
      const place = viewOf(run).getUint32(at + DIGEST_BYTES)
      if (place === 0) return { ...none, is: 'unused', run }
      return { is: 'used', position: place - 1, digest: run.subarray(at, at + DIGEST_BYTES), use, run }
    },
    /** @param looked what was found under this number in this very message: that it was not used. */
    note(
      deviceId: Uint8Array,
      seq: number,
      { use, run }: Looked,
      post: { manifestHash: Uint8Array; position: number; sizeBytes: bigint; nowNs: bigint },
    ): void {
      const at = HEAD_BYTES + (seq % SEQS_PER_RUN) * ENTRY_BYTES
      run.set(post.manifestHash.subarray(0, DIGEST_BYTES), at)
      viewOf(run).setUint32(at + DIGEST_BYTES, post.position + 1)
      runs.overwrite(runKey({ deviceId, slot: Math.floor(seq / SEQS_PER_RUN) % RUNS }), run)
      const used = {
        lastSeenNs: post.nowNs,
        nextSeq: Math.max(use.nextSeq, seq + 1),
        versions: use.versions + 1,
        sizeBytes: use.sizeBytes + post.sizeBytes,
      }
      uses.set({ deviceId }, used)
    },
    noteSeen(deviceId: Uint8Array, nowNs: bigint): void {
      uses.set({ deviceId }, { ...posts.use(deviceId), lastSeenNs: nowNs })
    },
    /** Of a device whose patient's vault is erased. */
    forget(deviceId: Uint8Array): void {
      for (let slot = 0; slot < RUNS; slot++) runs.delete(runKey({ deviceId, slot }))
      uses.delete({ deviceId })
    },
  }
  return posts
}
export type DevicePosts = ReturnType<typeof createDevicePosts>

const viewOf = (row: Uint8Array) => new DataView(row.buffer, row.byteOffset)
const newRun = (number: number): Uint8Array =>
  new ByteWriter(RUN_BYTES)
    .u8(LAYOUT)
    .u32(number)
    .raw(new Uint8Array(RUN_BYTES - HEAD_BYTES))
    .done()
