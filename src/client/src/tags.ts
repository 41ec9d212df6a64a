import { RECORDS_PER_ACCOUNT_MAX, refusalOf, refuse, toHex } from '@medguard/protocol'
import { Refused } from './outcome.ts'
import type { SealedMemory } from './search-api.ts'
import { type BookOf, createSealedBook } from './sealed-book.ts'
import type { Session } from './session.ts'
import type { Tag, TagMethods } from './tags-api.ts'

export const TAGS_MAX = 100
export const TAG_CHARS_MAX = 40
// oxlint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

interface TagBook {
  readonly tags: readonly Tag[]
}

const isHex = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value)

/** Whether a tag can have that name. */
export const isFitTag = (name: string): boolean =>
  name.trim() !== '' && Array.from(name.trim()).length <= TAG_CHARS_MAX && !MISLEADING.test(name.trim())

const isSound = (value: unknown): value is Tag =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  isHex(value.id, 8) &&
  'name' in value &&
  typeof value.name === 'string' &&
  isFitTag(value.name) &&
  'records' in value &&
  Array.isArray(value.records) &&
  value.records.length <= RECORDS_PER_ACCOUNT_MAX &&
  value.records.every((id) => isHex(id, 32))

/** Two names that a reader takes for one are one. */
const folded = (name: string): string => name.trim().normalize('NFKC').toLowerCase()

/** @returns null for one tag too many. */
export function withTag(
  tags: readonly Tag[],
  change: Parameters<TagMethods['tagRecords']>[0],
  newId: () => string,
): readonly Tag[] | null {
  const { name, recordIds, isOn } = change
  const known = tags.find((tag) => folded(tag.name) === folded(name))
  const others = tags.filter((tag) => tag !== known)
  if (known === undefined && (!isOn || recordIds.length === 0)) return tags
  if (known === undefined && others.length >= TAGS_MAX) return null
  const before = new Set(known?.records ?? [])
  for (const id of recordIds)
    if (isOn) before.add(id)
    else before.delete(id)
  if (before.size === 0) return others
  const tag = { id: known?.id ?? newId(), name: known?.name ?? name.trim(), records: [...before] }
  return isOn ? [tag, ...others] : tags.map((each) => (each === known ? tag : each))
}

/** Exported for tests of the format. */
export const TAG_BOOK: BookOf<TagBook> = {
  name: 'tags',
  empty: { tags: [] },
  encode: ({ tags }) => new TextEncoder().encode(JSON.stringify({ format: 1, tags })),
  decode(bytes) {
    try {
      const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      if (typeof value !== 'object' || value === null || !('tags' in value) || !Array.isArray(value.tags)) return null
      return { tags: value.tags.filter(isSound).slice(0, TAGS_MAX) }
    } catch {
      return null
    }
  },
  // Another tab's is the later one: nothing is known here that was not kept.
  together: (kept, known) => (kept.tags.length === 0 ? known : kept),
}

export interface TagKeeping {
  readonly methods: TagMethods
  readonly all: () => Promise<readonly Tag[]>
  /** Beside those that are here; one too many is left out. */
  readonly putBack: (found: readonly Tag[]) => Promise<void>
  /** The record is gone, and so is what it was called. */
  readonly forget: (recordId: string) => Promise<void>
  readonly erased: () => Promise<void>
}

export function createTags(session: Session, memory: SealedMemory | null): TagKeeping {
  const book = createSealedBook(session, memory, TAG_BOOK)
  const newTagId = () => toHex(crypto.getRandomValues(new Uint8Array(4)))
  const all = async () => {
    await book.change((before) => before)
    return book.now().tags
  }
  return {
    all,
    putBack: (found) =>
      book.change(({ tags }) => ({
        tags: found.reduceRight<readonly Tag[]>(
          (before, { name, records }) => withTag(before, { name, recordIds: records, isOn: true }, newTagId) ?? before,
          tags,
        ),
      })),
    methods: {
      tags: () => session.unlocked(all),
      tagRecords: (change) =>
        session.unlocked(async () => {
          const isBad = !isFitTag(change.name) || !change.recordIds.every((id) => isHex(id, 32))
          if (isBad || change.recordIds.length > RECORDS_PER_ACCOUNT_MAX)
            throw new Refused(refusalOf(refuse.badInput('tag', 'format')))
          let isFull = false
          await book.change(({ tags }) => {
            const next = withTag(tags, change, newTagId)
            isFull = next === null
            return { tags: next ?? tags }
          })
          if (isFull) throw new Refused(refusalOf(refuse.badInput('tag', 'range')))
          return book.now().tags
        }),
    },
    forget: (recordId) =>
      book.change(({ tags }) => ({
        tags: tags
          .map((tag) => ({ ...tag, records: tag.records.filter((id) => id !== recordId) }))
          .filter(({ records }) => records.length > 0),
      })),
    erased: book.erased,
  }
}
