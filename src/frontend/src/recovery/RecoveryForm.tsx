import { Button, Textarea, TextInput } from '@mantine/core'
import { newKit, type PeopleInfo, type RecoveryKit } from '@medguard/client'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useNow } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { t } from '../words/language.ts'
import { KitSheet } from './KitSheet.tsx'
import { draftOf, presentSettings, type RecoveryDraft, recoveryErrors, settingsOf } from './recovery-draft.ts'
import type { RecoveryStores } from './recovery-stores.ts'
import './recovery.css'

const idOf = (field: string) => `recovery-${field}`

/** Says who or what may bring the account back. @param props.home share code of whose account it is. */
export function RecoveryForm(props: { stores: RecoveryStores; people: PeopleInfo; home: string }) {
  const { stores, people, home } = props
  const { task, run, reset } = useStore(stores.setting)
  const [draft, setDraft] = useState(() => draftOf(presentSettings(people)))
  const [isTried, setIsTried] = useState(false)
  const [kit, setKit] = useState<RecoveryKit | null>(null)
  const summary = useRef<HTMLDivElement>(null)
  const nowMs = useNow()
  const errors = isTried ? recoveryErrors(draft, home) : {}
  const hasKit = (presentSettings(people)?.kit ?? null) !== null
  const edit = (change: Partial<RecoveryDraft>) => setDraft({ ...draft, ...change })
  useEffect(() => {
    if (isTried) summary.current?.focus()
  }, [isTried])
  const send = (principal: string | null) => {
    const settings = settingsOf(draft, home, principal)
    if (settings !== null) void run(settings)
  }
  if (task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={t('recovery.saved')}
        actions={
          <Button
            variant="default"
            onClick={() => {
              setKit(null)
              reset()
            }}
          >
            {t('page.close')}
          </Button>
        }
      >
        <p>{t('recovery.savedText', { from: atText(msOf(task.value.fromNs), nowMs) })}</p>
      </Notice>
    )
  }
  const failed = task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('recovery.notSaved')} />
  if (kit !== null) {
    return (
      <>
        {failed}
        <KitSheet
          kit={kit.text}
          home={home}
          isSending={task.status === 'working'}
          onConfirmed={() => send(kit.principal)}
          onCancel={() => setKit(null)}
        />
      </>
    )
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        summary.current?.focus()
        if (Object.keys(recoveryErrors(draft, home)).length > 0) return
        if (draft.kit === 'new') setKit(newKit())
        else send(draft.kit === 'keep' ? (presentSettings(people)?.kit ?? null) : null)
      }}
    >
      <ErrorSummary errors={errors} idOf={idOf} focusRef={summary} />
      <Choice
        id={idOf('kit')}
        legend={t('recovery.kit')}
        name="kit"
        value={draft.kit}
        error={errors.kit}
        options={[
          ...(hasKit ? [{ value: 'keep', label: t('recovery.kitKeep') } as const] : []),
          { value: 'new', label: t('recovery.kitNew'), hint: t('recovery.kitNewHint') },
          { value: 'none', label: t('recovery.kitNone') },
        ]}
        onChange={(chosen) => edit({ kit: chosen })}
      />
      <Textarea
        id={idOf('guardians')}
        label={t('recovery.guardiansLabel')}
        description={t('recovery.guardiansHint')}
        autosize={false}
        rows={3}
        value={draft.guardians}
        error={errors.guardians}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        className="mg-code-field"
        onChange={(event) => edit({ guardians: event.currentTarget.value })}
      />
      {draft.guardians.trim() !== '' && (
        <TextInput
          id={idOf('needed')}
          label={t('recovery.neededLabel')}
          inputMode="numeric"
          value={draft.needed}
          error={errors.needed}
          className="mg-day"
          onChange={(event) => edit({ needed: event.currentTarget.value })}
        />
      )}
      <p className="mg-soft mg-small">{t('recovery.delay')}</p>
      {failed}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t(draft.kit === 'new' ? 'recovery.next' : 'recovery.save')}
        </Button>
      </div>
    </form>
  )
}
