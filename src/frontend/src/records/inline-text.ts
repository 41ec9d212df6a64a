import { type Json, textAt } from './json-paths.ts'

/** The text that a FHIR DocumentReference carries within itself; null when it has none that reads. */
export function inlineText(resource: Json): string | null {
  const data = textAt(resource, 'content', 0, 'attachment', 'data')
  if (data === null || textAt(resource, 'content', 0, 'attachment', 'contentType')?.startsWith('text/plain') !== true)
    return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(data), (one) => one.charCodeAt(0)))
  } catch {
    return null
  }
}
