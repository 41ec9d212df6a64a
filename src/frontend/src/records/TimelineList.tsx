import { type Range, useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, startTransition, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { Route } from '../app/routes.ts'
import type { DeviceDay } from '../devices/device-days.ts'
import { DeviceDayRow, PickDayRow } from '../devices/DeviceDayRow.tsx'
import { t } from '../words/language.ts'
import type { Marks } from './badges.ts'
import type { SelectionStore } from './picking/selection.ts'
import { PickRow, RecordRow } from './RecordRow.tsx'
import { type TimelineItem, yearsIn } from './timeline-filter.ts'
import { isAllDrawn, type Lines, linesToDraw } from './timeline-lines.ts'

/** As high as `records.css` makes them where no text wraps: what was guessed right need not be placed anew. */
const MONTH_PX = 51
const RECORD_PX = 70
/** The first of a month has a line above it. */
const FIRST_RECORD_PX = 71
/** Up to so many lines are all there, so that the browser's own search and print find them. */
const ALL_UP_TO = 200
const MORE_LINES = 6
const ALL: Lines = { first: 0, last: ALL_UP_TO }

/** A long list of which only what is in sight, and a little around it, is in the page. The space of the rest is set in the page's own code, as the policy demands. */
export function TimelineList(props: {
  items: readonly TimelineItem[]
  /** Lines in all, for screen readers. */
  total: number
  /** Ids of records of which only the inside fits what was searched for. */
  inside: ReadonlySet<string>
  marks: Marks
  selection: SelectionStore
  /** Of the records that stand for all that a device sent on a day. */
  days: ReadonlyMap<string, DeviceDay>
}) {
  const { items, marks, selection } = props
  const isPicking = useStore(selection, ({ isOn }) => isOn)
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const now = Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
    setTop(now)
  }, [items])
  // The same functions as long as the list is the same: with new ones, every place in it is worked out anew at each step of a scroll.
  const keyAt = useCallback((i: number) => items[i]?.key ?? i, [items])
  const sizeAt = useCallback(
    (i: number) =>
      items[i]?.kind === 'month' ? MONTH_PX : items[i - 1]?.kind === 'record' ? RECORD_PX : FIRST_RECORD_PX,
    [items],
  )
  const around = items.length <= ALL_UP_TO ? ALL_UP_TO : MORE_LINES
  /** What is in the page; another place for the same once more of the lines around are to be drawn, since nothing is worked out anew with the same. */
  const [place, setPlace] = useState<{ readonly drawn: { current: Lines | null } }>({ drawn: { current: null } })
  const { drawn } = place
  const linesIn = useCallback(
    ({ startIndex, endIndex, count }: Range) => {
      const sight = { first: startIndex, last: endIndex }
      const { first, last } = linesToDraw(sight, around, count, count <= ALL_UP_TO ? ALL : drawn.current)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    },
    [around, drawn],
  )
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoises here, and nothing of it is passed on
  const lines = useWindowVirtualizer({
    count: items.length,
    estimateSize: sizeAt,
    getItemKey: keyAt,
    overscan: around,
    rangeExtractor: linesIn,
    scrollMargin: top,
  })
  const jump = useCallback((index: number) => lines.scrollToIndex(index, { align: 'start' }), [lines])
  const shown = lines.getVirtualItems()
  const [first, last] = [shown[0], shown.at(-1)]
  useLayoutEffect(() => {
    const style = list.current?.style
    style?.setProperty('padding-block-start', `${first === undefined ? 0 : first.start - top}px`)
    style?.setProperty('padding-block-end', `${last === undefined ? 0 : lines.getTotalSize() + top - last.end}px`)
    drawn.current = first === undefined || last === undefined ? null : { first: first.index, last: last.index }
  })
  useEffect(() => {
    const { range } = lines
    if (range === null || drawn.current === null) return
    const sight = { first: range.startIndex, last: range.endIndex }
    if (!isAllDrawn(sight, around, items.length, drawn.current))
      startTransition(() => setPlace({ drawn: { current: drawn.current } }))
  })
  return (
    <>
      <YearJump items={items} onJump={jump} />
      <ul className="mg-timeline" ref={list}>
        {shown.map(({ index, key }) => {
          const item = items[index]
          if (item === undefined) return null
          return (
            <Line
              key={key}
              item={item}
              index={index}
              isFirst={items[index - 1]?.kind !== 'record'}
              isLast={items[index + 1]?.kind !== 'record'}
              isInside={item.kind === 'record' && props.inside.has(item.record.recordId)}
              total={props.total}
              measure={lines.measureElement}
              marks={marks}
              selection={isPicking ? selection : null}
              day={item.kind === 'record' ? props.days.get(item.record.recordId) : undefined}
            />
          )
        })}
      </ul>
    </>
  )
}

/** Drawn anew only when it changes: while somebody scrolls, most lines stay what they are. */
const Line = memo(function Line(props: {
  item: TimelineItem
  index: number
  isFirst: boolean
  isLast: boolean
  isInside: boolean
  total: number
  measure: (line: Element | null) => void
  marks: Marks
  /** Null while nothing is being picked. */
  selection: SelectionStore | null
  day: DeviceDay | undefined
}) {
  const { item, index, measure, selection, isInside, marks } = props
  if (item.kind === 'month')
    return (
      <li className="mg-timeline-month" data-index={index} ref={measure}>
        <h2 className="mg-month-head">{item.label}</h2>
      </li>
    )
  const line = {
    ref: measure,
    'data-index': index,
    className: `mg-record mg-timeline-record${props.isFirst ? ' mg-first' : ''}${props.isLast ? ' mg-last' : ''}`,
    'aria-posinset': item.place,
    'aria-setsize': props.total,
  }
  if (props.day !== undefined)
    return selection === null ? (
      <DeviceDayRow of={props.day} line={line} />
    ) : (
      <PickDayRow of={props.day} line={line} selection={selection} />
    )
  const shown = { record: item.record, isInside, marks, line }
  return selection === null ? (
    <RecordRow {...shown} to={routeOf(item.record.recordId)} />
  ) : (
    <PickRow {...shown} selection={selection} />
  )
})

const routeOf = (recordId: string): Route => ({ name: 'record', recordId })

/** Far away in a long list without scrolling there. */
const YearJump = memo(function YearJump(props: { items: readonly TimelineItem[]; onJump: (index: number) => void }) {
  const { items, onJump } = props
  const id = useId()
  const years = useMemo(() => yearsIn(items), [items])
  if (years.length < 2) return null
  return (
    <div className="mg-years">
      <label htmlFor={id} className="mg-hidden">
        {t('timeline.year')}
      </label>
      <select
        id={id}
        className="mg-select"
        value=""
        onChange={({ currentTarget: { value } }) => value !== '' && onJump(Number(value))}
      >
        <option value="">{t('timeline.year')}</option>
        {years.map(({ year, index }) => (
          <option key={index} value={index}>
            {year}
          </option>
        ))}
      </select>
    </div>
  )
})
