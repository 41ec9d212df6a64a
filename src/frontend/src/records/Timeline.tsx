import type { Category, RecordSummary } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { IconChecklist, IconFilterOff, IconSearch } from '@tabler/icons-react'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useRouter } from '../app/context.ts'
import { clinicalDayText } from '../app/dates.ts'
import { EmptyState, Notice } from '../app/elements.tsx'
import { useDeviceNames } from '../devices/day-words.ts'
import { collapsed, NO_DAYS, standsFor } from '../devices/device-days.ts'
import { listText, t } from '../words/language.ts'
import { byMonth, newestFirst } from './record-list.ts'
import { createSelection } from './picking/selection.ts'
import { filterTimeline, recordItem, tagNamed, type TimelineFilter, timelineItems } from './timeline-filter.ts'
import { authorNamed, TimelineFilters } from './TimelineFilters.tsx'
import { TimelineList } from './TimelineList.tsx'
import { useMarks } from './use-marks.ts'
import { useSearch } from './use-search.ts'
import './records.css'

const SelectionBar = lazy(() => import('./picking/SelectionBar.tsx'))

const NONE: ReadonlySet<string> = new Set()

/** One's own records by month, with filters that stand in the address and a search that asks this device only. */
export function Timeline(props: {
  records: readonly RecordSummary[]
  show: readonly Category[]
  filter: TimelineFilter
}) {
  const { records, show, filter } = props
  const { search, setSearch, go } = useRouter()
  const marks = useMarks(records)
  const { shares, held, tags } = marks
  const sorted = useMemo(() => newestFirst(records), [records])
  const fitting = useMemo(
    () => filterTimeline(sorted, show, filter, { shares, held, tags }),
    [sorted, show, filter, shares, held, tags],
  )
  const answer = useSearch(search, records)
  const hits = answer.status === 'found' || answer.status === 'searching' ? answer.answer : null
  const [selection] = useState(createSelection)
  const { isOn, start, stop } = useStore(selection)
  const { items, inside, days } = useMemo(() => {
    if (hits === null) {
      const { lines, days: ofDevices } = collapsed(fitting)
      return { items: timelineItems(byMonth(lines)), inside: NONE, days: ofDevices }
    }
    const byId = new Map(fitting.map((record) => [record.recordId, record]))
    const found = hits.hits.flatMap(({ recordId }) => byId.get(recordId) ?? [])
    const lines = found.map((record, i) => recordItem(record, i + 1))
    return {
      items: lines,
      inside: new Set(hits.hits.flatMap((hit) => (hit.isInside ? [hit.recordId] : []))),
      days: NO_DAYS,
    }
  }, [fitting, hits])
  useDeviceNames(isOn && days !== NO_DAYS) // nobody can pick among lines that all say the same
  const change = (nextShow: readonly Category[], next: TimelineFilter) =>
    go({ name: 'records', show: nextShow, ...(Object.keys(next).length > 0 && { filter: next }) }, 'replace')
  const clear = () => {
    setSearch('')
    change([], {})
  }
  const lines = useMemo(() => items.flatMap((item) => (item.kind === 'record' ? [item.record] : [])), [items])
  const shown = useMemo(() => lines.flatMap((record) => standsFor(record, days)), [lines, days])
  const count = shown.length
  const opener = useRef<HTMLButtonElement>(null)
  const endPicking = useCallback(() => {
    stop()
    opener.current?.focus()
  }, [stop])
  const hiding = hidingBy({ ...props, tag: tagNamed(tags, filter)?.name ?? null, search: search.trim() })
  return (
    <>
      <div className="mg-filters">
        <TextInput
          label={t('timeline.search')}
          description={t('timeline.searchHint')}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          leftSection={<IconSearch size={18} aria-hidden />}
          autoComplete="off"
        />
        <TimelineFilters records={records} show={show} filter={filter} marks={marks} onChange={change} />
      </div>
      <output className="mg-block mg-soft mg-small">
        {answer.status === 'searching' && `${t('timeline.searching')} `}
        {hiding.length > 0 &&
          t('records.found', { count: hits === null ? fitting.length : count, all: records.length })}
        {hits !== null && hits.withContent > 0 && ` · ${t('timeline.searchedInside', { count: hits.withContent })}`}
      </output>
      <button
        ref={opener}
        type="button"
        className="mg-chip mg-chip-icon"
        aria-pressed={isOn}
        onClick={isOn ? endPicking : start}
      >
        <IconChecklist aria-hidden />
        {t('picking.start')}
      </button>
      {isOn && (
        <Suspense>
          <SelectionBar selection={selection} records={records} shown={shown} onEnd={endPicking} />
        </Suspense>
      )}
      {answer.status === 'failed' && <Notice tone="warn" title={t('timeline.searchFailed')} loud />}
      {count === 0 && answer.status !== 'searching' ? (
        <EmptyState
          icon={<IconFilterOff size={28} />}
          title={t('records.noneFits')}
          actions={<Button onClick={clear}>{t('records.showAll')}</Button>}
        >
          <p>{t('records.lookingAt', { what: listText(hiding) })}</p>
        </EmptyState>
      ) : (
        <TimelineList
          items={items}
          total={lines.length}
          inside={inside}
          marks={marks}
          selection={selection}
          days={days}
        />
      )}
    </>
  )
}

/** What keeps records off the page, in words. */
function hidingBy(of: {
  readonly records: readonly RecordSummary[]
  readonly show: readonly Category[]
  readonly filter: TimelineFilter
  readonly tag: string | null
  readonly search: string
}): string[] {
  const { filter } = of
  const author = authorNamed(of.records, filter)
  const day = (text: string) => clinicalDayText(text) ?? text
  return [
    ...(of.show.length > 0
      ? [t('records.onlyKinds', { kinds: listText(of.show.map((category) => t(`categories.${category}`))) })]
      : []),
    ...(author === null ? [] : [t('timeline.madeBy', { name: author })]),
    ...(of.tag === null ? [] : [t('tags.only', { name: of.tag })]),
    ...(filter.from === undefined ? [] : [t('timeline.since', { day: day(filter.from) })]),
    ...(filter.until === undefined ? [] : [t('timeline.upTo', { day: day(filter.until) })]),
    ...(filter.source === undefined ? [] : [t('timeline.those', { what: t(`timeline.${filter.source}`) })]),
    ...(filter.shared === undefined
      ? []
      : [t('timeline.those', { what: t(filter.shared === 'yes' ? 'timeline.shared' : 'timeline.notShared') })]),
    ...(of.search === '' ? [] : [t('records.theSearch', { search: of.search })]),
  ]
}
