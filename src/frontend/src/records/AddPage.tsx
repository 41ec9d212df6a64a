import { Button, Textarea } from '@mantine/core'
import { CATEGORIES, type RecordSummary } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useForgetDone, useKnown, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { EmptyState, Link, Page, ProblemNotice, TabLinks } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { StoringSteps } from '../app/SendingSteps.tsx'
import { useOnline } from '../app/use-online.ts'
import { SharedIn } from '../offline/SharedIn.tsx'
import { Waits } from '../offline/Waits.tsx'
import { t } from '../words/language.ts'
import { isPaper, ReadThisPaper } from './ReadThisPaper.tsx'
import { FileDrop } from './FileDrop.tsx'
import { pickedFromInput } from './picked-files.ts'
import { lastSubject } from './record-list.ts'
import { idOfAdd, RecordFields } from './RecordFields.tsx'
import { useAddDraft } from './use-add-draft.ts'
import './records.css'

export function AddPage({ as }: { as: 'file' | 'note' }) {
  const { adding } = useServices()
  const { task, reset } = useStore(adding.sending)
  const off = useStore(adding.puttingOff)
  useForgetDone(adding.sending)
  useForgetDone(adding.puttingOff)
  return (
    <Page title={t('records.add')} intro={t('add.intro')}>
      {off.task.status === 'done' ? (
        <Waits record={off.task.value} onAnother={off.reset} />
      ) : task.status === 'done' ? (
        <Saved record={task.value} atMs={task.atMs} onAnother={reset} />
      ) : (
        <>
          <TabLinks
            label={t('add.what')}
            tabs={[
              { to: { name: 'add', as: 'file' }, label: t('add.aFile'), current: as === 'file' },
              { to: { name: 'add', as: 'note' }, label: t('add.aNote'), current: as === 'note' },
              { to: { name: 'guided', kind: null }, label: t('forms.title'), current: false },
              { to: { name: 'import' }, label: t('imports.title'), current: false },
              { to: { name: 'devices', at: 'file' }, label: t('readingsFile.title'), current: false },
            ]}
          />
          <AddForm as={as} />
        </>
      )}
    </Page>
  )
}

function Saved({ record, atMs, onAnother }: { record: RecordSummary; atMs: number; onAnother: () => void }) {
  return (
    <EmptyState
      icon={<IconCircleCheck size={28} />}
      title={t('add.saved', { at: atText(atMs, atMs) })}
      actions={
        <>
          <Button onClick={onAnother}>{t('add.another')}</Button>
          <Link to={{ name: 'record', recordId: record.recordId }} className="mg-button-link">
            {t('add.open')}
          </Link>
        </>
      }
    >
      <p>{t('add.savedText', { title: record.title, kind: t(`categories.${record.category}`) })}</p>
    </EmptyState>
  )
}

function AddForm({ as }: { as: 'file' | 'note' }) {
  const { adding, records, profile, ward } = useServices()
  const isOnline = useOnline()
  const { task, run } = useStore(adding.sending)
  const off = useStore(adding.puttingOff)
  const known = useKnown(records)
  const name = useKnown(profile)?.name ?? null
  const filling = useAddDraft(adding.form, { as, categories: CATEGORIES, subject: lastSubject(known) ?? name })
  const { draft, errors, change, pick } = filling
  const isSending = task.status === 'working'
  const send = () => {
    const whole = filling.check()
    if (whole === null) return
    // In somebody's place nothing waits: by then the right to add may have ended.
    if (isOnline || ward !== null) void run(whole)
    else void off.run(whole)
  }

  return (
    <form
      className="mg-form"
      noValidate
      autoComplete="off" // or the browser writes half a note to disk, to restore it, and names into its own list of them
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <ErrorSummary focusRef={filling.summary} errors={errors} idOf={idOfAdd} />
      <SharedIn onFiles={(files) => void pick(pickedFromInput(files))} />
      {as === 'file' ? (
        <FileDrop
          id={idOfAdd('file')}
          files={draft.files}
          error={errors.file}
          onPick={(files) => void pick(files)}
          onClear={() => change({ files: [] })}
          offer={
            draft.files.length === 1 &&
            draft.files[0] !== undefined &&
            isPaper(draft.files[0].file) && <ReadThisPaper />
          }
        />
      ) : (
        <Textarea
          id={idOfAdd('note')}
          label={t('add.note')}
          description={t('add.noteHint')}
          rows={7}
          value={draft.note}
          error={errors.note}
          onChange={(event) => change({ note: event.currentTarget.value })}
        />
      )}
      <RecordFields {...filling} person={t('add.name')} personHint={t('add.nameHint')} />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('add.notSaved')} onRetry={send} />}
      {off.task.status === 'failed' && (
        <ProblemNotice problem={off.task.problem} what={t('add.notSaved')} onRetry={send} />
      )}
      {!isOnline && ward === null && <p className="mg-soft">{t('device.addOffline')}</p>}
      {isSending && <StoringSteps label={t('add.saving')} step={task.step} />}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={isSending}>
          {t('add.go')}
        </Button>
        {!isSending && <span className="mg-soft mg-small">{t('add.stays')}</span>}
      </div>
    </form>
  )
}
