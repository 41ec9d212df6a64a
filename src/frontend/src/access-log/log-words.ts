import { isProfile, type LogItem, type RecordSummary, type Share } from '@medguard/client'
import { msOf } from '../app/dates.ts'
import { unreachable } from '../app/unreachable.ts'
import { scopeText } from '../app/words.ts'
import { listText, t } from '../words/language.ts'

/** What the page knows beside the log itself; entries are told as well as it allows. */
export interface LogContext {
  /** `mine`: what happened to my records. `activity`: what I did, with other people's records too. */
  readonly about: 'mine' | 'activity'
  /** Of `mine`: the record is somebody else's, for whom the signed-in person acts. */
  readonly isWard?: boolean
  /** The signed-in person. */
  readonly me: string
  readonly records: readonly RecordSummary[] | null
  readonly shares: readonly Share[] | null
  /** What somebody is called, by their code. */
  readonly nameOf: (code: string) => string
}

export interface LogRow {
  readonly key: string
  /** `You`, or what the reader calls the actor. */
  readonly actor: string
  readonly actorCode: string
  readonly isMe: boolean
  readonly verb: string
  /** Title or kind of what it was done to; null where the verb says it all. */
  readonly object: string | null
  /** The reader's own record that it was done to: where it is, or what is left of it. */
  readonly recordId: string | null
  /** Why it was allowed. */
  readonly reason: string | null
  /** The reader's own share that allowed it. */
  readonly shareId: string | null
  readonly timeMs: number
  readonly tone: 'plain' | 'opened' | 'refused' | 'share'
  readonly item: LogItem
}

/** Acts by which somebody came to see content. */
const OPENING = ['open', 'listSession', 'keyDerive']

export function logRow(item: LogItem, context: LogContext): LogRow {
  const actor = actorOf(item)
  const isMe = actor === context.me
  const { verb, object, tone } = act(item, context)
  return {
    key: item.shard > 0 ? `${item.shard}/${item.leafIndex}` : String(item.leafIndex),
    actor: isMe ? t('page.you') : actor === '' ? nobodyText(item) : context.nameOf(actor),
    actorCode: actor,
    isMe,
    verb: item.failedOrWithheld && OPENING.includes(item.event) ? t('log.withoutSuccess', { verb }) : verb,
    object,
    recordId: context.about === 'mine' ? recordOf(item) : null,
    reason: reasonOf(item, context, isMe),
    shareId: context.about === 'mine' && OPENING.includes(item.event) && isGiven(item, context) ? item.grantId : null,
    timeMs: msOf(item.timeNs),
    tone,
    item,
  }
}

/** Who is named for it: a request is logged as nobody's act, so that the log of whoever asked does not tell them that it arrived. */
export function actorOf({ actor, event, subject }: LogItem): string {
  if (actor !== NOBODY) return actor
  return event === 'requestMade' ? (subject ?? '') : ''
}
/** The principal without bytes. */
export const NOBODY = 'aaaaa-aa'

/** Whoever opens a link is nobody in particular. */
const nobodyText = ({ event }: LogItem): string =>
  event === 'linkOpened' || event === 'linkPasscodeWrong' ? t('log.linkHolder') : 'MedGuard'

