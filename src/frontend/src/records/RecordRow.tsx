import type { RecordSummary } from '@medguard/client'
import { IconAlertTriangle, IconChevronRight } from '@tabler/icons-react'
import type { ComponentProps } from 'react'
import { clinicalDayText, dayText, msOf } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { t } from '../words/language.ts'
import { CategoryTile } from './CategoryTile.tsx'
import { typeText } from './media.ts'

export function RecordRow({
  record,
  to,
  isInside = false,
  line = { className: 'mg-record' },
}: {
  record: RecordSummary
  to: Route
  /** What was searched for is inside of it, and in nothing that this line shows. */
  isInside?: boolean
  line?: ComponentProps<'li'> & { readonly 'data-index'?: number }
}) {
  const day =
    clinicalDayText(record.clinicalDate) ??
    (record.addedNs === null ? null : t('records.addedOn', { day: dayText(msOf(record.addedNs)) }))
  const facts = [t(`categories.${record.category}`), day, record.author, typeText(record.mediaType)]
  return (
    <li {...line}>
      <Link to={to} className="mg-record-link">
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
            <span className="mg-record-facts">{facts.filter((fact) => fact !== null).join(' · ')}</span>
          )}
          {isInside && <span className="mg-badge">{t('timeline.inside')}</span>}
        </span>
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}
