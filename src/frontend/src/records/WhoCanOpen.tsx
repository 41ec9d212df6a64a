import {
  type MedGuardClient,
  organisationIdOf,
  type Outcome,
  type PeopleInfo,
  type Reader,
  type RecordSummary,
  type Share,
} from '@medguard/client'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useKnown, useLoadable, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Link, Person, ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import { Grantee } from '../sharing/Grantee.tsx'
import { useNameOf } from '../sharing/use-names.ts'
import { StoppingNote, StopShare } from '../sharing/StopShare.tsx'
import { listText, t } from '../words/language.ts'
import '../sharing/sharing.css'

/**
 * Everybody who would be let in now, as the canister that gives out keys decides it, each with the reason and with the way to end it; asked anew when
 * something changed. While a share is being stopped it stays in the list: it leaves when both canisters have answered.
 */
export function WhoCanOpen({ record }: { record: RecordSummary }) {
  const { client, poller, shares, stops } = useServices()
  const [store] = useState(() => createLoadable(() => readersOf(client, record)))
  const found = useLoadable(store)
  useEffect(() => shares.getState().ensure(), [shares])
  const isStopping = useStore(stops, ({ stopping }) =>
    Object.values(stopping).some(({ status }) => status === 'stopping'),
  )
  useEffect(() => {
    if (isStopping) return
    const ask = () => void store.getState().load()
    if (store.getState().view.status === 'ready') ask() // one was stopped just now
    return poller.live.subscribe((live, before) => {
      if (live.changes !== before.changes) ask()
    })
  }, [poller, store, isStopping])
  const given = useKnown(shares) ?? []
  if (found.status === 'loading') {
    return <output className="mg-block mg-soft">{t('records.asking')}</output>
  }
  if (found.status === 'failed')
    return <ProblemNotice problem={found.problem} what={t('page.cannotTell')} onRetry={found.load} />
  const { readers, people } = found.value
  const byShare = Map.groupBy(
    readers.filter((reader) => reader.grantId !== null),
    ({ grantId }) => grantId,
  )
  return (
    <div className="mg-card mg-pad mg-stack">
      {found.problem !== null && (
        <ProblemNotice problem={found.problem} what={t('page.outOfDate')} onRetry={found.load} />
      )}
      <ul className="mg-openers" aria-label={t('records.whoCanOpen')}>
        {readers
          .filter(({ grantId }) => grantId === null)
          .map((reader) => (
            <li key={reader.principal}>
              <Person code={reader.principal} isMe={reader.principal === client.principal} />
              <WhyWithout reader={reader} people={people} />
            </li>
          ))}
        {Array.from(byShare, ([grantId, through]) => (
          <ThroughShare key={grantId} readers={through} share={given.find((share) => share.grantId === grantId)} />
        ))}
      </ul>
      <Link to={{ name: 'sharing', tab: 'people' }}>{t('records.changeWho')}</Link>
    </div>
  )
}

function WhyWithout({ reader, people }: { reader: Reader; people: PeopleInfo }) {
  const { client, ward } = useServices()
  const isOwn = people.principals.some(({ principal }) => principal === reader.principal)
  const isMe = reader.principal === client.principal
  const [mine, own, other] =
    ward === null
      ? (['records.whyOwn', 'records.whySignIn', 'records.whyActs'] as const)
      : (['ward.itsRecord', 'ward.itsOwn', 'ward.acts'] as const)
  return <span className="mg-soft">{t(isMe ? mine : isOwn ? own : other)}</span>
}

/** Whom one share lets in: a person, or everybody whom it reaches of an organisation. */
function ThroughShare({ readers, share }: { readers: readonly Reader[]; share: Share | undefined }) {
  const nowMs = useNow()
  const name = useNameOf(share?.grantee ?? '')
  const kinds = share?.scope.flatMap((part) => (part === 'shared' ? [] : [t(`categories.${part}`)])) ?? []
  const until = share === undefined ? '' : momentText(msOf(share.endNs), nowMs)
  const isOrganisation = share !== undefined && organisationIdOf(share.grantee) !== null
  const reasons = [
    ...(readers.every(({ rights }) => rights.includes('open')) ? [] : [t('records.whyListOnly')]),
    ...(readers.every(({ organisation }) => organisation === null) ? [] : [t('records.whyWorks')]),
    share === undefined
      ? t('records.whyShare')
      : kinds.length === 0
        ? t('records.whyThis', { until })
        : t('records.whyKinds', { until, kinds: listText(kinds) }),
  ]
  return (
    <li>
      <div className="mg-openers-who">
        {isOrganisation && <Grantee code={share.grantee} />}
        {readers.map(({ principal }) => (
          <Person key={principal} code={principal} />
        ))}
        <span className="mg-soft">{reasons.join(' · ')}</span>
        {share !== undefined && (
          <Link to={{ name: 'oneShare', shareId: share.grantId }} label={t('oneShare.openWith', { name })}>
            {t('oneShare.open')}
          </Link>
        )}
        {share !== undefined && <StoppingNote share={share} />}
      </div>
      {share !== undefined && (
        <StopShare
          share={share}
          more={
            <>
              <p>
                {kinds.length > 0 ? t('recordPage.moreKinds', { kinds: listText(kinds) }) : t('recordPage.moreRecords')}
              </p>
              {isOrganisation && <p>{t('recordPage.moreOrganisation')}</p>}
            </>
          }
        />
      )}
    </li>
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
