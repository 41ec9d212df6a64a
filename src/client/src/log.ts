import { sha256 } from '@noble/hashes/sha2'
import {
  type Account,
  categoryName,
  COMPARTMENT_KIND,
  decodeDetail,
  type DetailHead,
  equalBytes,
  eventName,
  idsInDetail,
  LEAF_FLAG,
  LEAF_PAGE_MAX,
  type LogEntry,
  Principal,
  PURPOSES,
  toHex,
} from '@medguard/protocol'
import { decodeLeaf, type Leaf, leafHash, verifyInclusion } from '@medguard/tlog'
import { Fault, type HeadMemory, type LogItem, type LogReport, type Verification } from './api.ts'
import type { Canisters } from './canisters.ts'
import { extendRemembered, proveOneLog, Unproven, type VerifiedHead, verifyHead } from './certified-head.ts'
import type { Network } from './network.ts'
import { okOf } from './outcome.ts'

export interface LogReading {
  readonly canisters: Canisters
  readonly network: Network
  readonly headMemory: HeadMemory
  readonly account: Account
  /** Who reads. */
  readonly reader: Principal
}

/** The patient's own history: every entry, each proven, nothing missing (keys.md 19.5). */
export async function readPatientLog(reading: LogReading): Promise<LogReport> {
  const { patientId } = reading.account
  // By update, so certified: how long the chain is and how it ends. Entries that come later are read at the next look.
  const answer = await reading.canisters.audit.chainHead({ patientId })
  // Enrolment is answered only after the log has it, so every account has a history: a log that knows none was begun anew.
  if ('Err' in answer && 'NotPermitted' in answer.Err)
    return {
      items: [],
      verification: { kind: 'failed', code: 'LogBroken', what: 'the log has forgotten this history' },
    }
  const end = okOf(answer)
  return readLog(reading, {
    of: { patient: patientId },
    claims: ['chain', 'complete'],
    isWhole: (count) => BigInt(count) >= end.count,
    expectNext({ leaf, hash }, before) {
      const seq = (before?.leaf.patientSeq ?? -1) + 1
      const follows =
        leaf.patientSeq === seq &&
        equalBytes(leaf.patientId, patientId) &&
        equalBytes(leaf.previousLeafHash, before?.hash ?? NO_HASH)
      if (!follows) throw new Fault('LogBroken', `entry ${seq} does not follow the one before`)
      if (BigInt(seq) === end.count - 1n && !equalBytes(hash, end.lastLeafHash))
        throw new Fault('LogBroken', 'the history does not end as the network says')
    },
  })
}

/** What the reader did, in whosever records. Without a chain of its own: each entry is proven, completeness is not claimed. */
export async function readActorLog(reading: LogReading): Promise<LogReport> {
  const own = reading.reader.toUint8Array()
  okOf(await reading.canisters.consent.whoAmI(null)) // an update, for the network's clock
  return readLog(reading, {
    of: { actor: null },
    claims: [],
    isWhole: (count, total) => BigInt(count) >= total,
    expectNext({ leaf }) {
      if (!equalBytes(leaf.actor, own)) throw new Fault('LogBroken', `entry ${leaf.index} is somebody else’s act`)
    },
  })
}

const NO_HASH = new Uint8Array(32)

type CheckedLeaf = {
  readonly leaf: Leaf
  readonly hash: Uint8Array
  readonly detail: { readonly head: DetailHead; readonly fields: Uint8Array }
}
type Check = Extract<Verification, { kind: 'verified' }>['checked'][number]

/** One of the two sequences, and what makes it right beyond each entry being in the log. */
interface Sequence {
  readonly of: { patient: Uint8Array } | { actor: null }
  /** What holds once it is whole. */
  readonly claims: readonly Check[]
  /** @param total what the answering node says. */
  readonly isWhole: (count: number, total: bigint) => boolean
  /** @throws Fault `LogBroken` for an entry that does not belong there. */
  readonly expectNext: (entry: CheckedLeaf, before: CheckedLeaf | undefined) => void
}

async function readLog(reading: LogReading, sequence: Sequence): Promise<LogReport> {
  const leaves: CheckedLeaf[] = []
  const report = (verification: Verification): LogReport => ({
    items: leaves.map((leaf) => itemOf(leaf, reading.account)),
    verification,
  })
  try {
    const head = await readPages(reading, sequence, leaves)
    const isKnown = await extendRemembered(head, reading.canisters.audit, reading.headMemory)
    const checked: Check[] = ['certificate', 'fresh', 'inclusion', ...sequence.claims]
    if (isKnown) checked.push('consistency')
    return report({ kind: 'verified', treeSize: BigInt(head.size), certifiedNs: head.certifiedNs, checked })
  } catch (error) {
    if (error instanceof Unproven) return report({ kind: 'cannotTell', why: error.message })
    if (!(error instanceof Fault && LOG_FAULTS.has(error.code))) throw error
    return report({ kind: 'failed', code: error.code, what: error.message })
  }
}

/** These say something about the log; the others about the road to it, and are thrown. */
const LOG_FAULTS: ReadonlySet<string> = new Set(['BadCertificate', 'LogBroken', 'BadReply', 'Tampered'])
/** A node may be a moment behind the one that answered before. Each try asks whichever the network picks. */
const STALLS_MAX = 4
const STALL_MS = 400

/** Pages until the sequence is whole; each entry is checked as it comes, so that a node that goes on for ever ends with its first lie. */
async function readPages(reading: LogReading, sequence: Sequence, leaves: CheckedLeaf[]): Promise<VerifiedHead> {
  const { canisters, network } = reading
  let head: VerifiedHead | null = null
  for (let stalls = 0; ;) {
    const asked = { of: sequence.of, fromSeq: BigInt(leaves.length), count: LEAF_PAGE_MAX }
    const page = okOf(await canisters.audit.leaves(asked))
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
    if (++stalls > STALLS_MAX) throw new Unproven('the log did not show all its entries')
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
  return { leaf, hash, detail }
}

const NO_IDS = { grantId: null, cid: null }

function itemOf({ leaf, detail }: CheckedLeaf, account: Account): LogItem {
  const event = eventName(leaf.event)
  const ids = event === null ? NO_IDS : idsInDetail(event, detail.fields)
  const cid = ids.cid === null ? null : toHex(ids.cid)
  const own = account.compartments.find((compartment) => toHex(compartment.cid) === cid)
  return {
    leafIndex: BigInt(leaf.index),
    seq: BigInt(leaf.patientSeq),
    timeNs: leaf.timeNs,
    event: event ?? 'unknown',
    actor: Principal.fromUint8Array(leaf.actor).toText(),
    objectId: toHex(leaf.objectId),
    versionOrEpoch: leaf.versionOrEpoch,
    category:
      leaf.compartmentKind === COMPARTMENT_KIND.share
        ? 'shared'
        : own === undefined
          ? null
          : categoryName(own.category),
    purpose: PURPOSES[detail.head.purpose] ?? null,
    grantId: ids.grantId === null ? null : toHex(ids.grantId),
    failedOrWithheld: (leaf.flags & LEAF_FLAG.failedOrWithheld) !== 0,
  }
}
