import { Button, Textarea, TextInput } from '@mantine/core'
import { CATEGORIES, type RecordSummary } from '@medguard/client'
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useKnown, useServices } from '../app/context.ts'
import { timeText } from '../app/dates.ts'
import { EmptyState, Link, Page, ProblemNotice, TabLinks } from '../app/elements.tsx'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { t } from '../words/language.ts'
import { type AddDraft, addErrors, type AddErrors } from './add-store.ts'
import { CategoryTile } from './CategoryTile.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { FileDrop } from './FileDrop.tsx'
import { lastSubject } from './record-list.ts'
import { beginningOf, guessCategory, mediaTypeOf, titleFromFileName } from './media.ts'
import { guessCategoryOfMany, nameOfPicked, type PickedFile } from './picked-files.ts'
import './records.css'

export function AddPage({ as }: { as: 'file' | 'note' }) {
  const { adding } = useServices()
  const { task, reset } = useStore(adding.sending)
  useForgetDone(adding.sending)
  return (
    <Page
      title="Add a record"
      intro="It is encrypted on this device before it is sent. Nobody sees it unless you share it."
    >
      {task.status === 'done' ? (
        <Saved record={task.value} atMs={task.atMs} onAnother={reset} />
      ) : (
        <>
          <TabLinks
            label="What to add"
            tabs={[
              { to: { name: 'add', as: 'file' }, label: 'A file or photo', current: as === 'file' },
              { to: { name: 'add', as: 'note' }, label: 'A note', current: as === 'note' },
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
      title={`Saved at ${timeText(atMs)}`}
      actions={
        <>
          <Button onClick={onAnother}>Add another</Button>
          <Link to={{ name: 'record', recordId: record.recordId }} className="mg-button-link">
            Open it
          </Link>
        </>
      }
    >
      <p>
        “{record.title}” is in {t(`categories.${record.category}`)}, confirmed by the network.
      </p>
    </EmptyState>
  )
}

function AddForm({ as }: { as: 'file' | 'note' }) {
  const { adding, records } = useServices()
  const { task, run } = useStore(adding.sending)
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
    void run({ ...draft, category })
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
          label="Note"
          description="In your own words, for instance how you felt or what was said."
          rows={7}
          value={draft.note}
          error={shown.note}
          onChange={(event) => change({ note: event.currentTarget.value })}
        />
      )}
      <TextInput
        id="add-title"
        label="Title"
        description="Encrypted too."
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
        <legend>What kind of record is it?</legend>
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
        label="Date"
        description="The day it is about, if you know it."
        type="date"
        value={draft.day}
        error={shown.day}
        onChange={(event) => change({ day: event.currentTarget.value })}
      />
      <TextInput
        id="add-subject"
        label="Your name"
        description="So that people you share with know whose record it is. You may leave it out. Encrypted too."
        value={draft.subject ?? ''}
        onChange={(event) => change({ subject: event.currentTarget.value })}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what="Not saved" onRetry={send} />}
      {isSending && <SendingSteps label="Saving your record" step={task.step} steps={ADD_STEPS} />}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={isSending}>
          Save record
        </Button>
        {!isSending && <span className="mg-soft mg-small">What you filled in stays here until it is saved.</span>}
      </div>
    </form>
  )
}

const ADD_STEPS = [
  { step: 'askingForKey', label: 'Preparing the encryption' },
  { step: 'sealing', label: 'Encrypting on this device' },
  { step: 'uploading', label: 'Sending' },
  { step: 'confirming', label: 'Confirming' },
] as const
