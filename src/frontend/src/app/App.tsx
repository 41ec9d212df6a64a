import { unreachable } from './unreachable.ts'
import { useOnline } from './use-online.ts'
import { Fragment, useEffect, useEffectEvent, useMemo } from 'react'
import { useStore } from 'zustand'
import { OfflineStart } from '../offline/OfflineStart.tsx'
import { UpdateToast } from '../offline/UpdateToast.tsx'
import { Acting } from '../people/Acting.tsx'
import { LostGate } from '../recovery/LostGate.tsx'
import { EnrolPage } from '../sign-in/EnrolPage.tsx'
import { OthersDataPage } from '../sign-in/OthersDataPage.tsx'
import { SessionWatch } from '../sign-in/SessionWatch.tsx'
import { SignInPage } from '../sign-in/SignInPage.tsx'
import type { SignedIn } from '../sign-in/session.ts'
import type { SessionView } from '../sign-in/session-store.ts'
import { languageStore, t } from '../words/language.ts'
import { type Page, OwnContext, PageContext, ServicesContext, useLoadable, usePage, useServices } from './context.ts'
import { Notice, ProblemNotice } from './elements.tsx'
import { guardClient } from './guard-client.ts'
import { Plain } from './Plain.tsx'
import { LinkPage, Routes } from './Routes.tsx'
import { areaOf } from './routes.ts'
import type { DraftKeeper } from './draft-keeper.ts'
import { createOwnServices, type Services } from './services.ts'
import { Shell } from './Shell.tsx'

export function App({ page }: { page: Page }) {
  return (
    <PageContext value={page}>
      <AreaColour />
      <Gate />
      <UpdateToast />
    </PageContext>
  )
}

/** The accent colour says whose records are on the screen. */
function AreaColour() {
  const { router } = usePage()
  const area = useStore(router, ({ route }) => areaOf(route))
  useEffect(() => {
    document.documentElement.dataset['area'] = area
  }, [area])
  return null
}

function Gate() {
  const { session, router } = usePage()
  const view = useStore(session, (state) => state.view)
  const isLink = useStore(router, ({ route }) => route.name === 'link')
  if (isLink && (view.status === 'starting' || view.status === 'signedOut'))
    return (
      <Plain>
        <LinkPage />
      </Plain>
    )
  switch (view.status) {
    case 'starting':
      return (
        <Plain>
          <output className="mg-block mg-soft">{t('page.starting')}</output>
        </Plain>
      )
    case 'broken':
      return (
        <Plain>
          <h1>MedGuard</h1>
          <Notice tone="bad" title={t('page.unsafe')} loud>
            <p>{t('page.unsafeText')}</p>
          </Notice>
        </Plain>
      )
    case 'signedOut':
      return <SignInPage view={view} />
    case 'signedIn':
      return view.hasOthersData ? <OthersDataPage /> : <SignedInPage view={view} key={view.principal} />
    default:
      return unreachable(view)
  }
}

function SignedInPage({ view }: { view: Extract<SessionView, { status: 'signedIn' }> }) {
  const { session, router, drafts, install } = usePage()
  const services = useMemo(() => {
    const made = createOwnServices(
      guardClient(view.client, {
        onSessionEnded: () => {
          const now = session.getState().view
          // A locked client says the same, and by then somebody may have signed in anew.
          if (now.status === 'signedIn' && now.client === view.client) void session.getState().leave('ended')
        },
        onDone: (method) => install.did(method, view.isShared),
      }),
    )
    keepDrafts(drafts, made, { principal: view.principal, isShared: view.isShared })
    return made
  }, [view.client, view.principal, view.isShared, session, drafts, install])
  useEffect(() => {
    if (view.switched) router.getState().switchTo(null, 'replace') // the address may name another person's record
  }, [view.switched, router])
  useEffect(() => {
    const { poller, device } = services
    const look = () => document.visibilityState === 'visible' && poller.start()
    const send = () => void device.send() // the network is back
    poller.start()
    document.addEventListener('visibilitychange', look)
    window.addEventListener('online', send)
    return () => {
      document.removeEventListener('visibilitychange', look)
      window.removeEventListener('online', send)
      poller.stop()
    }
  }, [services])
  return (
    <OwnContext value={services}>
      <ServicesContext value={services}>
        <SessionWatch endsAtMs={view.endsAtMs} isShared={view.isShared} />
        <AccountGate isShort={view.isShort} />
      </ServicesContext>
    </OwnContext>
  )
}

