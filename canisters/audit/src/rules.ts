import {
  APPEND_LEAVES_MAX,
  decodeLeafInput,
  detailOrigin,
  equalBytes,
  EVENT,
  ID_BYTES,
  LEAF_PAGE_MAX,
  type LeafInput,
  LOG_SOURCE,
  refuse,
  type RefusalArm,
} from '@medguard/protocol'

/** What records may write: what it commits by itself (decision 16). Everything else is consent's; 70 and 71 are each canister's own. */
const RECORDS_EVENTS: ReadonlySet<number> = new Set([
  EVENT.copyWithdrawn,
  EVENT.recordAdd,
  EVENT.recordDelete,
  EVENT.capsule,
  EVENT.deposit,
  EVENT.shareWraps,
  EVENT.linkMade,
  EVENT.linkOpened,
  EVENT.linkPasscodeWrong,
  EVENT.linkEnded,
])
const OWN_EVENTS: ReadonlySet<number> = new Set([EVENT.configuration, EVENT.upgrade])
/**
 * What happens in each of the two: they refuse by their own copy of a grant, without the other being asked or after it said yes; wraps change in one and
 * epochs in the other; each erases its part. The detail says whose leaf it is.
 */
const EITHER_EVENTS: ReadonlySet<number> = new Set([
  EVENT.refused,
  EVENT.keyWithheld,
  EVENT.rewrapBatch,
  EVENT.exported,
  EVENT.eraseBegin,
  EVENT.eraseDone,
])

export function mayWrite(source: number, event: number): boolean {
  if (event === EVENT.shardHeads) return false // the first canister's own, which asks the others itself
  if (OWN_EVENTS.has(event)) return true
  if (EITHER_EVENTS.has(event)) return source !== LOG_SOURCE.audit
  return RECORDS_EVENTS.has(event) === (source === LOG_SOURCE.records) && source !== LOG_SOURCE.audit
}

/** Which stream a caller writes; null for everybody but the configured canisters. */
export function sourceOf(caller: Uint8Array, peers: { consent: Uint8Array; records: Uint8Array }): number | null {
  if (equalBytes(caller, peers.consent)) return LOG_SOURCE.consent
  if (equalBytes(caller, peers.records)) return LOG_SOURCE.records
  return null
}

/** Reads a batch. A leaf that says of itself another source, number or event than it has, or claims what its source may not, refuses them all. */
export function checkBatch(
  source: number,
  firstSeq: bigint,
  leaves: readonly Uint8Array[],
): { leaves: LeafInput[] } | { refusal: RefusalArm } {
  if (leaves.length === 0 || leaves.length > APPEND_LEAVES_MAX) return { refusal: refuse.badInput('leaves', 'length') }
  // A sequence number is a count of ours: beyond 2^53 nothing can be meant.
  if (firstSeq > BigInt(Number.MAX_SAFE_INTEGER)) return { refusal: refuse.badInput('firstSeq', 'range') }
  const checked: LeafInput[] = []
  let seq = Number(firstSeq)
  for (const bytes of leaves) {
    const input = decodeLeafInput(bytes)
    const origin = input === null ? null : detailOrigin(input.detail)
    if (input === null || origin === null) return { refusal: refuse.badInput('leaves', 'value') }
    if (origin.event !== input.event || origin.source !== source || origin.sourceSeq !== seq)
      return { refusal: refuse.badInput('leaves', 'detail') }
    if (!mayWrite(source, input.event)) return { refusal: refuse.badInput('leaves', 'event') }
    if ((input.auditKey !== null) !== (input.event === EVENT.enrol))
      return { refusal: refuse.badInput('leaves', 'auditKey') }
    checked.push(input)
    seq++
  }
  return { leaves: checked }
}

/** A page of somebody's sequence: which numbers, or why not. */
export function pageOf(
  fromSeq: bigint,
  count: number,
  total: number,
): { first: number; end: number } | { refusal: RefusalArm } {
  if (count > LEAF_PAGE_MAX) return { refusal: refuse.badInput('count', 'range') }
  const first = fromSeq < BigInt(total) ? Number(fromSeq) : total
  return { first, end: Math.min(first + count, total) }
}

/** Why a proof cannot be made; null when it can. */
export function refuseInclusion(leafIndex: bigint, treeSize: bigint, size: number): RefusalArm | null {
  if (treeSize > BigInt(size)) return refuse.badInput('treeSize', 'range')
  return leafIndex < treeSize ? null : refuse.badInput('leafIndex', 'range')
}
export function refuseConsistency(firstSize: bigint, secondSize: bigint, size: number): RefusalArm | null {
  if (secondSize > BigInt(size)) return refuse.badInput('secondSize', 'range')
  return firstSize <= secondSize ? null : refuse.badInput('firstSize', 'range')
}

/** Hashes in a tile, and how many leaves one of them stands for at most (C2SP tlog-tiles). */
const TILE_WIDTH = 256
const TILE_LEVEL_MAX = 3

/** Which complete subtrees a tile holds, in a log of `size` leaves. */
export function tileOf(
  level: number,
  index: number,
  size: number,
): { treeLevel: number; first: number; end: number } | { refusal: RefusalArm } {
  if (level > TILE_LEVEL_MAX) return { refusal: refuse.badInput('level', 'range') }
  const total = Math.floor(size / TILE_WIDTH ** level)
  const first = index * TILE_WIDTH
  if (first >= total) return { refusal: refuse.badInput('index', 'range') }
  return { treeLevel: 8 * level, first, end: Math.min(first + TILE_WIDTH, total) }
}

/** No organisation's id: the lines about the canisters themselves, which are for everybody (I33). */
export const SYSTEM_VIEW = new Uint8Array(ID_BYTES)

export const isId = (bytes: Uint8Array): boolean => bytes.length === ID_BYTES
export function isZeroId(id: Uint8Array): boolean {
  for (const byte of id) if (byte !== 0) return false
  return true
}
