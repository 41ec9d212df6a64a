import { NS_PER_DAY } from '@medguard/protocol'
import type { LogItem } from './api.ts'
import type { NoticeChoices, NoticeInfo, NoticeKind } from './notices-api.ts'
import { wrongProfile } from './profile.ts'

// Which entries of a patient's log become notices: plain, so that two tabs, two devices and a reload come to the same. An entry is taken once, by its place in
// the history, and what is about the same thing has the same id.

type Row = Omit<NoticeInfo, 'isRead'>

export interface NoticeBook {
  /** Entries of the history that were taken in. */
  readonly count: bigint
  /** Hash of the last of them, hexadecimal; null before the first. */
  readonly last: string | null
  /** Principals that are the patient. */
  readonly own: readonly string[]
  /** Grants nobody has used yet, and when they end. */
  readonly unused: readonly { readonly grantId: string; readonly endNs: bigint }[]
  /** Newest last. */
  readonly rows: readonly Row[]
  readonly read: readonly string[]
  readonly choices: NoticeChoices | null
}

export const EMPTY_BOOK: NoticeBook = {
  count: 0n,
  last: null,
  own: [],
  unused: [],
  rows: [],
  read: [],
  choices: null,
}

export const NOTICES_MAX = 300
const KEPT_NS = 90n * NS_PER_DAY
/** Of what is older when a device looks for the first time, its owner was told elsewhere, or will not miss it. */
const FIRST_LOOK_NS = 14n * NS_PER_DAY
const READ_MAX = 1_000

/** Told whoever did it: it may be somebody else with one's own sign-in. Whom a change of recovery names is told with it, as one change. */
const SECURITY: ReadonlySet<string> = new Set([
  'principalLinked',
  'principalUnlinked',
  'recoveryStarted',
  'recoveryVetoed',
  'recoveryApproved',
  'recoveryDone',
  'recoveryChanged',
  'representativeChanged',
  'eraseAnnounced',
  'eraseStopped',
  'authorKeyAdded',
  'deviceAdded',
  'deviceRotated',
  'linkOpened',
  'linkPasscodeWrong',
  'keyCheckDiffers',
  'exported',
])
const ADDED: ReadonlySet<string> = new Set(['recordAdd', 'deposit'])
const LOOKED: ReadonlySet<string> = new Set(['listSession', 'open'])

/** @param reader who looks: what they do themselves is no news to them, save for matters of security. */
function noticeOf(item: LogItem, book: Pick<NoticeBook, 'own' | 'unused'>, reader: string): Row | null {
  const { event, actor, objectId, subject, grantId, seq } = item
  const row = (kind: NoticeKind, id: string, who = actor): Row => ({
    id,
    kind,
    event,
    seq,
    atNs: item.timeNs,
    who,
    subject: subject === who ? null : subject,
    objectId,
    grantId,
    category: item.category,
  })
  if (event === 'requestMade') return row('requestMade', `asked ${objectId}`, subject ?? '')
  // Whoever opens a record for a child is the first to act for it, which is no news.
  if (event === 'representativeChanged' && subject === actor && book.own.includes(actor)) return null
  if (SECURITY.has(event)) return row('security', `security ${seq}`)
  if (item.failedOrWithheld || actor === reader || book.own.includes(actor)) return null
  if (ADDED.has(event) && isOfDevice(item)) return null // what the patient's own devices send, many times a day, is no news
  if (ADDED.has(event)) return row('recordAdded', `added ${objectId} ${item.versionOrEpoch}`)
  const isFirstUse = LOOKED.has(event) && book.unused.some((grant) => grant.grantId === grantId)
  return isFirstUse && grantId !== null ? row('recordOpened', `used ${grantId}`) : null
}

const isOfDevice = ({ details: { deviceId } }: LogItem): boolean =>
  typeof deviceId === 'string' && /[1-9a-f]/.test(deviceId)

/** Who the patient is, by the log alone. */
function newOwn({ event, actor, subject }: LogItem): string | null {
  if (event === 'enrol') return actor
  return event === 'principalLinked' || event === 'recoveryDone' ? subject : null
}

