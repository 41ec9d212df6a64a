import { type Category, RECORD_BYTES_MAX, type RecordSummary, TITLE_CHARS_MAX } from '@medguard/client'
import { sizeText } from '../app/dates.ts'
import { beginningOf, guessCategory, mediaTypeOf, titleFromFileName } from '../records/media.ts'
import { PICKED_FILES_MAX, type PickedFile } from '../records/picked-files.ts'
import { t } from '../words/language.ts'
import { fhirItems, isOneResources } from './fhir-items.ts'

/** Why something is left out unless the reader wants it: its content is in the vault already, or twice in what was chosen. */
export type Twin = 'stored' | 'twice'

/** One record that would be added. */
export interface ImportItem {
  readonly key: string
  /** Of FHIR the type of resource; `file` for what is stored as it is. */
  readonly type: string
  readonly typeLabel: string
  /** Path of the file it is from. */
  readonly from: string
  readonly title: string
  readonly category: Category
  readonly day: string | null
  readonly subject: string | null
  readonly fileName: string | null
  readonly mediaType: string
  readonly content: Blob
  /** Hexadecimal SHA-256; null for what is too large to be read for it. */
  readonly sha256: string | null
  readonly twin: Twin | null
  /** A record that says something else under the same number: adding this makes it the new version of that one. */
  readonly older: RecordSummary | null
  /** Who sent it and what it cost, rather than what it says of a person's health. */
  readonly isAdministrative: boolean
  readonly isOn: boolean
}

/** A file that gives nothing, and why. */
export interface FileTrouble {
  readonly path: string
  readonly why: string
}

export interface ReadFiles {
  readonly items: readonly ImportItem[]
  readonly troubles: readonly FileTrouble[]
}

/** Larger FHIR files are stored whole: taken apart they would not fit in a page's memory. */
const FHIR_BYTES_MAX = 100_000_000
/** A larger file is hashed when it is stored, not before. */
const HASHED_BYTES_MAX = 64_000_000

/** Reads what was chosen and says what would be added of it. @param stored the vault's records, newest versions. @param onFile how many were read. */
export async function readFiles(
  picked: readonly PickedFile[],
  stored: readonly RecordSummary[],
  onFile: (done: number) => void,
): Promise<ReadFiles> {
  if (picked.length > PICKED_FILES_MAX)
    return { items: [], troubles: [{ path: '', why: t('add.errorMany', { max: PICKED_FILES_MAX }) }] }
  const items: ImportItem[] = []
  const troubles: FileTrouble[] = []
  const seen = new Set<string>()
  const inVault = new Set(stored.flatMap(({ contentSha256 }) => contentSha256 ?? []))
  const byName = new Map(stored.map((record) => [record.fileName, record]))
  for (const [place, { path, file, isTyped = false }] of picked.entries()) {
    try {
      const trouble = sizeTrouble(file)
      const found = trouble === null ? await itemsOf(file) : []
      if (trouble !== null || found === null || found.length === 0)
        troubles.push({ path, why: trouble ?? t(found === null ? 'imports.broken' : 'imports.nothingIn') })
      for (const [number, item] of (found ?? []).entries()) {
        const sha256 = await sha256Of(item.content)
        const twin = sha256 === null ? null : inVault.has(sha256) ? 'stored' : seen.has(sha256) ? 'twice' : null
        if (sha256 !== null) seen.add(sha256)
        const isFhir = item.type !== 'file'
        const isKnown = twin === null && isFhir && item.fileName !== null && isOneResources(item.fileName)
        const older = isKnown ? (byName.get(item.fileName) ?? null) : null
        const isOn = twin === null && !item.isAdministrative
        const fileName = isTyped ? null : item.fileName
        items.push({ ...item, fileName, key: `${place} ${number}`, from: path, sha256, twin, older, isOn })
      }
    } catch {
      troubles.push({ path, why: t('imports.unreadable') }) // moved, changed or locked since it was chosen
    }
    onFile(place + 1)
  }
  return { items, troubles }
}

function sizeTrouble(file: File): string | null {
  if (file.size === 0) return t('imports.emptyFile')
  if (file.size <= RECORD_BYTES_MAX) return null
  return t('imports.tooLarge', { size: sizeText(file.size), max: sizeText(RECORD_BYTES_MAX) })
}

type Found = Omit<ImportItem, 'key' | 'from' | 'sha256' | 'twin' | 'older' | 'isOn'>

/** @returns null for what calls itself FHIR and cannot be read. */
async function itemsOf(file: File): Promise<readonly Found[] | null> {
  const mediaType = mediaTypeOf(file.name, file.type, await beginningOf(file))
  const isJson = mediaType === 'application/fhir+json' || mediaType === 'application/json'
  const fhir = isJson && file.size <= FHIR_BYTES_MAX ? fhirItems(await file.text()) : null
  if (fhir !== null) {
    return fhir.map(({ text, ...item }) => ({
      ...item,
      mediaType: 'application/fhir+json',
      content: new Blob([text]),
    }))
  }
  if (mediaType === 'application/fhir+json' && file.size <= FHIR_BYTES_MAX) return null
  const title = titleFromFileName(file.name)
  return [
    {
      type: 'file',
      typeLabel: t('imports.files'),
      title: Array.from(title === '' ? file.name : title)
        .slice(0, TITLE_CHARS_MAX)
        .join(''),
      category: guessCategory(file.name, mediaType) ?? 'other',
      day: null,
      subject: null,
      fileName: file.name,
      mediaType,
      content: file,
      isAdministrative: false,
    },
  ]
}

async function sha256Of(content: Blob): Promise<string | null> {
  if (content.size > HASHED_BYTES_MAX) return null
  const hash = await crypto.subtle.digest('SHA-256', await content.arrayBuffer())
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
