import { readFhir } from './fhir-reading.ts'
import { shownAs } from './media.ts'

export type ReadBody =
  | { readonly as: 'fhir'; readonly reading: NonNullable<ReturnType<typeof readFhir>>; readonly json: string }
  | { readonly as: 'json' | 'text'; readonly text: string }
  | { readonly as: 'image' | 'pdf' | 'dicom' | 'readings' | 'file' }

/** Larger text is offered as a file: a page with it would not scroll. */
const TEXT_BYTES_MAX = 16_000_000

/** A content as it can be shown. */
export function readBody(mediaType: string, bytes: Uint8Array): ReadBody {
  const as = shownAs(mediaType, bytes)
  if (as === 'image' || as === 'pdf' || as === 'dicom' || as === 'readings' || as === 'file') return { as }
  if (bytes.length > TEXT_BYTES_MAX) return { as: 'file' }
  const text = new TextDecoder().decode(bytes)
  if (as === 'text') return { as, text }
  try {
    const json: unknown = JSON.parse(text)
    const pretty = JSON.stringify(json, null, 2)
    const reading = readFhir(json)
    return reading === null ? { as: 'json', text: pretty } : { as: 'fhir', reading, json: pretty }
  } catch {
    return { as: 'text', text } // calls itself JSON and is none: shown as it stands
  }
}
