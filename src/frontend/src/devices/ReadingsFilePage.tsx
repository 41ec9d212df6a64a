import type { Category, MedGuardClient } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconCircleCheck, IconFileUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useServices } from '../app/context.ts'
import { atText, sizeText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { FileButton } from '../app/FileButton.tsx'
import type { Services } from '../app/services.ts'
import { unreachable } from '../app/unreachable.ts'
import { stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { CsvColumns } from './CsvColumns.tsx'
import { readingsFileLink } from './readings-file-link.ts'
import { createReadingsFileStore, type ReadingsFileStore, type ReadingsFileView } from './readings-file-store.ts'
import { holdsReadings, readingsReaderOf } from './readings-reader.ts'
import { CategorySelect, ReadingsKinds } from './ReadingsPreview.tsx'
import './devices.css'

/** One per signed-in client, so that it goes on while one looks elsewhere; gone with a lock. */
const stores = new WeakMap<MedGuardClient, ReadingsFileStore>()
function storeOf({ client, records }: Services): ReadingsFileStore {
  const known = stores.get(client)
  if (known !== undefined) return known
  const made = createReadingsFileStore(readingsFileLink, client, records)
  stores.set(client, made)
  return made
}

/** A file of a phone, watch or meter, from what is in it to the records it becomes. */
export function ReadingsFilePage() {
  const services = useServices()
  const records = useLoadable(services.records)
  return (
    <Page
      title={t('readingsFile.title')}
      intro={t('readingsFile.intro')}
      back={{ to: { name: 'devices', at: '' }, label: t('devices.back') }}
    >
      {records.status === 'loading' && (
        <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
      )}
      {records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
      )}
      {records.status === 'ready' && <Steps store={storeOf(services)} />}
    </Page>
  )
}

function Steps({ store }: { store: ReadingsFileStore }) {
  const { view, clear, stop, save } = useStore(store)
  const [category, setCategory] = useState<Category>('vitals')
  const other = (
    <Button variant="default" onClick={clear}>
      {t('readingsFile.other')}
    </Button>
  )
  switch (view.status) {
    case 'empty':
      return <Choose store={store} />
    case 'columns':
      return <CsvColumns store={store} view={view} />
    case 'reading':
      return (
        <Going
          label={t('readingsFile.reading')}
          value={view.doneBytes}
          max={Math.max(view.sizeBytes, 1)}
          onStop={clear}
        >
          {t('readingsFile.readingOf', { done: sizeText(view.doneBytes), all: sizeText(view.sizeBytes) })}
        </Going>
      )
    case 'preview':
      return (
        <Preview view={view} category={category} onCategory={setCategory}>
          {view.records > view.present && (
            <Button onClick={() => void save(category)}>{t('readingsFile.save', { count: view.preview.count })}</Button>
          )}
          {other}
        </Preview>
      )
    case 'saving':
      return (
        <Going label={t('readingsFile.saving')} value={view.done} max={view.total} onStop={stop}>
          {t('readingsFile.savingOf', { done: view.done, all: view.total })}
        </Going>
      )
    case 'stopped':
      return (
        <div className="mg-stack">
          {view.problem !== null && <ProblemNotice problem={view.problem} what={t('readingsFile.notSaved')} />}
          <Notice
            tone="info"
            title={t('readingsFile.stopped', { count: view.left })}
            actions={
              <>
                <Button onClick={() => void save(category)}>{t('readingsFile.goOn')}</Button>
                {other}
              </>
            }
          >
            <p>{t('readingsFile.stoppedText')}</p>
          </Notice>
        </div>
      )
    case 'done':
      return (
        <EmptyState
          icon={<IconCircleCheck size={28} />}
          title={t('readingsFile.done', { count: view.count, at: atText(view.atMs, view.atMs) })}
          actions={
            <>
              {other}
              <Link to={{ name: 'trends' }} className="mg-button-link">
                {t('trends.title')}
              </Link>
            </>
          }
        >
          <output className="mg-block">{t('readingsFile.doneText')}</output>
        </EmptyState>
      )
    case 'failed':
      return (
        <Notice tone="warn" loud title={t('readingsFile.failed')} actions={other}>
          <p>{t(`readingsFile.failed_${view.why}`)}</p>
        </Notice>
      )
    default:
      return unreachable(view)
  }
}

function Going(props: { label: string; value: number; max: number; onStop: () => void; children: string }) {
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={props.label}>
      <progress className="mg-progress" aria-label={props.label} value={props.value} max={props.max} />
      <output className="mg-block mg-soft">{props.children}</output>
      <div className="mg-row">
        <Button variant="default" onClick={props.onStop}>
          {t('page.cancel')}
        </Button>
      </div>
    </section>
  )
}

function Choose({ store }: { store: ReadingsFileStore }) {
  const { client, records } = useServices()
  const listed = useStore(records, ({ view }) => (view.status === 'ready' ? view.value : []))
  const reader = readingsReaderOf(client)
  const sealed = listed.filter((record) => holdsReadings(record) && !reader.isRead(record)).length
  return (
    <div className="mg-card mg-pad mg-stack">
      <div className="mg-row">
        <FileButton
          icon={<IconFileUpload size={20} aria-hidden />}
          onPick={(file) => void store.getState().pick(file, reader.of(listed))}
        >
          {t('readingsFile.choose')}
        </FileButton>
      </div>
      <ul className="mg-device-works">
        <li>{t('readingsFile.apple')}</li>
        <li>{t('readingsFile.fit')}</li>
        <li>{t('readingsFile.nightscout')}</li>
        <li>{t('readingsFile.mhealth')}</li>
        <li>{t('readingsFile.table')}</li>
      </ul>
      <p className="mg-soft">{t('readingsFile.here')}</p>
      {sealed > 0 && <p className="mg-soft">{t('readingsFile.notCompared', { count: sealed })}</p>}
    </div>
  )
}

function Preview(props: {
  view: Extract<ReadingsFileView, { status: 'preview' }>
  category: Category
  onCategory: (category: Category) => void
  children: React.ReactNode
}) {
  const { preview, records, present } = props.view
  const { count, kinds, repeats, otherSources, skipped, flagged, documents } = preview
  return (
    <div className="mg-stack">
      <Section title={t('readingsFile.found', { count })}>
        <ReadingsKinds kinds={kinds} label={t('readingsFile.kinds')} />
      </Section>
      <ul className="mg-card mg-pad mg-device-works">
        {repeats > 0 && <li>{t('readingsFile.repeats', { count: repeats })}</li>}
        {otherSources > 0 && <li>{t('readingsFile.otherSources', { count: otherSources })}</li>}
        {flagged > 0 && <li>{t('readingsFile.flagged', { count: flagged })}</li>}
        {documents > 0 && <li>{t('readingsFile.documents', { count: documents })}</li>}
        {present > 0 && <li>{t('readingsFile.present', { count: present })}</li>}
        <li>{t('readingsFile.records', { count: records - present })}</li>
      </ul>
      {skipped.length > 0 && (
        <details className="mg-details">
          <summary>{t('readingsFile.skipped', { count: skipped.reduce((sum, one) => sum + one.count, 0) })}</summary>
          <ul className="mg-device-works">
            {skipped.map(({ reason, what, count: number }) => (
              <li key={`${reason} ${what}`}>
                {t('readingsFile.skippedOne', { what, number, why: t(`readingsFile.skip_${reason}`) })}
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="mg-card mg-pad mg-stack">
        <CategorySelect value={props.category} onChange={props.onCategory} />
        <div className="mg-row">{props.children}</div>
      </div>
    </div>
  )
}
