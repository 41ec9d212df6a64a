import type { Share } from '@medguard/client'
import { unreachable } from '../app/unreachable.ts'
import { Button } from '@mantine/core'
import { IconClockOff, IconFileUnknown } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useNow, useRouter, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page } from '../app/elements.tsx'
import { PROVIDER_HOME } from '../app/routes.ts'
import { setTimer } from '../app/services.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { type AccessGuard, createAccessGuard, type Held } from './access-guard.ts'
import { KeptDraft } from './KeptDraft.tsx'
import { OpenPatient, type PatientView } from './OpenPatient.tsx'
import { mayAdd } from './standing.ts'
import { useSigns } from './use-signs.ts'
import './provider.css'

const back = () => ({ to: PROVIDER_HOME, label: t('provider.allPatients') })

const HELD = {
  paused: 'provider.heldPaused',
  unverified: 'provider.heldUnverified',
  closed: 'provider.heldClosed',
} as const satisfies Readonly<Record<Held, SimpleKey>>

/** One grant. Everything readable is inside the branch where its guard says `open`, so that ending it takes the content off the page. */
export function PatientPage({ grantId, view }: { grantId: string; view: PatientView }) {
  const { client, poller, say } = useServices()
  const [guard] = useState(() => createAccessGuard({ grantId, client, poller, now: Date.now, setTimer }))
  useEffect(() => {
    let hiddenMs: number | null = null
    const look = () => {
      if (document.visibilityState === 'hidden') hiddenMs = Date.now()
      else if (hiddenMs !== null) guard.back(Date.now() - hiddenMs)
    }
    document.addEventListener('visibilitychange', look)
    const unsubscribe = guard.store.subscribe(({ access }) => {
      if (access.status === 'ended') say(t('provider.saidEnded'))
      if (access.status === 'held') say(t('provider.saidHeld', { why: t(HELD[access.why]) }))
    })
    guard.start()
    return () => {
      document.removeEventListener('visibilitychange', look)
      unsubscribe()
      guard.stop()
    }
  }, [guard, say])
  return <Guarded guard={guard} grantId={grantId} view={view} />
}

/** What was being looked at goes on under the share that stands in its place; what had been typed and cannot be sent there stays in sight first. */
function GoingOver({ grantId, to }: { grantId: string; to: Share }) {
  const { writing, say } = useServices()
  const { route, go } = useRouter()
  const signs = useSigns()
  const isFree = mayAdd(to) || writing.unsent()[grantId] === undefined
  useEffect(() => {
    if (!isFree || !('grantId' in route) || route.grantId !== grantId) return
    writing.move(grantId, to.grantId, signs)
    say(t('provider.saidChanged'))
    go({ ...route, grantId: to.grantId }, 'replace')
  }, [isFree, route, grantId, to, writing, signs, say, go])
  return (
    <Page title={t('provider.shared')} back={back()}>
      {isFree ? (
        <ListSkeleton label={t('provider.asking')} rows={4} />
      ) : (
        <>
          <Notice tone="info" title={t('provider.changed')}>
            <Link to={{ name: 'patient', grantId: to.grantId, show: [] }}>{t('provider.seeChanged')}</Link>
          </Notice>
          <KeptDraft grantId={grantId} />
        </>
      )}
    </Page>
  )
}

function Guarded(props: { guard: AccessGuard; grantId: string; view: PatientView }) {
  const access = useStore(props.guard.store, (state) => state.access)
  const nowMs = useNow()
  switch (access.status) {
    case 'checking':
      return (
        <Page title={t('provider.shared')} back={back()}>
          <ListSkeleton label={t('provider.asking')} rows={4} />
        </Page>
      )
    case 'open':
      return <OpenPatient {...props} share={access.share} />
    case 'notStarted':
      return (
        <Page title={t('provider.shared')} back={back()}>
          <Notice tone="info" title={t('provider.accessStarts', { at: atText(msOf(access.share.startNs), nowMs) })}>
            <p>{t('provider.accessStartsText')}</p>
          </Notice>
        </Page>
      )
    case 'ended':
      return (
        <Page title={t('provider.shared')} back={back()}>
          <div className="mg-card mg-ended" role="alert">
            <IconClockOff size={40} stroke={1.4} aria-hidden />
            <p className="mg-ended-title">{t('provider.accessEnded', { at: atText(access.atMs, nowMs) })}</p>
            <p className="mg-soft">{t('provider.accessEndedText')}</p>
            <Link to={{ name: 'ask' }} className="mg-button-link">
              {t('ask.title')}
            </Link>
          </div>
          <KeptDraft grantId={props.grantId} />
        </Page>
      )
    case 'changed':
      return <GoingOver grantId={props.grantId} to={access.to} />
    case 'held':
      return (
        <Page title={t('provider.shared')} back={back()}>
          <Notice
            tone="warn"
            title={t(HELD[access.why])}
            loud
            actions={
              <Button variant="default" onClick={props.guard.check}>
                {t('provider.askAgain')}
              </Button>
            }
          >
            <p>{t(`${HELD[access.why]}Text`)}</p>
          </Notice>
          <KeptDraft grantId={props.grantId} />
        </Page>
      )
    case 'unsure':
      return (
        <Page title={t('provider.shared')} back={back()}>
          <Notice
            tone="warn"
            title={t('provider.unsure')}
            loud
            actions={
              <Button variant="default" onClick={props.guard.check}>
                {t('provider.askAgain')}
              </Button>
            }
          >
            <p>{t('provider.unsureText')}</p>
          </Notice>
          <KeptDraft grantId={props.grantId} />
        </Page>
      )
    case 'none':
      return (
        <Page title={t('provider.shared')} back={back()}>
          <EmptyState icon={<IconFileUnknown size={28} />} title={t('provider.nothing')}>
            <p>{t('provider.nothingText')}</p>
          </EmptyState>
        </Page>
      )
    default:
      return unreachable(access)
  }
}
