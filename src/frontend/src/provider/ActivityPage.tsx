import { LogBody } from '../access-log/LogBody.tsx'
import { useFresh, useLoadable, useServices } from '../app/context.ts'
import { Page } from '../app/elements.tsx'

/** What I did with other people's records, as their logs have it. */
export function ActivityPage() {
  const { activity, received } = useServices()
  const log = useFresh(activity)
  useLoadable(received) // names what each entry was shared for
  return (
    <Page
      title="My activity"
      intro="Everything you did, as it stands in the log. Patients see the part that concerns them."
    >
      <LogBody log={log} who="everyone" filters={null} isActivity />
    </Page>
  )
}
