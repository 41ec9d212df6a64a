import type { Share } from '@medguard/client'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { useKnown, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { isToInbox } from '../app/words.ts'
import { t } from '../words/language.ts'
import { lastOpenedMs } from './last-opened.ts'

/**
 * When something was opened by a share, as the log says that this device has checked. Where it was not read nothing is claimed.
 * @param isAsked reads it, which is a line in nobody's log
 */
export function LastOpened({ share, nowMs, isAsked = false }: { share: Share; nowMs: number; isAsked?: boolean }) {
  const { log, shares } = useServices()
  useEffect(() => {
    if (isAsked) log.getState().ensure()
  }, [log, isAsked])
  const read = useStore(log).view
  const all = useKnown(shares) ?? []
  if (isToInbox(share) || read.status !== 'ready') return null
  const openedMs = lastOpenedMs(read.value, share, all)
  if (openedMs === undefined) return null
  return (
    <p className="mg-soft mg-small">
      {openedMs === null
        ? t('oneShare.notOpened', { at: atText(read.atMs, nowMs) })
        : t('oneShare.lastOpened', { at: atText(openedMs, nowMs) })}
    </p>
  )
}
