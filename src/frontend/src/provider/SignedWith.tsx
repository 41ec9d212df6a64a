import { useFresh, useServices } from '../app/context.ts'
import { dayText, msOf } from '../app/dates.ts'
import { t } from '../words/language.ts'
import { keyHere } from './writing-stores.ts'

/** Which key what is sent is signed with; the first time there is none yet. */
export function SignedWith() {
  const keys = useFresh(useServices().writing.keys)
  if (keys.status !== 'ready') return null
  const here = keyHere(keys.value)
  return <p>{here === null ? t('portal.newKey') : t('portal.signedWith', { day: dayText(msOf(here.fromNs)) })}</p>
}
