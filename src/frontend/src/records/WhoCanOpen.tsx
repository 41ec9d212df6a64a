import type { MedGuardClient, Outcome, PeopleInfo, Reader, RecordSummary, Share } from '@medguard/client'
import { useEffect, useState } from 'react'
import { useKnown, useLoadable, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Link, Person, ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import { t } from '../words/language.ts'

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
    return <output className="mg-block mg-soft">Asking who would be let in…</output>
  }
  if (found.status === 'failed')
    return <ProblemNotice problem={found.problem} what="We cannot tell right now" onRetry={found.load} />
  const { readers, people } = found.value
  return (
    <div className="mg-card mg-pad mg-stack">
      {found.problem !== null && (
        <ProblemNotice problem={found.problem} what="This may be out of date" onRetry={found.load} />
      )}
      <ul className="mg-who" aria-label="Who can open this">
        {readers.map((reader) => (
          <li key={`${reader.principal} ${reader.grantId}`}>
            <Person code={reader.principal} isMe={reader.principal === client.principal} />
            <Why reader={reader} people={people} share={given.find(({ grantId }) => grantId === reader.grantId)} />
          </li>
        ))}
      </ul>
      <Link to={{ name: 'sharing', tab: 'people' }}>Change who can see what</Link>
    </div>
  )
}

function Why({ reader, people, share }: { reader: Reader; people: PeopleInfo; share: Share | undefined }) {
  const { client } = useServices()
  const nowMs = useNow()
  if (reader.grantId === null) {
    const isOwn = people.principals.some(({ principal }) => principal === reader.principal)
    const words = isOwn ? 'another sign-in of yours' : 'acts for you, and sees all your records'
    return <span className="mg-soft">{reader.principal === client.principal ? 'it is your record' : words}</span>
  }
  const kinds = share?.scope.flatMap((part) => (part === 'shared' ? [] : [t(`categories.${part}`)])) ?? []
  return (
    <span className="mg-soft">
      {reader.rights.includes('open') ? '' : 'sees that it is there and cannot open it, '}
      {reader.organisation === null ? '' : 'works where you share, '}
      {share === undefined
        ? 'by a share of yours'
        : `until ${momentText(msOf(share.endNs), nowMs)}, because you share `}
      {share !== undefined && (kinds.length === 0 ? 'this record' : kinds.join(', '))}
    </span>
  )
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
