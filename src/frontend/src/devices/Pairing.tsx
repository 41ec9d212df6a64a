import type { PairedDevice } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { CopyButton, EmptyState, Link, Notice, Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { deviceName } from './DevicesPage.tsx'

const QrPicture = lazy(async () => ({ default: (await import('../qr/QrPicture.tsx')).QrPicture }))

/** The code that makes something this device, and the wait for what it sends first. */
export function Pairing({ paired }: { paired: PairedDevice }) {
  const { device, code } = paired
  const name = deviceName(device)
  const hasArrived = useFirstReading(device.principal)
  const notice = useRef<HTMLDivElement>(null)
  useEffect(() => notice.current?.focus({ preventScroll: true }), [])
  if (hasArrived)
    return (
      <EmptyState
        icon={<IconCircleCheck size={28} />}
        title={t('devices.arrived', { name })}
        actions={
          <Link to={{ name: 'devices', at: device.deviceId }} className="mg-button-link">
            {t('devices.toDevice')}
          </Link>
        }
      >
        <output className="mg-block">{t('devices.arrivedText')}</output>
      </EmptyState>
    )
  return (
    <Section title={t('devices.codeTitle', { name })}>
      <div className="mg-stack">
        <Notice tone="warn" title={t('devices.codeOnce')} focusRef={notice}>
          <p>{t('devices.codeSecret')}</p>
        </Notice>
        <div className="mg-card mg-pad mg-stack">
          <p>{t('devices.codeHow')}</p>
          <Suspense fallback={<output className="mg-block mg-soft">{t('qr.drawing')}</output>}>
            <QrPicture text={code} label={t('devices.codePicture')} isDense />
          </Suspense>
          <details className="mg-details">
            <summary>{t('devices.codeText')}</summary>
            <p className="mg-code" dir="ltr" data-testid="pairing-code">
              {code}
            </p>
          </details>
          <div className="mg-row">
            <CopyButton text={code} label={t('devices.codeCopy')} />
          </div>
        </div>
        <Waiting deviceId={device.deviceId} />
      </div>
    </Section>
  )
}

function Waiting({ deviceId }: { deviceId: string }) {
  const { records } = useServices()
  const isLooking = useStore(records, ({ view }) => view.status === 'ready' && view.refreshing)
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={t('devices.waiting')}>
      <output className="mg-block">
        <strong>{t('devices.waiting')}</strong>
      </output>
      <p className="mg-soft">{t('devices.waitingText')}</p>
      <div className="mg-row">
        <Button variant="default" loading={isLooking} onClick={() => void records.getState().load()}>
          {t('devices.lookAgain')}
        </Button>
        <Link to={{ name: 'devices', at: deviceId }} className="mg-button-link">
          {t('devices.later')}
        </Link>
      </div>
    </section>
  )
}

/**
 * Whether a record came under the key that this code holds, which is new. The length of the lists is asked for, which is not logged; they are listed again only where
 * one has grown.
 */
function useFirstReading(principal: string): boolean {
  const { client, poller, records, devices } = useServices()
  const hasArrived = useStore(
    records,
    ({ view }) => view.status === 'ready' && view.value.some((record) => record.depositedBy === principal),
  )
  useEffect(() => void records.getState().load(), [records]) // lengths can be asked for only after a list
  useEffect(() => {
    if (hasArrived) return
    return poller.live.subscribe((live, last) => {
      if (live.answeredMs === last.answeredMs) return
      const { view, load } = records.getState()
      if (view.status !== 'ready' || view.refreshing) return
      client
        .hasGrown({ of: 'me' })
        .then((answer) => (answer.kind === 'done' && answer.value ? load() : undefined))
        .catch(() => {}) // a hint that did not come: there is a button, and the poller tells when nothing comes any more
    })
  }, [client, poller, records, hasArrived])
  useEffect(() => {
    if (hasArrived) void devices.getState().load() // when it was last heard from
  }, [devices, hasArrived])
  return hasArrived
}
