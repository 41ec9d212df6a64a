import type { OpenUpload } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useNow } from '../app/context.ts'
import { atText, msOf, sizeText } from '../app/dates.ts'
import { Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { createTask } from '../app/task.ts'
import { t } from '../words/language.ts'
import type { VaultStores } from './vault-stores.ts'

/** What was begun to be stored and is not there: shown only when there is any. */
export function Uploads({ stores }: { stores: VaultStores }) {
  const uploads = useLoadable(stores.uploads)
  if (uploads.status === 'failed') {
    return <ProblemNotice problem={uploads.problem} what={t('vault.uploadsNotShown')} onRetry={uploads.load} />
  }
  if (uploads.status !== 'ready' || uploads.value.length === 0) return null
  return (
    <Section title={t('vault.uploads')}>
      <Notice tone="info" title={t('vault.uploadsHint')} />
      <ul className="mg-card mg-list" aria-label={t('vault.uploads')}>
        {uploads.value.map((upload) => (
          <Unfinished key={`${upload.recordId} ${upload.version}`} upload={upload} abandon={stores.abandon} />
        ))}
      </ul>
    </Section>
  )
}

/** How far giving up is belongs to this row alone: its neighbours give up something else. */
function Unfinished({ upload, abandon }: { upload: OpenUpload; abandon: VaultStores['abandon'] }) {
  const nowMs = useNow()
  const [abandoning] = useState(() => createTask(abandon))
  const { task, run } = useStore(abandoning)
  const { sizeBytes, touchedNs } = upload
  return (
    <li className="mg-vault-upload">
      <span>{t('vault.uploadOf', { size: sizeText(Number(sizeBytes)), at: atText(msOf(touchedNs), nowMs) })}</span>
      <Button variant="default" loading={task.status === 'working'} onClick={() => void run(upload)}>
        {t('vault.giveUp')}
      </Button>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('vault.notGivenUp')} />}
    </li>
  )
}
