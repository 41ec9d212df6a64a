import type { HeadMemory } from '@medguard/client'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

// What this device keeps of MedGuard, in one database of the browser. Nothing in it can be read by whoever finds it: public heads of logs, and the session
// key, which the browser uses and never gives out.

/** A session as it is stored: both or nothing, so that a key never meets another one's delegation. */
export interface KeptSession {
  /** Not extractable. */
  readonly key: CryptoKeyPair
  /** What the identity provider signed for it, as `DelegationChain.toJSON` writes it. */
  readonly delegation: string
}

interface Stored extends DBSchema {
  session: { key: 'kept'; value: KeptSession }
  heads: { key: string; value: string }
}

export const DATABASE = 'medguard'

let opened: Promise<IDBPDatabase<Stored>> | null = null

/** @throws when the browser has no database for this page, as in some private windows. */
function database(): Promise<IDBPDatabase<Stored>> {
  opened ??= openDB<Stored>(DATABASE, 1, {
    upgrade(db) {
      db.createObjectStore('session')
      db.createObjectStore('heads')
    },
    // A newer version of the page wants another layout: it must not wait for a tab that nobody looks at.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    terminated: () => (opened = null),
  })
  opened.catch(() => (opened = null))
  return opened
}

export const keptSession = {
  read: async (): Promise<KeptSession | null> => (await (await database()).get('session', 'kept')) ?? null,
  write: async (kept: KeptSession): Promise<void> => void (await (await database()).put('session', kept, 'kept')),
  forget: async (): Promise<void> => (await database()).delete('session', 'kept'),
}

/** Remembers the last verified head of a log on this device. A head is public: it says how long the log is and what it hashes to. */
export const headMemory: HeadMemory = {
  read: async (logId) => (await (await database()).get('heads', logId)) ?? null,
  write: async (logId, head) => void (await (await database()).put('heads', head, logId)),
}
