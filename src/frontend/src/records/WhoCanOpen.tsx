import type { RecordSummary } from '@medguard/client'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Link, Person, ProblemNotice } from '../app/elements.tsx'
import { CATEGORY_WORDS } from '../app/words.ts'

/** Computed from the shares that live now, each with its reason. */
export function WhoCanOpen({ record }: { record: RecordSummary }) {
  const shares = useLoadable(useServices().shares)
  const nowMs = useNow()
  if (shares.status === 'loading') {
    return <output className="mg-block mg-soft">Looking through your shares…</output>
  }
  if (shares.status === 'failed')
    return <ProblemNotice problem={shares.problem} what="We cannot tell right now" onRetry={shares.load} />
  const live = shares.value.filter(({ state, endNs }) => state === 'live' && msOf(endNs) > nowMs)
  const byKind = live.filter(({ scope }) => scope.some((part) => part === record.category))
  const single = live.filter(({ scope }) => scope.includes('shared'))
  return (
    <div className="mg-card mg-pad mg-stack">
      <ul className="mg-who">
        <li>
          <strong>You</strong>
          <span className="mg-soft">it is your record</span>
        </li>
        {byKind.map((share) => (
          <li key={share.grantId}>
            <Person code={share.grantee} />
            <span className="mg-soft">
              until {momentText(msOf(share.endNs), nowMs)}, because you share {CATEGORY_WORDS[record.category].label}
            </span>
          </li>
        ))}
        {single.map((share) => (
          <li key={share.grantId}>
            <Person code={share.grantee} />
            <span className="mg-soft">
              until {momentText(msOf(share.endNs), nowMs)}, if this is one of the records you chose for them
            </span>
          </li>
        ))}
      </ul>
      <Link to={{ name: 'sharing', tab: 'people' }}>Change who can see what</Link>
    </div>
  )
}
