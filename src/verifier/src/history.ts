import { auditService, decodeArg, decodeRet, equalBytes, eventName, guardCandid, isInView } from '@medguard/protocol'
import { EMPTY_SEQUENCE, sequenceHash } from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import type { EvidenceHistory } from './bundle.ts'
import { checkCertificate, type EvidenceTrust } from './certificate.ts'
import { utf8 } from './hash-tree.ts'
import { requestIdOf } from './request-id.ts'
import { type ProvenEntry, Unsound } from './verdict.ts'

const ZERO_HASH = new Uint8Array(32)

/**
 * Whether entries are all there are: nothing is missing among them, and their number and what they come to are what the log answered with to an update,
 * whose reply the network certified.
 *
 * @returns when the network certified it. @throws Unsound
 */
export function checkHistory(history: EvidenceHistory, entries: readonly ProvenEntry[], trust: EvidenceTrust): bigint {
  if (history.of.id.length !== 16) throw new Unsound('BadFile', 'an id has 16 bytes')
  if (guardCandid(history.arg, 1) !== null) throw new Unsound('BadFile', 'the question of a history is none')
  return history.of.kind === 'patient'
    ? checkPatient(history, entries, trust)
    : checkOrganisation(history, entries, trust)
}

/** Each leaf names the one before it. */
function checkPatient(history: EvidenceHistory, entries: readonly ProvenEntry[], trust: EvidenceTrust): bigint {
  const { id } = history.of
  if (!equalBytes(decodeArg(auditService.chainHead, history.arg).patientId, id)) throw notAsked()
  let lastHash: Uint8Array = ZERO_HASH
  for (const [seq, { leaf, leafHash }] of entries.entries()) {
    const follows = leaf.patientSeq === seq && equalBytes(leaf.patientId, id)
    if (!follows || !equalBytes(leaf.previousLeafHash, lastHash))
      throw new Unsound('LogBroken', `entry ${seq} does not follow the one before`)
    lastHash = leafHash
  }
  const { timeNs, reply } = certifiedReply(history, 'chainHead', trust)
  const answer = decodeRet(auditService.chainHead, reply)
  if ('Err' in answer) throw unanswered()
  expectAll(entries, answer.Ok.count, equalBytes(answer.Ok.lastLeafHash, lastHash))
  return timeNs
}

/** What the leaves come to, in their order, says whether they are these. An id of zeros: those about the canisters themselves. */
function checkOrganisation(history: EvidenceHistory, entries: readonly ProvenEntry[], trust: EvidenceTrust): bigint {
  const { id } = history.of
  if (!equalBytes(decodeArg(auditService.organisationHead, history.arg).orgId, id)) throw notAsked()
  let sum: Uint8Array = EMPTY_SEQUENCE
  for (const { leaf, leafHash, detail } of entries) {
    if (!isInView(id, eventName(leaf.event), detail.fields))
      throw new Unsound('LogBroken', `entry ${leaf.index} is not of this organisation`)
    sum = sequenceHash(sha256, sum, leafHash)
  }
  const { timeNs, reply } = certifiedReply(history, 'organisationHead', trust)
  const answer = decodeRet(auditService.organisationHead, reply)
  if ('Err' in answer) throw unanswered()
  expectAll(entries, answer.Ok.count, equalBytes(answer.Ok.sequenceHash, sum))
  return timeNs
}

function expectAll(entries: readonly ProvenEntry[], count: bigint, isSame: boolean): void {
  if (count !== BigInt(entries.length) || entries.length === 0 || !isSame)
    throw new Unsound('LogBroken', 'entries are missing, or the history does not end as the log says')
}
const notAsked = () => new Unsound('LogBroken', 'the history is not of whom the log was asked about')
const unanswered = () => new Unsound('LogBroken', 'the log did not say how long the history is')

/** The reply to exactly that call of that method. Only the canister that was asked can have given it, so it decodes. */
function certifiedReply(
  { arg, sender, ingressExpiryNs, nonce, certificate }: EvidenceHistory,
  methodName: 'chainHead' | 'organisationHead',
  trust: EvidenceTrust,
): { timeNs: bigint; reply: Uint8Array } {
  const requestId = requestIdOf({ canisterId: trust.log, methodName, arg, sender, ingressExpiryNs, nonce })
  const certified = checkCertificate(certificate, trust.log, trust)
  const field = (name: string) => certified.leaf([utf8('request_status'), requestId, utf8(name)])
  const reply = field('reply')
  if (reply === null || !equalBytes(field('status') ?? new Uint8Array(), utf8('replied')))
    throw new Unsound('BadCertificate', 'the network did not certify this answer of the log')
  return { timeNs: certified.timeNs, reply: new Uint8Array(reply) }
}
