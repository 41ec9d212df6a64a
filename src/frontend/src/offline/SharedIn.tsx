import { useEffect, useEffectEvent } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** In the form that adds a record: takes what another app has shared, and says where it came from. Nothing is saved by itself: any page can send a file here. */
export function SharedIn({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const { shared } = usePage()
  const { files, isLost, count } = useStore(shared.store)
  const take = useEffectEvent(() => {
    const taken = shared.take()
    if (taken !== null) onFiles(taken)
  })
  useEffect(() => {
    if (files !== null) take()
  }, [files])
  useEffect(() => () => shared.leave(), [shared])
  if (isLost) {
    return (
      <Notice tone="warn" title={t('device.sharedLost')} loud>
        <p>{t('device.sharedLostText')}</p>
      </Notice>
    )
  }
  if (count === 0) return null
  return (
    <Notice tone="info" title={t('device.sharedIn', { count })} loud>
      <p>{t('device.sharedInText')}</p>
    </Notice>
  )
}
