import { type CompartmentKeys, epochOfSearchWords, openSearchWords, sealSearchWords } from '@medguard/crypto'
import { CATEGORIES, categoryNumber, NS_PER_MS, toHex } from '@medguard/protocol'
import type { Verification } from './api.ts'
import { readPatientNews } from './log.ts'
import {
  decodeBook,
  EMPTY_BOOK,
  encodeBook,
  type NoticeBook,
  noticesIn,
  takeIn,
  together,
  withRead,
} from './notice-book.ts'
import type { NoticeMethods, Notices } from './notices-api.ts'
import { okOf } from './outcome.ts'
import { epochOf, ownReaches } from './place.ts'
import type { SealedMemory } from './search-api.ts'
import type { Session } from './session.ts'

/** What a device has of them lies under the key of the kind of record that the profile is. */
const UNDER = CATEGORIES[0]

const NOTHING = { book: EMPTY_BOOK, epoch: -1 }

export interface NoticeKeeping extends NoticeMethods {
  /** The vault is gone: nothing of it stays on the device. */
  readonly erased: () => Promise<void>
}

/** @param memory null: nothing stays on this device, and each session begins anew. */
export function createNotices(session: Session, memory: SealedMemory | null): NoticeKeeping {
  const { canisters, network, headMemory, identity, unlocked, keyRing, actsFor } = session
  const name = actsFor === null ? 'notices' : `notices ${toHex(actsFor)}`
  let book = EMPTY_BOOK
  let verification: Verification['kind'] = 'cannotTell'
  session.onLock(() => {
    book = EMPTY_BOOK
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
  const kept = async (from: SealedMemory): Promise<{ readonly book: NoticeBook; readonly epoch: number }> => {
    const sealed = await from.read(name)
    const epoch = sealed === null ? null : epochOfSearchWords(sealed)
    if (sealed === null || epoch === null) return NOTHING
    const keys = await keysAt(epoch)
    const opened = keys === null ? null : await openSearchWords(keys, sealed).catch(() => null)
    const found = opened === null ? null : decodeBook(opened)
    return found === null ? NOTHING : { book: found, epoch } // rubbish: what comes next takes its place
  }

  /** One after the other, also with other tabs: each begins with what the one before has kept. */
  const change = async (next: (before: NoticeBook) => NoticeBook): Promise<void> => {
    if (memory === null) {
      book = next(book)
      return
    }
    await memory.alone(async () => {
      const { book: before, epoch } = await kept(memory).catch(() => NOTHING)
      const changed = next(together(before, book))
      session.expectOpen() // what is remembered here would outlive the lock
      book = changed
      if (toKeep(changed) === toKeep(before) && (epoch < 0 || epoch >= (await newestEpoch()))) return
      const keys = await keysAt(null)
      if (keys === null) return
      const sealed = await sealSearchWords(keys, encodeBook(changed))
      session.expectOpen()
      await memory.write(name, sealed).catch(() => {}) // a full disk: what is in memory counts all the same
    })
  }

  const look = async (): Promise<void> => {
    const account = await session.holder()
    const reader = identity.getPrincipal()
    const from = { canisters, network, headMemory, account, reader }
    const { report, end } = await readPatientNews(from, { count: book.count, last: book.last })
    verification = report.verification.kind
    if (verification !== 'verified') return
    const who = { reader: reader.toText(), nowNs: BigInt(Date.now()) * NS_PER_MS }
    await change((before) => takeIn(before, report.items, end, who))
  }
  const told = (): Notices => ({
    notices: noticesIn(book),
    read: book.read,
    choices: book.choices,
    verification,
  })

  return {
    notices: (isLook) =>
      unlocked(async () => {
        await change((before) => before)
        if (isLook) await look()
        return told()
      }),
    hasNotices: () =>
      unlocked(async () => {
        const { patientId } = await session.holder()
        const of = { patient: new Uint8Array(patientId) }
        return okOf(await canisters.audit.leaves({ of, fromSeq: book.count, count: 1 })).total > book.count
      }),
    keepNotices: ({ read = [], choices }) =>
      unlocked(async () => {
        const chosen = (before: NoticeBook) => (choices === undefined ? before : { ...before, choices })
        await change((before) => chosen(withRead(before, read)))
        return told()
      }),
    erased: async () => {
      book = EMPTY_BOOK
      await memory?.remove(name)
    },
  }
}

const toKeep = (book: NoticeBook): string => new TextDecoder().decode(encodeBook(book))
