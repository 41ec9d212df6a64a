import {
  type AccessRequestInfo,
  type Category,
  type NewAccessRequest,
  type Purpose,
  type Right,
} from '@medguard/client'
import { msOf, nsOf } from '../app/dates.ts'
import { scopeText, shortCode } from '../app/words.ts'
import type { Part } from '../requests/approval-draft.ts'
import { readRecordCode, shareCodeError } from '../sharing/share-code.ts'
import { HOW_LONG, type HowLong, howLongText } from '../sharing/share-draft.ts'
import { t } from '../words/language.ts'

// Asking a patient for access: what is asked, and what became of it. Kinds are named in general: whether there is anything of a kind nobody is told.

/** Kept until it is sent or thrown away, wherever the reader goes in between. */
export interface AskDraft {
  readonly code: string
  readonly purpose: Purpose | null
  readonly categories: readonly Category[]
  readonly parts: readonly Part[]
  readonly howLong: HowLong | null
  /** Id of an organisation of one's own to ask for; empty: for oneself. */
  readonly forOrganisation: string
}
export const EMPTY_ASK: AskDraft = {
  code: '',
  purpose: null,
  categories: [],
  parts: [],
  howLong: null,
  forOrganisation: '',
}

export type AskField = 'code' | 'purpose' | 'categories' | 'parts' | 'howLong'
export type AskErrors = Partial<Record<AskField, string>>

/** Purposes of whoever asks for somebody else's records; family and "something else" are for the patient to choose. */
export const PURPOSES_ASKED = ['TREAT', 'COVERAGE', 'HPAYMT', 'HRESCH'] as const satisfies readonly Purpose[]
/** How long a request waits for its answer. */
export const ANSWERED_WITHIN_MS = 14 * 86_400_000

const RIGHTS_OF: Readonly<Record<Part, readonly Right[]>> = { read: ['list', 'open'], add: ['write'] }

export function askErrors(draft: AskDraft, own: string): AskErrors {
  const code = shareCodeError(readRecordCode(draft.code, own))
  return {
    ...(code !== null && { code }),
    ...(draft.purpose === null && { purpose: t('ask.errorPurpose') }),
    ...(draft.categories.length === 0 && { categories: t('share.errorKinds') }),
    ...(draft.parts.length === 0 && { parts: t('ask.errorParts') }),
    ...(draft.howLong === null && { howLong: t('share.errorHowLong') }),
  }
}

/** @returns null while something is missing. */
export function askOf(draft: AskDraft, own: string, nowMs: number): NewAccessRequest | null {
  const code = readRecordCode(draft.code, own)
  const { purpose, howLong, categories, parts, forOrganisation } = draft
  if (code.kind !== 'code' || purpose === null || howLong === null) return null
  if (Object.keys(askErrors(draft, own)).length > 0) return null
  return {
    patient: code.code,
    categories,
    rights: parts.flatMap((part) => RIGHTS_OF[part]),
    purpose,
    periodNs: nsOf(HOW_LONG[howLong]),
    expiresNs: nsOf(nowMs + ANSWERED_WITHIN_MS),
    ...(forOrganisation !== '' && { forOrganisation }),
  }
}

/** What is about to be asked, in one sentence. @param organisation its name, where it is asked for one. */
export function askSentence(draft: AskDraft, own: string, organisation: string | null): string | null {
  const ask = askOf(draft, own, 0)
  if (ask === null || draft.howLong === null) return null
  const values = {
    name: shortCode(ask.patient),
    kinds: scopeText(ask.categories),
    time: howLongText(draft.howLong),
    toDo: t(draft.parts.length === 2 ? 'ask.both' : draft.parts[0] === 'add' ? 'ask.add' : 'ask.read'),
    purpose: t(`purposes.${ask.purpose}`),
  }
  return organisation === null ? t('ask.sentence', values) : t('ask.sentenceFor', { ...values, organisation })
}

/** By this device's clock: what nobody answered in time is over before the list says so. */
export const stateOf = ({ state, expiresNs }: AccessRequestInfo, nowMs: number): AccessRequestInfo['state'] =>
  state === 'pending' && msOf(expiresNs) <= nowMs ? 'expired' : state
