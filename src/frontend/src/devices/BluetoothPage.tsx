import type { Category, MedGuardClient } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconBluetooth, IconBluetoothOff } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useServices } from '../app/context.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import type { Services } from '../app/services.ts'
import { useUnsavedWarning } from '../app/unsaved-warning.ts'
import { stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { type BluetoothHere, bluetoothHere, type BluetoothTrouble, HEALTH_SERVICE_NAMES } from './bluetooth-gatt.ts'
import { type BluetoothStore, createBluetoothStore } from './bluetooth-store.ts'
import { BluetoothDevice } from './BluetoothDevice.tsx'
import { readingsReaderOf } from './readings-reader.ts'
import './devices.css'

/** One per signed-in client: what came and is not saved is there when one comes back; gone with a lock. */
const stores = new WeakMap<MedGuardClient, BluetoothStore>()
function storeOf({ client, records, device, ward }: Services, bluetooth: BluetoothHere): BluetoothStore {
  const known = stores.get(client)
  if (known !== undefined) return known
  const made = createBluetoothStore({
    bluetooth,
    client,
    records,
    reader: readingsReaderOf(client),
    mayWait: () => !navigator.onLine && ward === null,
    onPutOff: () => void device.waiting.getState().load(),
  })
  stores.set(client, made)
  return made
}

/** A device that speaks Bluetooth, from the browser's window in which it is chosen to what of it is saved. */
export function BluetoothPage() {
  const services = useServices()
  const records = useLoadable(services.records)
  const [bluetooth] = useState(bluetoothHere)
  return (
    <Page
      title={t('bluetooth.title')}
      intro={t('bluetooth.intro')}
      back={{ to: { name: 'devices', at: '' }, label: t('devices.back') }}
    >
      {bluetooth === null && (
        <EmptyState icon={<IconBluetoothOff size={28} />} title={t('bluetooth.none')} actions={<OtherWays />}>
          <p>{t('bluetooth.noneText')}</p>
        </EmptyState>
      )}
      {bluetooth !== null && records.status === 'loading' && (
        <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={3} />
      )}
      {bluetooth !== null && records.status === 'failed' && (
        <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
      )}
      {bluetooth !== null && records.status === 'ready' && (
        <Steps store={storeOf(services, bluetooth)} bluetooth={bluetooth} />
      )}
    </Page>
  )
}

/** What can be done where Bluetooth can not. */
function OtherWays() {
  return (
    <>
      <Link to={{ name: 'guided', kind: 'vital' }} className="mg-button-link">
        {t('bluetooth.byHand')}
      </Link>
      <Link to={{ name: 'devices', at: 'file' }} className="mg-button-link">
        {t('readingsFile.title')}
      </Link>
      <Link to={{ name: 'devices', at: 'new' }} className="mg-button-link">
        {t('bluetooth.byCode')}
      </Link>
    </>
  )
}

function Steps({ store, bluetooth }: { store: BluetoothStore; bluetooth: BluetoothHere }) {
  const { view, choose, hangUp } = useStore(store)
  const [category, setCategory] = useState<Category>('vitals')
  useUnsavedWarning(view.status === 'open' && view.unsaved > 0)
  useEffect(() => hangUp, [hangUp]) // whoever looks elsewhere, or is locked out, listens no longer
  if (view.status === 'open')
    return <BluetoothDevice store={store} view={view} category={category} onCategory={setCategory} />
  return (
    <div className="mg-stack">
      {view.status === 'idle' && view.trouble !== null && <Trouble trouble={view.trouble} />}
      <div className="mg-card mg-pad mg-stack">
        <p>{t('bluetooth.before')}</p>
        <ul className="mg-device-works" aria-label={t('bluetooth.kinds')}>
          {HEALTH_SERVICE_NAMES.map((name) => (
            <li key={name}>{t(`bluetooth.kind_${name}`)}</li>
          ))}
        </ul>
        <p className="mg-soft">{t('bluetooth.here')}</p>
        {view.status === 'choosing' && <output className="mg-block mg-soft">{t('bluetooth.choosing')}</output>}
        <div className="mg-row">
          <Button
            size="lg"
            loading={view.status === 'choosing'}
            onClick={() => void choose()}
            leftSection={<IconBluetooth size={18} aria-hidden />}
          >
            {t('bluetooth.choose')}
          </Button>
        </div>
      </div>
      {view.status === 'idle' && view.trouble === null && <IfOff bluetooth={bluetooth} />}
    </div>
  )
}

/** Why nothing was chosen, and what else there is. */
function Trouble({ trouble }: { trouble: BluetoothTrouble }) {
  return (
    <Notice
      tone="warn"
      loud
      title={t(`bluetooth.trouble_${trouble}`)}
      {...(trouble !== 'noneChosen' && { actions: <OtherWays /> })}
    >
      <p>{t(`bluetooth.trouble_${trouble}_text`)}</p>
    </Notice>
  )
}

/** Said before a button is pressed for nothing. */
function IfOff({ bluetooth }: { bluetooth: BluetoothHere }) {
  const [isOff, setOff] = useState(false)
  useEffect(() => {
    let isHere = true
    bluetooth.getAvailability().then(
      (isThere) => isHere && setOff(!isThere),
      () => {}, // then choosing says it
    )
    return () => {
      isHere = false
    }
  }, [bluetooth])
  if (!isOff) return null
  return (
    <Notice tone="info" title={t('bluetooth.trouble_off')} actions={<OtherWays />}>
      <p>{t('bluetooth.trouble_off_text')}</p>
    </Notice>
  )
}
