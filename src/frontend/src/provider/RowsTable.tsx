import { clinicalDayText } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import { Flag } from '../records/Flag.tsx'
import { t } from '../words/language.ts'
import type { SummaryRow } from '../summary/summary.ts'
import '../records/records.css'

/** Rows of a summary, each with the record that says it. */
export function RowsTable({ label, rows, grantId }: { label: string; rows: readonly SummaryRow[]; grantId: string }) {
  return (
    <table className="mg-fhir-table" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t('fhir.what')}</th>
          <th scope="col">{t('fhir.value')}</th>
          <th scope="col">{t('fhir.date')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, place) => (
          // Rows have no identity of their own: two of them may say the same.
          <tr key={place} className={row.isOver ? 'mg-over' : undefined}>
            <th scope="row">
              <Link to={{ name: 'patientRecord', grantId, recordId: row.record.recordId }}>
                <bdi>{row.what}</bdi>
              </Link>
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
        ))}
      </tbody>
    </table>
  )
}
