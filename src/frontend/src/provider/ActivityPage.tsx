import { LogBody } from '../access-log/LogBody.tsx'
import { useFresh, useLoadable, useServices } from '../app/context.ts'
import { Page } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** What I did with other people's records, as their logs have it. */
export function ActivityPage() {
  const { activity, received } = useServices()
  const log = useFresh(activity)
  useLoadable(received) // names what each entry was shared for
  return (
    <Page title={t('provider.activity')} intro={t('provider.activityIntro')}>
      <LogBody log={log} who="everyone" filters={null} isActivity />
    </Page>
  )
}
