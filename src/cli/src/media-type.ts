import { extname } from 'node:path'

const BY_ENDING: Record<string, string> = {
  '.pdf': 'application/pdf',
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.md': 'text/plain',
  '.csv': 'text/csv',
  '.xml': 'application/xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.dcm': 'application/dicom',
  '.hl7': 'x-application/hl7-v2+er7',
}

/** By ending, and by content for FHIR; `application/octet-stream` when nothing tells. */
export function mediaTypeOf(fileName: string, bytes: Uint8Array): string {
  const byEnding = BY_ENDING[extname(fileName).toLowerCase()] ?? 'application/octet-stream'
  return byEnding === 'application/json' && isFhir(bytes) ? 'application/fhir+json' : byEnding
}

function isFhir(bytes: Uint8Array): boolean {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof parsed === 'object' && parsed !== null && 'resourceType' in parsed
  } catch {
    return false // not JSON: stored as it is, under what its ending says
  }
}
