import { createNames } from './names.ts'
import { createNotices } from './notices.ts'
import type { SealedMemory } from './search-api.ts'
import type { Session } from './session.ts'
import { createTags } from './tags.ts'

/** What a device remembers for a person beside their records: what they were told, whom they named, how they tagged. */
export function createOwnBooks(session: Session, memory: SealedMemory | null) {
  const { erased: forgetNotices, ...notices } = createNotices(session, memory)
  const { erased: forgetNames, ...names } = createNames(session, memory)
  const tags = createTags(session, memory)
  return {
    methods: { ...notices, ...names, ...tags.methods },
    /** The record is gone. */
    forget: tags.forget,
    erased: async () => void (await Promise.all([forgetNotices(), forgetNames(), tags.erased()])),
  }
}
