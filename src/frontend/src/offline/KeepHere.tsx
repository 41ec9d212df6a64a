import { KEPT_RECORD_BYTES_MAX, type KeptOnDevice, type RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconDeviceMobileDown, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, usePage, useServices } from '../app/context.ts'
import { dayTimeText, sizeText } from '../app/dates.ts'
import { Link, Section } from '../app/elements.tsx'
import { createTask } from '../app/task.ts'
import { t } from '../words/language.ts'
import { NotKept } from './KindsSection.tsx'
import { keepLasting } from './lasting.ts'

/** For one's own records on a device of one's own: keeps one for when there is no network. */
export function KeepHere({ record }: { record: RecordSummary }) {
  const { ward } = useServices()
  const { session } = usePage()
  const isShared = useStore(session, ({ view }) => view.status !== 'signedIn' || view.isShared)
  if (ward !== null || isShared || record.isDamaged === true || record.vault.of !== 'me') return null
  return (
    <Section title={t('device.keepTitle')}>
      <div className="mg-card mg-pad mg-stack">
        {record.sizeBytes > KEPT_RECORD_BYTES_MAX ? (
          <p className="mg-soft">{t('device.keepLarge', { size: sizeText(KEPT_RECORD_BYTES_MAX) })}</p>
        ) : (
          <Keep record={record} />
        )}
      </div>
    </Section>
  )
}

function Keep({ record }: { record: RecordSummary }) {
  const { device } = useServices()
  const { shell } = usePage()
  const kept = useLoadable(device.kept)
  const [store] = useState(() =>
    createTask<boolean, unknown>(async (isWanted) => {
      // A PDF or a scan needs its reader as well, which the page fetches only when it is needed.
      if (isWanted) {
        void shell.keepAll()
        void keepLasting()
      }
      return isWanted ? device.keep(record) : device.unkeep(record.recordId)
    }),
  )
  const { task, run } = useStore(store)
  const kinds = useLoadable(device.kinds.kinds)
  const isOfKind = kinds.status === 'ready' && kinds.value.some((category) => category === record.category)
  const isWorking = task.status === 'working'
  const found: KeptOnDevice | undefined =
    kept.status === 'ready' ? kept.value.find(({ recordId }) => recordId === record.recordId) : undefined
  return (
    <>
      <p>
        {found === undefined
          ? t('device.keepText')
          : t('device.keptSince', { time: dayTimeText(found.keptMs), size: sizeText(found.sizeBytes) })}
      </p>
      {task.status === 'failed' && <NotKept problem={task.problem} onRetry={() => void run(found === undefined)} />}
      {isOfKind && record.category !== 'shared' && (
        <p className="mg-soft">{t('keeping.withKind', { kind: t(`categories.${record.category}`) })}</p>
      )}
      <div className="mg-row">
        <Link to={{ name: 'device', area: 'patient' }}>{t('keeping.link')}</Link>
        {!isOfKind && (
          <Button
            variant="default"
            loading={isWorking}
            leftSection={
              found === undefined ? <IconDeviceMobileDown size={18} aria-hidden /> : <IconTrash size={18} aria-hidden />
            }
            onClick={() => void run(found === undefined)}
          >
            {t(found === undefined ? 'device.keep' : 'device.unkeep')}
          </Button>
        )}
      </div>
    </>
  )
}
