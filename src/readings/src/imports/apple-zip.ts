import { Unzip, UnzipInflate, UnzipPassThrough } from 'fflate'
import { type AppleExport, createAppleExport } from './apple-health.ts'
import { createImportRun, type ImportBatch, ImportFault, type Pieces, plainText } from './import-run.ts'

/** Deflate makes at most a thousand times as much of it: pieces this small can't fill a phone. */
const PIECE_BYTES = 16 * 1024
/** A FHIR resource of a hospital; longer ones are listed without their content. */
const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024
const ENTRIES_MAX = 100_000

/** The zip as the phone shares it, taken apart while it arrives; clinical records come as documents with their FHIR. */
export async function* importAppleZip(pieces: Pieces): AsyncGenerator<ImportBatch> {
  const run = createImportRun()
  let [doneBytes, entries, found] = [0, 0, false]
  const unzip = new Unzip((file) => {
    if (++entries > ENTRIES_MAX) throw new ImportFault('notThisKind', 'too many files')
    const kind = kindOf(file.name)
    if (kind === 'other') return // never started: its bytes are passed over
    const xml = kind === 'export' ? createAppleExport(run) : null
    found ||= xml !== null
    const take = xml === null ? documentTaker(file.name, (one) => run.document(one)) : exportTaker(xml)
    file.ondata = (error, bytes, isLast) => {
      if (error !== null) throw new ImportFault('damaged', 'the zip is cut off or spoilt', { cause: error })
      take(bytes, isLast)
    }
    file.start()
  })
  unzip.register(UnzipPassThrough)
  unzip.register(UnzipInflate)
  let isFirst = true
  for await (const piece of pieces) {
    if (isFirst && !(piece[0] === 0x50 && piece[1] === 0x4b)) throw new ImportFault('notThisKind', 'no zip')
    isFirst = false
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      const part = piece.subarray(at, at + PIECE_BYTES)
      doneBytes += part.length
      pushed(() => unzip.push(part, false))
      if (run.isFull) yield run.batch(doneBytes)
    }
  }
  pushed(() => unzip.push(new Uint8Array(0), true))
  if (!found) throw new ImportFault('notThisKind', 'no export of Apple Health in the zip')
  yield run.batch(doneBytes)
}

function pushed(push: () => void): void {
  try {
    push()
  } catch (cause) {
    if (cause instanceof ImportFault) throw cause
    throw new ImportFault('damaged', 'the zip is cut off or spoilt', { cause })
  }
}

/** The export is named in the phone's language; beside it lie the same as C-CDA, routes of workouts and ECGs. */
function kindOf(name: string): 'export' | 'document' | 'other' {
  if (/(^|\/)clinical-records\/[^/]+\.json$/i.test(name)) return 'document'
  return /^[^/]+(\/[^/]+)?\.xml$/i.test(name) && !/_cda\.xml$/i.test(name) ? 'export' : 'other'
}

type Take = (bytes: Uint8Array, isLast: boolean) => void

function exportTaker(xml: AppleExport): Take {
  const decoder = new TextDecoder('utf-8')
  return (bytes, isLast) => {
    xml.write(decoder.decode(bytes, { stream: !isLast }))
    if (isLast) xml.close()
  }
}

function documentTaker(name: string, done: (found: { name: string; json: unknown }) => void): Take {
  const decoder = new TextDecoder('utf-8')
  let [text, length] = ['', 0]
  return (bytes, isLast) => {
    length += bytes.length
    text = length > DOCUMENT_BYTES_MAX ? '' : text + decoder.decode(bytes, { stream: !isLast })
    if (isLast) done({ name: plainText(name), json: parsed(text) })
  }
}
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