/** How each event reads: what it was done to, if that is told, and how it stands out. */
const ACTS = {
  enrol: ['nothing', 'plain'],
  recordAdd: ['record', 'plain'],
  open: ['record', 'opened'],
  listSession: ['kind', 'opened'],
  keyDerive: ['kind', 'opened'],
  grant: ['share', 'share'],
  revoke: ['share', 'share'],
  copyWithdrawn: ['share', 'plain'],
  shareWraps: ['share', 'plain'],
  refused: ['nothing', 'refused'],
  keyWithheld: ['kindIfKnown', 'refused'],
  keyFailed: ['kindIfKnown', 'refused'],
  epochBump: ['kind', 'plain'],
  principalLinked: ['person', 'plain'],
  principalUnlinked: ['person', 'plain'],
  recoveryStarted: ['person', 'plain'],
  recoveryVetoed: ['nothing', 'plain'],
  recoveryDone: ['nothing', 'plain'],
  guardianChanged: ['person', 'plain'],
  recoveryChanged: ['nothing', 'plain'],
  recoveryApproved: ['person', 'plain'],
  representativeChanged: ['person', 'share'],
  eraseAnnounced: ['nothing', 'plain'],
  eraseStopped: ['nothing', 'plain'],
  authorKeyAdded: ['nothing', 'plain'],
  authorKeyEnded: ['nothing', 'plain'],
  expiryNoticed: ['share', 'plain'],
  keyCheckDiffers: ['kind', 'plain'],
  epochRetire: ['kind', 'plain'],
  paused: ['nothing', 'share'],
  resumed: ['nothing', 'share'],
  requestMade: ['nothing', 'plain'],
  requestApproved: ['person', 'share'],
  requestNarrowed: ['person', 'share'],
  requestDenied: ['person', 'plain'],
  requestEnded: ['nothing', 'plain'],
  blocked: ['person', 'plain'],
  unblocked: ['person', 'plain'],
  rulesChanged: ['nothing', 'plain'],
  rewrapBatch: ['kind', 'plain'],
  recordDelete: ['record', 'plain'],
  capsule: ['kind', 'plain'],
  deposit: ['record', 'plain'],
  deviceAdded: ['kind', 'share'],
  deviceChanged: ['kind', 'share'],
  devicePaused: ['kind', 'share'],
  deviceRemoved: ['kind', 'share'],
  deviceRotated: ['kind', 'share'],
  linkMade: ['nothing', 'share'],
  linkOpened: ['nothing', 'opened'],
  linkPasscodeWrong: ['nothing', 'refused'],
  linkEnded: ['nothing', 'share'],
  exported: ['nothing', 'plain'],
  eraseBegin: ['nothing', 'plain'],
  eraseDone: ['nothing', 'plain'],
  organisationRegistered: ['nothing', 'plain'],
  organisationVerified: ['nothing', 'plain'],
  organisationSuspended: ['nothing', 'plain'],
  memberAdded: ['person', 'plain'],
  memberChanged: ['person', 'plain'],
  memberRemoved: ['person', 'plain'],
  councilAct: ['nothing', 'plain'],
  invitationMade: ['nothing', 'plain'],
  invitationClaimed: ['nothing', 'plain'],
  configuration: ['nothing', 'plain'],
  upgrade: ['nothing', 'plain'],
  shardHeads: ['nothing', 'plain'],
  /** Of a newer version than this page. */
  unknown: ['nothing', 'plain'],
} as const
type Act = keyof typeof ACTS
const isAct = (event: string): event is Act => Object.hasOwn(ACTS, event)

function act(item: LogItem, context: LogContext): Pick<LogRow, 'verb' | 'object' | 'tone'> {
  const event = isAct(item.event) ? item.event : 'unknown'
  const [what, tone] = ACTS[event]
  return { verb: t(`logActs.${event}`), object: objectOf(what, item, context), tone }
}

function objectOf(what: (typeof ACTS)[Act][0], item: LogItem, context: LogContext): string | null {
  const kind = item.category === null ? null : t(`categories.${item.category}`)
  switch (what) {
    case 'record':
      return titleOf(item, context) ?? kind ?? t('log.aRecord')
    case 'kind':
      return kind ?? t('log.records')
    case 'kindIfKnown':
      return kind
    case 'share':
      return grantText(item, context)
    case 'person':
      return personText(item, context)
    case 'nothing':
      return null
    default:
      return unreachable(what)
  }
}

/** Null also for what lies in an inbox, which is no record yet. */
const recordOf = ({ event, category, objectId }: LogItem): string | null =>
  isAct(event) && ACTS[event][0] === 'record' && category !== null ? objectId : null

/** Whom it is about, where that is somebody else than who did it. */
const personText = ({ subject }: LogItem, { nameOf }: LogContext): string | null =>
  subject === null ? null : nameOf(subject)

function titleOf(item: LogItem, { records }: LogContext): string | null {
  const record = records?.find(({ recordId }) => recordId === item.objectId)
  return record === undefined ? null : recordName(record)
}

