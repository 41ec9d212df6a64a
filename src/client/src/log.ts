import { sha256 } from '@noble/hashes/sha2'
import {
  type Account,
  categoryName,
  COMPARTMENT_KIND,
  decodeDetail,
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
import { extendRemembered, type VerifiedHead, verifyHead } from './certified-head.ts'
import type { Network } from './network.ts'
import { okOf } from './outcome.ts'

interface Reading {
  readonly canisters: Canisters
  readonly network: Network
  readonly headMemory: HeadMemory
  readonly account: Account
}

/** The patient's own history: every entry, each proven, nothing missing (keys.md 19.5). */
export async function readPatientLog(reading: Reading): Promise<LogReport> {
  const { patientId } = reading.account
  // By update, so certified: how long the chain is and how it ends. Entries that come later are read at the next look.
  const end = okOf(await reading.canisters.audit.chainHead({ patientId }))
  return readLog(reading, { patient: patientId }, (leaves) => {
    let previous = new Uint8Array(32)
    for (const [i, { leaf, hash }] of leaves.entries()) {
      if (
        leaf.patientSeq !== i ||
        !equalBytes(leaf.patientId, patientId) ||
        !equalBytes(leaf.previousLeafHash, previous)
      )
        throw new Fault('LogBroken', `entry ${i} does not follow the one before`)
      previous = new Uint8Array(hash)
      if (BigInt(i) === end.count - 1n && !equalBytes(hash, end.lastLeafHash))
        throw new Fault('LogBroken', 'the history does not end as the network says')
    }
    if (BigInt(leaves.length) < end.count) throw new Fault('LogBroken', 'entries are missing at the end')
    return ['chain', 'complete']
  })
}

/** What the signed-in person did, in whosever records. Without a chain of its own: each entry is proven, completeness is not claimed. */
export function readActorLog(reading: Reading): Promise<LogReport> {
  return readLog(reading, { actor: null }, () => [])
}

type CheckedLeaf = { readonly leaf: Leaf; readonly hash: Uint8Array; readonly entry: LogEntry }
type Check = Extract<Verification, { kind: 'verified' }>['checked'][number]

async function readLog(
  reading: Reading,
  of: { patient: Uint8Array } | { actor: null },
  checkWhole: (leaves: readonly CheckedLeaf[]) => Check[],
): Promise<LogReport> {
  const leaves: CheckedLeaf[] = []
  const checked: Check[] = ['certificate', 'fresh', 'inclusion']
  let head: VerifiedHead | null = null
  try {
    for (let total = 1n; BigInt(leaves.length) < total;) {
      const page = okOf(
        await reading.canisters.audit.leaves({ of, fromSeq: BigInt(leaves.length), count: LEAF_PAGE_MAX }),
      )
      head = await verifyHead(page.head, reading.canisters.agent, reading.network)
      // A replica that repeats itself for ever must not keep us here: no history is longer than its log.
      if (leaves.length > head.size) throw new Fault('LogBroken', 'more entries than the log has')
      for (const entry of page.entries) leaves.push(checkEntry(entry, head))
      if (page.entries.length === 0) break // fewer than `total` says: the whole-chain check below tells
      total = page.total
    }
    checked.push(...checkWhole(leaves))
    if (head !== null && (await extendRemembered(head, reading.canisters.audit, reading.headMemory)))
      checked.push('consistency')
  } catch (error) {
    if (error instanceof Fault && !LOG_FAULTS.has(error.code)) throw error
    if (!(error instanceof Fault)) throw error
    return {
      items: itemsOf(leaves, reading.account),
      verification: { kind: 'failed', code: error.code, what: error.message },
    }
  }
  const verification: Verification =
    head === null
      ? { kind: 'cannotTell', why: 'the log gave no head' }
      : { kind: 'verified', treeSize: BigInt(head.size), certifiedNs: head.certifiedNs, checked }
  return { items: itemsOf(leaves, reading.account), verification }
}

/** These say something about the log; the others about the road to it, and are thrown. */
const LOG_FAULTS: ReadonlySet<string> = new Set(['BadCertificate', 'LogBroken', 'BadReply', 'Tampered'])

function checkEntry(entry: LogEntry, head: VerifiedHead): CheckedLeaf {
  const decoded = decodeLeaf(entry.leaf)
  if (!decoded.ok) throw new Fault('LogBroken', 'an entry is no leaf')
  const hash = leafHash(sha256, entry.leaf)
  const claim = { leafHash: hash, index: decoded.value.index, size: head.size, root: head.root, path: entry.proof }
  if (!verifyInclusion(sha256, claim))
    throw new Fault('LogBroken', `entry ${decoded.value.index} is not in the certified log`)
  if (!equalBytes(sha256(entry.detail), decoded.value.detailHash))
    throw new Fault('LogBroken', `the details of entry ${decoded.value.index} were changed`)
  return { leaf: decoded.value, hash, entry }
}

const NO_IDS = { grantId: null, cid: null }

function itemsOf(leaves: readonly CheckedLeaf[], account: Account): LogItem[] {
  const categories = new Map(account.compartments.map(({ cid, category }) => [toHex(cid), categoryName(category)]))
  return leaves.map(({ leaf, entry }) => {
    const event = eventName(leaf.event)
    const detail = decodeDetail(entry.detail)
    const ids = event === null || detail === null ? NO_IDS : idsInDetail(event, detail.fields)
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
          : (categories.get(toHex(ids.cid ?? new Uint8Array())) ?? null),
      purpose: detail === null ? null : (PURPOSES[detail.head.purpose] ?? null),
      grantId: ids.grantId === null ? null : toHex(ids.grantId),
      failedOrWithheld: (leaf.flags & LEAF_FLAG.failedOrWithheld) !== 0,
    }
  })
}
