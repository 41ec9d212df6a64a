import type { MedGuardClient } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import type { Services } from '../app/services.ts'
import { unreachable } from '../app/unreachable.ts'
import { stepText } from '../app/words.ts'
import { FileDrop } from '../records/FileDrop.tsx'
import { t } from '../words/language.ts'
import { createImportStore, type ImportStore } from './import-store.ts'
import { ImportPreview } from './ImportPreview.tsx'
import { Troubles } from './Troubles.tsx'
import '../records/records.css'
import './imports.css'

/** One per signed-in client, so that an import goes on while one looks elsewhere; gone with a lock. */
const stores = new WeakMap<MedGuardClient, ImportStore>()
export function importStoreOf({ client, records }: Services): ImportStore {
  const known = stores.get(client)
  if (known !== undefined) return known
  const made = createImportStore(client, records)
  stores.set(client, made)
  return made
}

/** Many files at once, or what is in a FHIR file, as many records. */
export function ImportPage() {
  const services = useServices()
  const records = useLoadable(services.records)
  return (
    <Page
      title={t('imports.title')}
      intro={t('imports.intro')}
      back={{ to: { name: 'add', as: 'file' }, label: t('records.add') }}
    >
      {records.status === 'loading' && (
        <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
      )}
      {records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
      )}
      {records.status === 'ready' && <Steps store={importStoreOf(services)} />}
    </Page>
  )
}

function Steps({ store }: { store: ImportStore }) {
  const { view, items, troubles, added, pick, run, clear } = useStore(store)
  switch (view.status) {
    case 'empty':
      return (
        <FileDrop
          id="import-files"
          files={[]}
          error={undefined}
          hint={t('imports.drop')}
          onPick={(files, programs) => void pick(files, programs)}
          onClear={clear}
        />
      )
    case 'reading':
      return (
        <section className="mg-card mg-pad mg-stack" aria-label={t('imports.reading')}>
          <progress className="mg-progress" aria-label={t('imports.reading')} value={view.done} max={view.total} />
          <output className="mg-block mg-soft">{t('imports.readingOf', { done: view.done, total: view.total })}</output>
        </section>
      )
    case 'preview':
      return <ImportPreview store={store} />
    case 'working':
      return <Working store={store} {...view} />
    case 'stopped': {
      const count = items.filter(({ key, isOn }) => isOn && !added.has(key)).length
      return (
        <div className="mg-stack">
          {view.problem !== null && <ProblemNotice problem={view.problem} what={t('imports.stopped')} />}
          <Notice
            tone="info"
            title={t('imports.stoppedText', { count })}
            actions={
              <>
                <Button onClick={() => void run()}>{t('imports.goOn')}</Button>
                <Button variant="default" onClick={clear}>
                  {t('imports.other')}
                </Button>
              </>
            }
          >
            <p>{t('imports.later')}</p>
          </Notice>
          <Troubles troubles={troubles} />
        </div>
      )
    }
    case 'done':
      return (
        <div className="mg-stack">
          <EmptyState
            icon={<IconCircleCheck size={28} />}
            title={t('imports.done', { count: view.added, at: atText(view.atMs, view.atMs) })}
            actions={
              <>
                <Button onClick={clear}>{t('imports.other')}</Button>
                <Link to={{ name: 'records', show: [] }} className="mg-button-link" onGo={clear}>
                  {t('imports.see')}
                </Link>
              </>
            }
          >
            <p>{t('imports.doneText')}</p>
          </EmptyState>
          <Troubles troubles={troubles} />
        </div>
      )
    default:
      return unreachable(view)
  }
}

function Working(props: { store: ImportStore; done: number; total: number; title: string }) {
  const { store, done, total, title } = props
  const [isStopping, setStopping] = useState(false)
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={t('imports.working')}>
      <progress className="mg-progress" aria-label={t('imports.working')} value={done} max={total} />
      <output className="mg-block">{t('imports.workingOf', { done, total, title })}</output>
      <p className="mg-soft mg-small">{t('imports.keepOpen')}</p>
      <div className="mg-row">
        <Button
          variant="default"
          disabled={isStopping}
          onClick={() => {
            setStopping(true)
            store.getState().stop()
          }}
        >
          {t(isStopping ? 'imports.stopping' : 'imports.stop')}
        </Button>
      </div>
    </section>
  )
}
