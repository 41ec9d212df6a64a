import type { LogItem, RecordSummary, Share } from '@medguard/client'
import { msOf } from '../app/dates.ts'
import { scopeText, shortCode } from '../app/words.ts'
import { listText, t } from '../words/language.ts'

/** What the page knows beside the log itself; entries are told as well as it allows. */
export interface LogContext {
  /** `mine`: what happened to my records. `activity`: what I did, with other people's records too. */
  readonly about: 'mine' | 'activity'
  /** The signed-in person. */
  readonly me: string
  readonly records: readonly RecordSummary[] | null
  readonly shares: readonly Share[] | null
}

export interface LogRow {
  readonly key: string
  /** `You`, or the short code of the actor. */
  readonly actor: string
  readonly actorCode: string
  readonly isMe: boolean
  readonly verb: string
  /** Title or kind of what it was done to; null where the verb says it all. */
  readonly object: string | null
  /** Why it was allowed. */
  readonly reason: string | null
  readonly timeMs: number
  readonly tone: 'plain' | 'opened' | 'refused' | 'share'
  readonly item: LogItem
}

/** Acts by which somebody came to see content. */
const OPENING = ['open', 'listSession', 'keyDerive']

export function logRow(item: LogItem, context: LogContext): LogRow {
  const isMe = item.actor === context.me
  const { verb, object, tone } = act(item, context)
  return {
    key: String(item.leafIndex),
    actor: isMe ? 'You' : item.actor === '' ? 'MedGuard' : shortCode(item.actor),
    actorCode: item.actor,
    isMe,
    verb: item.failedOrWithheld && OPENING.includes(item.event) ? `${verb}, without success` : verb,
    object,
    reason: reasonOf(item, context, isMe),
    timeMs: msOf(item.timeNs),
    tone,
    item,
  }
}

function act(item: LogItem, context: LogContext): Pick<LogRow, 'verb' | 'object' | 'tone'> {
  const kind = item.category === null ? null : t(`categories.${item.category}`)
  switch (item.event) {
    case 'enrol':
      return { verb: 'set up this health record', object: null, tone: 'plain' }
    case 'recordAdd':
      return { verb: 'added', object: titleOf(item, context) ?? kind, tone: 'plain' }
    case 'open':
      return { verb: 'opened', object: titleOf(item, context) ?? kind ?? 'a record', tone: 'opened' }
    case 'listSession':
      return { verb: 'looked at the list of', object: kind ?? 'records', tone: 'opened' }
    case 'keyDerive':
      return { verb: 'unlocked', object: kind ?? 'records', tone: 'opened' }
    case 'grant':
      return { verb: 'shared', object: grantText(item, context), tone: 'share' }
    case 'revoke':
      return { verb: 'stopped sharing', object: grantText(item, context), tone: 'share' }
    case 'copyWithdrawn':
      return { verb: 'confirmed the end of sharing', object: grantText(item, context), tone: 'plain' }
    case 'shareWraps':
      return { verb: 'prepared chosen records for sharing', object: grantText(item, context), tone: 'plain' }
    case 'refused':
      return { verb: 'tried to open something and was refused', object: null, tone: 'refused' }
    case 'keyWithheld':
      return { verb: 'asked to unlock and got nothing, because access had ended', object: kind, tone: 'refused' }
    case 'keyFailed':
      return { verb: 'asked to unlock, and unlocking failed', object: kind, tone: 'refused' }
    case 'epochBump':
      return { verb: 'renewed the protection of', object: kind ?? 'records', tone: 'plain' }
    case 'principalLinked':
      return { verb: 'linked a sign-in', object: personText(item), tone: 'plain' }
    case 'principalUnlinked':
      return { verb: 'removed a sign-in', object: personText(item), tone: 'plain' }
    case 'recoveryStarted':
      return { verb: 'started a recovery of this record', object: personText(item), tone: 'plain' }
    case 'recoveryVetoed':
      return { verb: 'stopped a recovery of this record', object: null, tone: 'plain' }
    case 'recoveryDone':
      return { verb: 'completed a recovery of this record', object: null, tone: 'plain' }
    case 'guardianChanged':
      return { verb: 'changed who helps with recovery', object: personText(item), tone: 'plain' }
    case 'recoveryChanged':
      return { verb: 'changed how this record can be recovered', object: null, tone: 'plain' }
    case 'recoveryApproved':
      return { verb: 'approved a recovery of this record', object: personText(item), tone: 'plain' }
    case 'representativeChanged':
      return { verb: 'changed what somebody may do in your place', object: personText(item), tone: 'share' }
    case 'eraseAnnounced':
      return { verb: 'announced that this record is to be erased', object: null, tone: 'plain' }
    case 'eraseStopped':
      return { verb: 'stopped the erasure of this record', object: null, tone: 'plain' }
    case 'authorKeyAdded':
      return { verb: 'began to sign what is stored', object: null, tone: 'plain' }
    case 'authorKeyEnded':
      return { verb: 'ended a key that signs what is stored', object: null, tone: 'plain' }
    case 'expiryNoticed':
      return { verb: 'found that a share had ended', object: grantText(item, context), tone: 'plain' }
    case 'keyCheckDiffers':
      return { verb: 'found two different keys, and changed the key of', object: kind ?? 'records', tone: 'plain' }
    case 'epochRetire':
      return { verb: 'removed old keys of', object: kind ?? 'records', tone: 'plain' }
    case 'paused':
      return { verb: 'paused all sharing', object: null, tone: 'share' }
    case 'resumed':
      return { verb: 'resumed sharing', object: null, tone: 'share' }
    case 'requestMade':
      return { verb: 'asked for access', object: null, tone: 'plain' }
    case 'requestApproved':
      return { verb: 'approved a request for access', object: personText(item), tone: 'share' }
    case 'requestNarrowed':
      return { verb: 'approved part of a request for access', object: personText(item), tone: 'share' }
    case 'requestDenied':
      return { verb: 'denied a request for access', object: personText(item), tone: 'plain' }
    case 'requestEnded':
      return { verb: 'saw a request for access end', object: null, tone: 'plain' }
    case 'blocked':
      return { verb: 'blocked', object: personText(item), tone: 'plain' }
    case 'unblocked':
      return { verb: 'unblocked', object: personText(item), tone: 'plain' }
    case 'rulesChanged':
      return { verb: 'changed the rules for sharing', object: null, tone: 'plain' }
    case 'rewrapBatch':
      return { verb: 'renewed the keys of records in', object: kind ?? 'records', tone: 'plain' }
    case 'recordDelete':
      return { verb: 'deleted', object: titleOf(item, context) ?? kind, tone: 'plain' }
    case 'capsule':
      return { verb: 'prepared to add to', object: kind ?? 'records', tone: 'plain' }
    case 'deposit':
      return { verb: 'added', object: titleOf(item, context) ?? kind, tone: 'plain' }
    case 'exported':
      return { verb: 'exported', object: null, tone: 'plain' }
    case 'eraseBegin':
      return { verb: 'began to erase this health record', object: null, tone: 'plain' }
    case 'eraseDone':
      return { verb: 'erased this health record', object: null, tone: 'plain' }
    case 'organisationRegistered':
      return { verb: 'registered an organisation', object: null, tone: 'plain' }
    case 'organisationVerified':
      return { verb: 'verified an organisation', object: null, tone: 'plain' }
    case 'organisationSuspended':
      return { verb: 'suspended an organisation', object: null, tone: 'plain' }
    case 'memberAdded':
      return { verb: 'added somebody to an organisation', object: personText(item), tone: 'plain' }
    case 'memberChanged':
      return { verb: 'changed what somebody is in an organisation', object: personText(item), tone: 'plain' }
    case 'memberRemoved':
      return { verb: 'removed somebody from an organisation', object: personText(item), tone: 'plain' }
    case 'councilAct':
      return { verb: 'voted in the council', object: null, tone: 'plain' }
    case 'invitationMade':
      return { verb: 'invited somebody to open an account', object: null, tone: 'plain' }
    case 'invitationClaimed':
      return { verb: 'claimed an invitation', object: null, tone: 'plain' }
    case 'configuration':
      return { verb: 'changed its settings', object: null, tone: 'plain' }
    case 'upgrade':
      return { verb: 'was updated', object: null, tone: 'plain' }
    default:
      return { verb: 'did something this version of the page has no word for', object: null, tone: 'plain' }
  }
}

