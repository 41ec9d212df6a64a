import type { DeviceInfo } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconChevronRight, IconDeviceHeartMonitor, IconPlus } from '@tabler/icons-react'
import { useIfAny, useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { CategoryTile } from '../records/CategoryTile.tsx'
import { quantityNumber } from '../records/fhir-values.ts'
import { t } from '../words/language.ts'
import { AlertsPage } from '../alerts/AlertsPage.tsx'
import { bluetoothHere } from './bluetooth-gatt.ts'
import { BluetoothPage } from './BluetoothPage.tsx'
import { type DeviceHealth, healthOf, type LastReading } from './device-health.ts'
import { NewDevicePage } from './NewDevicePage.tsx'
import { OneDevicePage } from './OneDevicePage.tsx'
import { readingsReaderOf } from './readings-reader.ts'
import { ReadingsFilePage } from './ReadingsFilePage.tsx'
import { kindText, unitText } from './ReadingsPreview.tsx'
import '../records/records.css'
import './devices.css'

/** @param at empty for all of them, `new`, `file`, `bluetooth`, `alerts`, or the id of one. @param day to which what one sent is narrowed. */
export function DevicesPage({ at, day }: { at: string; day?: string }) {
  if (at === 'new') return <NewDevicePage />
  if (at === 'file') return <ReadingsFilePage />
  if (at === 'bluetooth') return <BluetoothPage />
  if (at === 'alerts') return <AlertsPage />
  return at === '' ? <AllDevicesPage /> : <OneDevicePage deviceId={at} {...(day !== undefined && { day })} />
}

function AllDevicesPage() {
  const services = useServices()
  const { go } = useRouter()
  const devices = useLoadable(services.devices)
  return (
    <Page
      title={t('devices.title')}
      intro={t('devices.intro')}
      actions={
        <Button onClick={() => go({ name: 'devices', at: 'new' })} leftSection={<IconPlus size={18} aria-hidden />}>
          {t('devices.add')}
        </Button>
      }
    >
      <div className="mg-stack">
        <AllDevices devices={devices} />
        <Section title={t('devices.worksTitle')}>
          <ul className="mg-card mg-pad mg-device-works">
            <li>{t('devices.worksCode')}</li>
            <li>
              {t('devices.worksFiles')} <Link to={{ name: 'devices', at: 'file' }}>{t('readingsFile.link')}</Link>
            </li>
            <li>
              {t(bluetoothHere() === null ? 'devices.worksNotBluetooth' : 'devices.worksBluetooth')}{' '}
              {bluetoothHere() !== null && <Link to={{ name: 'devices', at: 'bluetooth' }}>{t('bluetooth.link')}</Link>}
            </li>
            <li>
              {t('devices.notAlarm')} <Link to={{ name: 'devices', at: 'alerts' }}>{t('alerts.link')}</Link>
            </li>
          </ul>
        </Section>
      </div>
    </Page>
  )
}

function AllDevices({ devices }: { devices: ReturnType<typeof useLoadable<readonly DeviceInfo[]>> }) {
  switch (devices.status) {
    case 'loading':
      return <ListSkeleton label={t('devices.looking')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={devices.problem} what={t('devices.notShown')} onRetry={devices.load} />
    case 'ready': {
      const present = devices.value.filter(({ state }) => state !== 'removed')
      const removed = devices.value.filter(({ state }) => state === 'removed')
      return (
        <>
          {devices.problem !== null && (
            <ProblemNotice problem={devices.problem} what={t('page.outOfDate')} onRetry={devices.load} />
          )}
          {present.length === 0 ? (
            <EmptyState
              icon={<IconDeviceHeartMonitor size={28} />}
              title={t('devices.empty')}
              actions={
                <Link to={{ name: 'devices', at: 'new' }} className="mg-button-link">
                  {t('devices.addFirst')}
                </Link>
              }
            >
              <p>{t('devices.emptyText')}</p>
            </EmptyState>
          ) : (
            <DeviceList label={t('devices.list')} devices={present} />
          )}
          {removed.length > 0 && (
            <details className="mg-details">
              <summary>{t('devices.removedOnes')}</summary>
              <DeviceList label={t('devices.removedOnes')} devices={removed} />
            </details>
          )}
        </>
      )
    }
    default:
      return unreachable(devices)
  }
}

function DeviceList(props: { label: string; devices: readonly DeviceInfo[] }) {
  const services = useServices()
  const nowMs = useNow()
  // How a device stands is seen by what it posted.
  const records = useIfAny(services.records)
  const reader = readingsReaderOf(services.client)
  return (
    <ul className="mg-card mg-list" aria-label={props.label}>
      {props.devices.map((device) => {
        const { deviceId, kind, category, lastSeenNs } = device
        const own = records?.filter((record) => record.deviceId === deviceId) ?? []
        const posts = own.length
        const health = healthOf(device, own, nowMs, (record) => reader.of([record]))
        const facts = [
          kind,
          t(`categories.${category}`),
          lastSeenNs === null ? t('devices.never') : t('devices.heardOf', { at: atText(msOf(lastSeenNs), nowMs) }),
          posts === 0 ? null : t('devices.posts', { count: posts }),
        ]
        return (
          <li key={deviceId} className="mg-record">
            <Link to={{ name: 'devices', at: deviceId }} className="mg-record-link">
              <CategoryTile category={category} />
              <span className="mg-record-text">
                <span className="mg-record-title">
                  <bdi>{deviceName(device)}</bdi>
                </span>
                <span className="mg-device-badges">
                  <DeviceState device={device} />
                  <HealthBadges health={health} />
                </span>
                {health.last !== null && <span className="mg-device-last">{lastText(health.last, nowMs)}</span>}
                <span className="mg-record-facts">
                  {facts.filter((fact) => fact !== null && fact !== '').join(' · ')}
                </span>
              </span>
              <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
            </Link>
          </li>
        )
      })}
    </ul>
  )
}

export const deviceName = ({ name }: Pick<DeviceInfo, 'name'>): string => name ?? t('devices.nameless')

const TONES = { active: 'mg-good', paused: 'mg-warn', removed: 'mg-device-gone', notFinished: 'mg-bad' } as const
export function DeviceState({ device: { state } }: { device: Pick<DeviceInfo, 'state'> }) {
  return <span className={`mg-badge mg-device-state ${TONES[state]}`}>{t(`devices.state_${state}`)}</span>
}

/** Only what is wrong. */
export function HealthBadges({ health: { silentMs, isClockWrong } }: { health: DeviceHealth }) {
  return (
    <>
      {silentMs !== null && <span className="mg-badge mg-warn">{t('devices.late')}</span>}
      {isClockWrong && <span className="mg-badge mg-warn">{t('devices.clockWrong')}</span>}
    </>
  )
}

export function lastText({ code, values, unit, ms }: LastReading, nowMs: number): string {
  const value = `${values.map(quantityNumber).join('/')} ${unitText(code, unit)}`.trim() // one piece, whose order no direction of writing changes
  return t('devices.lastValue', { what: kindText(code), value, at: atText(ms, nowMs) })
}
