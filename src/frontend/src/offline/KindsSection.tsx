import { Button } from '@mantine/core'
import { CATEGORIES, type Category, KEPT_BYTES_MAX, KEPT_RECORD_BYTES_MAX, type RecordSummary } from '@medguard/client'
import { IconDeviceMobileDown, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useFresh, useKnown, useLoadable, usePage, useServices } from '../app/context.ts'
import { sizeText } from '../app/dates.ts'
import { ListSkeleton, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import type { Problem } from '../app/problem.ts'
import { createTask } from '../app/task.ts'
import { CategoryTile } from '../records/CategoryTile.tsx'
import { t } from '../words/language.ts'
import { keepLasting } from './lasting.ts'
import { isKeepable, isNoRoom } from './keeping-kinds.ts'

/** All records of a kind, and new ones as they are seen. */
export function KindsSection() {
  const { device, records } = useServices()
  const kinds = useFresh(device.kinds.kinds)
  const list = useLoadable(records)
  const known = list.status === 'ready' ? list.value : []
  const offered = CATEGORIES.filter((category) => known.some((record) => record.category === category))
  return (
    <Section title={t('keeping.title')}>
      <div className="mg-stack">
        <p>{t('keeping.text')}</p>
        {(kinds.status === 'loading' || list.status === 'loading') && (
          <ListSkeleton label={t('page.looking')} rows={2} />
        )}
        {list.status === 'failed' && (
          <ProblemNotice problem={list.problem} what={t('records.notShown')} onRetry={list.load} />
        )}
        {kinds.status === 'failed' && <ProblemNotice problem={kinds.problem} onRetry={kinds.load} />}
        {kinds.status === 'ready' && list.status !== 'loading' && (
          <>
            <FillingNote />
            {offered.length === 0 && kinds.value.length === 0 ? (
              list.status === 'ready' && <p className="mg-card mg-pad">{t('keeping.none')}</p>
            ) : (
              <ul className="mg-card mg-list" aria-label={t('keeping.title')}>
                {CATEGORIES.filter((one) => offered.includes(one) || kinds.value.includes(one)).map((category) => (
                  <KindRow
                    key={category}
                    category={category}
                    isKept={kinds.value.includes(category)}
                    records={known.filter((record) => record.category === category)}
                  />
                ))}
              </ul>
            )}
          </>
        )}
      </div>
    </Section>
  )
}

function KindRow(props: { category: Category; isKept: boolean; records: readonly RecordSummary[] }) {
  const { category, isKept, records } = props
  const { device } = useServices()
  const { shell } = usePage()
  const kept = useKnown(device.kept) ?? []
  const [store] = useState(() =>
    createTask<boolean, null>((isWanted) => {
      if (isWanted) {
        void shell.keepAll()
        void keepLasting()
      }
      return device.kinds.keepKind(category, isWanted)
    }),
  )
  const { task, run } = useStore(store)
  const kind = t(`categories.${category}`)
  const size = sizeText(records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  const here = records.filter(({ recordId }) => kept.some((one) => one.recordId === recordId)).length
  const large = records.filter((record) => !isKeepable(record)).length
  return (
    <li className="mg-device-row">
      <span className="mg-device-kind">
        <CategoryTile category={category} />
        <span className="mg-device-text">
          <span>{kind}</span>
          <span className="mg-soft mg-small">
            {t('keeping.count', { count: records.length, size })}
            {isKept && ` · ${t('keeping.here', { here, all: records.length - large })}`}
          </span>
          {isKept && large > 0 && (
            <span className="mg-soft mg-small">
              {t('keeping.large', { count: large, size: sizeText(KEPT_RECORD_BYTES_MAX) })}
            </span>
          )}
        </span>
      </span>
      <Button
        variant="default"
        loading={task.status === 'working'}
        leftSection={isKept ? <IconTrash size={18} aria-hidden /> : <IconDeviceMobileDown size={18} aria-hidden />}
        aria-label={t(isKept ? 'keeping.stopOf' : 'keeping.keepOf', { kind })}
        onClick={() => void run(!isKept)}
      >
        {t(isKept ? 'keeping.stop' : 'keeping.keep')}
      </Button>
      {task.status === 'failed' && <NotKept problem={task.problem} onRetry={() => void run(!isKept)} />}
    </li>
  )
}

function FillingNote() {
  const { device } = useServices()
  const filling = useStore(device.kinds.filling)
  return (
    <>
      <output className="mg-block">
        {filling.status === 'working' && t('keeping.working', { at: filling.done + 1, total: filling.total })}
      </output>
      {filling.status === 'stopped' && (
        <NotKept problem={filling.problem} left={filling.left} onRetry={() => void device.kinds.fill()} />
      )}
    </>
  )
}

/** Why something was not kept; where it is the room, what helps. */
export function NotKept({ problem, left, onRetry }: { problem: Problem; left?: number; onRetry: () => void }) {
  const what = left === undefined ? t('device.notKept') : t('keeping.left', { count: left })
  if (!isNoRoom(problem)) return <ProblemNotice problem={problem} what={what} onRetry={onRetry} />
  return (
    <Notice
      tone="warn"
      title={what}
      loud
      actions={
        <Button variant="default" onClick={onRetry}>
          {t('page.tryAgain')}
        </Button>
      }
    >
      <p>{t('keeping.noRoom', { size: sizeText(KEPT_BYTES_MAX) })}</p>
    </Notice>
  )
}
