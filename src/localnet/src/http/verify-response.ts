// Whether an answer is what the canister certified, by the network's own verifier. HTTP gateway protocol specification, "Response
// verification".
import { verifyRequestResponsePair } from '@dfinity/response-verification'
import type { CanisterFacts } from '../contracts.ts'
import { HttpProblem } from './problem.ts'
import { headerOf, type SiteRequest, type SiteResponse } from './site.ts'

/** How far a certificate's time may lie from now, either way: 5 minutes. */
const CERTIFICATE_AGE_NS_MAX = 300_000_000_000n

export interface Certified {
  readonly canisterId: Uint8Array
  /** As the canister was given it. */
  readonly request: SiteRequest
  /** The whole body, put together where it came in parts. */
  readonly response: SiteResponse
  /** DER. */
  readonly rootKeyDer: Uint8Array
  readonly nowNs: bigint
  readonly facts: CanisterFacts | undefined
}

/**
 * @returns the response with no headers but certified ones, unless the canister certifies that it certifies none.
 * @throws HttpProblem 500 when anything does not match, or nothing is certified.
 */
export function verifiedResponse({ canisterId, request, response, rootKeyDer, nowNs, facts }: Certified): SiteResponse {
  const headers = response.headers.map(([name, value]): [string, string] => [name, value])
  if (headerOf(headers, 'ic-certificate') === undefined) {
    throw failed('the canister certifies none of its answers; an address with .raw shows them unverified')
  }
  let verified
  try {
    verified = verifyRequestResponsePair(
      {
        method: request.method,
        url: request.url,
        headers: request.headers.map(([name, value]): [string, string] => [name, value]),
        body: request.body,
        certificate_version: [2],
      },
      { status_code: response.status, headers, body: response.body },
      canisterId,
      nowNs,
      CERTIFICATE_AGE_NS_MAX,
      rootKeyDer,
      leastVersion(facts),
    )
  } catch (error) {
    throw failed(reasonOf(error))
  }
  const { response: certified, verificationVersion } = verified
  if (verificationVersion >= 2) return { ...response, headers: certified?.headers ?? response.headers }
  // Version 1 says nothing about status and headers, so what would let them do harm is not passed on.
  if (response.status >= 300 && response.status < 400) throw failed('version 1 cannot certify a redirect')
  return { ...response, headers: response.headers.filter(([name]) => name.toLowerCase() !== 'cache-control') }
}

/** A canister that says it knows version 2 is not believed under version 1. */
function leastVersion(facts: CanisterFacts | undefined): number {
  const declared = facts?.metadata.find(({ name }) => name === 'supported_certificate_versions')
  const versions = declared === undefined ? [] : Buffer.from(declared.content).toString('latin1').split(',')
  return versions.some((version) => version.trim() === '2') ? 2 : 1
}

const failed = (reason: string) => new HttpProblem(500, `Response verification failed: ${reason}.`)

/** The verifier throws objects of its own, which live in its Wasm memory until they are freed. */
function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message
  const { message, free } = error as { readonly message?: unknown; readonly free?: unknown }
  const text = typeof message === 'string' ? message : String(error)
  if (typeof free === 'function') free.call(error)
  return text.replace(/\.$/, '')
}
