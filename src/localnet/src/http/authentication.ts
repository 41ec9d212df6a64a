// Who sent a request, and whether it may be that one. Interface specification, "Authentication"; texts follow the replica's.
import { Principal } from '@dfinity/principal'
import { concat, domainSeparator, equalBytes, hex, selfAuthenticating } from '../certificates/index.ts'
import { canisterSignatureProblem } from './canister-signature.ts'
import type { CallContent, Delegation, Envelope, ReadStateContent, SenderInfo } from './envelope.ts'
import { HttpProblem } from './problem.ts'
import { signatureProblem } from './signature-schemes.ts'
import { OID_CANISTER, unwrapKey } from './wrapped-key.ts'

const REQUEST = domainSeparator('ic-request')
const DELEGATION = domainSeparator('ic-request-auth-delegation')
const SENDER_INFO = domainSeparator('ic-sender-info')
const ANONYMOUS = Uint8Array.of(4)

/** Five minutes and thirty seconds of permitted drift, as in the replica. */
const INGRESS_WINDOW_NS = 330_000_000_000n

/** Canister ids that a chain of delegations is limited to; null means no limit. */
export type Targets = ReadonlySet<string> | null

/** What a request is checked against. */
export interface Here {
  readonly nowNs: bigint
  readonly rootKeyDer: Uint8Array
}

/** @returns the targets, for checks that need more than the request. @throws HttpProblem 400 with the replica's wording. */
export function authenticate(envelope: Envelope<CallContent | ReadStateContent>, here: Here): Targets {
  const { content } = envelope
  const { nowNs } = here
  const anonymous = equalBytes(content.sender, ANONYMOUS)
  if (!anonymous || content.kind === 'call') checkExpiry(content.ingressExpiryNs, nowNs)
  if (anonymous) {
    if (envelope.publicKeyDer !== null || envelope.signature !== null || envelope.delegations !== null) {
      throw new HttpProblem(400, 'Signature is not allowed for the anonymous user.')
    }
    if (content.kind !== 'read_state' && content.senderInfo !== null) {
      throw new HttpProblem(400, 'Invalid sender info: nobody vouches for the anonymous user.')
    }
    return null
  }
  const targets = checkSignature(envelope, here)
  if (content.kind !== 'read_state' && content.senderInfo !== null) {
    checkSenderInfo(content.senderInfo, envelope.publicKeyDer, here)
  }
  if (content.kind !== 'read_state') expectTarget(targets, content.canisterId)
  return targets
}

/** @throws HttpProblem 400 when the delegations leave this canister out. */
export function expectTarget(targets: Targets, canisterId: Uint8Array): void {
  if (targets !== null && !targets.has(hex(canisterId))) {
    throw new HttpProblem(400, `Canister ${text(canisterId)} is not one of the delegation targets.`)
  }
}

function checkExpiry(expiryNs: bigint, nowNs: bigint): void {
  const maxNs = nowNs + INGRESS_WINDOW_NS
  if (expiryNs >= nowNs && expiryNs <= maxNs) return
  throw new HttpProblem(
    400,
    'Invalid request expiry: Specified ingress_expiry not within expected range: ' +
      `Minimum allowed expiry: ${date(nowNs)}, Maximum allowed expiry: ${date(maxNs)}, Provided expiry: ${date(expiryNs)}`,
  )
}

function checkSignature(
  { content, publicKeyDer, signature, delegations, requestId }: Envelope<CallContent | ReadStateContent>,
  here: Here,
) {
  if (publicKeyDer === null || signature === null) {
    throw new HttpProblem(400, `Missing signature from user ${text(content.sender)}.`)
  }
  if (!equalBytes(selfAuthenticating(publicKeyDer), content.sender)) {
    throw new HttpProblem(
      400,
      `The user id ${text(content.sender)} does not match the public key ${hex(publicKeyDer)}.`,
    )
  }
  const chain = delegations ?? []
  const signer = checkChain(publicKeyDer, chain, content.kind, here)
  const problem = signatureProblem(signer, concat(REQUEST, requestId), signature, here.rootKeyDer)
  if (problem !== null) throw new HttpProblem(400, `Invalid signature: ${problem}.`)
  return chain.reduce<Targets>((all, { targets }) => intersect(all, targets), null)
}

/** @returns the key that must have signed the request. */
function checkChain(
  first: Uint8Array,
  chain: readonly Delegation[],
  kind: string,
  { nowNs, rootKeyDer }: Here,
): Uint8Array {
  const seen = new Set([hex(first)])
  let signer = first
  for (const delegation of chain) {
    const key = hex(delegation.publicKeyDer)
    if (seen.has(key)) throw new HttpProblem(400, 'Invalid delegation: a public key appears twice in the chain.')
    seen.add(key)
    if (delegation.expirationNs < nowNs) {
      throw new HttpProblem(
        400,
        'Invalid delegation expiry: Specified sender delegation has expired: ' +
          `Provided expiry: ${date(delegation.expirationNs)}, Local replica time: ${date(nowNs)}`,
      )
    }
    if (delegation.queriesOnly && kind === 'call') {
      throw new HttpProblem(400, 'Invalid delegation: its permissions allow queries only.')
    }
    const problem = signatureProblem(signer, concat(DELEGATION, delegation.hash), delegation.signature, rootKeyDer)
    if (problem !== null) throw new HttpProblem(400, `Invalid delegation: ${problem}.`)
    signer = delegation.publicKeyDer
  }
  return signer
}

/** Only a sender whose own key is a canister's can have somebody vouch for them: that canister, with that key. */
function checkSenderInfo({ info, signer, signature }: SenderInfo, key: Uint8Array | null, { rootKeyDer }: Here): void {
  const canister = key === null ? null : unwrapKey(OID_CANISTER, key)
  if (canister === null) throw new HttpProblem(400, 'Invalid sender info: the sender has no key of a canister.')
  if (!equalBytes(canister.subarray(1, 1 + (canister[0] ?? 0)), signer)) {
    throw new HttpProblem(400, `Invalid sender info: ${text(signer)} is not the canister of the sender's key.`)
  }
  const problem = canisterSignatureProblem(canister, concat(SENDER_INFO, info), signature, rootKeyDer)
  if (problem !== null) throw new HttpProblem(400, `Invalid sender info: ${problem}.`)
}

function intersect(all: Targets, targets: readonly Uint8Array[] | null): Targets {
  if (targets === null) return all
  const keys = targets.map(hex)
  return new Set(all === null ? keys : keys.filter((key) => all.has(key)))
}

const text = (principal: Uint8Array): string => Principal.fromUint8Array(principal).toText()

/** RFC 3339 where a date can show it; a stranger may send any 64 bits. */
function date(ns: bigint): string {
  const ms = Number(ns / 1_000_000n)
  return ms <= 8.64e15 ? new Date(ms).toISOString() : `${ns} ns`
}
