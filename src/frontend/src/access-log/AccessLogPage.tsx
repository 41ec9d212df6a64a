import { useFresh, useLoadable, useRouter, useServices } from '../app/context.ts'
import { Page } from '../app/elements.tsx'
import { LOG_FILTERS, type LogFilter } from '../app/routes.ts'
import { t } from '../words/language.ts'
import { LogBody } from './LogBody.tsx'

export function AccessLogPage({ who }: { who: LogFilter }) {
  const { go } = useRouter()
  const { log: store, ward, records, shares, doubts } = useServices()
  const log = useFresh(store)
  useLoadable(records) // titles of what was opened
  useLoadable(shares) // and why it was allowed
  useLoadable(doubts) // and what was said of it before
  return (
    <Page title={t('log.title')} intro={t(ward === null ? 'log.intro' : 'ward.logIntro')}>
      <LogBody
        log={log}
        who={who}
        filters={
          <fieldset className="mg-set mg-chips" aria-label={t('log.whose')}>
            {LOG_FILTERS.map((filter) => (
              <button
                key={filter}
                type="button"
                className="mg-chip"
                aria-pressed={who === filter}
                onClick={() => go({ name: 'log', who: filter })}
              >
                {t(`log.${filter}`)}
              </button>
            ))}
          </fieldset>
        }
      />
    </Page>
  )
}
