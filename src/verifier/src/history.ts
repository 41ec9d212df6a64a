import { auditService, decodeArg, decodeRet, equalBytes, guardCandid } from '@medguard/protocol'
import type { EvidenceHistory } from './bundle.ts'
import { checkCertificate, type EvidenceTrust } from './certificate.ts'
import { utf8 } from './hash-tree.ts'
import { requestIdOf } from './request-id.ts'
import { type ProvenEntry, Unsound } from './verdict.ts'

const ZERO_HASH = new Uint8Array(32)

/**
 * Whether entries are all there are: their links have no gap, and their number and the last one's hash are those that the log answered with to an update,
 * whose reply the network certified.
 *
 * @returns when the network certified it. @throws Unsound
 */
export function checkHistory(history: EvidenceHistory, entries: readonly ProvenEntry[], trust: EvidenceTrust): bigint {
  const { of, arg } = history
  if (guardCandid(arg, 1) !== null || !equalBytes(decodeArg(auditService.chainHead, arg).patientId, of.id))
    throw new Unsound('LogBroken', 'the history is not of whom the log was asked about')
  let last: ProvenEntry | null = null
  for (const entry of entries) {
    const { leaf } = entry
    const seq: number = last === null ? 0 : last.leaf.patientSeq + 1
    const follows =
      leaf.patientSeq === seq &&
      equalBytes(leaf.patientId, of.id) &&
      equalBytes(leaf.previousLeafHash, last?.leafHash ?? ZERO_HASH)
    if (!follows) throw new Unsound('LogBroken', `entry ${seq} does not follow the one before`)
    last = entry
  }
  const { timeNs, reply } = certifiedReply(history, 'chainHead', trust)
  const answer = decodeRet(auditService.chainHead, reply)
  if ('Err' in answer) throw new Unsound('LogBroken', 'the log did not say how long the history is')
  const { count, lastLeafHash } = answer.Ok
  if (count !== BigInt(entries.length) || last === null || !equalBytes(lastLeafHash, last.leafHash))
    throw new Unsound('LogBroken', 'entries are missing, or the history does not end as the log says')
  return timeNs
}

/** The reply to exactly that call of that method. Only the canister that was asked can have given it, so it decodes. */
function certifiedReply(
  { arg, sender, ingressExpiryNs, nonce, certificate }: EvidenceHistory,
  methodName: string,
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
