import type { HttpHeader } from '../contracts.ts'

// What an HTTPS outcall may be. interface specification, "IC method http_request"

export const OUTCALL_BYTES_MAX = 2_000_000
const URL_BYTES_MAX = 8192
const HEADERS_MAX = 64
const HEADER_PART_BYTES_MAX = 8 * 1024
const HEADERS_BYTES_MAX = 48 * 1024
/** RFC 9110, section 5.6.2, and what Node lets through in a value. Nothing that could end a header and begin another. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/u

/** Bytes of names and values. */
export const headerBytes = (headers: readonly HttpHeader[]): number =>
  headers.reduce((sum, { name, value }) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)

/** @returns why the headers of a request or a response are refused, or null. */
export function headersProblem(headers: readonly HttpHeader[]): string | null {
  if (headers.length > HEADERS_MAX) return `number of headers exceeds ${HEADERS_MAX}`
  const tooLong = headers.some(
    ({ name, value }) =>
      Buffer.byteLength(name) > HEADER_PART_BYTES_MAX || Buffer.byteLength(value) > HEADER_PART_BYTES_MAX,
  )
  if (tooLong) return `a header name or value exceeds ${HEADER_PART_BYTES_MAX} bytes`
  return headerBytes(headers) > HEADERS_BYTES_MAX ? `total size of headers exceeds ${HEADERS_BYTES_MAX} bytes` : null
}

/** @returns why the headers of a request cannot be sent, or null. */
export function requestHeadersProblem(headers: readonly HttpHeader[]): string | null {
  const invalid = headers.find(({ name, value }) => !HEADER_NAME.test(name) || !HEADER_VALUE.test(value))
  return invalid === undefined ? headersProblem(headers) : `the header ${JSON.stringify(invalid.name)} is invalid`
}

/** @param allowsLoopback also `http:` to this computer. @returns why an address is refused, or null. */
export function urlProblem(text: string, allowsLoopback: boolean): string | null {
  if (Buffer.byteLength(text) > URL_BYTES_MAX) return `url is longer than ${URL_BYTES_MAX} bytes`
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return 'url is not valid'
  }
  if (url.username !== '' || url.password !== '') return 'url must not hold a user or a password'
  if (url.protocol === 'https:') return null
  if (url.protocol === 'http:' && allowsLoopback && isLoopbackName(url.hostname)) return null
  return 'url must start with https'
}

/** What may stand for this computer in a URL. What `localhost` resolves to is checked when the connection is made. */
const isLoopbackName = (hostname: string): boolean => hostname === 'localhost' || isLoopback(hostname)

/** @param address IPv4, or IPv6 with or without brackets. */
export const isLoopback = (address: string): boolean =>
  /^127\.\d+\.\d+\.\d+$/u.test(address) || address === '[::1]' || address === '::1'
