import { Button } from '@mantine/core'
import type { LogItem } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { ProblemNotice, Section } from '../app/elements.tsx'
import { saveToDisk } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import { filterOf, type LogChoice } from './log-choice.ts'
import { logDocument } from './log-document.ts'
import type { LogRow } from './log-words.ts'
import { createReportStores } from './report-stores.ts'

const save = (text: string, name: string) => saveToDisk(new TextEncoder().encode(text), name)

/** For a lawyer or an office: a text to read, and the file that proves it to anybody. What is chosen above is what they hold. */
export function Evidence({
  choice,
  rowsOf,
}: {
  choice: LogChoice
  rowsOf: (items: readonly LogItem[]) => readonly LogRow[]
}) {
  const { client } = useServices()
  const [{ proving }] = useState(() => createReportStores(client, () => {}))
  const { task, run } = useStore(proving)
  const isAll = filterOf(choice) === null
  return (
    <Section title={t('logReport.evidence')}>
      <div className="mg-card mg-pad mg-stack">
        <p>{t(isAll ? 'logReport.evidenceAll' : 'logReport.evidenceSome')}</p>
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('logReport.notMade')} onRetry={() => void run(choice)} />
        )}
        {task.status === 'done' && (
          <p>
            {t(task.value.isComplete ? 'logReport.madeAll' : 'logReport.madeSome', { count: task.value.items.length })}
          </p>
        )}
        <div className="mg-row">
          {task.status === 'done' ? (
            <>
              <Button onClick={() => save(task.value.file, 'medguard-log-evidence.json')}>
                {t('logReport.saveFile')}
              </Button>
              <Button
                variant="default"
                onClick={() => save(logDocument(rowsOf(task.value.items), task.atMs), 'medguard-log.txt')}
              >
                {t('logReport.saveText')}
              </Button>
            </>
          ) : (
            <Button variant="default" loading={task.status === 'working'} onClick={() => void run(choice)}>
              {t('logReport.make')}
            </Button>
          )}
        </div>
      </div>
    </Section>
  )
}
