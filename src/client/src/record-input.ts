import { sourceOf } from '@medguard/crypto'
import { categoryNumber, RECORD_BYTES_MAX, type Refusal, refusalOf, refuse, TITLE_CHARS_MAX } from '@medguard/protocol'
import { FILES_MEDIA_TYPE, type NamedFile, type NewRecord } from './api.ts'
import { DIRECTORY_BYTES_MAX, FILES_PER_RECORD_MAX } from './zip-format.ts'
import { zippedBytes } from './zip-source.ts'

/** What file systems take. */
const FILE_NAME_CHARS_MAX = 255
/** RFC 6838, section 4.2, with parameters. */
const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}(;[\x20-\x7e]{1,200})?$/
/** RFC 3339, full-date or date-time. */
const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/
/** Control characters, line breaks too, and those that make text read in another order than it is written. */
// oxlint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/** Why a record is not stored as it is, before anything of it is sealed or sent; null when it may be. Others will read these words. */
export function wrongRecord(record: NewRecord): Refusal | null {
  const { title, fileName, mediaType, category, clinicalDate, subject = null, bytes } = record
  const wrong = 'files' in bytes ? wrongFiles(bytes.files, mediaType) : wrongSize(sourceOf(bytes).sizeBytes)
  if (wrong !== null) return wrong
  if (categoryNumber(category) === null) return bad('category', 'unknown')
  if (!MEDIA_TYPE.test(mediaType)) return bad('mediaType', 'format')
  if (clinicalDate !== null && !isDate(clinicalDate)) return bad('clinicalDate', 'format')
  if (fileName !== null && (/[/\\]/.test(fileName) || /^\.{1,2}$/.test(fileName))) return bad('fileName', 'format')
  return (
    wrongText('title', title, TITLE_CHARS_MAX) ??
    (fileName === null ? null : wrongText('fileName', fileName, FILE_NAME_CHARS_MAX)) ??
    (subject === null ? null : wrongText('subject', subject, TITLE_CHARS_MAX))
  )
}

const wrongSize = (sizeBytes: number): Refusal | null =>
  sizeBytes > RECORD_BYTES_MAX ? refusalOf(refuse.tooLarge(RECORD_BYTES_MAX)) : null

function wrongFiles(files: readonly NamedFile[], mediaType: string): Refusal | null {
  if (mediaType !== FILES_MEDIA_TYPE) return bad('mediaType', 'format')
  if (files.length === 0 || files.length > FILES_PER_RECORD_MAX) return bad('files', 'range')
  const { sizeBytes, directoryBytes } = zippedBytes(files)
  return wrongSize(sizeBytes) ?? (directoryBytes > DIRECTORY_BYTES_MAX ? bad('files', 'length') : null)
}

function wrongText(field: string, text: string, charsMax: number): Refusal | null {
  if (MISLEADING.test(text)) return bad(field, 'characters')
  return text.trim() === '' || Array.from(text).length > charsMax ? bad(field, 'length') : null
}

function isDate(text: string): boolean {
  const [, day = ''] = DATE.exec(text) ?? []
  // The platform moves 31 February on to March: a day has to come back as it was.
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day) && !Number.isNaN(Date.parse(text))
}

const bad = (field: string, code: string): Refusal => refusalOf(refuse.badInput(field, code))
