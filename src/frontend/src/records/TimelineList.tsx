import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useId, useLayoutEffect, useRef, useState } from 'react'
import type { Route } from '../app/routes.ts'
import { t } from '../words/language.ts'
import { RecordRow } from './RecordRow.tsx'
import { type TimelineItem, yearsIn } from './timeline-filter.ts'

const MONTH_PX = 52
const RECORD_PX = 70
/** Up to so many lines are all there, so that the browser's own search and print find them. */
const ALL_UP_TO = 200
const MORE_LINES = 12

/** A long list of which only what is in sight, and a little around it, is in the page. The space of the rest is set in the page's own code, as the policy demands. */
export function TimelineList(props: {
  items: readonly TimelineItem[]
  /** Records in all, for screen readers. */
  total: number
  /** Ids of records of which only the inside fits what was searched for. */
  inside: ReadonlySet<string>
}) {
  const { items } = props
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const now = Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
    setTop(now)
  }, [items])
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoises here, and nothing of it is passed on
  const lines = useWindowVirtualizer({
    count: items.length,
    estimateSize: (i) => (items[i]?.kind === 'month' ? MONTH_PX : RECORD_PX),
    getItemKey: (i) => keyOf(items[i]) ?? i,
    overscan: items.length <= ALL_UP_TO ? ALL_UP_TO : MORE_LINES,
    scrollMargin: top,
  })
  const shown = lines.getVirtualItems()
  const [first, last] = [shown[0], shown.at(-1)]
  useLayoutEffect(() => {
    const style = list.current?.style
    style?.setProperty('padding-block-start', `${first === undefined ? 0 : first.start - top}px`)
    style?.setProperty('padding-block-end', `${last === undefined ? 0 : lines.getTotalSize() + top - last.end}px`)
  })
  return (
    <>
      <YearJump items={items} onJump={(index) => lines.scrollToIndex(index, { align: 'start' })} />
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
}) {
  const { item, index, measure } = props
  if (item.kind === 'month')
    return (
      <li className="mg-timeline-month" data-index={index} ref={measure}>
        <h2 className="mg-month-head">{item.label}</h2>
      </li>
    )
  return (
    <RecordRow
      record={item.record}
      to={routeOf(item.record.recordId)}
      isInside={props.isInside}
      line={{
        ref: measure,
        'data-index': index,
        className: `mg-record mg-timeline-record${props.isFirst ? ' mg-first' : ''}${props.isLast ? ' mg-last' : ''}`,
        'aria-posinset': item.place,
        'aria-setsize': props.total,
      }}
    />
  )
})

const routeOf = (recordId: string): Route => ({ name: 'record', recordId })
const keyOf = (item: TimelineItem | undefined): string | undefined =>
  item?.kind === 'month' ? item.label : item?.record.recordId

/** Far away in a long list without scrolling there. */
function YearJump({ items, onJump }: { items: readonly TimelineItem[]; onJump: (index: number) => void }) {
  const id = useId()
  const years = yearsIn(items)
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
}
