/** Base64 with padding (RFC 4648, section 4), for canisters too, which have no `btoa`. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** By character code; zero for what is no digit, padding too. */
const VALUES = Array.from({ length: 128 }, (_, code) => Math.max(0, DIGITS.indexOf(String.fromCharCode(code))))
const valueAt = (text: string, at: number): number => VALUES[text.charCodeAt(at)] ?? 0

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += DIGITS.charAt(word >>> 18) + DIGITS.charAt((word >>> 12) & 63)
    text += at + 1 < bytes.length ? DIGITS.charAt((word >>> 6) & 63) : '='
    text += at + 2 < bytes.length ? DIGITS.charAt(word & 63) : '='
  }
  return text
}

/** Null for a text that `toBase64` never writes: the bytes have one spelling. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let at = 0, out = 0; at < text.length; at += 4, out += 3) {
    const word =
      (valueAt(text, at) << 18) | (valueAt(text, at + 1) << 12) | (valueAt(text, at + 2) << 6) | valueAt(text, at + 3)
    bytes[out] = word >>> 16
    if (out + 1 < bytes.length) bytes[out + 1] = word >>> 8
    else if ((word & 0xffff) !== 0) return null // bits behind the end
    if (out + 2 < bytes.length) bytes[out + 2] = word
    else if ((word & 0xff) !== 0) return null
  }
  return bytes
}
