import { IDL } from '@dfinity/candid'
import { contractViolation } from './execution-trap.ts'
import { httpRequestCycles } from './prices.ts'

const PARAMETERS_BYTES_MAX = 1024

const Parameters = IDL.Record({
  request_bytes: IDL.Nat64,
  http_roundtrip_time_ms: IDL.Nat64,
  raw_response_bytes: IDL.Nat64,
  transformed_response_bytes: IDL.Nat64,
  transform_instructions: IDL.Nat64,
  outcall_type: IDL.Opt(
    IDL.Variant({
      fully_replicated: IDL.Reserved,
      non_replicated: IDL.Reserved,
      flexible: IDL.Opt(IDL.Record({ min_responses: IDL.Nat32, max_responses: IDL.Nat32, total_requests: IDL.Nat32 })),
    }),
  ),
})

/**
 * What to attach to an outcall that uses this much. This network charges every outcall as pricing version 1 does, by the largest
 * response the caller allows, so a call that allows no more than `raw_response_bytes` costs exactly this.
 * interface specification, `ic0.cost_http_request_v2`
 *
 * @param bytes Candid, from the canister.
 * @throws ExecutionTrap for anything else.
 */
export function outcallCost(bytes: Uint8Array): bigint {
  if (bytes.length > PARAMETERS_BYTES_MAX) {
    throw contractViolation(`ic0.cost_http_request_v2: parameters of ${bytes.length} bytes are too large`)
  }
  try {
    const [parameters] = IDL.decode([Parameters], bytes) as unknown as [
      { readonly request_bytes: bigint; readonly raw_response_bytes: bigint },
    ]
    return httpRequestCycles(Number(parameters.request_bytes), Number(parameters.raw_response_bytes))
  } catch {
    throw contractViolation('ic0.cost_http_request_v2: the parameters are not the Candid it takes')
  }
}
