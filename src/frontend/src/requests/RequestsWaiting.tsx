import { Button } from '@mantine/core'
import { useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { momentText, msOf } from '../app/dates.ts'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { isOpen } from './approval-draft.ts'

/** On Home: somebody waits for an answer. Nothing where nobody does. */
export function RequestsWaiting() {
  const { go } = useRouter()
  const requests = useLoadable(useServices().requests.received)
  const nowMs = useNow()
  const nameOf = useNames()
  const open = requests.status === 'ready' ? requests.value.filter((request) => isOpen(request, nowMs)) : []
  const [first] = open.toSorted((a, b) => Number(a.expiresNs - b.expiresNs))
  if (first === undefined) return null
  const until = momentText(msOf(first.expiresNs), nowMs)
  return (
    <Notice
      tone="info"
      title={t('requests.waiting', { count: open.length })}
      actions={<Button onClick={() => go({ name: 'requests' })}>{t('requests.look')}</Button>}
    >
      <p>{t('requests.waitingText', { name: nameOf(first.requester), until })}</p>
    </Notice>
  )
}
