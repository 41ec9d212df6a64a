// One HTTP request of a canister on its way out of the machine, and what comes back in.

export interface HttpHeader {
  readonly name: string
  readonly value: string
}

/** interface specification, "IC method http_request" */
export interface OutcallRequest {
  readonly id: number
  /** `https:`, or where that is allowed `http:` to this computer. */
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  readonly headers: readonly HttpHeader[]
  readonly body: Uint8Array | null
  /** Names and values of headers, and body. */
  readonly maxResponseBytes: number
  /** How many nodes ask, each for itself. */
  readonly copies: number
}

export type OutcallResult =
  | {
      readonly kind: 'response'
      readonly status: number
      readonly headers: readonly HttpHeader[]
      readonly body: Uint8Array
    }
  /** 1: asking again would not help; 2: it might. */
  | { readonly kind: 'failed'; readonly code: 1 | 2; readonly message: string }
