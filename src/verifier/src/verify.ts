import { decodeDetail, equalBytes, NS_PER_MINUTE, Principal, toHex } from '@medguard/protocol'
import {
  decodeLeaf,
  leafHash,
  logIdOf,
  type NoteKey,
  originOf,
  readLogWitness,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import { decodeEvidence, type Evidence, type EvidenceEntry } from './bundle.ts'
import { checkCertificate, type EvidenceTrust } from './certificate.ts'
import { openNote, type WitnessPolicy, witnessKeys } from './cosignatures.ts'
import { utf8 } from './hash-tree.ts'
import { checkHistory } from './history.ts'
import { CannotTell, type EvidenceCheck, type ProvenEntry, Unsound, type Verdict } from './verdict.ts'

/** A head of the log that this device verified before. */
export interface SeenHead {
  readonly size: number
  readonly root: Uint8Array
  readonly certifiedNs: bigint
}

/** What else has to hold. Nothing more for archived evidence, whose certificate's time is the statement. */
export interface EvidencePolicy {
  /** For a statement about now: the reader's clock. The certificates have to be fresh, and the head to continue what this device saw. */
  readonly latest?: { readonly nowNs: bigint }
  /** The last head of this log that this device saw, if any. It is held against the evidence either way, as far as the evidence allows. */
  readonly seen?: SeenHead | null
  readonly witnesses?: WitnessPolicy
}

/** The log's id, as heads of it are kept by. Hexadecimal. */
export const evidenceLogId = ({ log }: EvidenceTrust): string => toHex(logIdOf(sha256, log))

/** Whether a file says of itself that it is of this log (its canister's id): nothing is proven by that. */
export function isOfLog(text: string, log: Uint8Array): boolean {
  try {
    return equalBytes(decodeEvidence(text).log, log)
  } catch {
    return false // not evidence: judging says so
  }
}

const FRESH_NS = 5n * NS_PER_MINUTE

/**
 * Judges evidence, without a network (keys.md 19.5). Whatever is thrown on the way is a failure of the evidence.
 *
 * @param text The file.
 * @throws RangeError for a key in the policy that is none of a witness: that is the reader's mistake.
 */
export function verifyEvidence(text: string, trust: EvidenceTrust, policy: EvidencePolicy = {}): Verdict {
  return verifyRead(() => decodeEvidence(text), trust, policy)
}

/** The same for evidence however it is read. */
export function verifyRead(read: () => Evidence, trust: EvidenceTrust, policy: EvidencePolicy = {}): Verdict {
  const keys = witnessKeys(policy.witnesses?.keys ?? [])
  try {
    return judge(read(), trust, policy, keys)
  } catch (error) {
    if (error instanceof CannotTell) return { kind: 'cannotTell', why: error.message }
    if (error instanceof Unsound) return { kind: 'failed', code: error.code, what: error.message }
    return { kind: 'failed', code: 'BadFile', what: 'the file cannot be read as evidence' }
  }
}

/** What costs least comes first; nothing is believed before all of it held. */
function judge(evidence: Evidence, trust: EvidenceTrust, policy: EvidencePolicy, keys: readonly NoteKey[]): Verdict {
  if (!equalBytes(evidence.log, trust.log))
    throw new CannotTell('this is evidence of another log than the one that is trusted here')
  if (evidence.entries.length === 0 && evidence.history === null) throw new Unsound('BadFile', 'it holds no entry')
  const { head, root } = headOf(evidence, trust)
  const entries = evidence.entries.map((entry) => checkEntry(entry, head))
  for (const [i, { leaf }] of entries.entries())
    if (i > 0 && leaf.index <= (entries[i - 1]?.leaf.index ?? 0))
      throw new Unsound('LogBroken', `entry ${leaf.index} is out of its order`)
  checkEarlier(evidence, head)

  const certificate = checkCertificate(evidence.head.certificate, trust.log, trust)
  const data = certificate.leaf([utf8('canister'), trust.log, utf8('certified_data')])
  if (data === null || !equalBytes(data, root))
    throw new Unsound('BadCertificate', 'the head is not what the network certified')
  const completeNs = evidence.history === null ? null : checkHistory(evidence.history, entries, trust)
  const witnesses = witnessesOf(evidence, head, entries, trust, keys)
  const needed = policy.witnesses?.needed ?? 0
  if (witnesses.length < needed)
    throw new CannotTell(`${witnesses.length} of the ${needed} witnesses that are wanted have seen all of this`)
  const certifiedNs = completeNs !== null && completeNs < certificate.timeNs ? completeNs : certificate.timeNs

  const checked: EvidenceCheck[] = ['certificate', 'witness', 'inclusion', 'detail']
  if (completeNs !== null) checked.push('complete')
  if (continuesSeen(evidence, head, certificate.timeNs, policy)) checked.push('consistency')
  if (policy.latest !== undefined) {
    expectFresh(certifiedNs, policy.latest.nowNs)
    checked.push('fresh')
  }
  if (policy.witnesses !== undefined) checked.push('cosigned')
  const historyOf = evidence.history?.of ?? null
  return { kind: 'verified', entries, historyOf, certifiedNs, treeSize: head.size, checked, witnesses }
}

/** The tree head, and the root of the certified tree that holds it. */
function headOf(evidence: Evidence, trust: EvidenceTrust): { head: TreeHead; root: Uint8Array } {
  const witness = readLogWitness(sha256, evidence.head.witness)
  if (witness === null) throw new Unsound('BadCertificate', 'the witness holds no tree head')
  if (!equalBytes(witness.treeHead.logId, logIdOf(sha256, trust.log)))
    throw new Unsound('LogBroken', 'the tree head is of another log')
  return { head: witness.treeHead, root: witness.root }
}

function checkEntry(entry: EvidenceEntry, head: TreeHead): ProvenEntry {
  const decoded = decodeLeaf(entry.leaf)
  if (!decoded.ok) throw new Unsound('LogBroken', 'an entry is no leaf')
  const { value: leaf } = decoded
  const hash = leafHash(sha256, entry.leaf)
  const claim = { leafHash: hash, index: leaf.index, size: head.size, root: head.root, path: entry.path }
  if (!verifyInclusion(sha256, claim)) throw new Unsound('LogBroken', `entry ${leaf.index} is not in the log`)
  const detail = decodeDetail(entry.detail)
  if (!equalBytes(sha256(entry.detail), leaf.detailHash) || detail?.head.event !== leaf.event)
    throw new Unsound('LogBroken', `the details of entry ${leaf.index} are not its own`)
  return { leaf, leafHash: hash, detail }
}

function checkEarlier({ earlier }: Evidence, head: TreeHead): void {
  for (const { size, root, path } of earlier)
    if (!continues({ size, root }, path, head))
      throw new Unsound('LogBroken', `the log does not continue the one of ${size} entries`)
}

const continues = (old: { size: number; root: Uint8Array }, path: readonly Uint8Array[], head: TreeHead): boolean =>
  verifyConsistency(sha256, { oldSize: old.size, oldRoot: old.root, newSize: head.size, newRoot: head.root, path })

/** @returns names of the witnesses that have seen every entry. */
function witnessesOf(
  { checkpoints }: Evidence,
  head: TreeHead,
  entries: readonly ProvenEntry[],
  trust: EvidenceTrust,
  keys: readonly NoteKey[],
): string[] {
  const origin = originOf(Principal.fromUint8Array(trust.log).toText())
  const names = new Set<string>()
  for (const { note, path } of checkpoints) {
    const { checkpoint, witnesses } = openNote(note, keys)
    if (checkpoint.origin !== origin) throw new Unsound('BadCosignature', 'a checkpoint is of another log')
    if (!continues(checkpoint, path, head))
      throw new Unsound('LogBroken', `the log does not continue its checkpoint of ${checkpoint.size} entries`)
    const hasAll = entries.every(({ leaf }) => leaf.index < checkpoint.size)
    if (hasAll) for (const name of witnesses) names.add(name)
  }
  return [...names].toSorted()
}

/** @returns whether the evidence shows that its head and the one that was seen are of one log. */
function continuesSeen(
  { earlier }: Evidence,
  head: TreeHead,
  certifiedNs: bigint,
  { seen, latest }: EvidencePolicy,
): boolean {
  if (seen === undefined || seen === null) return false
  if (seen.size > head.size && seen.certifiedNs < certifiedNs)
    throw new Unsound('LogBroken', `the log shrank from ${seen.size} to ${head.size} entries`)
  const known = seen.size === head.size ? head : earlier.find(({ size }) => size === seen.size)
  if (known !== undefined) {
    // Every earlier head of the file was proven to be of this log: another root at the same size is another log.
    if (equalBytes(known.root, seen.root)) return true
    throw new Unsound('LogBroken', 'the log was rewritten since this device saw it')
  }
  if (latest !== undefined)
    throw new CannotTell(`nothing shows that this log continues the one of ${seen.size} entries that this device saw`)
  return false
}

function expectFresh(certifiedNs: bigint, nowNs: bigint): void {
  if (certifiedNs < nowNs - FRESH_NS) throw new CannotTell('it is more than five minutes old')
  if (certifiedNs > nowNs + FRESH_NS)
    throw new CannotTell('by its certificate this clock is more than five minutes slow')
}
