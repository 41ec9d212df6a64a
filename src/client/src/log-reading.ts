import { sha256 } from '@noble/hashes/sha2'
import {
  type Account,
  decodeDetail,
  type DetailHead,
  equalBytes,
  eventName,
  LEAF_PAGE_MAX,
  type LogEntry,
  isInView,
  type Principal,
} from '@medguard/protocol'
import { decodeLeaf, EMPTY_SEQUENCE, type Leaf, leafHash, sequenceHash, verifyInclusion } from '@medguard/tlog'
import { Fault, type HeadMemory } from './api.ts'
import type { Canisters } from './canisters.ts'
import { proveOneLog, type RecordedHead, type VerifiedHead, verifyHead } from './certified-head.ts'
import type { Network } from './network.ts'
import { type LogCheck, Unproven } from './verification.ts'

export interface LogReading {
  readonly canisters: Canisters
  readonly network: Network
  readonly headMemory: HeadMemory
  readonly account: Account
  /** Who reads. */
  readonly reader: Principal
  /** From another canister of the log than the first: what the first one last recorded of it. Null where nobody says. @throws Fault `LogBroken` */
  readonly recorded?: () => Promise<RecordedHead | null>
}

/** An entry that was proven, and what proved it. */
export type CheckedLeaf = {
  readonly leaf: Leaf
  readonly hash: Uint8Array
  readonly entry: LogEntry
  /** The head that `entry.proof` leads to. */
  readonly head: VerifiedHead
  readonly detail: { readonly head: DetailHead; readonly fields: Uint8Array }
}
/** One of the two sequences, and what makes it right beyond each entry being in the log. */
export interface Sequence {
  readonly of: { patient: Uint8Array } | { actor: null } | { organisation: Uint8Array }
  /** Where in it to begin; what stands before was read earlier. */
  readonly from?: bigint
  /** What holds once it is whole. */
  readonly claims: readonly LogCheck[]
  /** @param total what the answering node says. */
  readonly isWhole: (count: number, total: bigint) => boolean
  /** @throws Fault `LogBroken` for an entry that does not belong there. */
  readonly expectNext: (entry: CheckedLeaf, before: CheckedLeaf | undefined) => void
}

/** A node may be a moment behind the one that answered before. Each try asks whichever the network picks. */
const STALLS_MAX = 4
const STALL_MS = 400

/** Pages until the sequence is whole; each entry is checked as it comes, so that a node that goes on for ever ends with its first lie. */
export async function readPages(reading: LogReading, sequence: Sequence, leaves: CheckedLeaf[]): Promise<VerifiedHead> {
  const { canisters, network } = reading
  let head: VerifiedHead | null = null
  for (let stalls = 0; ;) {
    const asked = { of: sequence.of, fromSeq: (sequence.from ?? 0n) + BigInt(leaves.length), count: LEAF_PAGE_MAX }
    const answer = await canisters.audit.leaves(asked)
    // Whether somebody may read is answered by update before. One node's word against that proves nothing, so it may not end as "there is nothing".
    if ('Err' in answer) throw new Unproven('NotShown', 'the log did not show its entries')
    const page = answer.Ok
    if (page.entries.length > LEAF_PAGE_MAX) throw new Fault('BadReply', 'a page has more entries than were asked for')
    const shown = await verifyHead(page.head, network, canisters.certifiedNs())
    // Each page may be proven against a head of its own: only together do they speak of one log.
    if (head !== null) await proveOneLog(head, shown, canisters.audit)
    if (head === null || head.certifiedNs < shown.certifiedNs) head = shown
    for (const entry of page.entries) {
      const checked = checkEntry(entry, shown)
      const before = leaves.at(-1)
      if (before !== undefined && checked.leaf.index <= before.leaf.index)
        throw new Fault('LogBroken', `entry ${checked.leaf.index} is out of its order`)
      sequence.expectNext(checked, before)
      leaves.push(checked)
    }
    if (sequence.isWhole(leaves.length, page.total)) return head
    if (page.entries.length > 0) continue
    // By its certificate this node knew of the missing entries: of all that we asked for, and of what it says itself there is.
    if (shown.certifiedNs >= canisters.certifiedNs()) throw new Fault('LogBroken', 'entries are missing')
    if (++stalls > STALLS_MAX) throw new Unproven('NotShown', 'the log did not show all its entries')
    await new Promise((resolve) => setTimeout(resolve, STALL_MS))
  }
}

function checkEntry(entry: LogEntry, head: VerifiedHead): CheckedLeaf {
  const decoded = decodeLeaf(entry.leaf)
  if (!decoded.ok) throw new Fault('LogBroken', 'an entry is no leaf')
  const { value: leaf } = decoded
  const hash = leafHash(sha256, entry.leaf)
  const claim = { leafHash: hash, index: leaf.index, size: head.size, root: head.root, path: entry.proof }
  if (!verifyInclusion(sha256, claim)) throw new Fault('LogBroken', `entry ${leaf.index} is not in the certified log`)
  const detail = decodeDetail(entry.detail)
  if (!equalBytes(sha256(entry.detail), leaf.detailHash) || detail?.head.event !== leaf.event)
    throw new Fault('LogBroken', `the details of entry ${leaf.index} were changed`)
  return { leaf, hash, entry, head, detail }
}

const NO_HASH = new Uint8Array(32)
/** How long a patient's chain is, and the hash of its last entry. */
export interface ChainEnd {
  readonly count: bigint
  readonly lastLeafHash: Uint8Array
}
const CHAIN_START: ChainEnd = { count: 0n, lastLeafHash: NO_HASH }
/** A patient's whole chain, as long as the log said by update; or what came behind `start`, which was read earlier. */
export function patientSequence(patientId: Uint8Array, end: ChainEnd, start: ChainEnd = CHAIN_START): Sequence {
  return {
    of: { patient: patientId },
    from: start.count,
    claims: ['chain', 'complete'],
    isWhole: (count) => start.count + BigInt(count) >= end.count,
    expectNext({ leaf, hash }, before) {
      const seq = before === undefined ? Number(start.count) : before.leaf.patientSeq + 1
      const follows =
        leaf.patientSeq === seq &&
        equalBytes(leaf.patientId, patientId) &&
        equalBytes(leaf.previousLeafHash, before?.hash ?? start.lastLeafHash)
      if (!follows) throw new Fault('LogBroken', `entry ${seq} does not follow the one before`)
      if (BigInt(seq) === end.count - 1n && !equalBytes(hash, end.lastLeafHash))
        throw new Fault('LogBroken', 'the history does not end as the network says')
    },
  }
}

/** An organisation's leaves, or without an id those about the canisters themselves: those that name it, in the order of the log, as many and coming to what the log said by update. */
export function organisationSequence(orgId: Uint8Array, end: { count: bigint; sequenceHash: Uint8Array }): Sequence {
  let sum: Uint8Array = EMPTY_SEQUENCE
  let count = 0n
  return {
    of: { organisation: orgId },
    claims: ['complete'],
    isWhole: () => count >= end.count,
    expectNext({ leaf, hash, detail }) {
      if (!isInView(orgId, eventName(leaf.event), detail.fields))
        throw new Fault('LogBroken', `entry ${leaf.index} is not of this organisation`)
      sum = sequenceHash(sha256, sum, hash)
      if (++count === end.count && !equalBytes(sum, end.sequenceHash))
        throw new Fault('LogBroken', 'these are not the entries that the network counted')
    },
  }
}
