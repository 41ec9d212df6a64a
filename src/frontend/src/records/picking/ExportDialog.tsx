import type { RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../../app/context.ts'
import { dayKey, sizeText } from '../../app/dates.ts'
import { Dialog, Notice, ProblemNotice } from '../../app/elements.tsx'
import { stepText } from '../../app/words.ts'
import { newFile } from '../../vault/new-file.ts'
import { t } from '../../words/language.ts'
import { createExporting } from './export-task.ts'

/** Says what the file will be before there is one. Closing it while it is written breaks off, and nothing of it is kept. */
export function ExportDialog({ records, onClose }: { records: readonly RecordSummary[]; onClose: () => void }) {
  const { client } = useServices()
  const [exporting] = useState(() => createExporting(client))
  const { task, run } = useStore(exporting)
  const stopping = useRef<AbortController | null>(null)
  useEffect(() => () => stopping.current?.abort(), [])
  const begin = async () => {
    const file = await newFile(`medguard-records-${dayKey(Date.now())}.zip`)
    if (file === null) return
    stopping.current = new AbortController()
    await run({ records, file, signal: stopping.current.signal })
  }
  const size = sizeText(records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  const isOver = task.status === 'done'
  return (
    <Dialog
      title={t('picking.exportTitle', { count: records.length })}
      onClose={onClose}
      actions={
        <>
          <Button variant={isOver ? 'filled' : 'default'} onClick={onClose}>
            {t(isOver ? 'page.close' : 'page.cancel')}
          </Button>
          {!isOver && (
            <Button loading={task.status === 'working'} onClick={() => void begin()}>
              {t(task.status === 'failed' ? 'page.tryAgain' : 'picking.exportGo')}
            </Button>
          )}
        </>
      }
    >
      {!isOver && <p>{t('picking.exportText', { size })}</p>}
      {task.status === 'working' && <output className="mg-block mg-soft">{stepText(task.step)}</output>}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('picking.notExported')} />}
      {task.status === 'done' && (
        <Notice tone="good" loud title={t('picking.exported', { count: task.value.records })}>
          <p>{t('records.saveWarning')}</p>
          {task.value.damaged > 0 && <p>{t('picking.damaged', { count: task.value.damaged })}</p>}
        </Notice>
      )}
    </Dialog>
  )
}
