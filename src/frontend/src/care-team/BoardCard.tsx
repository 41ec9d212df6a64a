import { IconChevronRight } from '@tabler/icons-react'
import { atText, momentText, msOf } from '../app/dates.ts'
import { Link, ListSkeleton, Person, ProblemNotice } from '../app/elements.tsx'
import type { Latest } from '../devices/latest.ts'
import { LatestValues } from '../devices/LatestValues.tsx'
import { useNameOf } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { CardAlerts } from './CardAlerts.tsx'
import type { BoardRow } from './board-store.ts'

/** One patient on the board. */
export function BoardCard(props: { row: BoardRow; latest: Latest | null; nowMs: number; onRetry: () => void }) {
  const { row, latest, nowMs } = props
  const { share, look } = row
  const name = useNameOf(share.patient)
  return (
    <li className="mg-card mg-pad mg-board-card">
      <div className="mg-board-head">
        <h2 className="mg-board-who">
          <Person code={share.patient} />
        </h2>
        <Link
          to={{ name: 'patient', grantId: share.grantId, show: ['vitals'] }}
          className="mg-button-link"
          label={t('board.open', { name })}
        >
          {t('board.openShort')}
          <IconChevronRight size={18} aria-hidden className="mg-turns" />
        </Link>
      </div>
      {look.status === 'looking' && <ListSkeleton label={t('board.looking')} rows={1} />}
      {look.status === 'failed' && (
        <ProblemNotice problem={look.problem} what={t('board.notShown')} onRetry={props.onRetry} />
      )}
      {latest !== null && (
        <>
          <LatestValues latest={latest} nowMs={nowMs} />
          <CardAlerts share={share} state={latest.state} alerts={latest.alerts} nowMs={nowMs} />
        </>
      )}
      <p className="mg-soft mg-small">
        {look.status === 'ready' && <>{t('board.checked', { at: atText(look.listedMs, nowMs) })} </>}
        {t('board.until', { until: momentText(msOf(share.endNs), nowMs) })}
      </p>
    </li>
  )
}
