import { IconEye, IconHandStop, IconPointFilled, IconShare } from '@tabler/icons-react'
import type { DoubtedEntry } from '@medguard/client'
import { useState } from 'react'
import { useNow } from '../app/context.ts'
import { atText, timeText } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { type LogGroup, groupText, type LogRow } from './log-words.ts'
import { spanText } from './LogBody.tsx'

const TONE_ICONS = { opened: IconEye, refused: IconHandStop, share: IconShare, plain: IconPointFilled }

/** One entry, or several alike that open. */
export function LogGroupRow(props: {
  group: LogGroup
  /** What was noted of entries before. */
  doubts: readonly DoubtedEntry[]
  onDoubt: ((row: LogRow) => void) | null
}) {
  const { group, onDoubt } = props
  const [isOpen, setOpen] = useState(false)
  const [first] = group.rows
  const Icon = TONE_ICONS[first.tone]
  const { verb, object } = groupText(group)
  const recordId = group.rows.every((row) => row.recordId === first.recordId) ? first.recordId : null
  const isNamed = first.isMe || first.actorCode === ''
  const marks = {
    actor: (actor: string) => (
      <bdi className={isNamed ? 'mg-log-actor' : 'mg-log-actor mg-person-code'} title={first.actorCode}>
        {actor}
      </bdi>
    ),
    object: (title: string) => (
      <strong className="mg-break">
        {recordId === null ? title : <Link to={{ name: 'record', recordId }}>{title}</Link>}
      </strong>
    ),
  }
  return (
    <li className="mg-log" data-tone={first.tone}>
      <span className="mg-log-icon" aria-hidden>
        <Icon size={20} stroke={1.8} />
      </span>
      <div className="mg-log-text">
        <p>
          {object === null ? (
            <Marked text="log.lineOnly" values={{ actor: first.actor, verb }} marks={marks} />
          ) : (
            <Marked text="log.line" values={{ actor: first.actor, verb, object }} marks={marks} />
          )}
        </p>
        {first.reason !== null && (
          <p className="mg-soft mg-small">
            {first.shareId === null ? (
              first.reason
            ) : (
              <Link className="mg-log-share" to={{ name: 'oneShare', shareId: first.shareId }}>
                {first.reason}
              </Link>
            )}
          </p>
        )}
        {props.doubts
          .filter(({ entry }) => group.rows.some(({ key }) => key === entry))
          .map((doubt) => (
            <Noted key={doubt.entry} doubt={doubt} />
          ))}
        {group.rows.length > 1 && (
          <button type="button" className="mg-log-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? t('log.hideSingles') : t('log.showSingles', { count: group.rows.length })}
          </button>
        )}
        {onDoubt !== null && !isNamed && (
          <button
            type="button"
            className="mg-log-more"
            aria-label={t('logReport.askOf', { who: first.actor, at: spanText(group.rows) })}
            onClick={() => onDoubt(first)}
          >
            {t('logReport.ask')}
          </button>
        )}
        {isOpen && (
          <ul className="mg-log-singles">
            {group.rows.map((row) => (
              <Single key={row.key} row={row} />
            ))}
          </ul>
        )}
      </div>
      <p className="mg-log-time">{spanText(group.rows)}</p>
    </li>
  )
}

/** What the reader said of an entry, and did about it. */
function Noted({ doubt }: { doubt: DoubtedEntry }) {
  const nowMs = useNow(60_000)
  const { entry, why, isStopped, isBlocked, atMs } = doubt
  const said = t('logReport.said', { number: entry, at: atText(atMs, nowMs), why: t(`logReport.${why}`) })
  return (
    <p className="mg-small mg-log-noted">
      {said} {isStopped && t('logReport.saidStopped')} {isBlocked && t('logReport.saidBlocked')}{' '}
      {!isStopped && !isBlocked && t('logReport.saidNothing')}
    </p>
  )
}

function Single({ row }: { row: LogRow }) {
  const { verb, object, recordId } = row
  const text = object === null ? verb : t('log.single', { verb, object })
  return (
    <li>
      <span className="mg-log-time">{timeText(row.timeMs)}</span>{' '}
      {recordId === null ? text : <Link to={{ name: 'record', recordId }}>{text}</Link>}{' '}
      <span className="mg-soft mg-small">{t('log.entry', { number: row.key })}</span>
    </li>
  )
}
