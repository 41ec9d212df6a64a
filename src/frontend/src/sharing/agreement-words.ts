import { type Right, ROLE, type Share } from '@medguard/client'
import { clinicalDayText, dayTimeText, msOf } from '../app/dates.ts'
import { scopeText } from '../app/words.ts'
import { listText, t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'

/** What a share says, name by name. */
export function agreedFacts({
  grantee,
  scope,
  purpose,
  startNs,
  endNs,
  terms = {},
}: Share): (readonly [SimpleKey, string])[] {
  const { roles = 0, excluded = [], namesSensitive = false, range } = terms
  const named = scopeText([...scope, ...(terms.categories ?? range?.categories ?? [])])
  const members = (Object.keys(ROLE) as (keyof typeof ROLE)[]).filter((role) => (roles & ROLE[role]) !== 0)
  const days = [clinicalDayText(range?.from), clinicalDayText(range?.until)].map((day) => day ?? '…').join('–')
  const isOfDays = (range?.from ?? null) !== null || (range?.until ?? null) !== null
  return [
    ['agreement.recipient', grantee],
    ...(members.length === 0
      ? []
      : [['agreement.members', listText(members.map((role) => t(`roles.${role}`)))] as const]),
    ...(excluded.length === 0 ? [] : [['agreement.excluded', listText(excluded)] as const]),
    ['agreement.shared', namesSensitive ? t('agreement.sensitive', { scope: named }) : named],
    ...(isOfDays ? [['agreement.days', days] as const] : []),
    ['agreement.purpose', t(`purposes.${purpose}`)],
    ['agreement.from', dayTimeText(msOf(startNs))],
    ['agreement.until', dayTimeText(msOf(endNs))],
  ]
}

/** What the rights allow: the sentences of `agreementText`, in their order. */
export function agreedSentences(rights: readonly Right[]): SimpleKey[] {
  const may = new Set(rights)
  const seesOnly = may.has('list') && !may.has('open')
  const reads = may.has('list') || may.has('open')
  return [
    ...(may.has('open') ? (['agreement.mayOpen'] as const) : []),
    ...(seesOnly ? (['agreement.mayList'] as const) : []),
    ...(may.has('write') ? ([reads ? 'agreement.mayWrite' : 'agreement.mayWriteOnly'] as const) : []),
    ...(may.has('rewrap') ? (['agreement.mayRewrap'] as const) : []),
    'agreement.anyTime',
    ...(may.has('open') ? (['agreement.openedStays'] as const) : []),
    ...(seesOnly ? (['agreement.seenStays'] as const) : []),
    ...(may.has('write') ? (['agreement.addedStays'] as const) : []),
  ]
}
