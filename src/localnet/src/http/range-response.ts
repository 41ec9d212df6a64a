// Bodies that a canister gives in ranges, because they are larger than one answer: a 206 to a request that asked for no range is only
// the beginning. HTTP gateway of the Internet Computer (dfinity/http-gateway).
import { concat } from '../certificates/index.ts'
import { HttpProblem } from './problem.ts'
import { headerOf, type SiteRequest, type SiteResponse } from './site.ts'

const RANGES_MAX = 1000
const BODY_BYTES_MAX = 256 * 1024 * 1024

interface ContentRange {
  /** Of the first and the last byte. */
  readonly first: number
  readonly last: number
  readonly total: number
}

export const isBeginning = (request: SiteRequest, { status }: SiteResponse): boolean =>
  status === 206 && headerOf(request.headers, 'range') === undefined

/**
 * @param beginning the first answer.
 * @param ask for everything from a byte on; the answer may be any part that holds that byte, and has been verified.
 * @returns one answer with the whole body. @throws HttpProblem 502 for ranges that do not fit together.
 */
export async function wholeOfRanges(
  beginning: SiteResponse,
  ask: (range: string) => Promise<SiteResponse>,
): Promise<SiteResponse> {
  const { total, last } = rangeOf(beginning, 0)
  const parts = [beginning.body]
  let size = last + 1
  while (size < total) {
    if (parts.length >= RANGES_MAX) throw new HttpProblem(502, 'The answer in ranges does not end.')
    const next = await ask(`bytes=${size}-`)
    const range = rangeOf(next, size)
    if (range.total !== total) throw new HttpProblem(502, 'The ranges are of different answers.')
    parts.push(next.body.subarray(size - range.first))
    size = range.last + 1
  }
  const headers = beginning.headers.filter(([name]) => !/^content-(range|length)$/i.test(name))
  return { status: 200, headers, body: concat(...parts) }
}

/** @param from the byte that must be in it. */
function rangeOf({ status, headers, body }: SiteResponse, from: number): ContentRange {
  const written = headerOf(headers, 'content-range') ?? ''
  const [, first, last, total] = (/^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(written) ?? []).map(Number)
  const range = { first: first ?? NaN, last: last ?? NaN, total: total ?? NaN }
  const fits = range.first <= from && from <= range.last && range.last < range.total && range.total <= BODY_BYTES_MAX
  if (status === 206 && fits && body.length === range.last - range.first + 1) return range
  throw new HttpProblem(
    502,
    `The canister answered with the range ${JSON.stringify(written.slice(0, 60))}, which does not fit.`,
  )
}
