import {
  IconActivity,
  IconBell,
  IconBuildingHospital,
  IconDeviceHeartMonitor,
  IconDots,
  IconFiles,
  IconHelpCircle,
  IconHistory,
  IconHome,
  IconInbox,
  IconLock,
  IconLogout,
  IconPlus,
  IconSettings,
  IconShare,
  IconStethoscope,
  IconUserHeart,
  IconUsers,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { FAILED_POLLS_MAX } from './changes-poller.ts'
import { useOwn, usePage, useRouter, useServices } from './context.ts'
import { timeText } from './dates.ts'
import { Bell, BellCount, useKeepTold } from '../notices/Bell.tsx'
import { Link } from './elements.tsx'
import { ActingStrip, ProfileSwitch } from '../people/Acting.tsx'
import { InstallOffer } from '../offline/UpdateToast.tsx'
import { ProviderStrip } from '../provider/ProviderStrip.tsx'
import { Logo } from './Logo.tsx'
import { type Area, areaOf, HOME, PROVIDER_HOME, type Route } from './routes.ts'
import { useLockKey } from './use-lock-key.ts'
import { useOnline } from './use-online.ts'

interface NavItem {
  readonly to: Route
  readonly label: SimpleKey
  readonly icon: typeof IconHome
  /** Names of the routes this item stands for. */
  readonly covers: readonly Route['name'][]
  readonly where?: 'phone' | 'rail'
}

const NAV: Record<Area, readonly NavItem[]> = {
  patient: [
    { to: HOME, label: 'shell.home', icon: IconHome, covers: ['home', 'notFound'] },
    {
      to: { name: 'records', show: [] },
      label: 'shell.records',
      icon: IconFiles,
      covers: ['records', 'record'],
    },
    { to: { name: 'add', as: 'file' }, label: 'shell.add', icon: IconPlus, covers: ['add'] },
    {
      to: { name: 'sharing', tab: 'people' },
      label: 'shell.sharing',
      icon: IconShare,
      covers: ['sharing', 'share', 'requests', 'request', 'rules'],
    },
    { to: { name: 'log', who: 'everyone' }, label: 'shell.log', icon: IconHistory, covers: ['log'], where: 'rail' },
    {
      to: { name: 'devices', at: '' },
      label: 'devices.title',
      icon: IconDeviceHeartMonitor,
      covers: ['devices'],
      where: 'rail',
    },
    { to: { name: 'inbox' }, label: 'inbox.title', icon: IconInbox, covers: ['inbox'], where: 'rail' },
    { to: { name: 'notices' }, label: 'notices.title', icon: IconBell, covers: ['notices'], where: 'rail' },
  ],
  provider: [
    {
      to: PROVIDER_HOME,
      label: 'shell.patients',
      icon: IconUsers,
      covers: [
        'patients',
        'ask',
        'board',
        'patient',
        'patientRecord',
        'patientResults',
        'patientAdd',
        'patientCorrect',
      ],
    },
    { to: { name: 'activity' }, label: 'shell.activity', icon: IconActivity, covers: ['activity'] },
    {
      to: { name: 'organisations' },
      label: 'shell.organisations',
      icon: IconBuildingHospital,
      covers: ['organisations', 'organisation', 'council'],
    },
  ],
}
const navOf = (area: Area): readonly NavItem[] => [
  ...NAV[area],
  {
    to: { name: 'settings', area },
    label: 'shell.settings',
    icon: IconSettings,
    covers: ['settings', 'preferences', 'device'],
    where: 'rail',
  },
  {
    to: { name: 'help', area, topic: null },
    label: 'shell.help',
    icon: IconHelpCircle,
    covers: ['help', 'privacy'],
    where: 'rail',
  },
  {
    to: { name: 'more', area },
    label: 'shell.more',
    icon: IconDots,
    covers: ['more', 'settings', 'preferences', 'device', 'devices', 'notices', 'inbox', 'help', 'privacy', 'log'],
    where: 'phone',
  },
]

export function Shell({ children }: { children: ReactNode }) {
  useLockKey()
  const { route } = useRouter()
  const area = areaOf(route)
  useKeepTold(area === 'patient')
  return (
    <>
      <a
        href="#main"
        className="mg-skip"
        onClick={(event) => {
          event.preventDefault() // the address after # is ours
          document.getElementById('main')?.focus()
        }}
      >
        {t('shell.skip')}
      </a>
      <div className="mg-frame">
        <header className="mg-top">
          <Link to={area === 'provider' ? PROVIDER_HOME : HOME} className="mg-brand" label={t('shell.start')}>
            <Logo /> MedGuard
          </Link>
          {area === 'patient' && <ProfileSwitch />}
          {area === 'patient' && <Bell />}
          {area === 'patient' && <LockButton />}
        </header>
        {area === 'provider' && <ProviderStrip />}
        {area === 'patient' && <ActingStrip />}
        <OfflineBar />
        <Rail area={area} route={route} />
        <main className="mg-main" id="main" tabIndex={-1}>
          {area === 'patient' && <InstallOffer />}
          {children}
        </main>
      </div>
    </>
  )
}

function Rail({ area, route }: { area: Area; route: Route }) {
  return (
    <nav className="mg-nav" aria-label={t('shell.menu')}>
      <div className="mg-nav-head mg-rail-only">
        <Link to={area === 'provider' ? PROVIDER_HOME : HOME} className="mg-brand" label={t('shell.start')}>
          <Logo /> MedGuard
        </Link>
      </div>
      {area === 'patient' && (
        <div className="mg-rail-only mg-switch-place">
          <ProfileSwitch />
        </div>
      )}
      <ul className="mg-nav-list">
        {navOf(area).map(({ to, label, icon: Icon, covers, where }) => (
          <li key={label} className={where === undefined ? undefined : `mg-${where}-only`}>
            <Link
              to={to}
              className={`mg-nav-link${label === 'shell.add' ? ' mg-nav-add' : ''}`}
              current={covers.includes(route.name) ? 'page' : undefined}
            >
              <Icon size={24} stroke={1.7} aria-hidden />
              {t(label)}
              {to.name === 'notices' && <BellCount />}
            </Link>
          </li>
        ))}
      </ul>
      <div className="mg-nav-foot mg-rail-only">
        <SwitchArea area={area} className="mg-nav-link" />
        <LeaveButton how="idle" className="mg-nav-link" />
        <LeaveButton how="signedOut" className="mg-nav-link" />
      </div>
    </nav>
  )
}

export function SwitchArea({ area, className }: { area: Area; className: string }) {
  return area === 'patient' ? (
    <Link to={PROVIDER_HOME} className={className}>
      <IconStethoscope size={24} stroke={1.7} aria-hidden />
      {t('shell.toProvider')}
    </Link>
  ) : (
    <Link to={HOME} className={className}>
      <IconUserHeart size={24} stroke={1.7} aria-hidden />
      {t('shell.toPatient')}
    </Link>
  )
}

export function LeaveButton({ how, className }: { how: 'idle' | 'signedOut'; className: string }) {
  const { session } = usePage()
  const leave = useStore(session, (state) => state.leave)
  const Icon = how === 'idle' ? IconLock : IconLogout
  return (
    <button type="button" className={className} onClick={() => void leave(how)}>
      <Icon size={24} stroke={1.7} aria-hidden className={how === 'idle' ? undefined : 'mg-turns'} />
      {t(how === 'idle' ? 'shell.lock' : 'shell.signOut')}
    </button>
  )
}

function LockButton() {
  const { session } = usePage()
  const leave = useStore(session, (state) => state.leave)
  return (
    <button type="button" className="mg-icon-button" aria-label={t('shell.lock')} onClick={() => void leave('idle')}>
      <IconLock size={22} aria-hidden />
    </button>
  )
}

function OfflineBar() {
  const isOnline = useOnline()
  const { poller, ward } = useServices()
  const live = useStore(poller.live)
  const { device } = useOwn()
  const waiting = useStore(device.waiting, ({ view }) => (view.status === 'ready' ? view.value.length : 0))
  if (isOnline && live.failures < FAILED_POLLS_MAX) return null
  const isWritable = !isOnline && ward === null
  return (
    <output className="mg-block mg-bar">
      {t(isOnline ? 'shell.noConnection' : 'shell.offline')}{' '}
      {live.answeredMs !== null && t('shell.seenAt', { time: timeText(live.answeredMs) })}{' '}
      {t(isWritable ? 'device.onlyNew' : 'shell.readOnly')}{' '}
      {waiting > 0 && (
        <Link to={{ name: 'device', area: 'patient' }}>{t('device.waitingBar', { count: waiting })}</Link>
      )}
    </output>
  )
}
