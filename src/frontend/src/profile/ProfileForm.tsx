import { Button, TextInput } from '@mantine/core'
import { BLOOD_GROUPS, type Profile, SEXES } from '@medguard/client'
import { useEffect, useId, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useNow } from '../app/context.ts'
import { dayKey, timeText } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { t } from '../words/language.ts'
import { ContactFields } from './ContactFields.tsx'
import { draftOf, type ProfileDraft, profileErrors, profileOf } from './profile-draft.ts'
import type { ProfileSaving } from './profile-stores.ts'
import './profile.css'

export const idOf = (field: string): string => `profile-${field.replaceAll(' ', '-')}`

export function ProfileForm(props: { profile: Profile; saving: ProfileSaving; onSaved?: (() => void) | undefined }) {
  const { profile, saving, onSaved } = props
  const { task, run, reset } = useStore(saving)
  const [draft, setDraft] = useState(() => draftOf(profile))
  const [isTried, setIsTried] = useState(false)
  const summary = useRef<HTMLDivElement>(null)
  const nowMs = useNow()
  const errors = isTried ? profileErrors(draft) : {}
  const edit = (change: Partial<ProfileDraft>) => {
    if (task.status === 'done') reset() // "saved" is no longer true of what stands here
    setDraft({ ...draft, ...change })
  }
  useEffect(() => {
    if (isTried) summary.current?.focus()
  }, [isTried])
  const save = async () => {
    setIsTried(true)
    summary.current?.focus()
    if (Object.keys(profileErrors(draft)).length > 0) return
    await run({ before: profile, wanted: profileOf(draft) })
    if (saving.getState().task.status === 'done') onSaved?.()
  }
  const text = (field: 'name' | 'birthDate' | 'language', label: string, more: object = {}) => (
    <TextInput
      id={idOf(field)}
      label={label}
      value={draft[field]}
      error={errors[field]}
      onChange={(event) => edit({ [field]: event.currentTarget.value })}
      {...more}
    />
  )
  return (
    <form
      noValidate
      className="mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <ErrorSummary errors={errors} idOf={idOf} focusRef={summary} />
      <div className="mg-card mg-pad mg-stack">
        <h2>{t('profile.contacts')}</h2>
        <ContactFields contacts={draft.contacts} errors={errors} onChange={(contacts) => edit({ contacts })} />
      </div>
      <div className="mg-card mg-pad mg-stack">
        <h2>{t('profile.person')}</h2>
        {text('name', t('profile.name'), { autoComplete: 'name', dir: 'auto' })}
        {text('birthDate', t('profile.birthDate'), {
          type: 'date',
          max: dayKey(nowMs),
          autoComplete: 'bday',
          className: 'mg-day',
        })}
        <Select
          label={t('profile.sex')}
          value={draft.sex}
          options={SEXES.map((value) => ({ value, label: t(`sexes.${value}`) }))}
          onChange={(sex) => edit({ sex })}
        />
        <Select
          label={t('profile.bloodGroup')}
          value={draft.bloodGroup}
          options={BLOOD_GROUPS.map((value) => ({ value, label: value }))}
          onChange={(bloodGroup) => edit({ bloodGroup })}
        />
        {text('language', t('profile.language'), {
          description: t('profile.languageHint'),
          className: 'mg-day',
          dir: 'ltr',
          autoCapitalize: 'none',
          spellCheck: false,
        })}
      </div>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('profile.notSaved')} />}
      {task.status === 'done' && (
        <Notice tone="good" loud title={t('profile.savedAt', { time: timeText(task.atMs) })}>
          <p>{t('profile.savedText')}</p>
          {task.value.isMerged && <p>{t('profile.mergedText')}</p>}
        </Notice>
      )}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t('profile.save')}
        </Button>
        <output className="mg-soft">{task.status === 'working' && t('page.sending')}</output>
      </div>
    </form>
  )
}

/** The browser's own: it works with any keyboard, reader and size of letters. */
function Select(props: {
  label: string
  value: string
  options: readonly { value: string; label: string }[]
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <div className="mg-profile-choice">
      <label htmlFor={id} className="mg-field-label">
        {props.label}
      </label>
      <select
        id={id}
        className="mg-select"
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <option value="">{t('profile.notSaid')}</option>
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  )
}