/** Whom it is about, where that is somebody else than who did it. */
const personText = ({ subject }: LogItem): string | null => (subject === null ? null : shortCode(subject))

function titleOf(item: LogItem, { records }: LogContext): string | null {
  return records?.find(({ recordId }) => recordId === item.objectId)?.title ?? null
}

function grantText(item: LogItem, { shares }: LogContext): string | null {
  const grantId = item.grantId ?? item.objectId
  const share = shares?.find((given) => given.grantId === grantId)
  return share === undefined ? null : `${scopeText(share.scope)} with ${shortCode(share.grantee)}`
}

function reasonOf(item: LogItem, context: LogContext, isMe: boolean): string | null {
  if (item.event === 'refused') return 'Nothing was shown'
  if (!OPENING.includes(item.event)) return null
  if (item.grantId === null) return isMe ? 'Your own records' : null
  const share = context.shares?.find(({ grantId }) => grantId === item.grantId)
  const purpose = item.purpose === null ? null : t(`purposes.${item.purpose}`).toLowerCase()
  const words =
    context.about === 'mine'
      ? 'You shared this with them'
      : `Shared with you by ${share === undefined ? 'a patient' : shortCode(share.patient)}`
  return purpose === null ? words : `${words}, for ${purpose}`
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
  const verb = rows.every((row) => row.verb === first.verb) ? first.verb : 'looked through'
  const objects = [...new Set(rows.map(({ object }) => object))].filter((object) => object !== null)
  if (objects.length <= 3) return { verb, object: objects.length === 0 ? null : listText(objects) }
  const noun = first.item.event === 'open' || first.item.event === 'recordAdd' ? 'records' : 'kinds of record'
  return { verb, object: `${objects.length} ${noun}` }
}

const SUMMARY_DAYS = 30

/** `2 people opened your records in the last 30 days.` */
export function summaryText(items: readonly LogItem[], me: string, nowMs: number): string {
  const since = nowMs - SUMMARY_DAYS * 86_400_000
  const others = new Set(
    items
      .filter(({ event, actor, timeNs }) => event === 'open' && actor !== me && msOf(timeNs) >= since)
      .map(({ actor }) => actor),
  )
  if (others.size === 0) return `Nobody but you opened your records in the last ${SUMMARY_DAYS} days.`
  const people = others.size === 1 ? '1 person' : `${others.size} people`
  return `${people} opened your records in the last ${SUMMARY_DAYS} days.`
}
