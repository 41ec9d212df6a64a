import { Button } from '@mantine/core'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { timeText, unitText } from '../app/dates.ts'
import { areaOf } from '../app/routes.ts'
import { t } from '../words/language.ts'
import type { Seat } from './seats.ts'
import '../offline/offline.css'

/** In whole minutes, so that whoever is read to hears of it twice and not each second. */
export const endsText = (endsAtMs: number, leftMs: number): string =>
  t('signIn.endsIn', { left: unitText(Math.max(1, Math.ceil(leftMs / 60_000)), 'minute'), time: timeText(endsAtMs) })

/** Beside what somebody is doing, which it neither covers nor interrupts: more time for one press and one sign-in. */
export function EndsSoon(props: { text: string; isShared: boolean; onHide: () => void }) {
  const { session, seats, router } = usePage()
  const { extending, extend, prepare } = useStore(session)
  useEffect(prepare, [prepare])
  useFocusBack()
  const seat = (): Seat => {
    if (props.isShared) return 'shared'
    return areaOf(router.getState().route) === 'provider' ? 'provider' : (seats.read() ?? 'patient')
  }
  return (
    <aside className="mg-toast mg-ends" aria-label={t('signIn.endsSoon')}>
      <p>
        <strong>{t('signIn.endsSoon')}</strong> {props.text}
      </p>
      <p className="mg-soft mg-small">
        {extending === 'no' ? t('signIn.extendText') : t(extending === 'waiting' ? 'signIn.waiting' : NOT[extending])}
      </p>
      <div className="mg-row">
        <Button onClick={() => void extend(seat())}>
          {t(extending === 'waiting' ? 'signIn.again' : 'signIn.extend')}
        </Button>
        <Button variant="default" onClick={props.onHide}>
          {t('signIn.goOn')}
        </Button>
      </div>
    </aside>
  )
}

const NOT = { closed: 'signIn.notExtended', failed: 'signIn.failedText' } as const

/** Who worked with the keyboard and came here goes on where they were in the page, once this is gone. */
function useFocusBack() {
  useEffect(() => {
    const placeIn = (on: EventTarget | null, within: string): HTMLElement | null =>
      on instanceof HTMLElement && on.closest(within) !== null ? on : null
    let worked = placeIn(document.activeElement, 'main')
    let isHere = false
    const look = ({ target }: FocusEvent) => {
      worked = placeIn(target, 'main') ?? worked
      isHere = placeIn(target, '.mg-ends') !== null
    }
    document.addEventListener('focusin', look)
    return () => {
      document.removeEventListener('focusin', look)
      if (isHere) (worked?.isConnected === true ? worked : document.getElementById('main'))?.focus()
    }
  }, [])
}
