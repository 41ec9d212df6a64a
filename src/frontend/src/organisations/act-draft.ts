import { type NewAct, organisationIdOf } from '@medguard/client'
import { endOfDayMs, nsOf } from '../app/dates.ts'
import { readShareCode } from '../sharing/share-code.ts'
import { t } from '../words/language.ts'

/** What a member of the council is about to put to the vote, as it stands in the form. */
export interface ActDraft {
  readonly kind: NewAct['kind'] | null
  /** Of the organisation. */
  readonly code: string
  readonly day: string
  readonly policy: 'free' | 'required' | null
  /** Share codes, one a line. */
  readonly members: string
  readonly threshold: string
}
export const EMPTY_ACT: ActDraft = { kind: null, code: '', day: '', policy: null, members: '', threshold: '' }

/** Whether it is about one organisation. */
export const isAboutOne = (kind: ActDraft['kind']): boolean =>
  kind === 'verify' || kind === 'suspend' || kind === 'reinstate'

const orgIdOf = ({ code }: ActDraft) => organisationIdOf(code.replaceAll(/\s/g, ''))
const linesOf = ({ members }: ActDraft) => members.split('\n').filter((line) => line.trim() !== '')
/** A council may list whoever fills in the form, so no code is their "own" here. */
const codesOf = (draft: ActDraft) => linesOf(draft).map((line) => readShareCode(line, ''))

/** What is missing, by field. More than half of a council have to agree (canisters/shared/src/trust-rules.ts). */
export function actErrors(draft: ActDraft, nowMs: number): Partial<Record<keyof ActDraft, string>> {
  const errors: Partial<Record<keyof ActDraft, string>> = {}
  if (draft.kind === null) errors.kind = t('council.whatMissing')
  if (isAboutOne(draft.kind) && orgIdOf(draft) === null) errors.code = t('council.codeMissing')
  if (draft.kind === 'verify' && (endOfDayMs(draft.day) ?? 0) <= nowMs) errors.day = t('council.dayMissing')
  if (draft.kind === 'setPolicy' && draft.policy === null) errors.policy = t('council.policyMissing')
  if (draft.kind === 'changeCouncil') {
    const codes = codesOf(draft)
    const threshold = Number(draft.threshold)
    if (codes.length === 0 || codes.some(({ kind }) => kind !== 'code')) errors.members = t('council.membersMissing')
    if (!Number.isInteger(threshold) || 2 * threshold <= codes.length || threshold > codes.length)
      errors.threshold = t('council.thresholdMissing')
  }
  return errors
}

/** Null while anything is missing. */
export function actOf(draft: ActDraft): NewAct | null {
  const orgId = orgIdOf(draft)
  const endMs = endOfDayMs(draft.day)
  switch (draft.kind) {
    case null:
      return null
    case 'verify':
      return orgId === null || endMs === null ? null : { kind: 'verify', orgId, untilNs: nsOf(endMs) }
    case 'suspend':
    case 'reinstate':
      return orgId === null ? null : { kind: draft.kind, orgId }
    case 'setPolicy':
      return draft.policy === null ? null : { kind: 'setPolicy', invitationRequired: draft.policy === 'required' }
    case 'changeCouncil': {
      const members = codesOf(draft).flatMap((read) => (read.kind === 'code' ? [read.code] : []))
      return { kind: 'changeCouncil', members, threshold: Number(draft.threshold) }
    }
  }
}
