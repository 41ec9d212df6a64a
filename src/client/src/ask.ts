import {
  AgentError,
  Certificate,
  CertifiedRejectErrorCode,
  type HttpAgent,
  isV2ResponseBody,
  isV3ResponseBody,
  lookupResultToBuffer,
  MissingSignatureErrorCode,
  pollForResponse,
  QueryResponseStatus,
  RejectError,
  type RequestId,
  type SubmitResponse,
  UncertifiedRejectErrorCode,
  UncertifiedRejectUpdateErrorCode,
} from '@dfinity/agent'
import { Principal } from '@medguard/protocol'
import { Fault } from './api.ts'
import { answersFrom } from './bounded-fetch.ts'
import type { Trust } from './network.ts'

/** One message to one method. */
export interface Question {
  readonly canisterId: Principal
  readonly methodName: string
  /** Candid bytes. */
  readonly arg: Uint8Array
}

/** What came back: bytes that nobody has looked at yet. */
export interface Answer {
  readonly reply: Uint8Array
  /** When the network certified it; null for a query, which one node answers for. */
  readonly certifiedNs: bigint | null
}

/** A reply with what proves to anybody that it is the answer to this very call. */
export interface ProvenAnswer extends Answer {
  readonly sender: Uint8Array
  readonly ingressExpiryNs: bigint
  readonly nonce: Uint8Array | null
  /** CBOR; reveals the reply under the request's id. */
  readonly certificate: Uint8Array
}

// The agent's own actor decodes a reply before anybody can look at its bytes, and keeps the certificate's time to itself. These two do what it
// does, and stop at the bytes.

/**
 * After a wrong signature the agent forgets the keys of the nodes, and where it cannot fetch them anew it says only that it has none. Then an
 * answer that came is one that nobody vouches for, and whoever bent it must not pass for a network that is away by holding back the keys as well.
 *
 * @throws AgentError @throws Fault `BadCertificate`
 */
export async function askQuery(agent: HttpAgent, { canisterId, methodName, arg }: Question): Promise<Answer> {
  const { href } = new URL(`/api/v2/canister/${canisterId.toText()}/query`, agent.host)
  const before = answersFrom(href)
  const answer = await agent.query(canisterId, { methodName, arg }).catch((cause: unknown) => {
    const hasNoKeys = cause instanceof AgentError && cause.hasCode(MissingSignatureErrorCode)
    if (!hasNoKeys || answersFrom(href) === before) throw cause
    throw new Fault('BadCertificate', 'an answer came, and no keys to check it with', { cause })
  })
  if (answer.status === QueryResponseStatus.Replied) return { reply: answer.reply.arg, certifiedNs: null }
  const { requestId, reject_code, reject_message, error_code, signatures } = answer
  throw RejectError.fromCode(
    new UncertifiedRejectErrorCode(requestId, reject_code, reject_message, error_code, signatures),
  )
}

/** @throws AgentError */
export async function askUpdate(agent: HttpAgent, trust: Trust, question: Question): Promise<Answer> {
  return answerTo(agent, trust, question, await submit(agent, question))
}

/** As `askUpdate`, and keeps the proof. @throws AgentError */
export async function askProven(agent: HttpAgent, trust: Trust, question: Question): Promise<ProvenAnswer> {
  const { canisterId } = question
  const submitted = await submit(agent, question)
  const answer = await answerTo(agent, trust, question, submitted)
  const { requestId, requestDetails } = submitted
  if (requestDetails === undefined) throw new Fault('BadReply', 'the agent keeps nothing of what it sent')
  const { sender, ingress_expiry, nonce } = requestDetails
  // The agent checks certificates and does not give them out: the network is asked for this one once more.
  const paths = [[new TextEncoder().encode('request_status'), requestId]]
  const { certificate } = await agent.readState(canisterId, { paths })
  return {
    ...answer,
    sender: Principal.from(sender).toUint8Array(),
    ingressExpiryNs: ingress_expiry.toBigInt(),
    nonce: nonce === undefined ? null : new Uint8Array(nonce),
    certificate: new Uint8Array(certificate),
  }
}

const submit = (agent: HttpAgent, { canisterId, methodName, arg }: Question) =>
  agent.call(canisterId, { methodName, arg, effectiveCanisterId: canisterId })

async function answerTo(
  agent: HttpAgent,
  { rootKey, checkSignature }: Trust,
  { canisterId }: Question,
  { requestId, response }: SubmitResponse,
): Promise<Answer> {
  const { body } = response
  if (isV2ResponseBody(body)) {
    const { reject_code, reject_message, error_code } = body
    throw RejectError.fromCode(new UncertifiedRejectUpdateErrorCode(requestId, reject_code, reject_message, error_code))
  }
  if (isV3ResponseBody(body)) {
    const certificate = await Certificate.create({
      certificate: body.certificate,
      rootKey,
      canisterId,
      agent,
      ...(checkSignature === undefined ? {} : { blsVerify: checkSignature }),
    })
    const answer = answerIn(certificate, requestId)
    if (answer !== null) return answer
  }
  const { certificate, reply } = await pollForResponse(
    agent,
    canisterId,
    requestId,
    checkSignature === undefined ? {} : { blsVerify: checkSignature },
  )
  return { reply, certifiedNs: certificateTimeNs(certificate) }
}

/** @returns null while the request is still under way. @throws RejectError */
function answerIn(certificate: Certificate, requestId: RequestId): Answer | null {
  const field = (name: string) => lookupResultToBuffer(certificate.lookup_path(['request_status', requestId, name]))
  const text = (name: string) => new TextDecoder().decode(field(name))
  switch (text('status')) {
    case 'replied': {
      const reply = field('reply')
      return reply === undefined ? null : { reply, certifiedNs: certificateTimeNs(certificate) }
    }
    case 'rejected':
      throw RejectError.fromCode(
        new CertifiedRejectErrorCode(
          requestId,
          field('reject_code')?.[0] ?? 0,
          text('reject_message'),
          text('error_code'),
        ),
      )
    default:
      return null
  }
}

/** The network's time when it signed, nanoseconds since 1970; zero for a certificate without one, which is older than everything. */
export function certificateTimeNs(certificate: Certificate): bigint {
  let value = 0n
  const time = lookupResultToBuffer(certificate.lookup_path(['time'])) ?? new Uint8Array()
  for (const [i, byte] of time.entries()) value |= BigInt(byte & 0x7f) << BigInt(7 * i)
  return value
}
