import type { LogItem } from '@medguard/client'
import { type LogRow, logRow } from '../../access-log/log-words.ts'
import { LogGroupRow } from '../../access-log/LogGroupRow.tsx'
import { dayText } from '../../app/dates.ts'
import { useKnown, useServices } from '../../app/context.ts'
import { useNames } from '../../sharing/use-names.ts'
import '../../access-log/access-log.css'

/** What happened to one record, newest first: each line says who and when, and not to what. */
export function LogLines({ items, label, max }: { items: readonly LogItem[]; label: string; max: number }) {
  const { client, ward, records, shares, doubts } = useServices()
  const known = { records: useKnown(records), shares: useKnown(shares) }
  const noted = useKnown(doubts) ?? []
  const nameOf = useNames()
  const context = { about: 'mine' as const, isWard: ward !== null, me: client.principal, nameOf, ...known }
  return (
    <ul className="mg-card mg-list" aria-label={label}>
      {items
        .toReversed()
        .slice(0, max)
        .map((item) => {
          const row = logRow(item, context)
          return (
            <LogGroupRow
              key={row.key}
              group={{ rows: [{ ...row, object: null, reason: reasonOf(row) }] }}
              doubts={noted}
              onDoubt={null}
            />
          )
        })}
    </ul>
  )
}

/** The page of the log has a heading for each day; here the day stands in the line. */
const reasonOf = ({ timeMs, reason }: LogRow) => [dayText(timeMs), reason].filter((part) => part !== null).join(' · ')
