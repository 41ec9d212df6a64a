import { type CompartmentKeys, epochOfSearchWords, openSearchWords, sealSearchWords } from '@medguard/crypto'
import { CATEGORIES, categoryNumber, equalBytes, toHex } from '@medguard/protocol'
import { epochOf, ownReaches } from './place.ts'
import type { SealedMemory } from './search-api.ts'
import type { Session } from './session.ts'

/** What a device has of a person lies under the key of the kind of record that the profile is. */
const UNDER = CATEGORIES[0]

export interface BookOf<B> {
  /** By which it lies on the device, with the person whom the session acts for. */
  readonly name: string
  readonly empty: B
  readonly encode: (book: B) => Uint8Array
  /** Null for what is none. */
  readonly decode: (bytes: Uint8Array) => B | null
  /** What is kept, and what is known here beside it. */
  readonly together: (kept: B, known: B) => B
}

export interface SealedBook<B> {
  /** As it is known here. */
  readonly now: () => B
  /** One after the other, also with other tabs: each begins with what the one before has kept. */
  readonly change: (next: (before: B) => B) => Promise<void>
  /** The vault is gone: nothing of it stays on the device. */
  readonly erased: () => Promise<void>
}

/** Something that a device remembers for a person between sessions, sealed under their own key. @param memory null: in memory only, and each session begins anew. */
export function createSealedBook<B>(
  session: Session,
  memory: SealedMemory | null,
  { name: of, empty, encode, decode, together }: BookOf<B>,
): SealedBook<B> {
  const { keyRing, actsFor } = session
  const name = actsFor === null ? of : `${of} ${toHex(actsFor)}`
  const nothing = { book: empty, epoch: -1 }
  let book = empty
  session.onLock(() => {
    book = empty
  })

  /** Null where this person gets none: then what is known stays in memory. @param epoch null for the newest that is known of. */
  const keysAt = async (epoch: number | null): Promise<CompartmentKeys | null> => {
    const account = await session.holder()
    const [reach] = ownReaches(account, [UNDER])
    if (reach === undefined) return null
    const held = await keyRing.ownHeld(toHex(reach.compartment.cid))
    const wanted = epoch ?? (await newestEpoch())
    const here = held.find(({ place }) => place.epoch === wanted)
    return here ?? keyRing.keysOf(epochOf(reach, wanted), null).catch(() => null)
  }
  /** What lies under an older one is sealed anew before its key is let go of. */
  const newestEpoch = async (): Promise<number> => {
    const { compartments } = await session.holder()
    const home = compartments.find(({ category }) => category === categoryNumber(UNDER))
    if (home === undefined) return 0
    const [newest] = await keyRing.ownHeld(toHex(home.cid))
    return Math.max(home.currentEpoch, newest?.place.epoch ?? 0)
  }
  const kept = async (from: SealedMemory): Promise<{ readonly book: B; readonly epoch: number }> => {
    const sealed = await from.read(name)
    const epoch = sealed === null ? null : epochOfSearchWords(sealed)
    if (sealed === null || epoch === null) return nothing
    const keys = await keysAt(epoch)
    const opened = keys === null ? null : await openSearchWords(keys, sealed).catch(() => null)
    const found = opened === null ? null : decode(opened)
    return found === null ? nothing : { book: found, epoch } // rubbish: what comes next takes its place
  }

  return {
    now: () => book,
    change: async (next) => {
      if (memory === null) {
        book = next(book)
        return
      }
      await memory.alone(async () => {
        const { book: before, epoch } = await kept(memory).catch(() => nothing)
        const changed = next(together(before, book))
        session.expectOpen() // what is remembered here would outlive the lock
        book = changed
        if (equalBytes(encode(changed), encode(before)) && (epoch < 0 || epoch >= (await newestEpoch()))) return
        const keys = await keysAt(null)
        if (keys === null) return
        const sealed = await sealSearchWords(keys, encode(changed))
        session.expectOpen()
        await memory.write(name, sealed).catch(() => {}) // a full disk: what is in memory counts all the same
      })
    },
    erased: async () => {
      book = empty
      await memory?.remove(name)
    },
  }
}
