import { useFresh, useLoadable, useRouter, useServices } from '../app/context.ts'
import { Page } from '../app/elements.tsx'
import { LOG_FILTERS, type LogFilter } from '../app/routes.ts'
import { LogBody } from './LogBody.tsx'

const FILTER_WORDS: Record<LogFilter, string> = { everyone: 'Everyone', others: 'Other people', me: 'Me' }

export function AccessLogPage({ who }: { who: LogFilter }) {
  const { go } = useRouter()
  const { log: store, records, shares } = useServices()
  const log = useFresh(store)
  useLoadable(records) // titles of what was opened
  useLoadable(shares) // and why it was allowed
  return (
    <Page
      title="Access log"
      intro="Who looked at your records, who changed what, and why it was allowed. Nobody can erase an entry."
    >
      <LogBody
        log={log}
        who={who}
        filters={
          <fieldset className="mg-set mg-chips" aria-label="Whose acts">
            {LOG_FILTERS.map((filter) => (
              <button
                key={filter}
                type="button"
                className="mg-chip"
                aria-pressed={who === filter}
                onClick={() => go({ name: 'log', who: filter })}
              >
                {FILTER_WORDS[filter]}
              </button>
            ))}
          </fieldset>
        }
      />
    </Page>
  )
}