/**
 * The book with entries that came behind what it has; those that it has are left out, so that taking in twice is taking in once.
 *
 * @param items in the order of the history.
 * @param end how many entries the history has now, and the hash of the last.
 */
export function takeIn(
  book: NoticeBook,
  items: readonly LogItem[],
  end: { readonly count: bigint; readonly last: string | null },
  who: { readonly reader: string; readonly nowNs: bigint },
): NoticeBook {
  if (end.count <= book.count) return book
  const isFirst = book.count === 0n
  const own = new Set(book.own)
  const unused = new Map(book.unused.map((grant) => [grant.grantId, grant]))
  const rows = new Map(book.rows.map((row) => [row.id, row]))
  for (const item of items) {
    if (item.seq < book.count) continue
    const person = newOwn(item)
    if (person !== null) own.add(person)
    const { event, grantId } = item
    const { endNs } = item.details
    if (event === 'grant' && grantId !== null && typeof endNs === 'bigint') unused.set(grantId, { grantId, endNs })
    const row = noticeOf(item, { own: [...own], unused: [...unused.values()] }, who.reader)
    if (row !== null && !rows.has(row.id)) rows.set(row.id, row)
    const isOver = row?.kind === 'recordOpened' || event === 'revoke' || event === 'expiryNoticed'
    if (isOver && grantId !== null) unused.delete(grantId)
  }
  const old = isFirst ? [...rows.values()].filter(({ atNs }) => atNs < who.nowNs - FIRST_LOOK_NS) : []
  return trimmed(
    {
      ...book,
      count: end.count,
      last: end.last,
      own: [...own],
      unused: [...unused.values()].filter(({ endNs }) => endNs > who.nowNs - KEPT_NS),
      rows: [...rows.values()],
      read: [...new Set([...book.read, ...old.map(({ id }) => id)])],
    },
    who.nowNs,
  )
}

/** What two tabs know together: what either has read is read. */
export function together(one: NoticeBook, other: NoticeBook): NoticeBook {
  const [longer, shorter] = one.count >= other.count ? [one, other] : [other, one]
  const choices = [one.choices, other.choices].filter((each) => each !== null)
  return {
    ...longer,
    read: [...new Set([...shorter.read, ...longer.read])].slice(-READ_MAX),
    choices: choices.toSorted((a, b) => b.version - a.version)[0] ?? null,
  }
}

export const withRead = (book: NoticeBook, ids: readonly string[]): NoticeBook => ({
  ...book,
  read: [...new Set([...book.read, ...ids])].slice(-READ_MAX),
})

function trimmed(book: NoticeBook, nowNs: bigint): NoticeBook {
  const rows = book.rows.filter(({ atNs }) => atNs > nowNs - KEPT_NS).slice(-NOTICES_MAX)
  return { ...book, rows, read: book.read.slice(-READ_MAX) }
}

/** Newest first, with what was read. */
export function noticesIn({ rows, read }: NoticeBook): NoticeInfo[] {
  const known = new Set(read)
  return rows.toReversed().map((row) => ({ ...row, isRead: known.has(row.id) }))
}

const FORMAT = 1

export const encodeBook = (book: NoticeBook): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ format: FORMAT, ...book }, (_, value: unknown) =>
      typeof value === 'bigint' ? { n: value.toString() } : value,
    ),
  )

/** Sealed by this person's own client, so of this shape unless a newer one wrote it. @returns null for what is no book of this format. */
export function decodeBook(bytes: Uint8Array): NoticeBook | null {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (_, each: unknown) => bigintOf(each))
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== FORMAT) return null
  const { format: _, ...book } = value as NoticeBook & { readonly format: number }
  const { choices } = book
  return choices !== null && wrongProfile(choices.profile) !== null ? { ...book, choices: null } : book
}

function bigintOf(each: unknown): unknown {
  const isNumber = typeof each === 'object' && each !== null && 'n' in each && typeof each.n === 'string'
  return isNumber ? BigInt(each.n as string) : each
}
