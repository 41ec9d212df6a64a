/** Base64 as FHIR has it (RFC 4648, section 4), of any length. */
export function base64Of(bytes: Uint8Array): string {
  let text = ''
  // A multiple of three, so that the parts join without padding between them.
  for (let start = 0; start < bytes.length; start += 24_576)
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + 24_576)))
  return text
}

/** @returns null for what is no Base64. White space, which FHIR allows, is passed over. */
export function bytesOfBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
