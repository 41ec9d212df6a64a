/**
 * UTF-8 for canisters, after the WHATWG Encoding Standard, section 6. The build puts this file where Azle imports
 * `@sinonjs/text-encoding`, whose tables of legacy encodings make up most of a bundle and of its start-up cost.
 *
 * The engine is an interpreter: what counts is the number of steps in script, so both directions hand the work to native
 * functions (`escape`, `encodeURIComponent`) and fall back to loops only for text that those reject.
 */

/** Arguments of one `apply`: a larger piece would leave the engine's stack. */
const PIECE_BYTES = 4096
const REPLACEMENT = 0xfffd

/** Lone surrogates become U+FFFD, as in browsers. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  // `var` and hoisted lengths: a `let` loop costs twice as much in this engine. No function gives the bytes of a text natively.
  var length = text.length
  var bytes = new Uint8Array(length)
  for (var i = 0; i < length; i++) {
    var code = text.charCodeAt(i)
    if (code > 0x7f) return latin1Bytes(utf8AsLatin1(text))
    bytes[i] = code
  }
  return bytes
}

function latin1Bytes(latin1: string): Uint8Array<ArrayBuffer> {
  var length = latin1.length
  var bytes = new Uint8Array(length)
  for (var i = 0; i < length; i++) bytes[i] = latin1.charCodeAt(i)
  return bytes
}

/**
 * A leading byte order mark is dropped unless `keepMark`; an ill-formed sequence becomes U+FFFD, or with `fatal` an error.
 * @throws TypeError for ill-formed bytes when `fatal`.
 */
export function decodeUtf8(bytes: Uint8Array, options: { fatal?: boolean; keepMark?: boolean } = {}): string {
  let text = wellFormedText(bytes)
  if (text === null) {
    if (options.fatal === true) throw new TypeError('bytes are not valid UTF-8')
    text = decodeWithReplacement(bytes)
  }
  return options.keepMark !== true && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** The text that `bytes` are, a byte order mark included, or null where they are ill-formed. */
export function wellFormedText(bytes: Uint8Array): string | null {
  const latin1 = bytesAsLatin1(bytes)
  // Any byte above 127 is written as %C2 or %C3 and more, and nothing else is. A regular expression costs six times as much.
  if (encodeURI(latin1).indexOf('%C') < 0) return latin1
  try {
    return decodeURIComponent(escape(latin1)) // rejects overlong forms, surrogates and all beyond U+10FFFF
  } catch {
    return null
  }
}

function utf8AsLatin1(text: string): string {
  try {
    return unescape(encodeURIComponent(text))
  } catch {
    return unescape(encodeURIComponent(text.toWellFormed()))
  }
}

function bytesAsLatin1(bytes: Uint8Array): string {
  let latin1 = ''
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    // `apply` takes any array-like; its type wants an array of numbers.
    latin1 += String.fromCharCode.apply(null, bytes.subarray(at, at + PIECE_BYTES) as unknown as number[])
  }
  return latin1
}

/** The decoder of the Encoding Standard, section 9.1.1: one U+FFFD for each maximal ill-formed part. */
function decodeWithReplacement(bytes: Uint8Array): string {
  const points: string[] = []
  let at = 0
  while (at < bytes.length) {
    const { point, sizeBytes } = decodeOne(bytes, at)
    points.push(String.fromCodePoint(point))
    at += sizeBytes
  }
  return points.join('')
}

function decodeOne(bytes: Uint8Array, at: number): { point: number; sizeBytes: number } {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return { point: lead, sizeBytes: 1 }
  const needed =
    lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0
  if (needed === 0) return { point: REPLACEMENT, sizeBytes: 1 }
  // The second byte alone decides on overlong forms, surrogates and the upper end.
  let lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  let highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  let point = lead & (0x3f >> needed)
  for (let offset = 1; offset <= needed; offset++) {
    const byte = bytes[at + offset]
    if (byte === undefined || byte < lowest || byte > highest) return { point: REPLACEMENT, sizeBytes: offset }
    point = (point << 6) | (byte & 0x3f)
    lowest = 0x80
    highest = 0xbf
  }
  return { point, sizeBytes: needed + 1 }
}

const LABELS = new Set(['utf-8', 'utf8', 'unicode-1-1-utf-8'])

/** The part of the global `TextEncoder` that Azle and the Candid library use. */
export class TextEncoder {
  readonly encoding = 'utf-8'
  encode(text = ''): Uint8Array<ArrayBuffer> {
    return encodeUtf8(text)
  }
}

/** The part of the global `TextDecoder` that Azle and the Candid library use: whole inputs, UTF-8 only. */
export class TextDecoder {
  readonly encoding = 'utf-8'
  readonly fatal: boolean
  readonly ignoreBOM: boolean

  /** @throws RangeError for any other encoding. */
  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!LABELS.has(label.trim().toLowerCase())) throw new RangeError(`encoding ${label} is not supported`)
    this.fatal = options.fatal === true
    this.ignoreBOM = options.ignoreBOM === true
  }

  /** @throws TypeError for ill-formed bytes when `fatal`, and for `stream`, which needs state between calls. */
  decode(input?: ArrayBufferView | ArrayBuffer, options: { stream?: boolean } = {}): string {
    if (options.stream === true) throw new TypeError('streaming is not supported')
    if (input === undefined) return ''
    const bytes =
      input instanceof ArrayBuffer
        ? new Uint8Array(input)
        : new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
    return decodeUtf8(bytes, { fatal: this.fatal, keepMark: this.ignoreBOM })
  }
}
