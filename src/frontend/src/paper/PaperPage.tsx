import { Button } from '@mantine/core'
import { IconCircleCheck, IconTextScan2 } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice } from '../app/Choice.tsx'
import { useForgetDone, useServices } from '../app/context.ts'
import { atText, sizeText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page } from '../app/elements.tsx'
import { FileDrop } from '../records/FileDrop.tsx'
import { languageStore, numberText, t } from '../words/language.ts'
import { bytesFor, PAPER_LANGUAGES, type PaperLanguage } from './paper-types.ts'
import { type PaperStores, paperStoresOf, type Saved } from './paper-store.ts'
import { PAGES_MAX } from './read-paper.ts'
import { PaperPicture } from './PaperPicture.tsx'
import { Review } from './Review.tsx'
import '../forms/forms.css'
import './paper.css'

/** A paper is read on this device, and what it seems to say is proposed. */
export function PaperPage() {
  const { client, records, say, adding } = useServices()
  const stores = paperStoresOf(client, (added) => {
    const { view, put } = records.getState()
    if (view.status === 'ready') put([...view.value, ...added])
    for (const { title } of added) say(t('add.said', { title }))
  })
  const { view, choose } = useStore(stores.paper)
  const saved = useStore(stores.saving)
  useForgetDone(stores.saving)
  // What was chosen where files are added is read here.
  useEffect(() => {
    const [first, second] = adding.form.getState().draft.files
    if (first === undefined || second !== undefined || stores.paper.getState().view.status !== 'choosing') return
    adding.form.getState().clear()
    void stores.paper.getState().choose(first.file)
  }, [adding, stores])
  return (
    <Page
      title={t('paper.title')}
      intro={t('paper.intro')}
      back={{ to: { name: 'add', as: 'file' }, label: t('records.add') }}
    >
      {saved.task.status === 'done' ? (
        <Done saved={saved.task.value} atMs={saved.task.atMs} onAnother={saved.reset} />
      ) : view.status === 'choosing' ? (
        <>
          <FileDrop
            id="paper-file"
            files={[]}
            error={view.trouble === null ? undefined : t(`paper.trouble_${view.trouble}`)}
            hint={t('paper.drop')}
            onPick={([first]) => void (first !== undefined && choose(first.file))}
            onClear={() => {}}
          />
          <p className="mg-soft mg-small">{t('paper.onDevice')}</p>
        </>
      ) : view.status === 'opening' ? (
        <ListSkeleton label={t('paper.opening')} rows={3} />
      ) : view.status === 'review' ? (
        <Review stores={stores} view={view} />
      ) : (
        <Before stores={stores} />
      )}
    </Page>
  )
}

const NAMES = { eng: 'en', ces: 'cs', ara: 'ar' } as const
const ofPage = (): PaperLanguage =>
  PAPER_LANGUAGES.find((each) => NAMES[each] === languageStore.getState().language) ?? 'eng'

/** The paper, and the question whether it is to be read. */
function Before({ stores }: { stores: PaperStores }) {
  const { view, read, stop, clear } = useStore(stores.paper)
  const [languages, setLanguages] = useState<readonly PaperLanguage[]>(() => [ofPage()])
  if (view.status !== 'opened' && view.status !== 'reading') return null
  const { pages } = view
  const hasText = pages.lines !== null
  const name = (language: PaperLanguage) =>
    new Intl.DisplayNames([languageStore.getState().locale], { type: 'language' }).of(NAMES[language]) ?? language
  return (
    <div className="mg-paper-sides">
      <PaperPicture pages={pages} />
      <div className="mg-stack">
        {pages.pages > PAGES_MAX && <p className="mg-soft">{t('paper.firstPages', { max: PAGES_MAX })}</p>}
        {view.status === 'reading' ? (
          <section className="mg-card mg-pad mg-stack" aria-label={t('paper.reading')}>
            <progress className="mg-progress" aria-label={t('paper.reading')} value={view.part} max={1} />
            <output className="mg-block mg-soft">
              {view.part === 0
                ? t('paper.fetching')
                : t('paper.progress', { part: numberText(view.part, { style: 'percent', maximumFractionDigits: 0 }) })}
            </output>
            <div className="mg-row">
              <Button variant="default" onClick={stop}>
                {t('page.cancel')}
              </Button>
            </div>
          </section>
        ) : (
          <div className="mg-stack">
            {view.isFailed && (
              <Notice tone="warn" title={t('paper.failed')} loud>
                <p>{t('paper.failedText')}</p>
              </Notice>
            )}
            {!hasText && (
              <CheckChoice
                legend={t('paper.letters')}
                name="languages"
                on={languages}
                options={PAPER_LANGUAGES.map((value) => ({ value, label: name(value) }))}
                onChange={(on) => setLanguages(PAPER_LANGUAGES.filter((each) => on.includes(each)))}
              />
            )}
            <p className="mg-soft">
              {hasText ? t('paper.hasText') : t('paper.toFetch', { size: sizeText(bytesFor(languages)) })}
            </p>
            <p className="mg-soft mg-small">{t('paper.onDevice')}</p>
            <div className="mg-row">
              <Button
                size="lg"
                disabled={!hasText && languages.length === 0}
                leftSection={<IconTextScan2 size={20} aria-hidden />}
                onClick={() => void read(languages)}
              >
                {t(hasText ? 'paper.readText' : 'paper.readPicture')}
              </Button>
              <Button variant="default" onClick={clear}>
                {t('paper.other')}
              </Button>
            </div>
          </div>
        )}
      </div>
    </div>
  )
}

function Done({ saved, atMs, onAnother }: { saved: Saved; atMs: number; onAnother: () => void }) {
  return (
    <EmptyState
      icon={<IconCircleCheck size={28} />}
      title={t('add.saved', { at: atText(atMs, atMs) })}
      actions={
        <>
          <Button onClick={onAnother}>{t('paper.another')}</Button>
          <Link to={{ name: 'record', recordId: saved.paper.recordId }} className="mg-button-link">
            {t('paper.openPaper')}
          </Link>
          <Link to={{ name: 'records', show: [] }} className="mg-button-link">
            {t('records.all')}
          </Link>
        </>
      }
    >
      <p>{t('paper.savedText', { count: saved.entries.length })}</p>
    </EmptyState>
  )
}
