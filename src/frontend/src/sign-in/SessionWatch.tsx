import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { t } from '../words/language.ts'
import { Dialog } from '../app/elements.tsx'
import { timeText } from '../app/dates.ts'
import { areaOf } from '../app/routes.ts'
import { IDLE_WARNING_MS } from './idle-watch.ts'
import { idleLimitMs } from './seats.ts'

const END_WARNING_MS = 2 * 60_000

/** Locks when nobody is there, and warns before: any touch counts as being there. */
export function SessionWatch({ endsAtMs, isShared }: { endsAtMs: number; isShared: boolean }) {
  const { session, idle, router } = usePage()
  const leave = useStore(session, (state) => state.leave)
  const area = useStore(router, ({ route }) => areaOf(route))
  const [warning, setWarning] = useState<'none' | 'idle' | 'end'>('none')
  const [endSeen, setEndSeen] = useState(false)

  useEffect(() => {
    const limitMs = idleLimitMs(area, isShared)
    return idle.watch((idleMs) => {
      const leftMs = endsAtMs - Date.now()
      if (leftMs <= 0) void leave('ended')
      else if (idleMs >= limitMs) void leave('idle')
      else if (idleMs >= limitMs - IDLE_WARNING_MS) setWarning('idle')
      else setWarning(leftMs <= END_WARNING_MS ? 'end' : 'none')
    })
  }, [area, endsAtMs, idle, isShared, leave])

  if (warning === 'idle') {
    return (
      <Dialog
        title={t('signIn.stillThere')}
        onClose={() => idle.touch()}
        actions={<Button onClick={() => idle.touch()}>{t('signIn.stay')}</Button>}
      >
        <p>{t('signIn.idleSoon')}</p>
      </Dialog>
    )
  }
  if (warning === 'end' && !endSeen) {
    return (
      <Dialog
        title={t('signIn.endsSoon')}
        onClose={() => setEndSeen(true)}
        actions={
          <>
            <Button variant="default" onClick={() => setEndSeen(true)}>
              {t('signIn.goOn')}
            </Button>
            <Button onClick={() => void leave('ended')}>{t('signIn.againNow')}</Button>
          </>
        }
      >
        <p>{t('signIn.endsAt', { time: timeText(endsAtMs) })}</p>
      </Dialog>
    )
  }
  return null
}