/** What was being written when this person's session ended by itself is there again; and should this one end so, it is kept. */
function keepDrafts(
  drafts: DraftKeeper,
  { adding, sharing, guided, asking, writing }: Services,
  { principal, isShared }: Pick<SignedIn, 'principal' | 'isShared'>,
): void {
  const [add, share, asked] = [adding.form.getState(), sharing.form.getState(), asking.form.getState()]
  drafts.watch(() => {
    const now = {
      add: adding.form.getState().draft,
      share: sharing.form.getState().draft,
      guided: guided.form.getState().drafts,
      asked: asking.form.getState().draft,
      written: writing.unsent(),
    }
    const isForms = Object.keys(now.guided).length + Object.keys(now.written).length > 0
    const isSame = now.add === add.draft && now.share === share.draft && now.asked === asked.draft
    return isSame && !isForms ? null : now
  })
  const kept = drafts.take(principal)
  if (kept === null) return
  add.edit(kept.add)
  share.edit(kept.share)
  guided.form.setState({ drafts: kept.guided })
  asked.edit(kept.asked)
  writing.takeUp(kept.written, !isShared)
}

/** What screen readers are told when something finishes away from where the reader is. */
function Spoken() {
  const { text, language } = useStore(useServices().spoken)
  const isOurs = useStore(languageStore, (state) => state.language) === language
  return (
    <output className="mg-hidden" aria-live="polite">
      {isOurs && text}
    </output>
  )
}

function AccountGate({ isShort }: { isShort: boolean }) {
  const account = useLoadable(useServices().account)
  const isOnline = useOnline()
  const { status, load } = account
  const lookAgain = useEffectEvent(() => {
    if (status === 'failed') load()
  })
  useEffect(() => {
    if (isOnline) lookAgain() // the connection is back
  }, [isOnline])
  if (!isOnline && status !== 'ready') return <OfflineStart />
  switch (account.status) {
    case 'loading':
      return (
        <Plain>
          <output className="mg-block mg-soft">{t('page.looking')}</output>
        </Plain>
      )
    case 'failed':
      return (
        <Plain signOut>
          <h1>{t('page.yourRecord')}</h1>
          <ProblemNotice problem={account.problem} onRetry={account.load} />
        </Plain>
      )
    case 'ready':
      return account.value === null ? (
        <LostGate>
          <EnrolPage />
        </LostGate>
      ) : (
        <Acting>
          <OpenRecord isShort={isShort} />
        </Acting>
      )
    default:
      return unreachable(account)
  }
}

/** Everything below is made anew for each record: nothing of one stays on the screen of another. */
function OpenRecord({ isShort }: { isShort: boolean }) {
  const { ward } = useServices()
  return (
    <Fragment key={ward?.patientId ?? 'own'}>
      <Spoken />
      <Shell>
        <SeatGate isShort={isShort} />
      </Shell>
    </Fragment>
  )
}

/** Nothing of other people's records is asked for before the session is as short as that takes. */
function SeatGate({ isShort }: { isShort: boolean }) {
  const { router, session } = usePage()
  const isTooLong = useStore(router, ({ route }) => areaOf(route)) === 'provider' && !isShort
  useEffect(() => {
    if (isTooLong) void session.getState().shorten()
  }, [isTooLong, session])
  return isTooLong ? <output className="mg-block mg-soft">{t('signIn.shortening')}</output> : <Routes />
}
