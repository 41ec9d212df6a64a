import { Button } from '@mantine/core'
import { IconActivityHeartbeat } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { useNow, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { CopyButton, EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import { PROVIDER_HOME } from '../app/routes.ts'
import { latestOf } from '../devices/latest.ts'
import { useNames } from '../sharing/use-names.ts'
import { compareTexts, t } from '../words/language.ts'
import { BoardCard } from './BoardCard.tsx'
import { type BoardRow, FAILED_MAX } from './board-store.ts'
import { concernOf } from './concern.ts'
import { useBoard } from './use-board.ts'
import './board.css'

/** What the devices of patients send who share that, kept up while it is looked at. */
export function BoardPage() {
  return (
    <Page
      title={t('board.title')}
      intro={t('board.intro')}
      back={{ to: PROVIDER_HOME, label: t('provider.allPatients') }}
    >
      <div className="mg-stack">
        <Notice tone="info" title={t('board.notAlarm')}>
          <p>{t('board.notAlarmText')}</p>
          <p>{t('alerts.watch')}</p>
        </Notice>
        <Body />
      </div>
    </Page>
  )
}

function Body() {
  const { received } = useServices()
  const { board, isCut, isAsking } = useBoard()
  const { view, load } = useStore(received)
  const { rows, heardMs, failures } = useStore(board.store)
  const nowMs = useNow(5_000)
  if (view.status === 'failed')
    return <ProblemNotice problem={view.problem} what={t('provider.notShown')} onRetry={() => void load()} />
  const isUnsure = isCut || (view.status === 'ready' && view.problem !== null && !view.refreshing)
  if (isUnsure)
    return (
      <Notice
        tone="warn"
        title={t('provider.unsure')}
        loud
        actions={
          <Button variant="default" onClick={() => void load()}>
            {t('provider.askAgain')}
          </Button>
        }
      >
        <p>{t('board.unsureText')}</p>
      </Notice>
    )
  if (view.status === 'loading' || isAsking) return <ListSkeleton label={t('provider.asking')} rows={3} />
  if (rows.length === 0) return <NobodyYet />
  return (
    <>
      {failures >= FAILED_MAX && (
        <Notice tone="warn" title={t('board.deaf')} loud>
          <p>{heardMs === null ? t('board.deafText') : t('board.deafSince', { at: atText(heardMs, nowMs) })}</p>
        </Notice>
      )}
      <Cards rows={rows} nowMs={nowMs} again={board.again} />
    </>
  )
}

function Cards(props: { rows: readonly BoardRow[]; nowMs: number; again: (grantId: string) => void }) {
  const { rows, nowMs } = props
  const nameOf = useNames()
  const cards = useMemo(
    () =>
      rows.map((row) => {
        const latest =
          row.look.status === 'ready' ? latestOf(row.look.records, { nowMs, category: 'vitals', sending: null }) : null
        return { row, latest, concern: concernOf(row.look, latest) }
      }),
    [rows, nowMs],
  )
  const sorted = cards.toSorted(
    (a, b) => b.concern - a.concern || compareTexts(nameOf(a.row.share.patient), nameOf(b.row.share.patient)),
  )
  return (
    <ul className="mg-board" aria-label={t('board.list')}>
      {sorted.map(({ row, latest }) => (
        <BoardCard
          key={row.share.grantId}
          row={row}
          latest={latest}
          nowMs={nowMs}
          onRetry={() => props.again(row.share.grantId)}
        />
      ))}
    </ul>
  )
}

function NobodyYet() {
  const { client } = useServices()
  return (
    <EmptyState
      icon={<IconActivityHeartbeat size={28} />}
      title={t('board.nobody')}
      actions={
        <>
          <Link to={{ name: 'ask' }} className="mg-button-link">
            {t('ask.title')}
          </Link>
          <CopyButton text={client.principal} label={t('settings.copyCode')} />
        </>
      }
    >
      <p>{t('board.nobodyText', { kind: t('categories.vitals') })}</p>
    </EmptyState>
  )
}
