import { CATEGORIES, type ProgressStep, type Purpose, type ShareScope } from '@medguard/client'
import { listText, t } from '../words/language.ts'
import { sizeText } from './dates.ts'

/** Purposes a person can choose; emergencies have a road of their own. */
export const PURPOSES_OFFERED = [
  'TREAT',
  'FAMRQT',
  'COVERAGE',
  'HPAYMT',
  'HRESCH',
  'PATRQT',
] as const satisfies readonly Purpose[]

const SCOPE_ORDER: readonly ShareScope[] = [...CATEGORIES, 'shared', 'inbox']

export function scopeText(scope: readonly ShareScope[]): string {
  return listText(SCOPE_ORDER.filter((part) => scope.includes(part)).map((part) => t(`categories.${part}`)))
}

/** Lets somebody send to the inbox and see nothing: no access, so no list of who sees records has it. */
export const isToInbox = ({ scope }: { readonly scope: readonly ShareScope[] }): boolean =>
  scope.length === 1 && scope[0] === 'inbox'

export function stepText(step: ProgressStep | null): string {
  if (step === null) return t('steps.starting')
  switch (step.step) {
    case 'uploading':
    case 'downloading':
      return t(`steps.${step.step}`, { done: sizeText(step.doneBytes), all: sizeText(step.totalBytes) })
    case 'rewrapping':
    case 'sharing':
      return t(`steps.${step.step}`, { done: step.doneRecords, count: step.totalRecords })
    default:
      return t(`steps.${step.step}`)
  }
}

/** First and last group of a share code. Two codes that look alike here still differ in between: the whole code is what counts. */
export function shortCode(code: string): string {
  const groups = code.split('-')
  return groups.length < 3 ? code : `${groups[0]}…${groups[groups.length - 1]}`
}
