import type { Threshold } from '@medguard/readings'
import { Button } from '@mantine/core'
import { useServices } from '../app/context.ts'
import { dayText } from '../app/dates.ts'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { limitText } from './alert-words.ts'
import type { Say } from './AlertsPage.tsx'
import { SetLimit } from './LimitForm.tsx'
import type { KindAlerts } from './look.ts'

/** What is told of, who wanted it and since when. None is ever set by itself. */
export function Limits({ kind, say, isBusy }: { kind: KindAlerts; say: Say; isBusy: boolean }) {
  const { category, state } = kind
  return (
    <div className="mg-stack">
      {state.thresholds.length === 0 ? (
        <p className="mg-card mg-pad">{t('alerts.limitsNone')}</p>
      ) : (
        <ul className="mg-card mg-list" aria-label={t('alerts.limits')}>
          {state.thresholds.map((threshold) => (
            <Row
              key={threshold.id}
              threshold={threshold}
              onEnd={() => say(category, { kind: 'end', of: threshold.id })}
              isBusy={isBusy}
            />
          ))}
        </ul>
      )}
      <SetLimit isOwn isBusy={isBusy} set={(words) => say(category, words)} />
    </div>
  )
}

function Row({ threshold, onEnd, isBusy }: { threshold: Threshold; onEnd: () => void; isBusy: boolean }) {
  const { client } = useServices()
  const names = useNames()
  const { by, atMs } = threshold
  const text = limitText(threshold)
  const name = by === client.principal ? t('alerts.you') : names(by)
  return (
    <li className="mg-alert">
      <p className="mg-alert-text">{text}</p>
      <p className="mg-soft mg-small">{t('alerts.setBy', { name, day: dayText(atMs) })}</p>
      <div className="mg-row">
        <Button variant="default" loading={isBusy} aria-label={t('alerts.endOf', { what: text })} onClick={onEnd}>
          {t('alerts.end')}
        </Button>
      </div>
    </li>
  )
}
