import { Button } from '@mantine/core'
import type { Category, KeptOnDevice, RecordSummary, WaitingRecord } from '@medguard/client'
import { IconSend, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useFresh, useKnown, usePage, useServices } from '../app/context.ts'
import { dayTimeText, sizeText } from '../app/dates.ts'
import { Dialog, Link, ListSkeleton, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { KindsSection } from './KindsSection.tsx'

/** New records that were not sent yet. */
export function WaitingSection() {
  const { device } = useServices()
  const waiting = useFresh(device.waiting)
  const { task } = useStore(device.sending)
  if (waiting.status === 'loading') return <ListSkeleton label={t('page.looking')} rows={1} />
  if (waiting.status === 'failed') return <ProblemNotice problem={waiting.problem} onRetry={waiting.load} />
  if (waiting.value.length === 0) return null
  const refused = new Map(task.status === 'done' ? task.value.refused.map(({ id, why }) => [id, why]) : [])
  return (
    <Section title={t('device.waitingTitle', { count: waiting.value.length })}>
      <div className="mg-stack">
        {waiting.value.some(({ isSealed }) => !isSealed) && (
          <Notice tone="warn" title={t('device.inMemory')}>
            <p>{t('device.inMemoryText')}</p>
          </Notice>
        )}
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('device.notSent')} onRetry={() => void device.send()} />
        )}
        <ul className="mg-card mg-list">
          {waiting.value.map((one) => (
            <WaitingRow key={one.id} one={one} why={refused.get(one.id) ?? null} />
          ))}
        </ul>
        <div className="mg-row">
          <Button
            loading={task.status === 'working'}
            leftSection={<IconSend size={18} aria-hidden />}
            onClick={() => void device.send()}
          >
            {t('device.sendNow')}
          </Button>
        </div>
      </div>
    </Section>
  )
}

function WaitingRow({ one, why }: { one: WaitingRecord; why: string | null }) {
  const { device } = useServices()
  const [isAsking, setAsking] = useState(false)
  const title = one.title ?? t('device.lockedTitle')
  return (
    <li className="mg-device-row">
      <span className="mg-device-text">
        <bdi>{title}</bdi>
        <span className="mg-soft mg-small">
          {t(one.isSealed ? 'device.waitingSince' : 'device.waitingHere', {
            time: dayTimeText(one.putOffMs),
            size: sizeText(one.sizeBytes),
          })}
        </span>
        {why !== null && <span className="mg-field-error">{t('device.refusedBecause', { why })}</span>}
      </span>
      <Button
        variant="default"
        leftSection={<IconTrash size={18} aria-hidden />}
        aria-label={t('device.dropOf', { title })}
        onClick={() => setAsking(true)}
      >
        {t('device.drop')}
      </Button>
      {isAsking && (
        <Dialog
          title={t('device.dropAsk', { title })}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('page.cancel')}
              </Button>
              <Button className="mg-danger" variant="default" onClick={() => void device.drop(one.id)}>
                {t('device.drop')}
              </Button>
            </>
          }
        >
          <p>{t('device.dropText')}</p>
        </Dialog>
      )}
    </li>
  )
}

/** Records kept for when there is no network: whole kinds, and single ones. */
export function KeptSections() {
  const { session } = usePage()
  const isShared = useStore(session, ({ view }) => view.status !== 'signedIn' || view.isShared)
  if (isShared) {
    return (
      <Section title={t('device.keptTitle')}>
        <p className="mg-card mg-pad">{t('device.sharedComputer')}</p>
      </Section>
    )
  }
  return (
    <>
      <KindsSection />
      <KeptSection />
    </>
  )
}

function KeptSection() {
  const { device, records } = useServices()
  const kept = useFresh(device.kept)
  const kinds = useKnown(device.kinds.kinds) ?? []
  const known = useKnown(records) ?? []
  if (kept.status === 'loading') return <ListSkeleton label={t('page.looking')} rows={1} />
  if (kept.status === 'failed') return <ProblemNotice problem={kept.problem} onRetry={kept.load} />
  const total = kept.value.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const removeAll = async () => {
    for (const category of kinds) await device.kinds.keepKind(category, false)
    for (const { recordId } of kept.value) await device.unkeep(recordId)
  }
  return (
    <Section title={t('device.keptTitle')}>
      <div className="mg-stack">
        {kept.value.length === 0 ? (
          <p className="mg-card mg-pad">{t('device.keptNone')}</p>
        ) : (
          <>
            <p>{t('device.keptAll', { count: kept.value.length, size: sizeText(total) })}</p>
            <ul className="mg-card mg-list">
              {kept.value.map((one) => (
                <KeptRow
                  key={one.recordId}
                  one={one}
                  record={known.find(({ recordId }) => recordId === one.recordId) ?? null}
                  kinds={kinds}
                />
              ))}
            </ul>
            <div className="mg-row">
              <Button
                variant="default"
                leftSection={<IconTrash size={18} aria-hidden />}
                onClick={() => void removeAll()}
              >
                {t('device.removeAll')}
              </Button>
            </div>
          </>
        )}
        <p className="mg-soft mg-small">{t('device.keptText')}</p>
      </div>
    </Section>
  )
}

function KeptRow(props: { one: KeptOnDevice; record: RecordSummary | null; kinds: readonly Category[] }) {
  const { one, record } = props
  const { device } = useServices()
  const title = record?.title ?? null
  const kind = props.kinds.find((category) => category === record?.category)
  const name = title ?? t('device.lockedTitle')
  return (
    <li className="mg-device-row">
      <span className="mg-device-text">
        {title === null ? (
          <span>{name}</span>
        ) : (
          <Link to={{ name: 'record', recordId: one.recordId }}>
            <bdi>{title}</bdi>
          </Link>
        )}
        <span className="mg-soft mg-small">
          {t('device.keptSince', { time: dayTimeText(one.keptMs), size: sizeText(one.sizeBytes) })}
          {kind !== undefined && ` · ${t('keeping.withKind', { kind: t(`categories.${kind}`) })}`}
        </span>
      </span>
      {kind === undefined && (
        <Button
          variant="default"
          aria-label={t('device.unkeepOf', { title: name })}
          onClick={() => void device.unkeep(one.recordId)}
        >
          {t('device.unkeep')}
        </Button>
      )}
    </li>
  )
}
