import { Button, TextInput } from '@mantine/core'
import { NOTIFICATIONS, type Profile, UNIT_SYSTEMS } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice, Choice } from '../app/Choice.tsx'
import { timeText } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { draftOf, type ProfileDraft, profileErrors, profileOf } from '../profile/profile-draft.ts'
import type { ProfileSaving } from '../profile/profile-stores.ts'
import { t } from '../words/language.ts'

export function PreferencesForm({ profile, saving }: { profile: Profile; saving: ProfileSaving }) {
  const { task, run, reset } = useStore(saving)
  const [draft, setDraft] = useState(() => draftOf(profile))
  const [isTried, setIsTried] = useState(false)
  const error = profileErrors(draft)['quietHours']
  const edit = (change: Partial<ProfileDraft>) => {
    if (task.status === 'done') reset() // "saved" is no longer true of what stands here
    setDraft({ ...draft, ...change })
  }
  const { quietHours } = draft
  const save = () => {
    setIsTried(true)
    if (error !== undefined) return document.getElementById('quiet-from')?.focus()
    void run({ before: profile, wanted: profileOf(draft) })
  }
  return (
    <form
      noValidate
      className="mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <div className="mg-card mg-pad mg-stack">
        <CheckChoice
          legend={t('profile.notifications')}
          name="notifications"
          on={draft.notifications}
          options={NOTIFICATIONS.map((value) => ({ value, label: t(`profile.notify_${value}`) }))}
          onChange={(on) => edit({ notifications: NOTIFICATIONS.filter((each) => on.includes(each)) })}
        />
        <p className="mg-soft mg-small">{t('profile.notifyAlways')}</p>
      </div>
      <div className="mg-card mg-pad mg-stack">
        <CheckChoice
          legend={t('preferences.quiet')}
          name="quiet"
          on={quietHours.isOn ? ['on'] : []}
          options={[{ value: 'on', label: t('preferences.quietOn'), hint: t('preferences.quietHint') }]}
          onChange={(on) => edit({ quietHours: { ...quietHours, isOn: on.length > 0 } })}
        />
        {quietHours.isOn && (
          <div className="mg-row">
            {(['from', 'until'] as const).map((end) => (
              <TextInput
                key={end}
                id={`quiet-${end}`}
                type="time"
                label={t(`preferences.quiet_${end}`)}
                value={quietHours[end]}
                error={isTried && end === 'from' && error}
                onChange={(event) => edit({ quietHours: { ...quietHours, [end]: event.currentTarget.value } })}
              />
            ))}
          </div>
        )}
      </div>
      <div className="mg-card mg-pad mg-stack">
        <Choice
          legend={t('profile.units')}
          name="units"
          value={UNIT_SYSTEMS.find((each) => each === draft.units) ?? null}
          options={UNIT_SYSTEMS.map((value) => ({ value, label: t(`profile.units_${value}`) }))}
          onChange={(units) => edit({ units })}
        />
        <p className="mg-soft mg-small">{t('preferences.unitsText')}</p>
      </div>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('profile.notSaved')} />}
      {task.status === 'done' && (
        <Notice tone="good" loud title={t('profile.savedAt', { time: timeText(task.atMs) })}>
          <p>{t('preferences.saved')}</p>
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
