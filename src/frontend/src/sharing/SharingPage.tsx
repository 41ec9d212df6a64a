import { unreachable } from '../app/unreachable.ts'
import type { Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconShare, IconUsers } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { msOf } from '../app/dates.ts'
import { EmptyState, ListSkeleton, Notice, Page, ProblemNotice, Section, TabLinks } from '../app/elements.tsx'
import { ShareRow } from './ShareRow.tsx'
import './sharing.css'

export function SharingPage({ tab }: { tab: 'people' | 'past' }) {
  const { go } = useRouter()
  const shares = useLoadable(useServices().shares)
  return (
    <Page
      title="Sharing"
      intro="Who can see your records, and until when. Nobody else can."
      actions={
        <Button onClick={() => go({ name: 'share', step: 1 })} leftSection={<IconShare size={18} aria-hidden />}>
          Share records
        </Button>
      }
    >
      <TabLinks
        label="Shares"
        tabs={[
          { to: { name: 'sharing', tab: 'people' }, label: 'People', current: tab === 'people' },
          { to: { name: 'sharing', tab: 'past' }, label: 'Past', current: tab === 'past' },
        ]}
      />
      <SharesBody shares={shares} tab={tab} />
    </Page>
  )
}

function SharesBody({
  shares,
  tab,
}: {
  shares: ReturnType<typeof useLoadable<readonly Share[]>>
  tab: 'people' | 'past'
}) {
  const nowMs = useNow(5_000)
  switch (shares.status) {
    case 'loading':
      return <ListSkeleton label="Finding who can see your records…" rows={3} />
    case 'failed':
      return <ProblemNotice problem={shares.problem} what="Your shares are not shown" onRetry={shares.load} />
    case 'ready': {
      const isOver = ({ state, endNs }: Share) => state === 'ended' || state === 'revoked' || msOf(endNs) <= nowMs
      const unfinished = shares.value.filter(({ state }) => state === 'notFinished')
      const finished = shares.value.filter(({ state }) => state !== 'notFinished')
      const now = finished.filter((share) => !isOver(share)).toSorted((a, b) => msOf(a.endNs) - msOf(b.endNs))
      const past = finished.filter(isOver).toSorted((a, b) => msOf(b.endedNs ?? b.endNs) - msOf(a.endedNs ?? a.endNs))
      return (
        <>
          {shares.problem !== null && (
            <ProblemNotice problem={shares.problem} what="This may be out of date" onRetry={shares.load} />
          )}
          {unfinished.length > 0 && <Unfinished shares={unfinished} nowMs={nowMs} />}
          {tab === 'people' ? <Now shares={now} nowMs={nowMs} /> : <Past shares={past} nowMs={nowMs} />}
        </>
      )
    }
    default:
      return unreachable(shares)
  }
}

function Now({ shares, nowMs }: { shares: readonly Share[]; nowMs: number }) {
  const { go } = useRouter()
  if (shares.length === 0) {
    return (
      <EmptyState
        icon={<IconUsers size={28} />}
        title="You are not sharing anything"
        actions={<Button onClick={() => go({ name: 'share', step: 1 })}>Share records</Button>}
      >
        <p>Only you can open your records.</p>
      </EmptyState>
    )
  }
  return (
    <ul className="mg-card mg-list" aria-label="People who can see your records">
      {shares.map((share) => (
        <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
      ))}
    </ul>
  )
}

function Past({ shares, nowMs }: { shares: readonly Share[]; nowMs: number }) {
  if (shares.length === 0) {
    return (
      <EmptyState icon={<IconUsers size={28} />} title="Nothing has ended yet">
        <p>Shares that ended or that you stopped are listed here.</p>
      </EmptyState>
    )
  }
  return (
    <ul className="mg-card mg-list" aria-label="Past shares">
      {shares.map((share) => (
        <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
      ))}
    </ul>
  )
}

/** Shares that an interruption left half done: they give no access, and the reader decides what becomes of them. */
function Unfinished({ shares, nowMs }: { shares: readonly Share[]; nowMs: number }) {
  const { finishing } = useServices()
  const { task, run } = useStore(finishing)
  return (
    <div className="mg-unfinished">
      <Section title="Not finished">
        <Notice
          tone="warn"
          title={shares.length === 1 ? 'One share was interrupted' : `${shares.length} shares were interrupted`}
          actions={
            <Button loading={task.status === 'working'} onClick={() => void run()}>
              {shares.length === 1 ? 'Finish it' : 'Finish them'}
            </Button>
          }
        >
          <p>Nobody can open anything through {shares.length === 1 ? 'it' : 'them'} yet. Finish, or withdraw below.</p>
        </Notice>
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what="Not finished" onRetry={() => void run()} />
        )}
        <ul className="mg-card mg-list" aria-label="Unfinished shares">
          {shares.map((share) => (
            <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
          ))}
        </ul>
      </Section>
    </div>
  )
}
