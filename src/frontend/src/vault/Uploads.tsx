import { Button } from '@mantine/core'
import { useStore } from 'zustand'
import { useLoadable, useNow } from '../app/context.ts'
import { atText, msOf, sizeText } from '../app/dates.ts'
import { Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import type { VaultStores } from './vault-stores.ts'

/** What was begun to be stored and is not there: shown only when there is any. */
export function Uploads({ stores }: { stores: VaultStores }) {
  const uploads = useLoadable(stores.uploads)
  const { task, run } = useStore(stores.abandoning)
  const nowMs = useNow()
  if (uploads.status === 'failed') {
    return <ProblemNotice problem={uploads.problem} what={t('vault.uploadsNotShown')} onRetry={uploads.load} />
  }
  if (uploads.status !== 'ready' || uploads.value.length === 0) return null
  return (
    <Section title={t('vault.uploads')}>
      <Notice tone="info" title={t('vault.uploadsHint')} />
      <ul className="mg-card mg-list" aria-label={t('vault.uploads')}>
        {uploads.value.map((upload) => (
          <li key={`${upload.recordId} ${upload.version}`} className="mg-vault-upload">
            <span>
              {t('vault.uploadOf', {
                size: sizeText(Number(upload.sizeBytes)),
                at: atText(msOf(upload.touchedNs), nowMs),
              })}
            </span>
            <Button variant="default" loading={task.status === 'working'} onClick={() => void run(upload)}>
              {t('vault.giveUp')}
            </Button>
          </li>
        ))}
      </ul>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('vault.notGivenUp')} />}
    </Section>
  )
}