/** A profile is a record that nobody gave a title: it is called what the page calls it, in the reader's language. */
export const recordName = (record: RecordSummary): string => (isProfile(record) ? t('ward.profile') : record.title)

function grantText(item: LogItem, { shares, nameOf }: LogContext): string | null {
  const grantId = item.grantId ?? item.objectId
  const share = shares?.find((given) => given.grantId === grantId)
  return share === undefined ? null : t('log.scopeWith', { scope: scopeText(share.scope), name: nameOf(share.grantee) })
}

const isGiven = ({ grantId: by }: LogItem, { shares }: LogContext): boolean =>
  shares?.some(({ grantId }) => grantId === by) === true

function reasonOf(item: LogItem, context: LogContext, isMe: boolean): string | null {
  if (item.event === 'refused') return t('log.nothingShown')
  if (!OPENING.includes(item.event)) return null
  const isWard = context.about === 'mine' && context.isWard === true
  if (item.grantId === null) {
    if (isWard) return t(isMe ? 'ward.logActs' : 'ward.logOthersAct')
    return isMe ? t('log.ownRecords') : null
  }
  const share = context.shares?.find(({ grantId }) => grantId === item.grantId)
  const sharer =
    share === undefined ? t('log.sharedByPatient') : t('log.sharedBy', { name: context.nameOf(share.patient) })
  const reason = context.about === 'mine' ? t(isWard ? 'ward.logShared' : 'log.youShared') : sharer
  return item.purpose === null ? reason : t('log.forPurpose', { reason, purpose: t(`purposes.${item.purpose}`) })
}

/** Rows in a line by one actor, of one kind and close in time, shown as one that opens. */
export interface LogGroup {
  readonly rows: readonly [LogRow, ...LogRow[]]
}
const GROUP_WITHIN_MS = 10 * 60_000

/** Unlocking and listing are two halves of looking through a kind of record. */
const familyOf = ({ verb, item }: LogRow) =>
  ['listSession', 'keyDerive'].includes(item.event) && !item.failedOrWithheld ? 'looking' : verb

/** @param rows newest first. */
export function groupRows(rows: readonly LogRow[]): LogGroup[] {
  const groups: [LogRow, ...LogRow[]][] = []
  for (const row of rows) {
    const group = groups[groups.length - 1]
    const last = group?.[group.length - 1]
    const alike = last !== undefined && last.actorCode === row.actorCode && familyOf(last) === familyOf(row)
    if (alike && last.timeMs - row.timeMs <= GROUP_WITHIN_MS && last.item.grantId === row.item.grantId) group?.push(row)
    else groups.push([row])
  }
  return groups.map((group) => ({ rows: group }))
}

/** How a group reads as one line. */
export function groupText({ rows }: LogGroup): { readonly verb: string; readonly object: string | null } {
  const [first] = rows
  const verb = rows.every((row) => row.verb === first.verb) ? first.verb : t('log.lookedThrough')
  const objects = [...new Set(rows.map(({ object }) => object))].filter((object) => object !== null)
  if (objects.length <= 3) return { verb, object: objects.length === 0 ? null : listText(objects) }
  const isOfRecords = first.item.event === 'open' || first.item.event === 'recordAdd'
  return { verb, object: t(isOfRecords ? 'log.manyRecords' : 'log.manyKinds', { count: objects.length }) }
}

const SUMMARY_DAYS = 30

/** `2 people opened your records in the last 30 days.` `isWard`: as told to whoever acts for the person. */
export function summaryText(items: readonly LogItem[], me: string, nowMs: number, isWard = false): string {
  const since = nowMs - SUMMARY_DAYS * 86_400_000
  const others = new Set(
    items
      .filter(({ event, actor, timeNs }) => event === 'open' && actor !== me && msOf(timeNs) >= since)
      .map(({ actor }) => actor),
  )
  if (others.size === 0) return t(isWard ? 'ward.summaryNobody' : 'log.summaryNobody', { count: SUMMARY_DAYS })
  return t(isWard ? 'ward.summary' : 'log.summary', { count: others.size, days: SUMMARY_DAYS })
}
