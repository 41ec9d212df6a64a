// What a canister host answers, whether a canister made it or something built in.

export type Header = readonly [name: string, value: string]

export interface SiteRequest {
  /** Upper case. */
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

export interface SiteResponse {
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

/** Serves a canister id without a canister. */
export type Site = (request: SiteRequest) => Promise<SiteResponse>

/** The value of a header, whatever its case; the first if there are several. */
export function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1]
}

export function textResponse(status: number, text: string, headers: readonly Header[] = []): SiteResponse {
  return {
    status,
    headers: [['content-type', 'text/plain; charset=utf-8'], ['x-content-type-options', 'nosniff'], ...headers],
    body: new TextEncoder().encode(`${text}\n`),
  }
}
