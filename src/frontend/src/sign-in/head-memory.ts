import type { HeadMemory } from '@medguard/client'

/** Remembers the last verified head of a log on this device. A head is public: it says how long the log is and what it hashes to. */
export function createHeadMemory(storage: Pick<Storage, 'getItem' | 'setItem'>): HeadMemory {
  const key = (logId: string) => `medguard.head.${logId}`
  return {
    read: (logId) => Promise.resolve(storage.getItem(key(logId))),
    write: (logId, head) => {
      storage.setItem(key(logId), head)
      return Promise.resolve()
    },
  }
}
