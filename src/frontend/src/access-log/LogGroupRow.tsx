import { IconEye, IconHandStop, IconPointFilled, IconShare } from '@tabler/icons-react'
import { useState } from 'react'
import { timeText } from '../app/dates.ts'
import { type LogGroup, groupText, type LogRow } from './log-words.ts'
import { spanText } from './LogBody.tsx'

const TONE_ICONS = { opened: IconEye, refused: IconHandStop, share: IconShare, plain: IconPointFilled }

/** One entry, or several alike that open. */
export function LogGroupRow({ group }: { group: LogGroup }) {
  const [isOpen, setOpen] = useState(false)
  const [first] = group.rows
  const Icon = TONE_ICONS[first.tone]
  const { verb, object } = groupText(group)
  return (
    <li className="mg-log" data-tone={first.tone}>
      <span className="mg-log-icon" aria-hidden>
        <Icon size={20} stroke={1.8} />
      </span>
      <div className="mg-log-text">
        <p>
          <span
            className={first.isMe || first.actorCode === '' ? 'mg-log-actor' : 'mg-log-actor mg-person-code'}
            title={first.actorCode}
          >
            {first.actor}
          </span>{' '}
          {verb}
          {object !== null && (
            <>
              {' '}
              <strong className="mg-break">{object}</strong>
            </>
          )}
        </p>
        {first.reason !== null && <p className="mg-soft mg-small">{first.reason}</p>}
        {group.rows.length > 1 && (
          <button type="button" className="mg-log-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide the single entries' : `Show all ${group.rows.length} entries`}
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

function Single({ row }: { row: LogRow }) {
  return (
    <li>
      <span className="mg-log-time">{timeText(row.timeMs)}</span> {row.verb} {row.object}{' '}
      <span className="mg-soft mg-small">entry {row.key}</span>
    </li>
  )
}
