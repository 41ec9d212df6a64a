import { Button } from '@mantine/core'
import { CATEGORIES, type Category, type RecordSummary } from '@medguard/client'
import { IconInbox } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useFresh, useServices } from '../app/context.ts'
import { Dialog, EmptyState, ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { createTask } from '../app/task.ts'
import { unreachable } from '../app/unreachable.ts'
import { stepText } from '../app/words.ts'
import { OpenRecord } from '../records/OpenRecord.tsx'
import { signatureText } from '../records/signature-text.ts'
import { WhoIs } from '../sharing/WhoIs.tsx'
import { t } from '../words/language.ts'
import { LetSomebodySend, WhoMaySend } from './WhoMaySend.tsx'
import './inbox.css'

/** What others sent and the patient has not taken in: nobody else sees it, and nothing of it is in a share (keys.md, section 12). */
export function InboxPage() {
  return (
    <Page title={t('inbox.title')} intro={t('inbox.intro')} actions={<LetSomebodySend />}>
      <Body />
      <WhoMaySend />
    </Page>
  )
}

function Body() {
  const { inbox } = useServices()
  const waiting = useFresh(inbox)
  switch (waiting.status) {
    case 'loading':
      return <ListSkeleton label={t('inbox.looking', { step: stepText(waiting.step) })} rows={2} />
    case 'failed':
      return <ProblemNotice problem={waiting.problem} what={t('inbox.notShown')} onRetry={waiting.load} />
    case 'ready':
      return (
        <div className="mg-stack">
          {waiting.problem !== null && (
            <ProblemNotice problem={waiting.problem} what={t('page.outOfDate')} onRetry={waiting.load} />
          )}
          {waiting.value.length === 0 ? (
            <EmptyState icon={<IconInbox size={28} />} title={t('inbox.none')}>
              <p>{t('inbox.noneText')}</p>
            </EmptyState>
          ) : (
            <ul className="mg-stack mg-inbox" aria-label={t('inbox.list')}>
              {waiting.value.map((record) => (
                <Item key={`${record.recordId} ${record.version}`} record={record} />
              ))}
            </ul>
          )}
        </div>
      )
    default:
      return unreachable(waiting)
  }
}

function Item({ record }: { record: RecordSummary }) {
  const { client, inbox, records, say } = useServices()
  const { recordId, title, depositedBy, signature } = record
  const [isOpen, setOpen] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const [category, setCategory] = useState<Category | null>(null)
  const [isMissing, setMissing] = useState(false)
  const [ending] = useState(() =>
    createTask<Category | null, null>(async (into, progress) => {
      const answer = await (into === null
        ? client.rejectFromInbox(recordId)
        : client.fileFromInbox(recordId, into, progress))
      if (answer.kind === 'refused') return answer
      say(into === null ? t('inbox.deleted') : t('inbox.filed', { kind: t(`categories.${into}`) }))
      if (into !== null) void records.getState().load()
      await inbox.getState().load()
      return { kind: 'done', value: null }
    }),
  )
  const { task, run } = useStore(ending)
  const isWorking = task.status === 'working'
  const signed = signatureText(signature)
  return (
    <li className="mg-card mg-pad mg-stack">
      <h2 className="mg-break">
        <bdi>{title}</bdi>
      </h2>
      {depositedBy !== undefined && (
        <div>
          <p className="mg-soft mg-small">{t('inbox.sentBy')}</p>
          <WhoIs code={depositedBy} />
        </div>
      )}
      {signed !== null && <p className="mg-small">{signed}</p>}
      {isOpen ? (
        <OpenRecord record={record} area="patient" isInInbox />
      ) : (
        <div className="mg-row">
          <Button variant="default" aria-label={t('inbox.lookAt', { title })} onClick={() => setOpen(true)}>
            {t('inbox.look')}
          </Button>
        </div>
      )}
      <Choice
        id={`into-${recordId}`}
        legend={t('inbox.into')}
        name={`into-${recordId}`}
        error={isMissing && category === null ? t('inbox.chooseKind') : undefined}
        value={category}
        options={CATEGORIES.map((value) => ({ value, label: t(`categories.${value}`) }))}
        onChange={setCategory}
      />
      <p className="mg-soft mg-small">{t('inbox.intoHint')}</p>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('inbox.notDone')} />}
      <div className="mg-row">
        <Button loading={isWorking} onClick={() => (category === null ? setMissing(true) : void run(category))}>
          {t('inbox.take')}
        </Button>
        <Button
          variant="default"
          className="mg-danger"
          disabled={isWorking}
          aria-label={t('inbox.deleteIt', { title })}
          onClick={() => setAsking(true)}
        >
          {t('inbox.delete')}
        </Button>
      </div>
      {isAsking && (
        <Dialog
          title={t('inbox.deleteAsk', { title })}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('page.cancel')}
              </Button>
              <Button
                className="mg-danger-filled"
                onClick={() => {
                  setAsking(false)
                  void run(null)
                }}
              >
                {t('inbox.delete')}
              </Button>
            </>
          }
        >
          <p>{t('inbox.deleteText')}</p>
        </Dialog>
      )}
    </li>
  )
}
