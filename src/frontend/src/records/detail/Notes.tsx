import { RECORD_RELATIONS, type RecordSummary, type Relation } from '@medguard/client'
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../../app/Choice.tsx'
import { useForgetDone, useKnown, useServices } from '../../app/context.ts'
import { atText } from '../../app/dates.ts'
import { ProblemNotice, Section } from '../../app/elements.tsx'
import { createTask } from '../../app/task.ts'
import { t } from '../../words/language.ts'
import { RecordRow } from '../RecordRow.tsx'

/** What the canisters take as one note, in characters of four bytes. */
const NOTE_CHARS_MAX = 10_000

/** What was said about a record, by whoever may write here, and the way to say something. A note goes along wherever the record is shared. */
export function Notes({ record }: { record: RecordSummary }) {
  const { records } = useServices()
  const notes = (useKnown(records) ?? []).filter(({ links }) =>
    links?.some(({ recordId }) => recordId === record.recordId),
  )
  const [isWriting, setWriting] = useState(false)
  return (
    <Section title={t('recordPage.notes')}>
      <div className="mg-stack">
        {notes.length === 0 ? (
          <p className="mg-soft">{t('recordPage.noNotes')}</p>
        ) : (
          <ul className="mg-card mg-list" aria-label={t('recordPage.notes')}>
            {notes.map((note) => (
              <RecordRow key={note.recordId} record={note} to={{ name: 'record', recordId: note.recordId }} />
            ))}
          </ul>
        )}
        {isWriting ? (
          <NoteForm record={record} onClose={() => setWriting(false)} />
        ) : (
          <div className="mg-row">
            <Button variant="default" onClick={() => setWriting(true)}>
              {t('recordPage.addNote')}
            </Button>
          </div>
        )}
      </div>
    </Section>
  )
}

const isRelation = (text: string | undefined): text is Relation => RECORD_RELATIONS.some((one) => one === text)

/** @param as what the note is, where that is not asked. */
export function NoteForm(props: { record: RecordSummary; as?: Relation; onClose?: () => void }) {
  const { record, as = null, onClose } = props
  const { client, records, guided, say } = useServices()
  // Kept where forms keep what is typed: in the memory of the page, until it is saved.
  const form = `note ${record.recordId}`
  const { drafts, edit, drop } = useStore(guided.form)
  const text = drafts[form]?.['text'] ?? ''
  const typed = drafts[form]?.['relation']
  const relation = as ?? (isRelation(typed) ? typed : null)
  const [isTried, setTried] = useState(false)
  const [store] = useState(() =>
    createTask<{ text: string; relation: Relation }, RecordSummary>(async (note) => {
      const outcome = await client.annotate(record, note)
      if (outcome.kind === 'refused') return outcome
      drop(form)
      say(t('add.said', { title: outcome.value.title }))
      const { view, put } = records.getState()
      if (view.status === 'ready') put([...view.value, outcome.value])
      return outcome
    }),
  )
  const { task, run, reset } = useStore(store)
  useForgetDone(store)
  if (task.status === 'done') {
    return (
      <div className="mg-row">
        <output>{t('add.saved', { at: atText(task.atMs, task.atMs) })}</output>
        <Button variant="default" onClick={reset}>
          {t('add.another')}
        </Button>
      </div>
    )
  }
  const isLong = Array.from(text).length > NOTE_CHARS_MAX
  const error =
    text.trim() === '' ? t('add.errorNote') : isLong ? t('add.errorTitleLong', { max: NOTE_CHARS_MAX }) : null
  const send = () => {
    setTried(true)
    if (error === null && relation !== null) void run({ text: text.trim(), relation })
  }
  return (
    <form
      className="mg-card mg-pad mg-stack"
      aria-label={t('recordPage.addNote')}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {as === null && (
        <Choice
          legend={t('recordPage.noteKind')}
          name="note-kind"
          value={relation}
          error={isTried && relation === null ? t('recordPage.errorNoteKind') : undefined}
          options={RECORD_RELATIONS.map((value) => ({
            value,
            label: t(`recordPage.${value}`),
            hint: t(`recordPage.${value}Hint`),
          }))}
          onChange={(value) => edit(form, { relation: value })}
        />
      )}
      <Textarea
        label={t(as === 'corrects' ? 'recordPage.notRight' : 'add.note')}
        description={t('recordPage.noteHint')}
        value={text}
        rows={4}
        error={isTried ? error : undefined}
        onChange={(event) => edit(form, { text: event.currentTarget.value })}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('add.notSaved')} onRetry={send} />}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t('recordPage.saveNote')}
        </Button>
        {onClose !== undefined && (
          <Button variant="default" disabled={task.status === 'working'} onClick={onClose}>
            {t('page.cancel')}
          </Button>
        )}
      </div>
    </form>
  )
}
