import { useKnown, useNow, useServices } from '../app/context.ts'
import { dayTimeText } from '../app/dates.ts'
import { Link, Section } from '../app/elements.tsx'
import { answerOf, spokenOf, toldText } from '../notices/notice-words.ts'
import { asking, type Told, toldOf } from '../notices/told.ts'
import { useNameOf } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'

const SHOWN_MAX = 3

/** What asks for attention and was not read: what changed since the last visit. Requests and alerts have places of their own above. */
export function WhatIsNew() {
  const { notices, shares, records } = useServices()
  const report = useKnown(notices.report)
  const given = useKnown(shares)
  const known = useKnown(records)
  const nowMs = useNow()
  if (report === null) return null
  const fresh = asking(toldOf(report, given, nowMs), report, nowMs)
    .filter(({ kind }) => kind !== 'requestMade')
    .map((told) => spokenOf(told, known))
  if (fresh.length === 0) return null
  return (
    <Section title={t('notices.whatIsNew')} aside={<Link to={{ name: 'notices' }}>{t('notices.all')}</Link>}>
      <ul className="mg-card mg-list" aria-label={t('notices.whatIsNew')}>
        {fresh.slice(0, SHOWN_MAX).map((told) => (
          <Row key={told.id} told={told} nowMs={nowMs} />
        ))}
      </ul>
      {fresh.length > SHOWN_MAX && (
        <p className="mg-soft mg-small">{t('notices.andMore', { count: fresh.length - SHOWN_MAX })}</p>
      )}
    </Section>
  )
}

function Row({ told, nowMs }: { told: Told; nowMs: number }) {
  const { notices } = useServices()
  const grantee = useNameOf(told.about === 'share' ? told.share.grantee : '')
  const { to, label } = answerOf(told)
  return (
    <li className="mg-new">
      <span>
        {toldText(told, nowMs, () => grantee)}
        <span className="mg-block mg-soft mg-small">{dayTimeText(told.atMs)}</span>
      </span>
      <Link to={to} onGo={() => void notices.read([told.id])}>
        {t(label)}
      </Link>
    </li>
  )
}
