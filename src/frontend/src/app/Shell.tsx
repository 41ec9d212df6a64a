import {
  IconActivity,
  IconDots,
  IconFiles,
  IconHelpCircle,
  IconHistory,
  IconHome,
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
import { FAILED_POLLS_MAX } from './changes-poller.ts'
import { useNow, usePage, useRouter, useServices } from './context.ts'
import { leftText, timeText } from './dates.ts'
import { Link } from './elements.tsx'
import { Logo } from './Logo.tsx'
import { type Area, areaOf, HOME, PROVIDER_HOME, type Route } from './routes.ts'
import { useOnline } from './use-online.ts'

interface NavItem {
  readonly to: Route
  readonly label: string
  readonly icon: typeof IconHome
  /** Names of the routes this item stands for. */
  readonly covers: readonly Route['name'][]
  readonly where?: 'phone' | 'rail'
}

const NAV: Record<Area, readonly NavItem[]> = {
  patient: [
    { to: HOME, label: 'Home', icon: IconHome, covers: ['home', 'notFound'] },
    { to: { name: 'records', show: [] }, label: 'Records', icon: IconFiles, covers: ['records', 'record'] },
    { to: { name: 'add', as: 'file' }, label: 'Add', icon: IconPlus, covers: ['add'] },
    { to: { name: 'sharing', tab: 'people' }, label: 'Sharing', icon: IconShare, covers: ['sharing', 'share'] },
    { to: { name: 'log', who: 'everyone' }, label: 'Access log', icon: IconHistory, covers: ['log'], where: 'rail' },
  ],
  provider: [
    { to: PROVIDER_HOME, label: 'Patients', icon: IconUsers, covers: ['patients', 'patient', 'patientRecord'] },
    { to: { name: 'activity' }, label: 'My activity', icon: IconActivity, covers: ['activity'] },
  ],
}
const navOf = (area: Area): readonly NavItem[] => [
  ...NAV[area],
  {
    to: { name: 'settings', area },
    label: 'Code and settings',
    icon: IconSettings,
    covers: ['settings'],
    where: 'rail',
  },
  { to: { name: 'help', area, topic: null }, label: 'Help', icon: IconHelpCircle, covers: ['help'], where: 'rail' },
  {
    to: { name: 'more', area },
    label: 'More',
    icon: IconDots,
    covers: ['more', 'settings', 'help', 'log'],
    where: 'phone',
  },
]

export function Shell({ children }: { children: ReactNode }) {
  const { route } = useRouter()
  const area = areaOf(route)
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
        Skip to the content
      </a>
      <div className="mg-frame">
        <header className="mg-top">
          <Link to={area === 'provider' ? PROVIDER_HOME : HOME} className="mg-brand" label="MedGuard, start page">
            <Logo /> MedGuard
          </Link>
          {area === 'patient' && <LockButton />}
        </header>
        {area === 'provider' && <ProviderStrip />}
        <OfflineBar />
        <Rail area={area} route={route} />
        <main className="mg-main" id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  )
}

function Rail({ area, route }: { area: Area; route: Route }) {
  return (
    <nav className="mg-nav" aria-label="Main">
      <div className="mg-nav-head mg-rail-only">
        <Link to={area === 'provider' ? PROVIDER_HOME : HOME} className="mg-brand" label="MedGuard, start page">
          <Logo /> MedGuard
        </Link>
      </div>
      <ul className="mg-nav-list">
        {navOf(area).map(({ to, label, icon: Icon, covers, where }) => (
          <li key={label} className={where === undefined ? undefined : `mg-${where}-only`}>
            <Link
              to={to}
              className={`mg-nav-link${label === 'Add' ? ' mg-nav-add' : ''}`}
              current={covers.includes(route.name) ? 'page' : undefined}
            >
              <Icon size={24} stroke={1.7} aria-hidden />
              {label}
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
      Switch to provider view
    </Link>
  ) : (
    <Link to={HOME} className={className}>
      <IconUserHeart size={24} stroke={1.7} aria-hidden />
      Back to my records
    </Link>
  )
}

export function LeaveButton({ how, className }: { how: 'idle' | 'signedOut'; className: string }) {
  const { session } = usePage()
  const leave = useStore(session, (state) => state.leave)
  const Icon = how === 'idle' ? IconLock : IconLogout
  return (
    <button type="button" className={className} onClick={() => void leave(how)}>
      <Icon size={24} stroke={1.7} aria-hidden />
      {how === 'idle' ? 'Lock' : 'Sign out'}
    </button>
  )
}

function LockButton() {
  const { session } = usePage()
  const leave = useStore(session, (state) => state.leave)
  return (
    <button type="button" className="mg-icon-button" aria-label="Lock" onClick={() => void leave('idle')}>
      <IconLock size={22} aria-hidden />
    </button>
  )
}

/** Always in sight while other people's records may be: what this is, how long the session lasts, and how to lock it. */
function ProviderStrip() {
  const { session } = usePage()
  const { view, leave } = useStore(session)
  const nowMs = useNow()
  return (
    <section className="mg-strip" aria-label="Provider view">
      <span>
        <strong>Provider view</strong>
        {view.status === 'signedIn' && ` · session ${leftText(view.endsAtMs, nowMs)} left`}
      </span>
      <button type="button" className="mg-strip-button" onClick={() => void leave('idle')}>
        <IconLock size={20} aria-hidden />
        Lock
      </button>
    </section>
  )
}

function OfflineBar() {
  const isOnline = useOnline()
  const live = useStore(useServices().poller.live)
  if (isOnline && live.failures < FAILED_POLLS_MAX) return null
  const since = live.answeredMs === null ? '' : ` What you see is from ${timeText(live.answeredMs)}.`
  return (
    <output className="mg-block mg-bar">
      {isOnline ? 'No connection to MedGuard.' : 'You are offline.'}
      {since} Nothing can be changed until the connection is back.
    </output>
  )
}
