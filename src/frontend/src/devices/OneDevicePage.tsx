import type { DeviceInfo } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconDeviceHeartMonitor } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useKnown, useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, clinicalDayText, dayText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { stepText } from '../app/words.ts'
import { dayOf } from '../records/timeline-filter.ts'
import { t } from '../words/language.ts'
import { ChangeDevice } from './ChangeDevice.tsx'
import { createDeviceChanges } from './device-changes.ts'
import { DeviceReadings } from './DeviceReadings.tsx'
import { type DeviceHealth, healthOf } from './device-health.ts'
import { deviceName, DeviceState, HealthBadges, lastText } from './DevicesPage.tsx'
import { latestOf } from './latest.ts'
import { LatestValues } from './LatestValues.tsx'
import { Pairing } from './Pairing.tsx'
import { readingsReaderOf } from './readings-reader.ts'
import { useOwnNews } from './use-own-news.ts'

const back = () => ({ to: { name: 'devices', at: '' } satisfies Route, label: t('devices.back') })

export function OneDevicePage({ deviceId, day }: { deviceId: string; day?: string }) {
  const devices = useLoadable(useServices().devices)
  if (devices.status === 'ready') {
    const device = devices.value.find((each) => each.deviceId === deviceId)
    if (device !== undefined) return <OneDevice device={device} day={day ?? null} />
  }
  return (
    <Page title={t('devices.one')} back={back()}>
      {devices.status === 'loading' && <ListSkeleton label={t('devices.looking')} rows={3} />}
      {devices.status === 'failed' && (
        <ProblemNotice problem={devices.problem} what={t('devices.notShown')} onRetry={devices.load} />
      )}
      {devices.status === 'ready' && (
        <EmptyState
          icon={<IconDeviceHeartMonitor size={28} />}
          title={t('devices.missing')}
          actions={
            <Button variant="default" onClick={devices.load}>
              {t('devices.lookAgain')}
            </Button>
          }
        />
      )}
    </Page>
  )
}

function OneDevice({ device, day }: { device: DeviceInfo; day: string | null }) {
  const services = useServices()
  const nowMs = useNow()
  const [changes] = useState(() => createDeviceChanges(services))
  const health = useHealth(device)
  const rotated = useStore(changes.rotating, ({ task }) => (task.status === 'done' ? task.value : null))
  return (
    <Page title={deviceName(device)} historyTitle={t('devices.one')} back={back()}>
      {rotated !== null && <Pairing paired={rotated} />}
      {device.state === 'notFinished' && (
        <Notice tone="warn" title={t('devices.state_notFinished')}>
          <p>{t('devices.notFinishedText')}</p>
        </Notice>
      )}
      {device.state === 'removed' && (
        <Notice tone="info" title={t('devices.state_removed')}>
          <p>{t('devices.removedText')}</p>
        </Notice>
      )}
      {health.silentMs !== null && (
        <Notice tone="warn" title={t('devices.lateTitle')}>
          <p>{t('devices.lateText', { at: atText(health.silentMs, nowMs) })}</p>
        </Notice>
      )}
      {health.isClockWrong && (
        <Notice tone="warn" title={t('devices.clockWrongTitle')}>
          <p>{t('devices.clockWrongText')}</p>
        </Notice>
      )}
      <Section title={t('devices.readings')}>
        <Posted device={device} day={day} />
      </Section>
      <Section title={t('devices.facts')}>
        <Facts device={device} health={health} />
      </Section>
      {device.state !== 'removed' && (
        <Section title={t('devices.change')}>
          <ChangeDevice device={device} changes={changes} />
        </Section>
      )}
    </Page>
  )
}

const NONE: ReadonlySet<string> = new Set()

function Posted({ device: { deviceId, category, state }, day }: { device: DeviceInfo; day: string | null }) {
  const services = useServices()
  const nowMs = useNow(5_000)
  useOwnNews(category)
  const records = useLoadable(services.records)
  const all = records.status === 'ready' ? records.value : null
  const own = useMemo(
    () => (all ?? []).filter((record) => record.deviceId === deviceId && (day === null || dayOf(record) === day)),
    [all, deviceId, day],
  )
  // Paused or removed, it is silent for a reason.
  const sending = state === 'active' ? null : NONE
  const latest = useMemo(() => latestOf(own, { nowMs, category, sending }), [own, nowMs, category, sending])
  const lookAgain = () => {
    void services.devices.getState().load()
    records.load()
  }
  if (records.status === 'loading')
    return <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
  if (records.status === 'failed')
    return <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
  return (
    <div className="mg-stack">
      {records.problem !== null && (
        <ProblemNotice problem={records.problem} what={t('page.outOfDate')} onRetry={records.load} />
      )}
      {day !== null && (
        <p>
          {t('devices.ofDay', { day: clinicalDayText(day) ?? day })}{' '}
          <Link to={{ name: 'devices', at: deviceId }}>{t('devices.allDays')}</Link>
        </p>
      )}
      {day === null && own.length > 0 && (
        <div className="mg-card mg-pad mg-stack">
          <LatestValues latest={latest} nowMs={nowMs} />
        </div>
      )}
      <DeviceReadings key={day} records={own} />
      <div className="mg-row">
        <Button variant="default" loading={records.refreshing} onClick={lookAgain}>
          {t('devices.lookAgain')}
        </Button>
      </div>
    </div>
  )
}

function useHealth(device: DeviceInfo): DeviceHealth {
  const { records, client } = useServices()
  const known = useKnown(records)
  const nowMs = useNow()
  const reader = readingsReaderOf(client)
  const own = (known ?? []).filter((record) => record.deviceId === device.deviceId)
  return healthOf(device, own, nowMs, (record) => reader.of([record]))
}

function Facts({ device, health }: { device: DeviceInfo; health: DeviceHealth }) {
  const nowMs = useNow()
  const { kind, category, addedNs, lastSeenNs, deviceId } = device
  return (
    <dl className="mg-facts mg-card mg-pad">
      <dt>{t('devices.state')}</dt>
      <dd>
        <span className="mg-device-badges">
          <DeviceState device={device} />
          <HealthBadges health={health} />
        </span>
      </dd>
      {health.last !== null && (
        <>
          <dt>{t('devices.lastReading')}</dt>
          <dd>{lastText(health.last, nowMs)}</dd>
        </>
      )}
      {kind !== null && kind !== '' && (
        <>
          <dt>{t('devices.kind')}</dt>
          <dd>
            <bdi>{kind}</bdi>
          </dd>
        </>
      )}
      <dt>{t('devices.goesTo')}</dt>
      <dd>{t(`categories.${category}`)}</dd>
      <dt>{t('devices.added')}</dt>
      <dd>{dayText(msOf(addedNs))}</dd>
      <dt>{t('devices.lastHeard')}</dt>
      <dd>{lastSeenNs === null ? t('devices.lastHeardNever') : atText(msOf(lastSeenNs), nowMs)}</dd>
      <dt>{t('devices.code')}</dt>
      <dd>
        <code dir="ltr">{deviceId}</code>
      </dd>
    </dl>
  )
}
