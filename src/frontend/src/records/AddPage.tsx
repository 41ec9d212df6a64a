import { Button, Textarea, TextInput } from '@mantine/core'
import { CATEGORIES, type RecordSummary, type WaitingRecord } from '@medguard/client'
import { IconAlertCircle, IconCircleCheck, IconClockHour4 } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useKnown, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { EmptyState, Link, Page, ProblemNotice, TabLinks } from '../app/elements.tsx'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { t } from '../words/language.ts'
import { type AddDraft, addErrors, type AddErrors } from './add-store.ts'
import { CategoryTile } from './CategoryTile.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { useOnline } from '../app/use-online.ts'
import { SharedIn } from '../offline/SharedIn.tsx'
import { FileDrop } from './FileDrop.tsx'
import { lastSubject } from './record-list.ts'
import { beginningOf, guessCategory, mediaTypeOf, titleFromFileName } from './media.ts'
import { guessCategoryOfMany, nameOfPicked, pickedFromInput, type PickedFile } from './picked-files.ts'
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

function Waits({ record, onAnother }: { record: WaitingRecord; onAnother: () => void }) {
  return (
    <EmptyState
      icon={<IconClockHour4 size={28} />}
      title={t('device.waits')}
      actions={
        <>
          <Button onClick={onAnother}>{t('add.another')}</Button>
          <Link to={{ name: 'device', area: 'patient' }} className="mg-button-link">
            {t('device.seeWaiting')}
          </Link>
        </>
      }
    >
      <p>{t(record.isSealed ? 'device.waitsText' : 'device.waitsHereText', { title: record.title ?? '' })}</p>
    </EmptyState>
  )
}

function AddForm({ as }: { as: 'file' | 'note' }) {
  const { adding, records, ward } = useServices()
  const isOnline = useOnline()
  const { task, run } = useStore(adding.sending)
  const off = useStore(adding.puttingOff)
  const { draft: kept, edit } = useStore(adding.form)
  const [shown, setShown] = useState<AddErrors>({})
  const summary = useRef<HTMLDivElement>(null)
  const known = useKnown(records)
  const draft: AddDraft = { ...kept, as, subject: kept.subject ?? lastSubject(known) }
  const isSending = task.status === 'working'

  const change = (changes: Partial<AddDraft>) => {
    edit(changes)
    const fixed = Object.keys(changes)
    setShown(Object.fromEntries(Object.entries(shown).filter(([field]) => !fixed.includes(field))))
  }
  const pick = async (files: readonly PickedFile[]) => {
    const [first] = files
    if (first === undefined) return
    setShown(Object.fromEntries(Object.entries(shown).filter(([field]) => field !== 'file')))
    change({ files })
    const { file } = first
    const category =
      files.length === 1
        ? guessCategory(file.name, mediaTypeOf(file.name, file.type, await beginningOf(file)))
        : guessCategoryOfMany(files)
    const { draft: now } = adding.form.getState()
    change({
      ...(now.title.trim() === '' && { title: titleFromFileName(nameOfPicked(files)) }),
      ...(now.category === null && category !== null && { category }),
    })
  }
  const send = () => {
    const errors = addErrors(draft)
    setShown(errors)
    const { category } = draft
    if (Object.keys(errors).length > 0 || category === null) {
      requestAnimationFrame(() => summary.current?.focus())
      return
    }
    // In somebody's place nothing waits: by then the right to add may have ended.
    if (isOnline || ward !== null) void run({ ...draft, category })
    else void off.run({ ...draft, category })
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
      <ErrorSummary focusRef={summary} errors={shown} idOf={(field) => `add-${field}`} />
      <SharedIn onFiles={(files) => void pick(pickedFromInput(files))} />
      {as === 'file' ? (
        <FileDrop
          id="add-file"
          files={draft.files}
          error={shown.file}
          onPick={(files) => void pick(files)}
          onClear={() => change({ files: [] })}
        />
      ) : (
        <Textarea
          id="add-note"
          label={t('add.note')}
          description={t('add.noteHint')}
          rows={7}
          value={draft.note}
          error={shown.note}
          onChange={(event) => change({ note: event.currentTarget.value })}
        />
      )}
      <TextInput
        id="add-title"
        label={t('add.titleLabel')}
        description={t('add.encryptedToo')}
        value={draft.title}
        error={shown.title}
        autoComplete="off"
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <fieldset
        className="mg-set"
        id="add-category"
        tabIndex={-1}
        aria-describedby={shown.category && 'add-category-error'}
      >
        <legend>{t('add.kind')}</legend>
        <div className="mg-choices">
          {CATEGORIES.map((category) => (
            <label key={category} className="mg-choice">
              <input
                type="radio"
                name="category"
                checked={draft.category === category}
                onChange={() => change({ category })}
                aria-describedby={`add-hint-${category}`}
                aria-label={t(`categories.${category}`)}
              />
              <span className="mg-choice-text">
                <span className="mg-choice-label">{t(`categories.${category}`)}</span>
                <span className="mg-choice-hint" id={`add-hint-${category}`}>
                  {t(category === 'sensitive' ? 'categories.sensitiveShort' : `categories.${category}Hint`)}
                </span>
              </span>
              <CategoryTile category={category} />
            </label>
          ))}
        </div>
        {shown.category !== undefined && (
          <p className="mg-field-error" id="add-category-error">
            <IconAlertCircle size={16} aria-hidden /> {shown.category}
          </p>
        )}
      </fieldset>
      <TextInput
        id="add-day"
        className="mg-day"
        label={t('add.day')}
        description={t('add.dayHint')}
        type="date"
        value={draft.day}
        error={shown.day}
        onChange={(event) => change({ day: event.currentTarget.value })}
      />
      <TextInput
        id="add-subject"
        label={t('add.name')}
        description={t('add.nameHint')}
        value={draft.subject ?? ''}
        onChange={(event) => change({ subject: event.currentTarget.value })}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('add.notSaved')} onRetry={send} />}
      {off.task.status === 'failed' && (
        <ProblemNotice problem={off.task.problem} what={t('add.notSaved')} onRetry={send} />
      )}
      {!isOnline && ward === null && <p className="mg-soft">{t('device.addOffline')}</p>}
      {isSending && (
        <SendingSteps
          label={t('add.saving')}
          step={task.step}
          steps={ADD_STEPS.map(({ step, label }) => ({ step, label: t(label) }))}
        />
      )}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={isSending}>
          {t('add.go')}
        </Button>
        {!isSending && <span className="mg-soft mg-small">{t('add.stays')}</span>}
      </div>
    </form>
  )
}

const ADD_STEPS = [
  { step: 'askingForKey', label: 'add.stepPrepare' },
  { step: 'sealing', label: 'add.stepSeal' },
  { step: 'uploading', label: 'add.stepSend' },
  { step: 'confirming', label: 'add.stepConfirm' },
] as const
