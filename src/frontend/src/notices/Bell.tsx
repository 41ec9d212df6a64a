import { IconBell } from '@tabler/icons-react'
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { useKnown, useNow, useServices } from '../app/context.ts'
import { Link } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { asking, toldOf } from './told.ts'
import './bell.css'

/** Keeps up with what there is to tell while the record is open. */
export function useKeepTold(isOn: boolean): void {
  const { notices, alerts } = useServices()
  useEffect(() => {
    if (!isOn) return
    const ends = [notices.start(), alerts.start()]
    return () => {
      for (const end of ends) end()
    }
  }, [notices, alerts, isOn])
}

/** How many ask for attention; 0 while that is not known. */
export function useAsking(): number {
  const { notices, shares, alerts } = useServices()
  const report = useKnown(notices.report)
  const given = useKnown(shares)
  const kept = useStore(alerts.view)
  const nowMs = useNow()
  return useMemo(
    () => (report === null ? 0 : asking(toldOf(report, given, nowMs, kept), report, nowMs).length),
    [report, given, nowMs, kept],
  )
}

/** The bell at the top of a phone. */
export function Bell() {
  const count = useAsking()
  const label = count === 0 ? t('notices.title') : t('notices.bell', { count })
  return (
    <Link to={{ name: 'notices' }} className="mg-icon-button mg-bell" label={label}>
      <IconBell size={22} aria-hidden />
      <Count count={count} />
    </Link>
  )
}

/** In the rail, behind the word. */
export function BellCount() {
  const count = useAsking()
  if (count === 0) return null
  return (
    <>
      <Count count={count} />
      <span className="mg-hidden">{t('notices.unread', { count })}</span>
    </>
  )
}

const COUNT_MAX = 99

function Count({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <span className="mg-bell-count" aria-hidden>
      {count > COUNT_MAX ? `${COUNT_MAX}+` : count}
    </span>
  )
}
