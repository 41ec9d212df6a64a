import { Button } from '@mantine/core'
import { archiveKeyToText } from '@medguard/client'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { dayKey } from '../app/dates.ts'
import { CopyButton, Notice, ProblemNotice } from '../app/elements.tsx'
import { saveToDisk } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import { FileUnderWay } from './FileUnderWay.tsx'
import { newFile } from './new-file.ts'
import type { Exported, VaultStores } from './vault-stores.ts'

/** Writes everything into one sealed file. Its key is shown at the end, to be kept somewhere else. */
export function ExportForm({ stores }: { stores: VaultStores }) {
  const { task, run, reset } = useStore(stores.exporting)
  const stopping = useRef<AbortController | null>(null)
  // Nobody could stop it any more, or see what became of it.
  useEffect(() => () => stopping.current?.abort(), [])
  const begin = async () => {
    const file = await newFile(`medguard-${dayKey(Date.now())}.mgarchive`)
    if (file === null) return
    stopping.current = new AbortController()
    await run({ file, signal: stopping.current.signal })
  }
  switch (task.status) {
    case 'working':
      return <FileUnderWay label={t('vault.exporting')} step={task.step} onCancel={() => stopping.current?.abort()} />
    case 'done':
      return <Done exported={task.value} onClose={reset} />
    default:
      return (
        <div className="mg-card mg-pad mg-stack">
          <p>{t('vault.exportText')}</p>
          {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('vault.notExported')} />}
          <div className="mg-row">
            <Button onClick={() => void begin()}>{t('vault.exportGo')}</Button>
          </div>
        </div>
      )
  }
}

function Done({ exported: { report, key }, onClose }: { exported: Exported; onClose: () => void }) {
  const text = archiveKeyToText(key)
  return (
    <Notice
      tone="good"
      loud
      title={t('vault.exported', { count: report.versions })}
      actions={
        <>
          <Button onClick={() => saveToDisk(new TextEncoder().encode(`${text}\n`), 'medguard-archive-key.txt')}>
            {t('vault.saveKey')}
          </Button>
          <CopyButton text={text} label={t('vault.copyKey')} />
          <Button variant="default" onClick={onClose}>
            {t('page.close')}
          </Button>
        </>
      }
    >
      <p>
        <strong>{t('vault.keyOnce')}</strong>
      </p>
      <p className="mg-code" dir="ltr" data-testid="archive-key">
        {text}
      </p>
      {report.damaged > 0 && <p>{t('vault.damaged', { count: report.damaged })}</p>}
      {!report.hasLog && <p>{t('vault.noLog')}</p>}
    </Notice>
  )
}
