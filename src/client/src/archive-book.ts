import { NAME_BOOK } from './names.ts'
import type { NamedPerson } from './names-api.ts'
import { TAG_BOOK } from './tags.ts'
import type { Tag } from './tags-api.ts'

/** What somebody wrote beside their records, as it goes along with a copy of them. */
export interface ArchivedBook {
  readonly tags: readonly Tag[]
  readonly people: readonly NamedPerson[]
}

/** Two million marks of a tag on a record: nobody's are more, and it is read as a whole. */
export const BOOK_BYTES_MAX = 64 * 2 ** 20

/** Null for nothing, and for more than is read again. */
export function encodeArchivedBook({ tags, people }: ArchivedBook): Uint8Array | null {
  if (tags.length === 0 && people.length === 0) return null
  const bytes = new TextEncoder().encode(JSON.stringify({ format: 1, tags, people }))
  return bytes.length > BOOK_BYTES_MAX ? null : bytes
}

/** Whoever has the key of an archive may have written it: what is no tag and no name is left out. */
export const decodeArchivedBook = (bytes: Uint8Array): ArchivedBook => ({
  tags: TAG_BOOK.decode(bytes)?.tags ?? [],
  people: (NAME_BOOK.decode(bytes)?.people ?? []).filter(({ name }) => name !== ''),
})
