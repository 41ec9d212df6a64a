import { Button, Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useNow, useServices } from '../app/context.ts'
import { atText, msOf, timeText } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { readRecordCode, readShareCode } from '../sharing/share-code.ts'
import { t } from '../words/language.ts'
import type { RecoveryStores } from './recovery-stores.ts'

const idOf = (field: string) => `guardian-${field}`

/** As a guardian: says that a new sign-in belongs to whom one knows. Both codes come from that person, never from a list. */
export function GuardianForm({ stores }: { stores: RecoveryStores }) {
  const { client } = useServices()
  const { task, run, reset } = useStore(stores.vouching)
  const [ward, setWard] = useState('')
  const [added, setAdded] = useState('')
  const [isTried, setIsTried] = useState(false)
  const summary = useRef<HTMLDivElement>(null)
  const nowMs = useNow()
  const [ofWard, ofNew] = [readRecordCode(ward, client.principal), readShareCode(added, client.principal)]
  const isWrong = (read: typeof ofWard) => (isTried && read.kind !== 'code' ? t('recovery.codeWrong') : undefined)
  const errors = { ward: isWrong(ofWard), added: isWrong(ofNew) }
  useEffect(() => {
    if (isTried) summary.current?.focus()
  }, [isTried])
  if (task.status === 'done') {
    const { approvals, threshold, readyNs } = task.value
    return (
      <Notice
        tone="good"
        loud
        title={t('recovery.approved', { time: timeText(task.atMs) })}
        actions={
          <Button variant="default" onClick={reset}>
            {t('page.close')}
          </Button>
        }
      >
        <p>{t('recovery.approvedOf', { said: approvals, all: threshold })}</p>
        {readyNs !== null && <p>{t('recovery.approvedReady', { from: atText(msOf(readyNs), nowMs) })}</p>}
      </Notice>
    )
  }
  const field = (name: 'ward' | 'added', label: string, value: string, set: (text: string) => void) => (
    <Textarea
      id={idOf(name)}
      label={label}
      autosize={false}
      rows={2}
      value={value}
      error={errors[name]}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      dir="ltr"
      className="mg-code-field"
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        summary.current?.focus()
        if (ofWard.kind === 'code' && ofNew.kind === 'code') void run({ ward: ofWard.code, newPrincipal: ofNew.code })
      }}
    >
      <p>{t('recovery.guardianText')}</p>
      <ErrorSummary errors={errors} idOf={idOf} focusRef={summary} />
      {field('ward', t('recovery.oldCode'), ward, setWard)}
      {field('added', t('recovery.newCode'), added, setAdded)}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('recovery.notApproved')} />}
      <div className="mg-row">
        <Button type="submit" variant="default" loading={task.status === 'working'}>
          {t('recovery.isThem')}
        </Button>
      </div>
    </form>
  )
}
