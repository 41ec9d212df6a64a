import { PROFILE_TRENDS_MAX } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useServices } from '../app/context.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { createProfileSaving } from '../profile/profile-stores.ts'
import { t } from '../words/language.ts'

/** Whether one series is shown on Home: kept in the encrypted profile, so the same on every device. */
export function OnHome({ seriesKey, label }: { seriesKey: string; label: string }) {
  const services = useServices()
  const profile = useLoadable(services.profile)
  const [saving] = useState(() => createProfileSaving(services.client, services.profile))
  const { task, run } = useStore(saving)
  if (profile.status === 'failed')
    return <ProblemNotice problem={profile.problem} what={t('homeTrends.notKnown')} onRetry={profile.load} />
  if (profile.status === 'loading') return <output className="mg-block mg-soft">{t('homeTrends.looking')}</output>
  const { trends = [], ...others } = profile.value
  const isOn = trends.includes(seriesKey)
  const isFull = !isOn && trends.length >= PROFILE_TRENDS_MAX
  const turn = () => {
    const wanted = isOn ? trends.filter((one) => one !== seriesKey) : [...trends, seriesKey]
    void run({ before: profile.value, wanted: { ...others, ...(wanted.length > 0 && { trends: wanted }) } })
  }
  return (
    <>
      <label className="mg-trend-home">
        <input
          type="checkbox"
          aria-label={t('homeTrends.showOf', { what: label })}
          checked={isOn}
          disabled={isFull || task.status === 'working'}
          onChange={turn}
        />
        <span>{t(isFull ? 'homeTrends.full' : 'homeTrends.show', { max: PROFILE_TRENDS_MAX })}</span>
      </label>
      {task.status === 'working' && <output className="mg-block mg-soft mg-small">{t('homeTrends.saving')}</output>}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('profile.notSaved')} onRetry={turn} />}
    </>
  )
}
