import { organisationIdOf, organisationPrincipal, type Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { useId, useState } from 'react'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, momentText, msOf } from '../app/dates.ts'
import { ListSkeleton, Notice, ProblemNotice } from '../app/elements.tsx'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import type { Say } from './AlertsPage.tsx'
import type { KindAlerts } from './look.ts'

/** Who looks after what is told here, and who is asked to. */
export function Duty({ kind, say, isBusy }: { kind: KindAlerts; say: Say; isBusy: boolean }) {
  const { client, shares } = useServices()
  const given = useLoadable(shares)
  const names = useNames()
  const nowMs = useNow()
  const { category } = kind
  const { id, who, sinceMs, offer } = kind.state.duty
  if (given.status === 'loading') return <ListSkeleton label={t('sharing.finding')} rows={1} />
  if (given.status === 'failed')
    return <ProblemNotice problem={given.problem} what={t('page.cannotTell')} onRetry={given.load} />
  const offered = (to: string, at: string) =>
    to === client.principal ? t('alerts.dutyOfferedYou', { at }) : t('alerts.dutyOffered', { name: names(to), at })
  const able = given.value.filter((share) => isAble(share, kind, nowMs))
  const isGone = who !== null && !kind.state.duty.isPatient && !reaches(able, who, kind)
  const at = momentText(sinceMs ?? nowMs, nowMs)
  return (
    <div className="mg-card mg-pad mg-stack">
      <p className="mg-soft">{t('alerts.dutyText')}</p>
      <p className="mg-alert-text">
        {who === null && t('alerts.dutyNobody')}
        {who !== null &&
          (who === client.principal ? t('alerts.dutyYou', { at }) : t('alerts.dutyWho', { name: names(who), at }))}
      </p>
      {isGone && (
        <Notice tone="warn" title={t('alerts.dutyGone')}>
          <p>{t('alerts.dutyGoneText')}</p>
        </Notice>
      )}
      {offer !== null && <p>{offered(offer.to, atText(offer.atMs, nowMs))}</p>}
      <div className="mg-row">
        {who !== client.principal && (
          <Button variant="default" loading={isBusy} onClick={() => say(category, { kind: 'takeDuty', after: id })}>
            {t('alerts.dutyTake')}
          </Button>
        )}
        {who !== null && (
          <Button variant="default" loading={isBusy} onClick={() => say(category, { kind: 'leaveDuty', after: id })}>
            {t('alerts.dutyLeave')}
          </Button>
        )}
      </div>
      <HandOver
        people={able.map(({ grantee }) => grantee).filter((code) => code !== who && organisationIdOf(code) === null)}
        nameOf={names}
        onOffer={(to) => say(category, { kind: 'offerDuty', after: id, to })}
        isBusy={isBusy}
      />
    </div>
  )
}

function HandOver(props: {
  people: readonly string[]
  nameOf: (code: string) => string
  onOffer: (to: string) => void
  isBusy: boolean
}) {
  const id = useId()
  const people = [...new Set(props.people)]
  const [chosen, setChosen] = useState('')
  const to = people.includes(chosen) ? chosen : people[0]
  if (to === undefined) return <p className="mg-soft mg-small">{t('alerts.dutyNoOne')}</p>
  return (
    <div className="mg-row">
      <label htmlFor={id} className="mg-field-label">
        {t('alerts.dutyTo')}
      </label>
      <select id={id} className="mg-select" value={to} onChange={(event) => setChosen(event.currentTarget.value)}>
        {people.map((code) => (
          <option key={code} value={code}>
            {props.nameOf(code)}
          </option>
        ))}
      </select>
      <Button variant="default" loading={props.isBusy} onClick={() => props.onOffer(to)}>
        {t('alerts.dutyOffer')}
      </Button>
    </div>
  )
}

/** Whoever may read these records and say something about them, now. */
function isAble(
  { state, bar, rights, scope, startNs, endNs }: Share,
  { category }: KindAlerts,
  nowMs: number,
): boolean {
  const isNow = state === 'live' && bar === null && msOf(startNs) <= nowMs && nowMs < msOf(endNs)
  return (
    isNow && scope.includes(category) && (['list', 'open', 'write'] as const).every((right) => rights.includes(right))
  )
}

/** By a share with them, or with the organisation through which they spoke. */
function reaches(able: readonly Share[], who: string, { through }: KindAlerts): boolean {
  const orgId = through.get(who)
  const organisation = orgId === undefined ? null : organisationPrincipal(orgId)
  return able.some(({ grantee }) => grantee === who || grantee === organisation)
}
