import { unreachable } from '../app/unreachable.ts'
import { organisationIdOf, Principal } from '@medguard/client'
import { t } from '../words/language.ts'

/** A share code is the text form of a principal; its checksum tells a typing mistake from a code. */
export type ShareCode =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'empty' | 'malformed' | 'mistyped' | 'own' }

const SHAPE = /^[a-z2-7]{5}(?:-[a-z2-7]{1,5})+$/
/** Bytes of a principal that a person signs in with; longer or shorter ones belong to programs. */
const SELF_AUTHENTICATING_BYTES = 29
/** Of a record whose patient cannot sign in (src/protocol/src/dependant.ts). */
const DEPENDANT_BYTES = 18

/** @param text as pasted: spaces, line breaks and capitals do no harm. */
export function readShareCode(text: string, own: string): ShareCode {
  return readCode(text, own, [SELF_AUTHENTICATING_BYTES])
}

/** Whose record it is, who need not be somebody who signs in. Nothing is shared with such a code. */
export function readRecordCode(text: string, own: string): ShareCode {
  return readCode(text, own, [SELF_AUTHENTICATING_BYTES, DEPENDANT_BYTES])
}

function readCode(text: string, own: string, lengths: readonly number[]): ShareCode {
  const code = text.replaceAll(/\s/g, '').toLowerCase()
  if (code === '') return { kind: 'empty' }
  if (!SHAPE.test(code)) return { kind: 'malformed' }
  if (code === own) return { kind: 'own' }
  try {
    const bytes = Principal.fromText(code).toUint8Array()
    return lengths.includes(bytes.length) ? { kind: 'code', code } : { kind: 'malformed' }
  } catch {
    return { kind: 'mistyped' } // the checksum in front does not fit the rest
  }
}

/** The same, for whomever records can be shared with: organisations have codes of their own form, as which nobody signs in. */
export function readRecipientCode(text: string, own: string): ShareCode {
  const code = text.replaceAll(/\s/g, '').toLowerCase()
  return organisationIdOf(code) === null ? readShareCode(text, own) : { kind: 'code', code }
}

export function shareCodeError(read: ShareCode): string | null {
  switch (read.kind) {
    case 'code':
      return null
    case 'empty':
      return t('share.errorCode')
    case 'malformed':
      return t('share.errorCodeShape')
    case 'mistyped':
      return t('share.errorCodeTyped')
    case 'own':
      return t('share.errorCodeOwn')
    default:
      return unreachable(read)
  }
}
