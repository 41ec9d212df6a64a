import type { FaultCode, Refusal } from '@medguard/client'
import { t } from '../words/language.ts'
import { atText, momentText, msOf, sizeText, unitText } from './dates.ts'

// The one place where refusals and faults become words. A new arm stops the build here.

export interface Words {
  readonly title: string
  /** What it means and what to do now. */
  readonly text: string
  /** Whether asking again may help. */
  readonly again: boolean
}

/** After these, asking again leads to the same answer. */
const FINAL = new Set<Refusal['kind'] | FaultCode>([
  'NotSignedIn',
  'NotPermitted',
  'ConsentEnded',
  'Stale',
  'Expired',
  'Full',
  'TooLarge',
  'BadInput',
  'Unverified',
  'SessionEnded',
  'UnknownLog',
])

export function refusalText(refusal: Refusal, nowMs = Date.now()): Words {
  return {
    title: t(`problems.${refusal.kind}`),
    text: whatItMeans(refusal, nowMs),
    again: !FINAL.has(refusal.kind),
  }
}

function whatItMeans(refusal: Refusal, nowMs: number): string {
  switch (refusal.kind) {
    case 'ConsentEnded':
      return t('problems.ConsentEndedText', { at: atText(msOf(refusal.endNs), nowMs) })
    case 'Busy':
      return t('problems.BusyText', { wait: waitText(refusal.retryAfterMs) })
    case 'Stale':
      return t('problems.StaleText', { version: refusal.current })
    case 'TooLarge':
      return t('problems.TooLargeText', { size: sizeText(refusal.maxBytes) })
    case 'BadInput':
      return t('problems.BadInputText', { field: refusal.field, code: refusal.code })
    case 'NotYet':
      return t('problems.NotYetText', { from: momentText(msOf(refusal.atNs), nowMs) })
    default:
      return t(`problems.${refusal.kind}Text`)
  }
}

export function faultText(code: FaultCode): Words {
  return { title: t(`problems.${code}`), text: t(`problems.${code}Text`), again: !FINAL.has(code) }
}

function waitText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  return seconds < 60 ? unitText(seconds, 'second') : unitText(Math.ceil(seconds / 60), 'minute')
}
