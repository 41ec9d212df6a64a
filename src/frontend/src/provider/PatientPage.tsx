import { unreachable } from '../app/unreachable.ts'
import type { Category, RecordSummary, Share } from '@medguard/client'
import { IconClockOff, IconFiles, IconFileUnknown } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { PROVIDER_HOME } from '../app/routes.ts'
import { setTimer } from '../app/services.ts'
import { scopeText, shortCode, stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import type { SimpleKey } from '../words/texts.ts'
import { MoreRecords } from '../records/MoreRecords.tsx'
import { OpenRecord } from '../records/OpenRecord.tsx'
import { RecordFacts, recordLine } from '../records/RecordFacts.tsx'
import { RecordList } from '../records/RecordList.tsx'
import { type AccessGuard, createAccessGuard, type Held } from './access-guard.ts'
import { Button } from '@mantine/core'
import './provider.css'

const back = () => ({ to: PROVIDER_HOME, label: t('provider.allPatients') })

const HELD = {
  paused: 'provider.heldPaused',
  unverified: 'provider.heldUnverified',
  closed: 'provider.heldClosed',
} as const satisfies Readonly<Record<Held, SimpleKey>>

/** One grant. Everything readable is inside the branch where its guard says `open`, so that ending it takes the content off the page. */
export function PatientPage({
  grantId,
  show,
  recordId,
}: {
  grantId: string
  show: readonly Category[]
  recordId: string | null
}) {
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
  return <Guarded guard={guard} grantId={grantId} show={show} recordId={recordId} />
}

function Guarded(props: { guard: AccessGuard; grantId: string; show: readonly Category[]; recordId: string | null }) {
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
      return <Open {...props} share={access.share} />
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
          </div>
        </Page>
      )
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

function Open(props: {
  guard: AccessGuard
  share: Share
  grantId: string
  show: readonly Category[]
  recordId: string | null
}) {
  const { client } = useServices()
  const { share, guard, grantId, recordId } = props
  const [store] = useState(() =>
    createLoadable<readonly RecordSummary[]>((progress) => client.list({ of: 'grant', grantId }, undefined, progress)),
  )
  useEffect(() => () => store.getState().forget(), [store])
  const onProblem = useCallback(
    (problem: Problem) => {
      if (problem.kind !== 'refused') return
      const { refusal } = problem
      if (refusal.kind === 'ConsentEnded') guard.end(refusal.endNs)
      if (refusal.kind === 'Paused') guard.hold('paused')
      if (refusal.kind === 'Unverified') guard.hold('unverified')
      if (refusal.kind === 'NotPermitted') guard.hold('closed')
    },
    [guard],
  )
  const record = useStore(store, ({ view }) =>
    view.status === 'ready' ? (view.value.find((one) => one.recordId === recordId) ?? null) : null,
  )
  return (
    <>
      <Banner share={share} store={store} />
      {recordId !== null && record !== null ? (
        <OneRecord key={record.recordId} record={record} grantId={grantId} onProblem={onProblem} />
      ) : (
        <SharedList store={store} share={share} show={props.show} isMissing={recordId !== null} onProblem={onProblem} />
      )}
    </>
  )
}

const soft = (text: string) => <span className="mg-soft">{text}</span>

/** Always on top: whose records these are, what for, and how long they stay. */
function Banner({ share, store }: { share: Share; store: LoadableStore<readonly RecordSummary[]> }) {
  const nowMs = useNow(10_000)
  const subject = useStore(store, ({ view }) =>
    view.status === 'ready' ? (view.value.find((record) => record.subject !== null)?.subject ?? null) : null,
  )
  const endMs = msOf(share.endNs)
  return (
    <section className="mg-card mg-banner" aria-label={t('provider.access')}>
      <div className="mg-banner-who">
        <Person code={share.patient} />
        {subject !== null && (
          <strong className="mg-break">
            <bdi>{subject}</bdi>
          </strong>
        )}
      </div>
      <p>
        <Marked text="provider.whatFor" values={{ purpose: t(`purposes.${share.purpose}`) }} marks={{ soft }} />
      </p>
      <p>
        <Marked
          text="provider.accessUntil"
          values={{ until: momentText(endMs, nowMs), left: leftText(endMs, nowMs) }}
          marks={{ soft, b: (text) => <strong>{text}</strong> }}
        />
      </p>
    </section>
  )
}

function SharedList(props: {
  store: LoadableStore<readonly RecordSummary[]>
  share: Share
  show: readonly Category[]
  isMissing: boolean
  onProblem: (problem: Problem) => void
}) {
  const { go } = useRouter()
  const records = useLoadable(props.store)
  const { share, onProblem } = props
  const { grantId } = share
  useEffect(() => {
    if (records.status === 'failed') onProblem(records.problem)
  }, [records, onProblem])
  return (
    <Page
      title={t('provider.recordsOf', { name: shortCode(share.patient) })}
      historyTitle={t('provider.shared')}
      back={back()}
      intro={t('provider.sharedWithYou', { scope: scopeText(share.scope) })}
    >
      <MoreRecords vault={{ of: 'grant', grantId }} store={props.store} />
      {records.status === 'loading' && (
        <ListSkeleton label={t('provider.fetching', { step: stepText(records.step) })} rows={5} />
      )}
      {records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what={t('provider.recordsNotShown')} onRetry={records.load} />
      )}
      {records.status === 'ready' && props.isMissing && (
        <Notice tone="info" title={t('provider.notAmong')}>
          <Link to={{ name: 'patient', grantId, show: [] }}>{t('provider.seeThose')}</Link>
        </Notice>
      )}
      {records.status === 'ready' &&
        (records.value.length === 0 ? (
          <EmptyState icon={<IconFiles size={28} />} title={t('provider.nothingYet')}>
            <p>{t('provider.nothingYetText')}</p>
          </EmptyState>
        ) : (
          <RecordList
            records={records.value}
            show={props.show}
            onShow={(show) => go({ name: 'patient', grantId, show })}
            routeOf={({ recordId }) => ({ name: 'patientRecord', grantId, recordId })}
          />
        ))}
    </Page>
  )
}

function OneRecord({
  record,
  grantId,
  onProblem,
}: {
  record: RecordSummary
  grantId: string
  onProblem: (problem: Problem) => void
}) {
  return (
    <Page
      title={record.title}
      historyTitle={t('provider.sharedOne')}
      intro={recordLine(record)}
      back={{ to: { name: 'patient', grantId, show: [] }, label: t('provider.allShared') }}
    >
      <OpenRecord record={record} onRefused={onProblem} area="provider" />
      <Section title={t('records.details')}>
        <RecordFacts record={record} />
      </Section>
    </Page>
  )
}
