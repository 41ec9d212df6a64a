import { unreachable } from '../app/unreachable.ts'
import type { Category, RecordSummary, Share } from '@medguard/client'
import { IconClockOff, IconFiles, IconFileUnknown } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { leftText, momentText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { PROVIDER_HOME } from '../app/routes.ts'
import { setTimer } from '../app/services.ts'
import { scopeText, shortCode, stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { MoreRecords } from '../records/MoreRecords.tsx'
import { OpenRecord } from '../records/OpenRecord.tsx'
import { RecordFacts, recordLine } from '../records/RecordFacts.tsx'
import { RecordList } from '../records/RecordList.tsx'
import { type AccessGuard, createAccessGuard, type Held } from './access-guard.ts'
import { Button } from '@mantine/core'
import './provider.css'

const BACK = { to: PROVIDER_HOME, label: 'All patients' }

const HELD_WORDS: Readonly<Record<Held, { title: string; text: string }>> = {
  paused: {
    title: 'Access is paused',
    text: 'The person has paused all sharing. It goes on here when they end the pause.',
  },
  unverified: {
    title: 'Access waits for your organisation',
    text: 'No verified organisation vouches for you at the moment. Ask the people who run yours.',
  },
  closed: { title: 'You cannot open this now', text: 'If somebody meant to share with you, ask them.' },
}

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
      if (access.status === 'ended') say('Access ended. The records were removed from the page.')
      if (access.status === 'held') say(`${HELD_WORDS[access.why].title}. The records were removed from the page.`)
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
        <Page title="Shared records" back={BACK}>
          <ListSkeleton label="Asking whether you may see this…" rows={4} />
        </Page>
      )
    case 'open':
      return <Open {...props} share={access.share} />
    case 'notStarted':
      return (
        <Page title="Shared records" back={BACK}>
          <Notice tone="info" title={`Access starts ${momentText(msOf(access.share.startNs), nowMs)}`}>
            <p>This page opens by itself then.</p>
          </Notice>
        </Page>
      )
    case 'ended':
      return (
        <Page title="Shared records" back={BACK}>
          <div className="mg-card mg-ended" role="alert">
            <IconClockOff size={40} stroke={1.4} aria-hidden />
            <p className="mg-ended-title">Access ended at {momentText(access.atMs, nowMs)}</p>
            <p className="mg-soft">The records were removed from this page. The person can share with you again.</p>
          </div>
        </Page>
      )
    case 'held':
      return (
        <Page title="Shared records" back={BACK}>
          <Notice
            tone="warn"
            title={HELD_WORDS[access.why].title}
            loud
            actions={
              <Button variant="default" onClick={props.guard.check}>
                Ask again
              </Button>
            }
          >
            <p>The records were removed from this page. {HELD_WORDS[access.why].text}</p>
          </Notice>
        </Page>
      )
    case 'unsure':
      return (
        <Page title="Shared records" back={BACK}>
          <Notice
            tone="warn"
            title="Hidden: we cannot confirm that you still have access"
            loud
            actions={
              <Button variant="default" onClick={props.guard.check}>
                Ask again
              </Button>
            }
          >
            <p>There is no connection to MedGuard. The records come back by themselves once the access is confirmed.</p>
          </Notice>
        </Page>
      )
    case 'none':
      return (
        <Page title="Shared records" back={BACK}>
          <EmptyState icon={<IconFileUnknown size={28} />} title="Nothing is shared with you here">
            <p>If somebody meant to share with you, ask them to check the share code they used.</p>
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

/** Always on top: whose records these are, what for, and how long they stay. */
function Banner({ share, store }: { share: Share; store: LoadableStore<readonly RecordSummary[]> }) {
  const nowMs = useNow(10_000)
  const subject = useStore(store, ({ view }) =>
    view.status === 'ready' ? (view.value.find((record) => record.subject !== null)?.subject ?? null) : null,
  )
  const endMs = msOf(share.endNs)
  return (
    <section className="mg-card mg-banner" aria-label="Access to these records">
      <div className="mg-banner-who">
        <Person code={share.patient} />
        {subject !== null && <strong className="mg-break">{subject}</strong>}
      </div>
      <p>
        <span className="mg-soft">What for:</span> {t(`purposes.${share.purpose}`)}
      </p>
      <p>
        <span className="mg-soft">Access until</span> <strong>{momentText(endMs, nowMs)}</strong> (
        {leftText(endMs, nowMs)} left)
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
      title={`Records of ${shortCode(share.patient)}`}
      historyTitle="Shared records"
      back={BACK}
      intro={`Shared with you: ${scopeText(share.scope)}.`}
    >
      <MoreRecords vault={{ of: 'grant', grantId }} store={props.store} />
      {records.status === 'loading' && (
        <ListSkeleton label={`Fetching the records. ${stepText(records.step)}`} rows={5} />
      )}
      {records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what="The records are not shown" onRetry={records.load} />
      )}
      {records.status === 'ready' && props.isMissing && (
        <Notice tone="info" title="This record is not among those shared with you">
          <Link to={{ name: 'patient', grantId, show: [] }}>See those that are</Link>
        </Notice>
      )}
      {records.status === 'ready' &&
        (records.value.length === 0 ? (
          <EmptyState icon={<IconFiles size={28} />} title="Nothing to see here yet">
            <p>Records appear here when there are any in what is shared with you.</p>
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
      historyTitle="Shared record"
      intro={recordLine(record)}
      back={{ to: { name: 'patient', grantId, show: [] }, label: 'All shared records' }}
    >
      <OpenRecord record={record} onRefused={onProblem} area="provider" />
      <Section title="Details">
        <RecordFacts record={record} />
      </Section>
    </Page>
  )
}
