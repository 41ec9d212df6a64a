import { Button } from '@mantine/core'
import type { WaitingRecord } from '@medguard/client'
import { IconClockHour4 } from '@tabler/icons-react'
import { EmptyState, Link } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** In the place of "saved": a new record that waits for a network, and where to see it. */
export function Waits({ record, onAnother }: { record: WaitingRecord; onAnother: () => void }) {
  return (
    <EmptyState
      icon={<IconClockHour4 size={28} />}
      title={t('device.waits')}
      actions={
        <>
          <Button onClick={onAnother}>{t('add.another')}</Button>
          <Link to={{ name: 'device', area: 'patient' }} className="mg-button-link">
            {t('device.seeWaiting')}
          </Link>
        </>
      }
    >
      <p>{t(record.isSealed ? 'device.waitsText' : 'device.waitsHereText', { title: record.title ?? '' })}</p>
    </EmptyState>
  )
}
