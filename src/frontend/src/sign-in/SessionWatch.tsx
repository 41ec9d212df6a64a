import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { t } from '../words/language.ts'
import { Dialog } from '../app/elements.tsx'
import { timeText } from '../app/dates.ts'
import { areaOf } from '../app/routes.ts'
import { EndsSoon, endsText } from './EndsSoon.tsx'
import { IDLE_WARNING_MS } from './idle-watch.ts'
import { idleLimitMs } from './seats.ts'

const END_WARNING_MS = 2 * 60_000

/** Locks when nobody is there, and warns before: any touch counts as being there. Warns before the session ends, and offers more time. */
export function SessionWatch({ endsAtMs, isShared }: { endsAtMs: number; isShared: boolean }) {
  const { session, idle, router } = usePage()
  const leave = useStore(session, (state) => state.leave)
  const area = useStore(router, ({ route }) => areaOf(route))
  const [isIdle, setIdle] = useState(false)
  /** The end that was warned of, and in which words. */
  const [warning, setWarning] = useState<{ readonly ofMs: number; readonly text: string } | null>(null)
  const [hiddenOf, setHiddenOf] = useState<number | null>(null)

  useEffect(() => {
    const limitMs = idleLimitMs(area, isShared)
    const look = (idleMs: number) => {
      const leftMs = endsAtMs - Date.now()
      if (leftMs <= 0) return void leave('ended')
      if (idleMs >= limitMs) return void leave('idle')
      setIdle(idleMs >= limitMs - IDLE_WARNING_MS)
      if (leftMs <= END_WARNING_MS) setWarning({ ofMs: endsAtMs, text: endsText(endsAtMs, leftMs) })
    }
    return idle.watch(look)
  }, [area, endsAtMs, idle, isShared, leave])

  const ends = warning?.ofMs === endsAtMs ? warning.text : null
  const isExtended = warning !== null && warning.ofMs < endsAtMs
  return (
    <>
      <output className="mg-hidden" aria-live="polite">
        {ends !== null
          ? `${t('signIn.endsSoon')} ${ends}`
          : isExtended && t('signIn.extended', { time: timeText(endsAtMs) })}
      </output>
      {isIdle && (
        <Dialog
          title={t('signIn.stillThere')}
          onClose={() => idle.touch()}
          actions={<Button onClick={() => idle.touch()}>{t('signIn.stay')}</Button>}
        >
          <p>{t('signIn.idleSoon')}</p>
        </Dialog>
      )}
      {ends !== null && hiddenOf !== endsAtMs && (
        <EndsSoon text={ends} isShared={isShared} onHide={() => setHiddenOf(endsAtMs)} />
      )}
    </>
  )
}
