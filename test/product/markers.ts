import { createHash } from 'node:crypto'

/**
 * Plaintext that must never be found outside the device: unlikely words planted in titles, file names and contents. Searched as UTF-8,
 * UTF-16, hexadecimal and base64 at each of its three alignments, so that a careless encoding is found too.
 */
export interface Marker {
  readonly name: string
  readonly bytes: Uint8Array
}

export function textMarker(name: string, text: string): Marker[] {
  return [
    { name, bytes: Buffer.from(text, 'utf8') },
    { name: `${name} as UTF-16`, bytes: Buffer.from(text, 'utf16le') },
    ...secretMarker(name, Buffer.from(text, 'utf8')).slice(1),
  ]
}

/** Key bytes: raw, hexadecimal and base64. */
export function secretMarker(name: string, bytes: Uint8Array): Marker[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    // The characters that do not depend on neighbouring bytes.
    return encoded.slice(shift === 0 ? 0 : shift + 1, Math.floor(((bytes.length + shift) * 8) / 6) - 1)
  })
  return [
    { name, bytes },
    { name: `${name} as hexadecimal`, bytes: Buffer.from(Buffer.from(bytes).toString('hex')) },
    ...base64.map((text, shift) => ({ name: `${name} as base64 (shift ${shift})`, bytes: Buffer.from(text) })),
  ]
}

/** Names of the markers found, with where. */
export function findMarkers(where: string, haystack: Uint8Array, markers: readonly Marker[]): string[] {
  const buffer = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.byteLength)
  return markers.flatMap(({ name, bytes }) => (buffer.includes(Buffer.from(bytes)) ? [`${name} in ${where}`] : []))
}

/** Words that cannot stand anywhere by chance; the same for every run. */
export const plantedWord = (seed: string): string =>
  `zq${createHash('sha256').update(seed).digest('hex').slice(0, 14)}qz`
