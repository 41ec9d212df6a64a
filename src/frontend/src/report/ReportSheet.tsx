import { dayTimeText } from '../app/dates.ts'
import { listText, t } from '../words/language.ts'
import type { Report, ReportPart, ReportRow, Trend } from './report.ts'
import { sectionText } from './section-words.ts'

/** The report as it will be on paper: its first page, and the details after it. On a screen it is in the colours of the screen. */
export function ReportSheet({ report, isPrinted }: { report: Report; isPrinted: boolean }) {
  const { name, born, facts, from, notes, first, details, empty, leftOut, postingsLeft } = report
  const who = [born === null ? null : t('records.born', { day: born }), ...facts].filter((fact) => fact !== null)
  return (
    <article className={`mg-card mg-sheet${isPrinted ? ' mg-printed' : ''}`} aria-label={t('report.heading')}>
      <div className="mg-sheet-first">
        <header className="mg-sheet-head">
          <p className="mg-sheet-kind">{t('report.heading')}</p>
          {name !== null && (
            <h3 className="mg-sheet-name">
              <bdi>{name}</bdi>
            </h3>
          )}
          {who.length > 0 && <p>{who.join(' · ')}</p>}
          <p>
            {t('report.asOf', { at: dayTimeText(report.asOfMs) })}{' '}
            {from === null ? t('report.allTime') : t('report.since', { day: from })}
          </p>
        </header>
        {notes !== '' && (
          <section className="mg-sheet-notes" aria-label={t('report.fromPatient')}>
            <h4>{t('report.fromPatient')}</h4>
            <p dir="auto">{notes}</p>
          </section>
        )}
        <div className="mg-sheet-columns">
          {first.map(({ section, rows, more }) => (
            <section key={section} aria-label={sectionText(section)}>
              <h4>{sectionText(section)}</h4>
              <ul>
                {rows.map((row, place) => (
                  <Line key={place} row={row} />
                ))}
                {more > 0 && (
                  <li className="mg-sheet-rest">
                    <strong>{t('report.more', { count: more })}</strong>
                  </li>
                )}
              </ul>
            </section>
          ))}
        </div>
        <footer className="mg-sheet-foot">
          {first.some(({ isShortened }) => isShortened) && <p>{t('report.shortened')}</p>}
          {empty.length > 0 && <p>{t('report.empty', { sections: listText(empty.map(sectionText)) })}</p>}
          {leftOut.length > 0 && <p>{t('report.leftOut', { sections: listText(leftOut.map(sectionText)) })}</p>}
          {postingsLeft > 0 && <p>{t('devices.olderLeft', { count: postingsLeft })}</p>}
          <p>{t('report.honest')}</p>
        </footer>
      </div>
      {details.length > 0 && (
        <section className="mg-sheet-details" aria-label={t('report.details')}>
          <h3>{t('report.details')}</h3>
          {details.map((part) => (
            <Part key={part.section} part={part} />
          ))}
        </section>
      )}
    </article>
  )
}

/** Rows have no identity of their own: two of them may say the same. */
function Line({ row: { what, value, flag, trend, detail, when } }: { row: ReportRow }) {
  return (
    <li>
      <bdi>
        <strong>{what}</strong>
      </bdi>
      {value !== null && (
        <>
          {' '}
          <bdi>{value}</bdi>
        </>
      )}
      {flag !== null && <em className="mg-sheet-flag"> {t(`fhir.${flag}`)}</em>}
      {trend !== null && <span> {trendText(trend)}</span>}
      {[detail, when]
        .filter((text) => text !== null)
        .map((text, place) => (
          <span key={place} className="mg-sheet-soft">
            {' · '}
            <bdi>{text}</bdi>
          </span>
        ))}
    </li>
  )
}

const trendText = ({ way, from, when }: Trend) => t(`report.${way}`, { from, when })

function Part({ part: { section, rows, left } }: { part: ReportPart }) {
  return (
    <section aria-label={sectionText(section)}>
      <h4>{sectionText(section)}</h4>
      <table className="mg-sheet-table">
        <thead>
          <tr>
            <th scope="col">{t('fhir.what')}</th>
            <th scope="col">{t('fhir.value')}</th>
            <th scope="col">{t('fhir.date')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ what, value, flag, detail, when }, place) => (
            <tr key={place}>
              <th scope="row">
                <bdi>{what}</bdi>
              </th>
              <td>
                <bdi>{value}</bdi>
                {flag !== null && <em className="mg-sheet-flag"> {t(`fhir.${flag}`)}</em>}
                {detail !== null && (
                  <span className="mg-sheet-more" dir="auto">
                    {detail}
                  </span>
                )}
              </td>
              <td>{when}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className="mg-sheet-soft">{t('report.olderLeft', { count: left })}</p>}
    </section>
  )
}
