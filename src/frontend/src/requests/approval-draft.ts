import { type AccessRequestInfo, type Approval, type Category, NS_PER_MS, type Right } from '@medguard/client'
import { leftText, msOf, nsOf } from '../app/dates.ts'
import { scopeText } from '../app/words.ts'
import { HOW_LONG, type HowLong } from '../sharing/share-draft.ts'
import { t } from '../words/language.ts'

// What of a request is given. Never more than was asked for, and nothing sensitive unless it is ticked by itself.

export type Part = 'read' | 'add'
export interface ApprovalDraft {
  readonly categories: readonly Category[]
  readonly parts: readonly Part[]
  readonly period: HowLong | 'asked'
}
export type ApprovalErrors = Partial<Record<'categories' | 'parts', string>>
type Asked = Pick<AccessRequestInfo, 'categories' | 'rights' | 'periodNs' | 'purpose'>

const partOf = (right: Right): Part => (right === 'write' ? 'add' : 'read')
export const partsAsked = ({ rights }: Pick<Asked, 'rights'>): readonly Part[] =>
  (['read', 'add'] as const).filter((part) => rights.some((right) => partOf(right) === part))

/** What was asked for, but for what the patient holds for sensitive. */
export const beginApproval = (asked: Asked, sensitive: readonly Category[]): ApprovalDraft => ({
  categories: asked.categories.filter((category) => !sensitive.includes(category)),
  parts: partsAsked(asked),
  period: 'asked',
})

/** Shorter than what was asked for. */
export const shorterPeriods = ({ periodNs }: Pick<Asked, 'periodNs'>): readonly HowLong[] =>
  (['hour', 'day', 'week', 'month'] as const).filter((period) => nsOf(HOW_LONG[period]) < periodNs)

const periodNsOf = ({ period }: ApprovalDraft, asked: Asked): bigint =>
  period === 'asked' ? asked.periodNs : nsOf(HOW_LONG[period])

export function approvalErrors(draft: ApprovalDraft): ApprovalErrors {
  return {
    ...(draft.categories.length === 0 && { categories: t('share.errorKinds') }),
    ...(draft.parts.length === 0 && { parts: t('requests.errorParts') }),
  }
}

/** @returns null while something is missing. */
export function approvalOf(draft: ApprovalDraft, asked: Asked, sensitive: readonly Category[]): Approval | null {
  if (Object.keys(approvalErrors(draft)).length > 0) return null
  const categories = asked.categories.filter((category) => draft.categories.includes(category))
  return {
    categories,
    rights: asked.rights.filter((right) => draft.parts.includes(partOf(right))),
    periodNs: periodNsOf(draft, asked),
    // Ticked by itself, under its own name.
    ...(categories.some((category) => sensitive.includes(category)) && { namesSensitive: true }),
  }
}

/** What is about to be shared, in one sentence. */
export function approvalSentence(draft: ApprovalDraft, asked: Asked, name: string): string | null {
  if (Object.keys(approvalErrors(draft)).length > 0) return null
  const values = {
    name,
    kinds: scopeText(draft.categories),
    time: spanText(periodNsOf(draft, asked)),
    purpose: t(`purposes.${asked.purpose}Clause`),
  }
  if (!draft.parts.includes('read')) return t('requests.sentenceAdd', values)
  return draft.parts.includes('add') ? t('requests.sentenceBoth', values) : t('requests.sentenceRead', values)
}

/** Each way in which it is less than what was asked for. */
export function approvalDifferences(draft: ApprovalDraft, asked: Asked): readonly string[] {
  const left = asked.categories.filter((category) => !draft.categories.includes(category))
  const parts = partsAsked(asked).filter((part) => !draft.parts.includes(part))
  return [
    ...(left.length === 0 ? [] : [t('requests.lessKinds', { kinds: scopeText(left) })]),
    ...parts.map((part) => t(part === 'add' ? 'requests.lessAdd' : 'requests.lessRead')),
    ...(draft.period === 'asked'
      ? []
      : [t('requests.lessTime', { time: spanText(periodNsOf(draft, asked)), asked: spanText(asked.periodNs) })]),
  ]
}

export const spanText = (ns: bigint): string => leftText(Number(ns / NS_PER_MS), 0)

/** Whether it can still be answered. */
export const isOpen = ({ state, expiresNs }: AccessRequestInfo, nowMs: number): boolean =>
  state === 'pending' && msOf(expiresNs) > nowMs
