import type { MedGuardClient, Outcome, PeopleInfo, Reader, RecordSummary, Share } from '@medguard/client'
import { useEffect, useState } from 'react'
import { useKnown, useLoadable, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Link, Person, ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import { listText, t } from '../words/language.ts'

/** Everybody who would be let in now, as the canister that gives out keys decides it, each with the reason; asked anew when something changed. */
export function WhoCanOpen({ record }: { record: RecordSummary }) {
  const { client, poller, shares } = useServices()
  const [store] = useState(() => createLoadable(() => readersOf(client, record)))
  const found = useLoadable(store)
  useEffect(() => shares.getState().ensure(), [shares])
  useEffect(
    () =>
      poller.live.subscribe((live, before) => {
        if (live.changes !== before.changes) void store.getState().load()
      }),
    [poller, store],
  )
  const given = useKnown(shares) ?? []
  if (found.status === 'loading') {
    return <output className="mg-block mg-soft">{t('records.asking')}</output>
  }
  if (found.status === 'failed')
    return <ProblemNotice problem={found.problem} what={t('page.cannotTell')} onRetry={found.load} />
  const { readers, people } = found.value
  return (
    <div className="mg-card mg-pad mg-stack">
      {found.problem !== null && (
        <ProblemNotice problem={found.problem} what={t('page.outOfDate')} onRetry={found.load} />
      )}
      <ul className="mg-who" aria-label={t('records.whoCanOpen')}>
        {readers.map((reader) => (
          <li key={`${reader.principal} ${reader.grantId}`}>
            <Person code={reader.principal} isMe={reader.principal === client.principal} />
            <Why reader={reader} people={people} share={given.find(({ grantId }) => grantId === reader.grantId)} />
          </li>
        ))}
      </ul>
      <Link to={{ name: 'sharing', tab: 'people' }}>{t('records.changeWho')}</Link>
    </div>
  )
}

function Why({ reader, people, share }: { reader: Reader; people: PeopleInfo; share: Share | undefined }) {
  const { client } = useServices()
  const nowMs = useNow()
  if (reader.grantId === null) {
    const isOwn = people.principals.some(({ principal }) => principal === reader.principal)
    const other = isOwn ? 'records.whySignIn' : 'records.whyActs'
    return <span className="mg-soft">{t(reader.principal === client.principal ? 'records.whyOwn' : other)}</span>
  }
  const kinds = share?.scope.flatMap((part) => (part === 'shared' ? [] : [t(`categories.${part}`)])) ?? []
  const until = share === undefined ? '' : momentText(msOf(share.endNs), nowMs)
  const reasons = [
    ...(reader.rights.includes('open') ? [] : [t('records.whyListOnly')]),
    ...(reader.organisation === null ? [] : [t('records.whyWorks')]),
    share === undefined
      ? t('records.whyShare')
      : kinds.length === 0
        ? t('records.whyThis', { until })
        : t('records.whyKinds', { until, kinds: listText(kinds) }),
  ]
  return <span className="mg-soft">{reasons.join(' · ')}</span>
}

async function readersOf(
  client: MedGuardClient,
  { recordId, version, category }: RecordSummary,
): Promise<Outcome<{ readers: readonly Reader[]; people: PeopleInfo }>> {
  if (category === 'shared') throw new TypeError('a record of one’s own has a category')
  const readers = await client.whoCanOpen({ recordId, version, category })
  if (readers.kind === 'refused') return readers
  const people = await client.people()
  return people.kind === 'refused' ? people : { kind: 'done', value: { readers: readers.value, people: people.value } }
}
