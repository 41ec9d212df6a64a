import { Button } from '@mantine/core'
import { IconDownload, IconFileText, IconPrinter } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { timeText } from '../app/dates.ts'
import { CopyButton, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { createTask, type Task } from '../app/task.ts'
import { saveToDisk } from '../records/save-to-disk.ts'
import { noted } from '../summary/noted.ts'
import { t } from '../words/language.ts'
import type { OpenGrant } from './OpenPatient.tsx'
import type { Taken, TakenAs } from './taking-along.ts'

const ICONS = { bundle: IconDownload, text: IconFileText, print: IconPrinter } as const

/** Of one patient: what is to leave the page, of which their log hears before it does. */
export function useTaking({ share, onProblem }: Pick<OpenGrant, 'share' | 'onProblem'>) {
  const { client } = useServices()
  const [taking] = useState(() => createTask<Taken, Taken>((taken) => noted(client, share.grantId, taken)))
  const { task, run } = useStore(taking)
  useEffect(() => {
    if (task.status === 'failed') onProblem(task.problem)
  }, [task, onProblem])
  return { task, take: (taken: Taken) => void run(taken) }
}

interface TakeSectionProps {
  /** What can be taken, in a sentence. */
  readonly about: string
  readonly ways: readonly Exclude<TakenAs, 'file'>[]
  readonly isBusy?: boolean
  readonly task: Task<Taken>
  readonly onTake: (as: Exclude<TakenAs, 'file'>) => void
}

export function TakeSection({ about, ways, isBusy = false, task, onTake }: TakeSectionProps) {
  return (
    <Section title={t('portal.takeAlong')}>
      <div className="mg-card mg-pad mg-stack">
        <p className="mg-soft">{about}</p>
        {ways.length > 0 && (
          <div className="mg-row">
            {ways.map((as) => {
              const Icon = ICONS[as]
              return (
                <Button
                  key={as}
                  variant="default"
                  disabled={task.status === 'working' || isBusy}
                  leftSection={<Icon size={18} aria-hidden />}
                  onClick={() => onTake(as)}
                >
                  {t(`portal.${as}`)}
                </Button>
              )
            })}
          </div>
        )}
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
      {task.status === 'done' && task.value.as === 'print' && (
        <div className="mg-sheet mg-sheet-noted" aria-hidden>
          {task.value.content}
        </div>
      )}
    </Section>
  )
}

function HandOut({ taken }: { taken: Taken }) {
  switch (taken.as) {
    case 'bundle':
    case 'file': {
      const { content, fileName } = taken
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      return <Button onClick={() => saveToDisk(bytes, fileName)}>{t('portal.saveBundle')}</Button>
    }
    case 'text':
      return <CopyButton text={taken.content} label={t('portal.copyText')} variant="filled" />
    case 'print':
      return <Button onClick={() => window.print()}>{t('portal.printNow')}</Button>
  }
}

/** All that a patient's pages put on paper as long as the log has heard of nothing: where to find that. */
export const BlankSheet = () => (
  <div className="mg-sheet" aria-hidden>
    {t('portal.printHere')}
  </div>
)
