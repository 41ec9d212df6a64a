/**
 * A UUID that the same text always gives (RFC 9562, version 8): names within a document that is made again and again. FNV-1a, four times from four
 * beginnings; it hides nothing and resists nobody, who could as well write the document.
 */
export function stableUuid(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const words = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b].map((start) => {
    let hash = start
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
    return hash.toString(16).padStart(8, '0')
  })
  const hex = words.join('')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
