import { NS_PER_MS } from '@medguard/protocol'
import type { Verification } from './verification.ts'
import { readPatientNews } from './log.ts'
import { readingAt } from './log-shards.ts'
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
import type { SealedMemory } from './search-api.ts'
import { createSealedBook } from './sealed-book.ts'
import type { Session } from './session.ts'

const NOTICE_BOOK = { name: 'notices', empty: EMPTY_BOOK, encode: encodeBook, decode: decodeBook, together }

export interface NoticeKeeping extends NoticeMethods {
  /** The vault is gone: nothing of it stays on the device. */
  readonly erased: () => Promise<void>
}

/** @param memory null: nothing stays on this device, and each session begins anew. */
export function createNotices(session: Session, memory: SealedMemory | null): NoticeKeeping {
  const { canisters, network, headMemory, identity, unlocked } = session
  const kept = createSealedBook(session, memory, NOTICE_BOOK)
  let verification: Verification['kind'] = 'cannotTell'

  const look = async (): Promise<void> => {
    const book = kept.now()
    const account = await session.holder()
    const reader = identity.getPrincipal()
    const from = readingAt({ canisters, network, headMemory, account, reader }, account.logShard[0] ?? 0)
    const { report, end } = await readPatientNews(from, { count: book.count, last: book.last })
    verification = report.verification.kind
    if (verification !== 'verified') return
    const who = { reader: reader.toText(), nowNs: BigInt(Date.now()) * NS_PER_MS }
    await kept.change((before) => takeIn(before, report.items, end, who))
  }
  const told = (): Notices => {
    const { read, choices } = kept.now()
    return { notices: noticesIn(kept.now()), read, choices, verification }
  }

  return {
    notices: (isLook) =>
      unlocked(async () => {
        await kept.change((before) => before)
        if (isLook) await look()
        return told()
      }),
    hasNotices: () =>
      unlocked(async () => {
        const { patientId, logShard } = await session.holder()
        const of = { patient: new Uint8Array(patientId) }
        const { audit } = canisters.atLog(logShard[0] ?? 0)
        return okOf(await audit.leaves({ of, fromSeq: kept.now().count, count: 1 })).total > kept.now().count
      }),
    keepNotices: ({ read = [], choices }) =>
      unlocked(async () => {
        const chosen = (before: NoticeBook) => (choices === undefined ? before : { ...before, choices })
        await kept.change((before) => chosen(withRead(before, read)))
        return told()
      }),
    erased: kept.erased,
  }
}
