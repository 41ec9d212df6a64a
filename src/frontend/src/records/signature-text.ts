import type { Signature } from '@medguard/client'
import { dayText, msOf } from '../app/dates.ts'
import { shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'

/** Whose a record is by its signature; null where there is nothing to say. */
export function signatureText(signature: Signature | undefined): string | null {
  switch (signature?.kind) {
    case undefined:
      return null
    case 'signed':
      return t('signature.signed', { who: shortCode(signature.by), day: dayText(msOf(signature.keyFromNs)) })
    case 'keyEnded':
      return t('signature.keyEnded', { who: shortCode(signature.by), day: dayText(msOf(signature.keyUntilNs)) })
    case 'unsigned':
      return signature.isExpected ? t('signature.missing') : null
    case 'wrong':
      return t('signature.wrong')
    case 'unchecked':
      return t('signature.unchecked', { who: shortCode(signature.by) })
    default:
      return signature satisfies never
  }
}
