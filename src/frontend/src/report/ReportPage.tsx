import { Button, Textarea } from '@mantine/core'
import type { Profile, RecordSummary } from '@medguard/client'
import { IconFileText, IconPrinter } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice, Choice } from '../app/Choice.tsx'
import { useLoadable, useServices } from '../app/context.ts'
import { timeText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { listed } from '../records/record-list.ts'
import { t } from '../words/language.ts'
import { LanguagePicker } from '../words/LanguagePicker.tsx'
import { NOTES_CHARS_MAX, PERIODS, SECTIONS, type ReportSection, toOpen } from './report-choice.ts'
import { contentOf, reportOf } from './report.ts'
import { type ReportStores, reportStoresOf } from './report-store.ts'
import { ReportSheet } from './ReportSheet.tsx'
import { sectionText } from './section-words.ts'
import './report.css'

/** A report to hand to a doctor: chosen, made on this device, and printed by the browser. */
export function ReportPage() {
  const { client, records: store } = useServices()
  const records = useLoadable(store)
  const stores = reportStoresOf(client)
  return (
    <Page
      title={t('report.title')}
      intro={t('report.intro')}
      back={{ to: { name: 'records', show: [] }, label: t('records.all') }}
    >
      {records.status === 'loading' && (
        <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={4} />
      )}
      {records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
      )}
      {records.status === 'ready' && <Body records={records.value} stores={stores} />}
    </Page>
  )
}

function Body({ records, stores }: { records: readonly RecordSummary[]; stores: ReportStores }) {
  const madeMs = useStore(stores.choosing, (state) => state.madeMs)
  if (listed(records).length === 0)
    return (
      <EmptyState
        icon={<IconFileText size={28} />}
        title={t('records.empty')}
        actions={
          <Link to={{ name: 'add', as: 'file' }} className="mg-button-link">
            {t('records.addFirst')}
          </Link>
        }
      >
        <p>{t('report.emptyText')}</p>
      </EmptyState>
    )
  return madeMs === null ? (
    <Choosing records={records} stores={stores} />
  ) : (
    <Made records={records} stores={stores} madeMs={madeMs} />
  )
}

const HINTS = { contacts: 'report.contactsHint', documents: 'report.documentsHint' } as const
const hintOf = (section: ReportSection) =>
  section === 'contacts' || section === 'documents' ? { hint: t(HINTS[section]) } : {}

function Choosing({ records, stores }: { records: readonly RecordSummary[]; stores: ReportStores }) {
  const { choice, edit, make } = useStore(stores.choosing)
  const [isTried, setTried] = useState(false)
  const [nowMs] = useState(() => Date.now())
  const count = toOpen(records, choice, nowMs).length
  const isEmpty = choice.sections.length === 0 && choice.notes.trim() === ''
  return (
    <form
      className="mg-form"
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (isEmpty) return document.getElementById('report-sections')?.focus()
        stores.printing.getState().reset()
        make(Date.now())
        void stores.readings.getState().open(toOpen(records, choice, Date.now()))
      }}
    >
      <CheckChoice
        id="report-sections"
        legend={t('report.sections')}
        name="sections"
        on={choice.sections}
        error={isTried && isEmpty ? t('report.errorNothing') : undefined}
        options={SECTIONS.map((value) => ({ value, label: sectionText(value), ...hintOf(value) }))}
        onChange={(sections) => edit({ sections })}
      />
      <CheckChoice
        legend={t('categories.sensitive')}
        name="sensitive"
        on={choice.withSensitive ? ['sensitive'] : []}
        options={[{ value: 'sensitive', label: t('report.sensitive'), hint: t('report.sensitiveHint') }]}
        onChange={(on) => edit({ withSensitive: on.length > 0 })}
      />
      <Choice
        legend={t('report.period')}
        name="period"
        value={choice.period}
        options={PERIODS.map((value) => ({ value, label: t(`report.${value}`) }))}
        onChange={(period) => edit({ period })}
      />
      <p className="mg-soft mg-small">{t('report.periodHint')}</p>
      <Textarea
        label={t('report.notes')}
        description={t('report.notesHint', { max: NOTES_CHARS_MAX })}
        rows={4}
        maxLength={NOTES_CHARS_MAX}
        value={choice.notes}
        onChange={(event) => edit({ notes: event.currentTarget.value })}
      />
      <div>
        <p className="mg-field-label">{t('report.language')}</p>
        <LanguagePicker />
        <p className="mg-soft mg-small">{t('report.languageHint')}</p>
      </div>
      <p className="mg-soft">{count === 0 ? t('report.toOpenProfile') : t('report.toOpen', { count })}</p>
      <div className="mg-row">
        <Button type="submit" size="lg" leftSection={<IconFileText size={20} aria-hidden />}>
          {t('report.make')}
        </Button>
      </div>
    </form>
  )
}

