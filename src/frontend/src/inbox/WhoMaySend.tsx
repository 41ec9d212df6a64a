import { Button } from '@mantine/core'
import { IconMailPlus } from '@tabler/icons-react'
import { useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { msOf } from '../app/dates.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { isToInbox } from '../app/words.ts'
import { Senders } from '../sharing/Senders.tsx'
import { t } from '../words/language.ts'
import '../sharing/sharing.css'

/** Lets somebody send, in the four steps of any share. */
export function LetSomebodySend() {
  const { go } = useRouter()
  const { sharing } = useServices()
  return (
    <Button
      leftSection={<IconMailPlus size={18} aria-hidden />}
      onClick={() => {
        sharing.form.getState().beginInbox()
        go({ name: 'share', step: 1 })
      }}
    >
      {t('inboxShare.let')}
    </Button>
  )
}

/** Who may send now, and how to end it. */
export function WhoMaySend() {
  const shares = useLoadable(useServices().shares)
  const nowMs = useNow(5_000)
  if (shares.status === 'failed')
    return <ProblemNotice problem={shares.problem} what={t('inboxShare.notShown')} onRetry={shares.load} />
  if (shares.status !== 'ready') return null
  const isNow = ({ state, endNs }: (typeof shares.value)[number]) =>
    (state === 'live' || state === 'notStarted') && msOf(endNs) > nowMs
  return <Senders shares={shares.value.filter((share) => isToInbox(share) && isNow(share))} nowMs={nowMs} />
}
