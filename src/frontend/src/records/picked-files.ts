import { guessCategory } from './media.ts'
import type { Category } from '@medguard/client'

// What was dropped or chosen: one file, or several that make one record.

export interface PickedFile {
  /** With `/` between folders, if it came in one. */
  readonly path: string
  readonly file: File
  /** What somebody typed here, and no file of anybody's: it can be corrected like anything of their own. */
  readonly isTyped?: true
}

/** More than any study has; who drops a whole disk is told so. */
export const PICKED_FILES_MAX = 10_000

/** Files that systems leave in folders by themselves. */
const isHidden = (path: string): boolean =>
  path.split('/').some((part) => part.startsWith('.') || /^(thumbs\.db|desktop\.ini|__MACOSX)$/i.test(part))

const withoutHidden = (files: readonly PickedFile[]): PickedFile[] => {
  const seen = files.filter(({ path }) => !isHidden(path))
  return seen.length === 0 ? [...files] : seen
}

export function pickedFromInput(list: Iterable<File>): PickedFile[] {
  return withoutHidden(Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file })))
}

/** Also what is in dropped folders. Call it straight from the event: the browser takes its items back afterwards. */
export async function pickedFromDrop(items: DataTransferItemList): Promise<PickedFile[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const found: PickedFile[] = []
  const walk = async (entry: FileSystemEntry, before: string): Promise<void> => {
    if (found.length > PICKED_FILES_MAX) return
    const path = `${before}${entry.name}`
    if (isFile(entry)) {
      found.push({ path, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) })
      return
    }
    if (!isFolder(entry)) return
    const reader = entry.createReader()
    // A browser gives a hundred at a time, and none when there are no more.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const each of some) await walk(each, `${path}/`)
    }
  }
  for (const entry of entries) await walk(entry, '')
  return withoutHidden(found)
}

/** Programs that come with the pictures on a disc: nothing that says anything of anybody's health, and nothing to open again later. */
const PROGRAM = /\.(?:exe|dll|com|bat|cmd|msi|scr|ocx|sys|jar|vbs|ps1|sh|app|dmg|pkg)$|(?:^|\/)autorun\.inf$/i

/** What was chosen, as records are made of it: ZIP files taken apart, and of several files no programs. */
export async function opened(files: readonly PickedFile[]): Promise<{
  readonly files: readonly PickedFile[]
  /** Paths of what was left out. */
  readonly programs: readonly string[]
}> {
  const all: PickedFile[] = []
  for (const picked of files) {
    const isPacked = /\.zip$/i.test(picked.path)
    const inside = isPacked ? await (await import('./unpack.ts')).unpacked(picked) : null
    all.push(...(inside === null ? [picked] : withoutHidden(inside)))
  }
  const kept = all.filter(({ path }) => !PROGRAM.test(path))
  if (all.length === 1 || kept.length === 0) return { files: all, programs: [] } // meant as it was chosen
  return { files: kept, programs: all.flatMap(({ path }) => (PROGRAM.test(path) ? [path] : [])) }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

/** Name of the folder that all of them lie in; else of the first of them. */
export function nameOfPicked(files: readonly PickedFile[]): string {
  const [first = ''] = files.map(({ path }) => path)
  const folder = first.includes('/') ? first.slice(0, first.indexOf('/')) : ''
  return folder !== '' && files.every(({ path }) => path.startsWith(`${folder}/`))
    ? folder
    : (first.split('/').at(-1) ?? '')
}

/** Paths from within the folder that all of them lie in, whose name is told by the record's title. */
export function pathsWithin(files: readonly PickedFile[]): string[] {
  const folder = `${nameOfPicked(files)}/`
  return files.map(({ path }) => (path.startsWith(folder) ? path.slice(folder.length) : path))
}

export const sizeOfPicked = (files: readonly PickedFile[]): number =>
  files.reduce((sum, { file }) => sum + file.size, 0)

/** What several files are, going by their names: images of an examination have no other reason to come in a folder. */
export function guessCategoryOfMany(files: readonly PickedFile[]): Category | null {
  const isImaging = files.some(({ path }) => /\.dcm$|(^|\/)DICOMDIR$|(^|\/)(IM|IMG|I)?\d{2,}$/i.test(path))
  return isImaging ? 'imaging' : guessCategory(nameOfPicked(files), 'application/zip')
}