function Made(props: { records: readonly RecordSummary[]; stores: ReportStores; madeMs: number }) {
  const { records, stores, madeMs } = props
  const profile = useLoadable(useServices().profile)
  const { choice, make } = useStore(stores.choosing)
  const { view, open, forget } = useStore(stores.readings)
  const wanted = useMemo(() => toOpen(records, choice, madeMs), [records, choice, madeMs])
  const back = () => {
    if (view.status === 'reading') forget()
    make(null)
  }
  if (profile.status === 'failed' || view.problem !== null) {
    const problem = profile.status === 'failed' ? profile.problem : view.problem
    const again = () => {
      if (profile.status === 'failed') profile.load()
      void open(wanted)
    }
    return (
      <>
        {problem !== null && <ProblemNotice problem={problem} what={t('report.notWhole')} onRetry={again} />}
        <Change onClick={back} />
      </>
    )
  }
  if (profile.status === 'loading' || view.status === 'reading') {
    return (
      <section className="mg-card mg-pad mg-stack" aria-label={t('report.reading')}>
        <progress className="mg-progress" aria-label={t('report.reading')} value={view.done} max={view.total || 1} />
        <output className="mg-block mg-soft">{t('trends.progress', { done: view.done, total: view.total })}</output>
        <div className="mg-row">
          <Button variant="default" onClick={back}>
            {t('page.cancel')}
          </Button>
        </div>
      </section>
    )
  }
  return <Preview {...props} wanted={wanted} profile={profile.value} onChange={back} />
}

const Change = ({ onClick }: { onClick: () => void }) => (
  <div className="mg-row mg-report-tools">
    <Button variant="default" onClick={onClick}>
      {t('report.change')}
    </Button>
  </div>
)

function Preview(props: {
  records: readonly RecordSummary[]
  wanted: readonly RecordSummary[]
  profile: Profile
  stores: ReportStores
  madeMs: number
  onChange: () => void
}) {
  const { records, wanted, profile, stores, madeMs } = props
  const choice = useStore(stores.choosing, (state) => state.choice)
  const readings = useStore(stores.readings, ({ view }) => view.readings)
  const { task, run } = useStore(stores.printing)
  const report = useMemo(() => {
    const names = new Set(wanted.map(({ recordId, version }) => `${recordId} ${version}`))
    // What an earlier choice had opened is not on this one.
    const chosen = readings.filter(({ record }) => names.has(`${record.recordId} ${record.version}`))
    return reportOf({ readings: chosen, records, profile, choice, nowMs: madeMs })
  }, [readings, records, wanted, profile, choice, madeMs])
  const content = contentOf(report)
  const isNoted = task.status === 'done' && task.value.content === content
  const sensitive = choice.withSensitive ? 0 : records.filter(({ category }) => category === 'sensitive').length
  return (
    <>
      <div className="mg-row mg-report-tools">
        <Button
          loading={task.status === 'working'}
          disabled={isNoted}
          leftSection={<IconPrinter size={18} aria-hidden />}
          onClick={() => void run({ content, count: report.count })}
        >
          {t('report.print')}
        </Button>
        <Button variant="default" onClick={props.onChange}>
          {t('report.change')}
        </Button>
        {task.status === 'working' && <output className="mg-soft">{t('report.noting')}</output>}
      </div>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('report.notNoted')} />}
      {isNoted && (
        <Notice
          tone="good"
          loud
          title={t('report.noted', { at: timeText(task.atMs) })}
          actions={<Button onClick={() => window.print()}>{t('report.printNow')}</Button>}
        >
          <p>{t('report.printHint')}</p>
        </Notice>
      )}
      {sensitive > 0 && <p className="mg-soft mg-small">{t('report.sensitiveOut', { count: sensitive })}</p>}
      <Section title={t('report.preview')}>
        <ReportSheet report={report} isPrinted={isNoted} />
      </Section>
      {!isNoted && (
        <p className="mg-printed mg-only-printed" aria-hidden>
          {t('report.printHere')}
        </p>
      )}
    </>
  )
}
