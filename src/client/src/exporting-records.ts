import { sha256 } from '@noble/hashes/sha2'
import { refusalOf, refuse } from '@medguard/protocol'
import type { ExportedRecords, RecordsPart } from './api-records.ts'
import { Fault, type MedGuardClient, type OpenedRecord, type Progress, type RecordSummary } from './api.ts'
import { crc32 } from './crc-32.ts'
import { isUnreadable, newId, okOf, Refused } from './outcome.ts'
import { optionOf } from './place.ts'
import { retried } from './retrying.ts'
import { safePaths } from './safe-names.ts'
import type { Session } from './session.ts'
import { directoryBytes, FILES_PER_RECORD_MAX, localHeader, type ZippedFile } from './zip-format.ts'

/** Without ZIP64 every length and place has 32 bits; names and directory have room in the last of them. */
const ARCHIVE_BYTES_MAX = 2 ** 32 - 2 ** 28
const PIECE_BYTES = 2 ** 20

type OpenInto = (...args: Parameters<MedGuardClient['openInto']>) => Promise<Omit<OpenedRecord, 'bytes'>>

/** Chosen records as they were stored, in one ZIP archive that any program opens. One record at a time is held, and none of them twice. */
export function exportRecordsMethod(session: Session, openInto: OpenInto): Pick<RecordsPart, 'exportRecords'> {
  return {
    exportRecords: (records, sink, progress, signal) =>
      session.unlocked(async () => {
        const wrong = wrongChoice(records)
        if (wrong !== null) throw new Refused(wrong)
        return exported({ session, openInto, records, sink, progress, signal })
      }),
  }
}

function wrongChoice(records: readonly RecordSummary[]) {
  if (records.length === 0 || records.length > FILES_PER_RECORD_MAX)
    return refusalOf(refuse.badInput('records', 'range'))
  const sizeBytes = records.reduce((sum, record) => sum + record.sizeBytes, 0)
  return sizeBytes > ARCHIVE_BYTES_MAX ? refusalOf(refuse.tooLarge(ARCHIVE_BYTES_MAX)) : null
}

async function exported(args: {
  session: Session
  openInto: OpenInto
  records: readonly RecordSummary[]
  sink: (bytes: Uint8Array) => Promise<void>
  progress: Progress | undefined
  signal: AbortSignal | undefined
}): Promise<ExportedRecords> {
  const { session, openInto, records, sink, progress, signal } = args
  const hash = sha256.create()
  const put = async (bytes: Uint8Array) => {
    hash.update(bytes)
    await sink(bytes)
  }
  // By the list's own words: what a record's opening adds to them is no part of a name.
  const names = safePaths(records.map(fileNameOf))
  const files: ZippedFile[] = []
  const totalBytes = records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let doneBytes = 0
  let damaged = 0
  for (const [i, record] of records.entries()) {
    signal?.throwIfAborted()
    progress?.({ step: 'downloading', doneBytes, totalBytes })
    doneBytes += record.sizeBytes
    const content = await contentOf(record, (into) => openInto(record, into, undefined, signal))
    if (content === null) {
      damaged++
      continue
    }
    const file = { name: names[i] ?? '', ...content.facts }
    await put(localHeader(file))
    for (let start = 0; start < content.blob.size; start += PIECE_BYTES)
      await put(new Uint8Array(await content.blob.slice(start, start + PIECE_BYTES).arrayBuffer()))
    files.push(file)
  }
  if (files.length === 0) throw new Fault('Tampered', 'none of the chosen records passes its checks')
  await put(directoryBytes(files))
  const arg = { patientId: optionOf(session.actsFor), grantId: [] as [], archiveHash: hash.digest() }
  const requestId = newId()
  okOf(await retried(() => session.canisters.records.noteExport({ ...arg, count: files.length, requestId })))
  return { records: files.length, damaged }
}

/** Null for what fails its checks: the others go along all the same. A browser keeps a large blob on the disk. */
async function contentOf(
  record: RecordSummary,
  open: (sink: { write: (piece: Uint8Array) => Promise<void> }) => Promise<unknown>,
): Promise<{ readonly blob: Blob; readonly facts: Omit<ZippedFile, 'name'> } | null> {
  if (record.isDamaged === true) return null
  const pieces: Blob[] = []
  const hash = sha256.create()
  let crc = 0
  const write = async (piece: Uint8Array) => {
    hash.update(piece)
    crc = crc32(piece, crc)
    pieces.push(new Blob([new Uint8Array(piece)]))
  }
  try {
    await open({ write })
  } catch (error) {
    if (isUnreadable(error)) return null
    throw error
  }
  const blob = new Blob(pieces)
  return { blob, facts: { sizeBytes: blob.size, crc32: crc, sha256: hash.digest() } }
}

const ENDINGS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/dicom': 'dcm',
  'application/zip': 'zip',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'text/csv': 'csv',
  'x-application/hl7-v2+er7': 'hl7',
}

/** By day, so that a folder of them is in their order: `2025-06-30 Blood count.pdf`. */
function fileNameOf({ clinicalDate, title, fileName, mediaType }: RecordSummary): string {
  const given = /\.[A-Za-z0-9]{1,8}$/.exec(fileName ?? '')?.[0]
  const plain = mediaType.startsWith('text/') ? 'txt' : mediaType.endsWith('json') ? 'json' : 'bin'
  const ending = given ?? `.${ENDINGS[mediaType] ?? plain}`
  const name = title.replaceAll(/[/\\]/g, '-')
  const named = [clinicalDate?.slice(0, 10), name].filter((part) => part !== undefined).join(' ')
  return named.toLowerCase().endsWith(ending.toLowerCase()) ? named : named + ending
}
