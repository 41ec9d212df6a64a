import { fromBase64, toBase64 } from '@medguard/protocol'
import type { HttpResponse } from './http-codec.ts'

// A gateway shows an answer of a query only with a certificate. What our queries answer is the same for everybody and decides nothing, so we certify once that they are
// not certified (HTTP gateway protocol specification, "Response verification"): a constant, under the path that takes in all others.

const EXPRESSION = 'default_certification(ValidationArgs{no_certification:Empty{}})'
/** `["http_expr", "<*>"]`, and the tree that has EXPRESSION there, in CBOR and base64; a test makes them anew. */
const EXPRESSION_PATH = '2dn3gmlodHRwX2V4cHJjPCo+'
const TREE = '2dn3gwJJaHR0cF9leHBygwJDPCo+gwJYIMMautvQsFn51GT9bfTani3Ah659C0BGjTNyJtQTszcjggNA'
/** Certified data of a canister that says so: the root of that tree. */
export const UNCERTIFIED_ROOT = fromBase64('VezDHD6AR/wVjyDqCqBgmqzHtX4G6kDcQYYCcqfWQpE=') ?? new Uint8Array(0)

/** @param certificate of the network, of `UNCERTIFIED_ROOT`; undefined where a query is no query. */
export function uncertified(response: HttpResponse, certificate: Uint8Array | undefined): HttpResponse {
  const proof = `certificate=:${toBase64(certificate ?? new Uint8Array(0))}:, tree=:${TREE}:, version=2, expr_path=:${EXPRESSION_PATH}:`
  return {
    ...response,
    fields: [...response.fields, ['ic-certificateexpression', EXPRESSION], ['ic-certificate', proof]],
  }
}
