import type { RecordSummary } from '@medguard/client'
import { IconAlertTriangle, IconChevronRight, IconTag } from '@tabler/icons-react'
import type { ComponentProps } from 'react'
import { useStore } from 'zustand'
import { dayText, msOf } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { t } from '../words/language.ts'
import { addedBy, type Badge, badgesOf, type Marks } from './badges.ts'
import { CategoryTile } from './CategoryTile.tsx'
import { typeText } from './media.ts'
import type { SelectionStore } from './picking/selection.ts'
import { recordDayText } from './RecordFacts.tsx'

interface Shown {
  readonly record: RecordSummary
  /** What was searched for is inside of it, and in nothing that this line shows. */
  readonly isInside?: boolean
  /** What more is known of it; absent where the row stands among others that say it. */
  readonly marks?: Marks
  readonly line?: ComponentProps<'li'> & { readonly 'data-index'?: number }
}
const LINE = { className: 'mg-record' }

export function RecordRow({ to, line = LINE, ...shown }: Shown & { to: Route }) {
  return (
    <li {...line}>
      <Link to={to} className="mg-record-link">
        <RowText {...shown} />
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}

/** The same row while records are being picked: pressing it picks it. What failed its check can neither be shared nor taken along. */
export function PickRow({ selection, line = LINE, ...shown }: Shown & { selection: SelectionStore }) {
  const { recordId, isDamaged } = shown.record
  const isPicked = useStore(selection, ({ ids }) => ids.has(recordId))
  return (
    <li {...line}>
      <label className="mg-record-link mg-pick">
        <input
          type="checkbox"
          checked={isPicked}
          disabled={isDamaged === true}
          onChange={() => selection.getState().toggle([recordId])}
        />
        <RowText {...shown} />
      </label>
    </li>
  )
}

function RowText({ record, isInside = false, marks }: Omit<Shown, 'line'>) {
  const day =
    recordDayText(record) ??
    (record.addedNs === null ? null : t('records.addedOn', { day: dayText(msOf(record.addedNs)) }))
  const from = marks === undefined ? null : addedBy(record, marks.names)
  const facts = [t(`categories.${record.category}`), day, record.author, from, typeText(record.mediaType)]
  return (
    <>
      <CategoryTile category={record.category} />
      <span className="mg-record-text">
        <span className="mg-record-title">
          <bdi>{record.title}</bdi>
        </span>
        {record.isDamaged === true ? (
          <span className="mg-badge mg-bad">
            <IconAlertTriangle size={14} aria-hidden />
            {t('records.damaged')}
          </span>
        ) : (
          <About facts={facts.filter((fact) => fact !== null).join(' · ')} record={record} marks={marks} />
        )}
        {isInside && <span className="mg-badge">{t('timeline.inside')}</span>}
      </span>
    </>
  )
}

/** What is known of a record, and its badges where there are any: most lines of a long list have none, and are drawn with less. */
function About({ facts, record, marks }: { facts: string; record: RecordSummary; marks: Marks | undefined }) {
  const badges = marks === undefined ? [] : badgesOf(record, marks)
  const tags = marks?.tagsOf.get(record.recordId) ?? []
  const said = <span className="mg-record-facts">{facts}</span>
  if (badges.length + tags.length === 0) return said
  return (
    <span className="mg-record-about">
      {said}
      {badges.map((badge) => (
        <span key={badge} className={`mg-badge mg-${TONES[badge]}`}>
          {t(`badges.${badge}`)}
        </span>
      ))}
      {tags.map((tag) => (
        <span key={tag} className="mg-badge mg-tag">
          <IconTag size={13} aria-hidden />
          <bdi>{tag}</bdi>
        </span>
      ))}
    </span>
  )
}

const TONES: Readonly<Record<Badge, 'info' | 'good' | 'warn' | 'quiet'>> = {
  fresh: 'good',
  shared: 'info',
  corrected: 'warn',
  fromDevice: 'quiet',
  kept: 'quiet',
}
