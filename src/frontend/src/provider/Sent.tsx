import { Button } from '@mantine/core'
import type { Share } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { timeText } from '../app/dates.ts'
import { EmptyState, Link } from '../app/elements.tsx'
import type { Done } from '../forms/RecordForm.tsx'
import { t } from '../words/language.ts'
import { mayRead } from './standing.ts'

/** Confirmed by the network: where it is now, and whether its sender can see it there. */
export function Sent(props: Done & { share: Share; isCorrection: boolean }) {
  const { record, share, isCorrection } = props
  const { title, category, version, recordId } = record
  const { grantId } = share
  const isFiled = category !== 'shared' && share.scope.includes(category)
  const isReadable = isFiled && mayRead(share)
  return (
    <EmptyState
      icon={<IconCircleCheck size={28} />}
      title={t('portal.sentAt', { at: timeText(props.atMs) })}
      actions={
        <>
          {!isCorrection && <Button onClick={props.onAnother}>{t('add.another')}</Button>}
          {isReadable ? (
            <Link to={{ name: 'patientRecord', grantId, recordId }} className="mg-button-link">
              {t('add.open')}
            </Link>
          ) : (
            <Link to={{ name: 'patient', grantId, show: [] }} className="mg-button-link">
              {t('portal.backToPatient')}
            </Link>
          )}
        </>
      }
    >
      {isCorrection ? (
        <p>{t('forms.corrected', { title, version })}</p>
      ) : (
        <p>{t(isReadable ? 'portal.sentText' : isFiled ? 'writeBack.sentSealed' : 'inboxShare.sentText', { title })}</p>
      )}
    </EmptyState>
  )
}
