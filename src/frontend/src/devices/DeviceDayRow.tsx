import { IconChevronRight } from '@tabler/icons-react'
import type { ComponentProps } from 'react'
import { useStore } from 'zustand'
import { Link } from '../app/elements.tsx'
import { CategoryTile } from '../records/CategoryTile.tsx'
import type { SelectionStore } from '../records/picking/selection.ts'
import { useDayWords } from './day-words.ts'
import type { DeviceDay } from './device-days.ts'
import { TinyChart } from './TinyChart.tsx'

interface Shown {
  readonly of: DeviceDay
  readonly line: ComponentProps<'li'> & { readonly 'data-index'?: number }
}

/** What one device sent on one day, told by what its sealed headers say: nothing is opened for it. */
export function DeviceDayRow({ of, line }: Shown) {
  return (
    <li {...line}>
      <Link to={{ name: 'devices', at: of.deviceId, day: of.day }} className="mg-record-link">
        <DayText of={of} />
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}

/** The same row while records are being picked: pressing it picks all that it stands for. */
export function PickDayRow({ of, line, selection }: Shown & { selection: SelectionStore }) {
  const recordIds = of.records.map(({ recordId }) => recordId)
  const picked = useStore(selection, ({ ids }) => recordIds.filter((recordId) => ids.has(recordId)).length)
  return (
    <li {...line}>
      <label className="mg-record-link mg-pick">
        <input
          type="checkbox"
          ref={(input) => {
            if (input !== null) input.indeterminate = picked > 0 && picked < recordIds.length
          }}
          checked={picked === recordIds.length}
          onChange={() => selection.getState().toggle(recordIds)}
        />
        <DayText of={of} />
      </label>
    </li>
  )
}

function DayText({ of }: { of: DeviceDay }) {
  const { title, facts, shape } = useDayWords()(of)
  return (
    <>
      <CategoryTile category={of.records[0]?.category ?? 'vitals'} />
      <span className="mg-record-text">
        <span className="mg-record-title">
          <bdi>{title}</bdi>
        </span>
        <span className="mg-record-facts">{facts}</span>
      </span>
      {shape !== null && shape.spans.length > 1 && <TinyChart {...shape} />}
    </>
  )
}
