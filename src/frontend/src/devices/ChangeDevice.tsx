import type { DeviceInfo } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { timeText } from '../app/dates.ts'
import { Dialog, ProblemNotice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { DEVICE_NAME_CHARS_MAX, type DeviceChanges, isDeviceText } from './device-changes.ts'
import { deviceName } from './DevicesPage.tsx'

/** Its name, whether it may send, its code, and its end. */
export function ChangeDevice({ device, changes }: { device: DeviceInfo; changes: DeviceChanges }) {
  const { deviceId, state } = device
  const switching = useStore(changes.switching)
  const rotating = useStore(changes.rotating)
  const [asking, setAsking] = useState<'rotate' | 'remove' | null>(null)
  const [last, setLast] = useState<'paused' | 'active' | 'removed'>('paused')
  const name = deviceName(device)
  const isBusy = switching.task.status === 'working' || rotating.task.status === 'working'
  const turn = (to: typeof last) => {
    setLast(to)
    void switching.run({ deviceId, to })
  }
  const act = () => {
    setAsking(null)
    if (asking === 'rotate') void rotating.run(deviceId)
    else turn('removed')
  }
  return (
    <div className="mg-card mg-pad mg-stack">
      <Rename device={device} changes={changes} />
      <div className="mg-row">
        {state === 'active' && (
          <Button variant="default" loading={isBusy} onClick={() => turn('paused')}>
            {t('devices.pause')}
          </Button>
        )}
        {state === 'paused' && (
          <Button loading={isBusy} onClick={() => turn('active')}>
            {t('devices.resume')}
          </Button>
        )}
        {state !== 'notFinished' && (
          <Button variant="default" loading={isBusy} onClick={() => setAsking('rotate')}>
            {t('devices.rotate')}
          </Button>
        )}
        <Button className="mg-danger-filled" loading={isBusy} onClick={() => setAsking('remove')}>
          {t('devices.remove')}
        </Button>
      </div>
      {isBusy && <output className="mg-block mg-soft">{t('devices.pausing')}</output>}
      {switching.task.status === 'failed' && (
        <ProblemNotice
          problem={switching.task.problem}
          what={t(last === 'removed' ? 'devices.notRemoved' : 'devices.notChanged')}
          onRetry={() => turn(last)}
        />
      )}
      {rotating.task.status === 'failed' && (
        <ProblemNotice
          problem={rotating.task.problem}
          what={t('devices.notRotated')}
          onRetry={() => void rotating.run(deviceId)}
        />
      )}
      {asking !== null && (
        <Dialog
          title={t(`devices.${asking}Title`, { name })}
          onClose={() => setAsking(null)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(null)}>
                {t('page.cancel')}
              </Button>
              <Button className="mg-danger-filled" onClick={act}>
                {t(`devices.${asking}Go`)}
              </Button>
            </>
          }
        >
          <p>{t(`devices.${asking}Text`)}</p>
        </Dialog>
      )}
    </div>
  )
}

function Rename({ device, changes }: { device: DeviceInfo; changes: DeviceChanges }) {
  const { task, run } = useStore(changes.renaming)
  const [name, setName] = useState(device.name ?? '')
  const [isTried, setTried] = useState(false)
  const isNamed = name.trim() !== '' && isDeviceText(name.trim())
  const send = () => {
    setTried(true)
    if (isNamed) void run({ deviceId: device.deviceId, name: name.trim() })
  }
  return (
    <form
      noValidate
      className="mg-stack"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <TextInput
        label={t('devices.name')}
        value={name}
        error={isTried && !isNamed ? t('devices.nameMissing', { max: DEVICE_NAME_CHARS_MAX }) : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className="mg-row">
        <Button type="submit" variant="default" loading={task.status === 'working'}>
          {t('devices.rename')}
        </Button>
        {task.status === 'done' && <output>{t('devices.renamed', { time: timeText(task.atMs) })}</output>}
      </div>
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('devices.notRenamed')} onRetry={send} />
      )}
    </form>
  )
}
