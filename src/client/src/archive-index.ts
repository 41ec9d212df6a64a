import type { sourceOf } from '@medguard/crypto'
import { RECORDS_PER_ACCOUNT_MAX } from '@medguard/protocol'
import { Fault } from './api.ts'
import { BOOK_BYTES_MAX } from './archive-book.ts'
import { type ArchivedVersion, itemsOf } from './archive-items.ts'

interface ArchiveIndex {
  readonly versions: readonly { readonly version: ArchivedVersion; readonly start: number; readonly bytes: number }[]
  readonly damaged: number
  readonly hasLog: boolean
  /** Whose vault it was. */
  readonly owner: string
  /** Where its tags and names are. */
  readonly book: { readonly start: number; readonly bytes: number } | null
}

/** What an archive has, without its contents. @throws Fault `Tampered` unless it is one, from its beginning to its end. */
export async function indexOfArchive(archive: ReturnType<typeof sourceOf>): Promise<ArchiveIndex> {
  const versions: { version: ArchivedVersion; start: number; bytes: number }[] = []
  let last: ArchiveIndex['versions'][number] | null = null
  let isEnded = false
  let hasLog = false
  let damaged = 0
  let count = 0
  let owner = ''
  let book: ArchiveIndex['book'] = null
  for await (const { item, start } of itemsOf(archive)) {
    if (count++ === 0 && (item.item !== 'archive' || item.format !== 1))
      throw new Fault('Tampered', 'this archive is of another kind')
    if (item.item === 'archive') owner = item.owner
    if (item.item === 'book' && item.bytes <= BOOK_BYTES_MAX) book = { start, bytes: item.bytes }
    if (isEnded || count > 4 * RECORDS_PER_ACCOUNT_MAX) throw new Fault('Tampered', 'the archive goes on after its end')
    if (item.item === 'version') last = { version: item, start, bytes: item.bytes }
    else if (item.item === 'checked' && last !== null) {
      if (item.isSound) versions.push(last)
      last = null
    } else if (item.item === 'log') hasLog = true
    else if (item.item === 'end') {
      isEnded = item.versions === versions.length
      damaged = item.damaged
    }
  }
  if (!isEnded) throw new Fault('Tampered', 'the archive has no end')
  return { versions, damaged, hasLog, owner, book }
}
