import { Fault, type FaultCode, type Refusal } from '@medguard/client'
import { faultText, refusalText, type Words } from './refusal-text.ts'
import { t } from '../words/language.ts'
import { unreachable } from './unreachable.ts'

/** Why something did not work, as stores keep it: safe to print, holds no record content. */
export type Problem =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'fault'; readonly code: FaultCode }
  | { readonly kind: 'bug' }

export function problemOf(error: unknown): Problem {
  if (error instanceof Fault) return { kind: 'fault', code: error.code }
  if (import.meta.env.DEV) console.error(error) // never in a build: a message may quote what was being read
  return { kind: 'bug' }
}

export function problemText(problem: Problem, nowMs = Date.now()): Words {
  switch (problem.kind) {
    case 'refused':
      return refusalText(problem.refusal, nowMs)
    case 'fault':
      return faultText(problem.code)
    case 'bug':
      return { title: t('problems.bug'), text: t('problems.bugText'), again: true }
    default:
      return unreachable(problem)
  }
}

/** Content that fails its checks is not a hiccup: it gets the red panel and is never shown. */
export function isTampering(problem: Problem): boolean {
  return (
    problem.kind === 'fault' && ['Tampered', 'ListIncomplete', 'LogBroken', 'BadCertificate'].includes(problem.code)
  )
}
