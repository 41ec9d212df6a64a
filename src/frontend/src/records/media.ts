import type { Category } from '@medguard/client'
import { SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { t } from '../words/language.ts'

// What a file is. Names and types come from other people's machines: they choose how something is shown, never what is trusted.

const BY_ENDING: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  txt: 'text/plain',
  md: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  xml: 'application/xml',
  dcm: 'application/dicom',
  hl7: 'x-application/hl7-v2+er7',
  fit: 'application/vnd.ant.fit',
}

/** Most of a file's first bytes are looked at, never all of a large one. */
const PEEK_BYTES = 4096

/** As much of a file as `mediaTypeOf` looks at. */
export const beginningOf = async (file: Blob): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(0, PEEK_BYTES).arrayBuffer())

/** @param claimed the browser's guess, often empty. @param bytes the file, or its beginning. */
export function mediaTypeOf(name: string, claimed: string, bytes: Uint8Array): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const type = (BY_ENDING[ending] ?? claimed.split(';')[0]?.trim().toLowerCase()) || 'application/octet-stream'
  return type === 'application/json' && looksLikeFhir(bytes) ? 'application/fhir+json' : type
}

function looksLikeFhir(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, PEEK_BYTES))
  return /"resourceType"\s*:\s*"[A-Z][A-Za-z]+"/.test(start)
}

/** A first guess that the reader sees and can change. Null where nothing speaks for any. */
export function guessCategory(name: string, mediaType: string): Category | null {
  if (/\blab|blood|befund|result/i.test(name)) return 'labs'
  if (/x-?ray|scan|mri|\bct\b|ultrasound/i.test(name) || mediaType === 'application/dicom') return 'imaging'
  if (/prescription|medic(ation|ine)|vaccin|immuni[sz]ation/i.test(name)) return 'medicines'
  if (mediaType === 'application/pdf') return 'documents'
  if (mediaType === 'application/fhir+json') return 'summary'
  return null
}

/** `2025-05-12 blood_test.pdf` becomes `2025-05-12 blood test`. */
export function titleFromFileName(name: string): string {
  return name
    .replace(/\.[a-z0-9]{1,8}$/i, '')
    .replaceAll(/[_\s]+/g, ' ')
    .trim()
}

/** Types the browser decodes itself, without scripts in them. Everything else is offered as a file. */
const SHOWN_IMAGES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']

export type Shown = 'fhir' | 'json' | 'text' | 'image' | 'pdf' | 'dicom' | 'readings' | 'file'

/** How a record is shown; `file` means: only to be saved. @param bytes its beginning: many systems give DICOM files no type. */
export function shownAs(mediaType: string, bytes: Uint8Array): Shown {
  const isUntyped = mediaType === 'application/octet-stream'
  if (isUntyped && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM') return 'dicom'
  if (mediaType === 'application/dicom') return 'dicom'
  if (mediaType === 'application/pdf') return 'pdf'
  if (mediaType === SEGMENT_MEDIA_TYPE) return 'readings'
  if (SHOWN_IMAGES.includes(mediaType)) return 'image'
  if (mediaType === 'application/fhir+json') return 'fhir'
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return 'json'
  const isText =
    mediaType.startsWith('text/') || mediaType === 'application/xml' || mediaType.startsWith('x-application/hl7')
  return isText ? 'text' : 'file'
}

const TYPE_WORDS = {
  'application/pdf': 'pdf',
  'application/fhir+json': 'fhir',
  'application/json': 'json',
  'application/dicom': 'dicom',
  'application/zip': 'zip',
  'application/xml': 'xml',
  'text/plain': 'text',
  'text/csv': 'table',
  'x-application/hl7-v2+er7': 'hl7',
  [SEGMENT_MEDIA_TYPE]: 'readings',
} as const
const hasWord = (mediaType: string): mediaType is keyof typeof TYPE_WORDS => Object.hasOwn(TYPE_WORDS, mediaType)

export function typeText(mediaType: string): string {
  if (hasWord(mediaType)) return t(`fileTypes.${TYPE_WORDS[mediaType]}`)
  return t(mediaType.startsWith('image/') ? 'fileTypes.image' : 'fileTypes.file')
}
