import {
  IconAdjustments,
  IconBell,
  IconChartLine,
  IconChevronRight,
  IconDeviceHeartMonitor,
  IconHelpCircle,
  IconHistory,
  IconInbox,
  IconMailbox,
  IconServer,
  IconSettings,
} from '@tabler/icons-react'
import { Link, Page } from '../app/elements.tsx'
import type { Area, Route } from '../app/routes.ts'
import type { SimpleKey } from '../words/texts.ts'
import { LeaveButton, SwitchArea } from '../app/Shell.tsx'
import { t } from '../words/language.ts'

/** The second page of the phone's menu; where there is room, the rail has all of it. */
export function MorePage({ area }: { area: Area }) {
  const items: readonly { to: Route; label: SimpleKey; icon: typeof IconHistory }[] = [
    ...(area === 'patient'
      ? [
          { to: { name: 'log', who: 'everyone' }, label: 'shell.log', icon: IconHistory } as const,
          { to: { name: 'devices', at: '' }, label: 'devices.title', icon: IconDeviceHeartMonitor } as const,
          { to: { name: 'notices' }, label: 'notices.title', icon: IconBell } as const,
          { to: { name: 'inbox' }, label: 'inbox.title', icon: IconInbox } as const,
          { to: { name: 'requests' }, label: 'requests.title', icon: IconMailbox } as const,
          { to: { name: 'rules' }, label: 'rules.title', icon: IconAdjustments } as const,
          { to: { name: 'trends' }, label: 'trends.title', icon: IconChartLine } as const,
        ]
      : []),
    { to: { name: 'settings', area }, label: 'shell.settings', icon: IconSettings },
    { to: { name: 'privacy', area }, label: 'privacy.title', icon: IconServer },
    { to: { name: 'help', area, topic: null }, label: 'shell.help', icon: IconHelpCircle },
  ]
  return (
    <Page title={t('shell.more')}>
      <ul className="mg-card mg-list">
        {items.map(({ to, label, icon: Icon }) => (
          <li key={label}>
            <Link to={to} className="mg-menu-link">
              <Icon size={24} stroke={1.7} aria-hidden />
              <span>{t(label)}</span>
              <IconChevronRight size={20} aria-hidden className="mg-turns" />
            </Link>
          </li>
        ))}
        <li>
          <SwitchArea area={area} className="mg-menu-link" />
        </li>
        <li>
          <LeaveButton how="idle" className="mg-menu-link" />
        </li>
        <li>
          <LeaveButton how="signedOut" className="mg-menu-link" />
        </li>
      </ul>
    </Page>
  )
}
