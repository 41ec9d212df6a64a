import {
  type AuthorKeeper,
  authorSignerOf,
  type DeviceMemory,
  type HeadMemory,
  newAuthorKeys,
  type SealedMemory,
} from '@medguard/client'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

// What this device keeps of MedGuard, in one database of the browser. Nothing in it can be read by whoever finds it: public heads of logs, the session key, which
// the browser uses and never gives out, and pieces sealed under keys that only the signed-in person can obtain.

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
  saved: { key: string; value: Uint8Array }
  /** What somebody signs records with, by their principal. Not extractable. */
  authors: { key: string; value: CryptoKeyPair }
  /** Whose the saved pieces are. */
  owner: { key: 'saved'; value: string }
  /** By principal and name. */
  told: { key: string; value: Uint8Array }
}

export const DATABASE = 'medguard'

let opened: Promise<IDBPDatabase<Stored>> | null = null

/** @throws when the browser has no database for this page, as in some private windows. */
function database(): Promise<IDBPDatabase<Stored>> {
  opened ??= openDB<Stored>(DATABASE, 4, {
    upgrade(db) {
      for (const name of ['session', 'heads', 'saved', 'owner', 'told', 'authors'] as const)
        if (!db.objectStoreNames.contains(name)) db.createObjectStore(name)
    },
    // A newer version of the page wants another layout: it must not wait for a tab that nobody looks at.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    terminated: () => (opened = null),
  })
  opened.catch(() => (opened = null))
  return opened
}

/** @throws when the browser has no database for this page, and so none for its worker. */
export const expectDatabase = async (): Promise<void> => void (await database())

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

/** The key that one person signs records with on this device. The browser uses it and never gives it out. @param owner principal. */
export const authorKeyOf = (owner: string): AuthorKeeper => ({
  read: async () => {
    const keys = await (await database()).get('authors', owner)
    return keys === undefined ? null : authorSignerOf(keys)
  },
  async make() {
    const made = await newAuthorKeys(false)
    const writing = (await database()).transaction('authors', 'readwrite')
    // Another tab made one in the same moment: theirs came first.
    const keys = (await writing.store.get(owner)) ?? made
    if (keys === made) await writing.store.put(made, owner)
    await writing.done
    return authorSignerOf(keys)
  },
  remove: async () => (await database()).delete('authors', owner),
})

/**
 * Sealed pieces of one person. While the device has somebody else's, nothing is written: they would have to be removed first, and that is for a person to say.
 *
 * @param owner principal.
 */
export function savedOf(owner: string): SealedMemory & { readonly isOthers: () => Promise<boolean> } {
  const isOthers = async () => {
    const found = await (await database()).get('owner', 'saved')
    return found !== undefined && found !== owner
  }
  return {
    isOthers,
    read: async (name) => ((await isOthers()) ? null : ((await (await database()).get('saved', name)) ?? null)),
    async write(name, sealed) {
      const writing = (await database()).transaction(['saved', 'owner'], 'readwrite')
      const found = await writing.objectStore('owner').get('saved')
      if (found === undefined || found === owner) {
        await writing.objectStore('owner').put(owner, 'saved')
        await writing.objectStore('saved').put(sealed, name)
      }
      await writing.done
    },
    remove: async (name) => {
      if (!(await isOthers())) await (await database()).delete('saved', name)
    },
    clear: async () => {
      if (!(await isOthers())) await removeSaved()
    },
    alone: (work) => alone('saved', work),
  }
}

/** The same person's records and what was not sent yet, among those pieces: they go when the others go. @param saved from `savedOf`. */
export function deviceOf(saved: ReturnType<typeof savedOf>): DeviceMemory {
  return {
    ...saved,
    names: async (prefix) => {
      if (await saved.isOthers()) return []
      return (await database()).getAllKeys('saved', IDBKeyRange.bound(prefix, `${prefix}\uffff`))
    },
    alone: (work) => alone('waiting', work),
  }
}

/**
 * What was told to one person, sealed. Small, and of everybody who signs in here by themselves: nobody has to remove it for the next, who cannot read it.
 *
 * @param owner principal.
 */
export function toldTo(owner: string): SealedMemory {
  const keyOf = (name: string) => `${owner} ${name}`
  return {
    read: async (name) => (await (await database()).get('told', keyOf(name))) ?? null,
    write: async (name, sealed) => void (await (await database()).put('told', sealed, keyOf(name))),
    remove: async (name) => (await database()).delete('told', keyOf(name)),
    clear: async () => (await database()).delete('told', IDBKeyRange.bound(keyOf(''), keyOf('\uffff'))),
    alone: (work) => alone('told', work),
  }
}

/** The names of locks are the page's own: the worker of every tab is of it. */
const alone = async <T>(what: string, work: () => Promise<T>): Promise<T> =>
  navigator.locks.request(`medguard-${what}`, work)

/** Removes what this device has sealed of anybody else. @param owner principal of who stays. */
export async function removeOthers(owner: string): Promise<void> {
  const removing = (await database()).transaction('told', 'readwrite')
  for (const key of await removing.store.getAllKeys())
    if (!key.startsWith(`${owner} `)) await removing.store.delete(key)
  await removing.done
  await removeSaved()
}

/** Removes the pieces of whomever they are. */
async function removeSaved(): Promise<void> {
  const removing = (await database()).transaction(['saved', 'owner'], 'readwrite')
  await Promise.all([removing.objectStore('saved').clear(), removing.objectStore('owner').clear(), removing.done])
}
