import { ALERTS_MEDIA_TYPE, type RecordSummary } from '@medguard/client'
import { msOf, atText } from '../app/dates.ts'
import type { Route } from '../app/routes.ts'
import { shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import type { Told } from './told.ts'

/** Events that are matters of security, each with a text of its own and the place where it is answered. */
const SECURITY = {
  principalLinked: 'people',
  principalUnlinked: 'people',
  recoveryStarted: 'recovery',
  recoveryVetoed: 'recovery',
  recoveryApproved: 'recovery',
  recoveryDone: 'recovery',
  recoveryChanged: 'recovery',
  representativeChanged: 'people',
  eraseAnnounced: 'log',
  eraseStopped: 'log',
  authorKeyAdded: 'log',
  deviceAdded: 'devices',
  deviceRotated: 'devices',
  linkOpened: 'log',
  linkPasscodeWrong: 'log',
  keyCheckDiffers: 'log',
  exported: 'log',
} as const
type SecurityEvent = keyof typeof SECURITY
const isSecurity = (event: string): event is SecurityEvent => Object.hasOwn(SECURITY, event)

const ALERTS: Route = { name: 'devices', at: 'alerts' }
const LOG: Route = { name: 'log', who: 'everyone' }

/** What somebody said about alerts comes as a record, and is told as what it is. */
export function spokenOf(told: Told, records: readonly RecordSummary[] | null): Told {
  if (told.about !== 'event' || told.kind !== 'recordAdded') return told
  const record = records?.find(({ recordId }) => recordId === told.objectId)
  return record?.mediaType === ALERTS_MEDIA_TYPE ? { ...told, event: ALERT_SAID } : told
}
const ALERT_SAID = 'alertSaid'

/** @param nameOf a grantee as the reader knows them. */
export function toldText(told: Told, nowMs: number, nameOf: (code: string) => string = shortCode): string {
  if (told.about === 'share') {
    const endMs = msOf(told.share.endNs)
    const name = nameOf(told.share.grantee)
    return t(endMs > nowMs ? 'notices.shareEnding' : 'notices.shareEnded', { name, at: atText(endMs, nowMs) })
  }
  if (told.about === 'alert') return t(`notices.${told.kind}`)
  const name = shortCode(told.kind === 'security' ? (told.subject ?? told.who) : told.who)
  if (told.event === ALERT_SAID) return t('notices.alertSaid', { name })
  if (told.kind !== 'security') return t(`notices.${told.kind}`, { name })
  return isSecurity(told.event) ? securityText(told.event, name) : t('notices.unknown')
}

function securityText(event: SecurityEvent, name: string): string {
  switch (event) {
    case 'principalLinked':
    case 'principalUnlinked':
    case 'recoveryStarted':
    case 'recoveryDone':
    case 'representativeChanged':
      return t(`notices.${event}`, { name })
    default:
      return t(`notices.${event}`)
  }
}

/** Where it is answered, and how the way there is called. */
export function answerOf(told: Told): { readonly to: Route; readonly label: SimpleKey } {
  if (told.about === 'share') return { to: { name: 'sharing', tab: 'people' }, label: 'notices.toSharing' }
  if (told.about === 'alert' || told.event === ALERT_SAID) return { to: ALERTS, label: 'notices.toAlerts' }
  switch (told.kind) {
    case 'requestMade':
      return { to: { name: 'requests' }, label: 'notices.toRequest' }
    case 'recordAdded':
      // What waits in the inbox is no record of one's own yet.
      return told.category === null
        ? { to: { name: 'inbox' }, label: 'notices.toInbox' }
        : { to: { name: 'record', recordId: told.objectId }, label: 'notices.toRecord' }
    case 'recordOpened':
      return { to: LOG, label: 'notices.toLog' }
    default: {
      const where = isSecurity(told.event) ? SECURITY[told.event] : 'log'
      if (where === 'log') return { to: LOG, label: 'notices.toLog' }
      if (where === 'devices') return { to: { name: 'devices', at: '' }, label: 'notices.toDevices' }
      return { to: { name: where }, label: where === 'people' ? 'notices.toPeople' : 'notices.toRecovery' }
    }
  }
}
