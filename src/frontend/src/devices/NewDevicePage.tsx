import { Button, TextInput } from '@mantine/core'
import { CATEGORIES, type Category } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useServices } from '../app/context.ts'
import { Page, ProblemNotice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { createDeviceChanges, DEVICE_NAME_CHARS_MAX, type DeviceChanges, isDeviceText } from './device-changes.ts'
import { Pairing } from './Pairing.tsx'

/** From a name to the first reading. The code is in this page alone: whoever leaves it makes another one. */
export function NewDevicePage() {
  const services = useServices()
  const [changes] = useState(() => createDeviceChanges(services))
  const { task } = useStore(changes.adding)
  return (
    <Page title={t('devices.add')} back={{ to: { name: 'devices', at: '' }, label: t('devices.back') }}>
      {task.status === 'done' ? <Pairing paired={task.value} /> : <DeviceForm changes={changes} />}
    </Page>
  )
}

function DeviceForm({ changes }: { changes: DeviceChanges }) {
  const { task, run } = useStore(changes.adding)
  const [name, setName] = useState('')
  const [kind, setKind] = useState('')
  const [category, setCategory] = useState<Category>('vitals')
  const [isTried, setTried] = useState(false)
  const isNamed = name.trim() !== '' && isDeviceText(name.trim())
  const isKind = isDeviceText(kind.trim())
  const isWorking = task.status === 'working'
  const send = () => {
    setTried(true)
    if (!isNamed || !isKind) return
    const what = kind.trim()
    void run({ name: name.trim(), category, ...(what !== '' && { kind: what }) })
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      autoComplete="off"
      aria-label={t('devices.add')}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <TextInput
        label={t('devices.name')}
        description={t('devices.nameHint')}
        value={name}
        error={isTried && !isNamed ? t('devices.nameMissing', { max: DEVICE_NAME_CHARS_MAX }) : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t('devices.kind')}
        description={t('devices.kindHint')}
        value={kind}
        error={isTried && !isKind ? t('devices.kindLong', { max: DEVICE_NAME_CHARS_MAX }) : undefined}
        onChange={(event) => setKind(event.currentTarget.value)}
      />
      <p>{t('devices.categoryHint')}</p>
      <Choice
        legend={t('devices.category')}
        name="category"
        value={category}
        options={CATEGORIES.map((value) => ({ value, label: t(`categories.${value}`) }))}
        onChange={setCategory}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('devices.notAdded')} onRetry={send} />}
      {isWorking && <output className="mg-block mg-soft">{t('devices.adding')}</output>}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={isWorking}>
          {t('devices.makeCode')}
        </Button>
      </div>
    </form>
  )
}
