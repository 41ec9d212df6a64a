import { Button } from '@mantine/core'
import { IconDownload, IconFileText, IconPrinter } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { timeText } from '../app/dates.ts'
import { CopyButton, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { createTask } from '../app/task.ts'
import { saveToDisk } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import type { OpenGrant } from './OpenPatient.tsx'
import { usePatient } from './use-patient.ts'
import { noted } from '../summary/noted.ts'
import { summaryOf } from '../summary/summary.ts'
import { type Taken, TAKEN_AS, type TakenAs, takenOf } from './taking-along.ts'

const ICONS = { bundle: IconDownload, text: IconFileText, print: IconPrinter } as const

/** A file, a text or a sheet of paper of what is open. Each is an entry in the patient's log before it is handed out. */
export function TakeAlong({ open }: { open: OpenGrant }) {
  const { share, readings: store, onProblem } = open
  const { client } = useServices()
  const { readings, status } = useStore(store, ({ view }) => view)
  const patient = usePatient(open)
  const [taking] = useState(() => createTask<Taken, Taken>((taken) => noted(client, share.grantId, taken)))
  const { task, run } = useStore(taking)
  const summary = useMemo(() => summaryOf(readings), [readings])
  useEffect(() => {
    if (task.status === 'failed') onProblem(task.problem)
  }, [task, onProblem])
  if (readings.length === 0) return null
  const take = (as: TakenAs) => {
    void run(takenOf(as, { readings, summary, about: { share, ...patient } }))
  }
  return (
    <Section title={t('portal.takeAlong')}>
      <div className="mg-card mg-pad mg-stack">
        <p className="mg-soft">{t('portal.takeAlongText', { count: readings.length })}</p>
        <div className="mg-row">
          {TAKEN_AS.map((as) => {
            const Icon = ICONS[as]
            return (
              <Button
                key={as}
                variant="default"
                disabled={task.status === 'working' || status === 'reading'}
                leftSection={<Icon size={18} aria-hidden />}
                onClick={() => take(as)}
              >
                {t(`portal.${as}`)}
              </Button>
            )
          })}
        </div>
        {task.status === 'working' && <output className="mg-block mg-soft">{t('portal.noting')}</output>}
        {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('portal.notTaken')} />}
        {task.status === 'done' && (
          <Notice
            tone="good"
            title={t('portal.noted', { at: timeText(task.atMs) })}
            loud
            actions={<HandOut taken={task.value} />}
          />
        )}
      </div>
      <Sheet text={task.status === 'done' && task.value.as === 'print' ? task.value.content : null} />
    </Section>
  )
}

function HandOut({ taken: { as, content } }: { taken: Taken }) {
  switch (as) {
    case 'bundle':
      return (
        <Button onClick={() => saveToDisk(new TextEncoder().encode(content), 'medguard-bundle.json')}>
          {t('portal.saveBundle')}
        </Button>
      )
    case 'text':
      return <CopyButton text={content} label={t('portal.copyText')} variant="filled" />
    case 'print':
      return <Button onClick={() => window.print()}>{t('portal.printNow')}</Button>
  }
}

/** All that this page puts on paper: what the log has heard of, and else where to find that. */
function Sheet({ text }: { text: string | null }) {
  return (
    <div className="mg-sheet" aria-hidden>
      {text === null ? t('portal.printHere') : text}
    </div>
  )
}
