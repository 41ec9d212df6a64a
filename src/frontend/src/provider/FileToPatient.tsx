import { Button } from '@mantine/core'
import { CATEGORIES, type Category, type Share } from '@medguard/client'
import { useStore } from 'zustand'
import { useForgetDone, useServices } from '../app/context.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { StoringSteps } from '../app/SendingSteps.tsx'
import { FileDrop } from '../records/FileDrop.tsx'
import { lastSubject } from '../records/record-list.ts'
import { idOfAdd, RecordFields } from '../records/RecordFields.tsx'
import { useAddDraft } from '../records/use-add-draft.ts'
import { t } from '../words/language.ts'
import type { OpenGrant } from './OpenPatient.tsx'
import { mayRead } from './standing.ts'
import { Sent } from './Sent.tsx'
import { SignedWith } from './SignedWith.tsx'
import { useSigns } from './use-signs.ts'
import '../records/records.css'

/** Kinds that a record can be added to: those that are shared as a whole; all where the share lets into the inbox. */
export const kindsOpenTo = ({ scope }: Share): readonly Category[] =>
  CATEGORIES.filter((category) => scope.includes('inbox') || scope.includes(category))

/** A file, or a folder of them as one record, to whom one treats: PDF, photo, the images of an examination. */
export function FileToPatient({ open: { share, records } }: { open: OpenGrant }) {
  const { writing } = useServices()
  const signs = useSigns()
  const { files } = writing.to(share.grantId, signs)
  const { task, run, reset } = useStore(files.sending)
  useForgetDone(files.sending)
  const subject = useStore(records, ({ view }) => (view.status === 'ready' ? lastSubject(view.value) : null))
  const filling = useAddDraft(files.form, { as: 'file', categories: kindsOpenTo(share), subject })
  const { draft, errors, change } = filling
  const isSending = task.status === 'working'
  const send = () => {
    const whole = filling.check()
    if (whole !== null) void run(whole)
  }
  if (task.status === 'done')
    return <Sent share={share} record={task.value} atMs={task.atMs} onAnother={reset} isCorrection={false} />
  return (
    <form
      className="mg-form"
      noValidate
      autoComplete="off" // or the browser writes names into its own list of them
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <ErrorSummary focusRef={filling.summary} errors={errors} idOf={idOfAdd} />
      <FileDrop
        id={idOfAdd('file')}
        files={draft.files}
        error={errors.file}
        hint={t('writeBack.drop')}
        onPick={(picked) => void filling.pick(picked)}
        onClear={() => change({ files: [] })}
      />
      <RecordFields {...filling} person={t('portal.person')} personHint={t('portal.personHint')} />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('portal.notSent')} onRetry={send} />}
      {isSending && <StoringSteps label={t('portal.sending')} step={task.step} />}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={isSending}>
          {t(signs ? 'portal.signAndSend' : 'portal.send')}
        </Button>
      </div>
      <div className="mg-soft mg-small">
        {signs ? <SignedWith /> : <p>{t('portal.unsigned')}</p>}
        <p>{t(mayRead(share) ? 'writeBack.goesOn' : 'writeBack.beginsAnew')}</p>
        <p>{t('writeBack.kept')}</p>
      </div>
    </form>
  )
}
