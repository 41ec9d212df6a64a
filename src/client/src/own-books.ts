import type { ArchivedBook } from './archive-book.ts'
import { createDoubts } from './doubts.ts'
import { createNames } from './names.ts'
import { createNotices } from './notices.ts'
import type { SealedMemory } from './search-api.ts'
import type { Session } from './session.ts'
import { createTags } from './tags.ts'

/** What a device remembers for a person beside their records: what they were told, whom they named, how they tagged, what they did not recognise in the log. */
export function createOwnBooks(session: Session, memory: SealedMemory | null) {
  const { erased: forgetNotices, ...notices } = createNotices(session, memory)
  const names = createNames(session, memory)
  const tags = createTags(session, memory)
  const doubts = createDoubts(session, memory)
  return {
    methods: { ...notices, ...names.methods, ...tags.methods, ...doubts.methods },
    /** What goes along with a copy of the vault: how its records are tagged and, out of one's own, what one calls others. */
    archived: async (): Promise<ArchivedBook> => ({
      tags: await tags.all(),
      people: session.actsFor === null ? await names.all() : [],
    }),
    /** @param here under which id a record of the archive is in this vault; null for one that is not. */
    async putBack(found: ArchivedBook, here: (recordId: string) => string | null): Promise<void> {
      await tags.putBack(found.tags.map((tag) => ({ ...tag, records: tag.records.flatMap((id) => here(id) ?? []) })))
      if (session.actsFor === null) await names.putBack(found.people)
    },
    /** The record is gone. */
    forget: tags.forget,
    erased: async () => void (await Promise.all([forgetNotices(), names.erased(), tags.erased(), doubts.erased()])),
  }
}
export type OwnBooks = ReturnType<typeof createOwnBooks>
