import { Button } from '@mantine/core'
import { useState } from 'react'
import { clinicalDayText } from '../app/dates.ts'
import { numberText, t } from '../words/language.ts'
import { Flag } from './Flag.tsx'
import { ResourceView } from './ResourceView.tsx'
import { Term } from './Term.tsx'
import type { FhirGroup, FhirReading, FhirRow } from './fhir-reading.ts'

const PAGE_ROWS = 50
/** Up to here every group is open from the start; a larger bundle opens with its first group alone, so that it is not a wall. */
const ALL_OPEN_MAX = 25

export function FhirView({ reading }: { reading: FhirReading }) {
  const { patient, single } = reading
  if (single !== null) return <ResourceView {...single} />
  const born = clinicalDayText(patient?.birthDate)
  const about = [patient?.name, born === null ? null : t('records.born', { day: born })].filter(
    (part) => part !== null && part !== undefined,
  )
  return (
    <>
      <div className="mg-content-head">
        <p>
          {about.length > 0 && <strong>{about.join(' · ')} · </strong>}
          {t('records.entries', { count: reading.resourceCount })}
        </p>
      </div>
      {reading.groups.map((group, place) => (
        <Group key={group.type} group={group} open={place === 0 || reading.resourceCount <= ALL_OPEN_MAX} />
      ))}
    </>
  )
}

function Group({ group, open }: { group: FhirGroup; open: boolean }) {
  const [rows, setRows] = useState(PAGE_ROWS)
  return (
    <details className="mg-fhir-group" open={open}>
      <summary>
        <span>{group.label}</span>
        <span className="mg-soft">{numberText(group.rows.length)}</span>
      </summary>
      <table className="mg-fhir-table" aria-label={group.label}>
        <thead>
          <tr>
            <th scope="col">{t('fhir.what')}</th>
            <th scope="col">{t('fhir.value')}</th>
            <th scope="col">{t('fhir.date')}</th>
          </tr>
        </thead>
        <tbody>
          {group.rows.slice(0, rows).map((row, place) => (
            // Rows have no identity of their own, and their order never changes.
            <Row key={place} row={row} />
          ))}
        </tbody>
      </table>
      {group.rows.length > rows && (
        <p className="mg-more">
          <Button variant="default" onClick={() => setRows(rows + PAGE_ROWS)}>
            {t('page.showMore', { number: Math.min(PAGE_ROWS, group.rows.length - rows) })}
          </Button>
        </p>
      )}
    </details>
  )
}

function Row({ row }: { row: FhirRow }) {
  return (
    <tr>
      <th scope="row">
        <Term code={row.code}>
          <bdi>{row.what}</bdi>
        </Term>
        {row.code !== null && <span className="mg-fhir-note">{row.code}</span>}
      </th>
      <td className="mg-fhir-value">
        <bdi>{row.value}</bdi>
        {row.flag !== null && <Flag flag={row.flag} />}
        {row.parts.map((part) => (
          <span key={part.what} className="mg-fhir-part">
            <bdi>{part.what}</bdi>: <bdi>{part.value}</bdi>
            <br />
          </span>
        ))}
        {row.detail !== null && <span className="mg-fhir-note">{row.detail}</span>}
      </td>
      <td className="mg-fhir-date">{clinicalDayText(row.when)}</td>
    </tr>
  )
}
