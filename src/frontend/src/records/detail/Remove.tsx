import type { RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useRouter, useServices } from '../../app/context.ts'
import { Dialog, ProblemNotice, Section } from '../../app/elements.tsx'
import { createTask } from '../../app/task.ts'
import { t } from '../../words/language.ts'
import { Marked } from '../../words/Marked.tsx'

const POWERS = ['read', 'write', 'share', 'manage'] as const

/** Deletes a record for good, after a question that says which and what that means. It leaves the list when the network has confirmed it. */
export function Remove({ record }: { record: RecordSummary }) {
  const { client, ward, records, say } = useServices()
  const { go } = useRouter()
  const [isAsking, setAsking] = useState(false)
  const [store] = useState(() =>
    createTask<void, null>(async () => {
      const outcome = await client.deleteRecord(record.recordId)
      if (outcome.kind === 'refused') return outcome
      const { view, put } = records.getState()
      if (view.status === 'ready') put(view.value.filter(({ recordId }) => recordId !== record.recordId))
      say(t('recordPage.removed', { title: record.title }))
      go({ name: 'records', show: [] })
      return outcome
    }),
  )
  const { task, run } = useStore(store)
  // Of somebody else's only by whoever has every power over a dependant, without an end.
  if (ward !== null && !(ward.isDependant && ward.endNs === null && POWERS.every((one) => ward.powers.includes(one))))
    return null
  const isWorking = task.status === 'working'
  const remove = () => {
    setAsking(false)
    void run()
  }
  return (
    <Section title={t('recordPage.remove')}>
      <div className="mg-card mg-pad mg-stack">
        <p>{t('recordPage.removeText')}</p>
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('recordPage.notRemoved')} onRetry={() => void run()} />
        )}
        {isWorking && <output className="mg-block mg-soft">{t('recordPage.removing')}</output>}
        <div className="mg-row">
          <Button
            variant="default"
            className="mg-danger"
            loading={isWorking}
            leftSection={<IconTrash size={18} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {t('recordPage.removeGo')}
          </Button>
        </div>
      </div>
      {isAsking && (
        <Dialog
          title={t('recordPage.removeAsk', { title: record.title })}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('recordPage.keep')}
              </Button>
              <Button className="mg-danger-filled" onClick={remove}>
                {t('recordPage.removeSure')}
              </Button>
            </>
          }
        >
          <p>
            <Marked
              text="recordPage.removeEffect"
              values={{ title: record.title, count: record.version }}
              marks={{ b: (text) => <strong className="mg-break">{text}</strong> }}
            />
          </p>
          <p>{t('recordPage.removeStays')}</p>
        </Dialog>
      )}
    </Section>
  )
}
