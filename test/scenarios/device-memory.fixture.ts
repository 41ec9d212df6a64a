import type { SealedMemory } from '@medguard/client'

/** A device with several tabs: what one keeps all have. */
export function device(): { readonly pieces: ReadonlyMap<string, Uint8Array>; readonly memory: SealedMemory } {
  const pieces = new Map<string, Uint8Array>()
  let turn: Promise<unknown> = Promise.resolve()
  const memory: SealedMemory = {
    read: async (name) => pieces.get(name) ?? null,
    write: async (name, sealed) => void pieces.set(name, sealed),
    remove: async (name) => void pieces.delete(name),
    clear: async () => pieces.clear(),
    alone<T>(work: () => Promise<T>): Promise<T> {
      const next = turn.then(work)
      turn = next.catch(() => {})
      return next
    },
  }
  return { pieces, memory }
}
