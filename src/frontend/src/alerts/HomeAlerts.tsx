import { useStore } from 'zustand'
import { useKnown, useNow, useServices } from '../app/context.ts'
import { Link, Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { alertText } from './alert-words.ts'
import './alerts.css'

const SHOWN_MAX = 3

/** What nobody has said that they saw. */
export default function HomeAlerts() {
  const { alerts, devices } = useServices()
  const { kinds } = useStore(alerts.view)
  const known = useKnown(devices)
  const nowMs = useNow()
  const open = (kinds ?? []).flatMap(({ alerts: all }) => all.filter(({ isOpen }) => isOpen))
  if (open.length === 0) return null
  const isAttended = (kinds ?? []).some(({ state }) => state.duty.who !== null)
  return (
    <Notice
      tone="warn"
      title={t('alerts.home')}
      actions={<Link to={{ name: 'devices', at: 'alerts' }}>{t('notices.toAlerts')}</Link>}
    >
      <ul className="mg-alert-lines" aria-label={t('alerts.home')}>
        {open.slice(0, SHOWN_MAX).map((alert) => (
          <li key={alert.id}>{alertText(alert, known, nowMs)}</li>
        ))}
      </ul>
      {open.length > SHOWN_MAX && <p>{t('notices.andMore', { count: open.length - SHOWN_MAX })}</p>}
      {!isAttended && <p>{t('alerts.dutyNobody')}</p>}
    </Notice>
  )
}
