const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648, section 4, padded. */
export function toBase64(bytes: Uint8Array): string {
  const { length } = bytes
  let text = ''
  for (let i = 0; i < length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += DIGITS.charAt(group >>> 18) + DIGITS.charAt((group >>> 12) & 63)
    text += i + 1 < length ? DIGITS.charAt((group >>> 6) & 63) : '='
    text += i + 2 < length ? DIGITS.charAt(group & 63) : '='
  }
  return text
}

/** @returns null for whatever `toBase64` does not write: bytes have one spelling. */
export function fromBase64(text: string): Uint8Array | null {
  const { length } = text
  if (length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((length / 4) * 3 - padding)
  let at = 0
  let group = 0
  for (let i = 0; i < length - padding; i++) {
    group = ((group & 0xff_ffff) << 6) | DIGITS.indexOf(text.charAt(i))
    if (i % 4 !== 0) bytes[at++] = group >>> (6 - 2 * (i % 4))
  }
  const unused = padding === 0 ? 0 : group & (padding === 2 ? 0xf : 0x3)
  return unused === 0 ? bytes : null
}

/** RFC 4648, section 5, without padding: for addresses. */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** @returns null for whatever `toBase64Url` does not write. */
export const fromBase64Url = (text: string): Uint8Array | null =>
  /[+/=]/.test(text)
    ? null
    : fromBase64(
        text
          .replaceAll('-', '+')
          .replaceAll('_', '/')
          .padEnd(Math.ceil(text.length / 4) * 4, '='),
      )
