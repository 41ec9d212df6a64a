import { Button, Textarea, TextInput } from '@mantine/core'
import type { Power } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice } from '../app/Choice.tsx'
import { useNow, useServices } from '../app/context.ts'
import { dayKey, endOfDayMs, nsOf } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { readShareCode } from '../sharing/share-code.ts'
import { t } from '../words/language.ts'
import type { PeopleStores } from './people-stores.ts'

export const POWERS = ['read', 'write', 'share', 'manage'] as const satisfies readonly Power[]
/** Two years, a day short: the network's clock is not this one. */
const LONGEST_MS = 729 * 86_400_000

/** Names somebody who acts in the place of whose record is open. Nothing is chosen beforehand. */
export function AppointForm({ stores }: { stores: PeopleStores }) {
  const { client, home } = useServices()
  const { task, run, reset } = useStore(stores.appointing)
  const [code, setCode] = useState('')
  const [powers, setPowers] = useState<readonly Power[]>([])
  const [day, setDay] = useState('')
  const [isTried, setIsTried] = useState(false)
  const nowMs = useNow()
  const read = readShareCode(code, client.principal)
  const endMs = endOfDayMs(day)
  const isDay = endMs !== null && endMs > nowMs && endMs <= nowMs + LONGEST_MS
  if (task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={t('people.notAgreed')}
        actions={
          <Button variant="default" onClick={reset}>
            {t('page.close')}
          </Button>
        }
      >
        <p className="mg-break">{t('people.appointed', { code: home })}</p>
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      aria-label={t('people.appoint')}
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        if (read.kind !== 'code' || powers.length === 0 || !isDay) return
        void run({ representative: read.code, powers, startNs: nsOf(Date.now()), endNs: nsOf(endMs) })
      }}
    >
      <p>{t('people.appointText')}</p>
      <Textarea
        label={t('people.code')}
        autosize={false}
        rows={2}
        value={code}
        error={isTried && read.kind !== 'code' ? t('recovery.codeWrong') : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        className="mg-code-field"
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <CheckChoice
        legend={t('people.powers')}
        name="powers"
        on={powers}
        error={isTried && powers.length === 0 ? t('people.powersMissing') : undefined}
        options={POWERS.map((value) => ({
          value,
          label: t(`people.power_${value}`),
          hint: t(`people.hint_${value}`),
        }))}
        onChange={(on) => setPowers(POWERS.filter((each) => on.includes(each)))}
      />
      <TextInput
        className="mg-day"
        type="date"
        label={t('people.lastDay')}
        description={t('people.lastDayHint')}
        min={dayKey(nowMs)}
        value={day}
        error={isTried && !isDay ? t('people.dayMissing') : undefined}
        onChange={(event) => setDay(event.currentTarget.value)}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('people.notAppointed')} />}
      <div className="mg-row">
        <Button type="submit" variant="default" loading={task.status === 'working'}>
          {t('people.appoint')}
        </Button>
      </div>
    </form>
  )
}
