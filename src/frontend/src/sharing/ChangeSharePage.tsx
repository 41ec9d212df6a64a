import type { Share } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import { t } from '../words/language.ts'
import { heldRecords, isOfRecords } from './change-draft.ts'
import { ChangeForm } from './ChangeForm.tsx'
import { NoShare, toSharing } from './OneSharePage.tsx'
import type { ShareDraft } from './share-draft.ts'
import { useNameOf } from './use-names.ts'
import './sharing.css'

/** The form of a share with all that it says, to make another one of in its place. */
export function ChangeSharePage({ shareId }: { shareId: string }) {
  const services = useServices()
  const shares = useLoadable(services.shares)
  const { task } = useStore(services.changing)
  useForgetDone(services.changing)
  /** As it was when the page came: while it is being changed the list already says otherwise. */
  const [begun, setBegun] = useState<Share | null>(null)
  if (begun === null && shares.status === 'ready' && !shares.refreshing) {
    const found = shares.value.find(({ grantId }) => grantId === shareId)
    if (found === undefined) return <NoShare />
    setBegun(found)
  }
  if (shares.status === 'failed' && begun === null)
    return (
      <Page title={t('changeShare.title')} back={toSharing()}>
        <ProblemNotice problem={shares.problem} what={t('sharing.notShown')} onRetry={shares.load} />
      </Page>
    )
  if (begun === null)
    return (
      <Page title={t('changeShare.title')} back={toSharing()}>
        <ListSkeleton label={t('sharing.finding')} rows={3} />
      </Page>
    )
  if (task.status === 'done' && task.value.inPlaceOf === shareId) return <Changed share={task.value} atMs={task.atMs} />
  return <Changing share={begun} />
}

function Changed({ share, atMs }: { share: Share; atMs: number }) {
  return (
    <Page title={t('changeShare.title')} back={toSharing()}>
      <EmptyState
        icon={<IconCircleCheck size={28} />}
        title={t('changeShare.doneAt', { at: atText(atMs, atMs) })}
        actions={
          <Link className="mg-button-link" to={{ name: 'oneShare', shareId: share.grantId }}>
            {t('oneShare.seeNow')}
          </Link>
        }
      >
        <p>{t('changeShare.doneText')}</p>
      </EmptyState>
    </Page>
  )
}

function Changing({ share }: { share: Share }) {
  const name = useNameOf(share.grantee)
  const nowMs = useNow()
  const isOver = (share.state !== 'live' && share.state !== 'notStarted') || share.replacedBy !== undefined
  return (
    <Page
      title={t('changeShare.goWith', { name })}
      historyTitle={t('changeShare.title')}
      back={{ to: { name: 'oneShare', shareId: share.grantId }, label: t('oneShare.open') }}
    >
      {isOver ? (
        <Notice
          tone="info"
          title={t(share.replacedBy === undefined ? 'sharing.whenEnded' : 'oneShare.wasChanged', {
            at: atText(msOf(share.endedNs ?? share.endNs), nowMs),
          })}
        >
          {share.replacedBy !== undefined && (
            <Link to={{ name: 'oneShare', shareId: share.replacedBy }}>{t('oneShare.seeNow')}</Link>
          )}
        </Notice>
      ) : isOfRecords(share) ? (
        <OfRecords share={share} />
      ) : (
        <ChangeForm share={share} held={NONE} />
      )}
    </Page>
  )
}
const NONE: ShareDraft['records'] = []

function OfRecords({ share }: { share: Share }) {
  const { client, records } = useServices()
  const [store] = useState(() => createLoadable(() => client.recordsInShare(share.grantId)))
  const held = useLoadable(store)
  const own = useLoadable(records)
  const [begun, setBegun] = useState<ShareDraft['records'] | null>(null)
  if (begun !== null) return <ChangeForm share={share} held={begun} />
  if (held.status === 'failed')
    return <ProblemNotice problem={held.problem} what={t('oneShare.notLooked')} onRetry={held.load} />
  if (own.status === 'failed')
    return <ProblemNotice problem={own.problem} what={t('records.notShown')} onRetry={own.load} />
  if (held.status === 'ready' && own.status === 'ready') setBegun(heldRecords(held.value, own.value))
  return <ListSkeleton label={t('oneShare.looking')} rows={3} />
}
