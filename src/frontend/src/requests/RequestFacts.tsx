import type { AccessRequestInfo } from '@medguard/client'
import { useNow } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { scopeText } from '../app/words.ts'
import { WhoIs } from '../sharing/WhoIs.tsx'
import { t } from '../words/language.ts'
import { isOpen, partsAsked, spanText } from './approval-draft.ts'

/** Who asks, what for, and until when it can be answered. */
export function RequestFacts({ request }: { request: AccessRequestInfo }) {
  const nowMs = useNow()
  const { requester, grantee, categories, purpose, periodNs, askedNs, expiresNs } = request
  const parts = partsAsked(request)
  const endMs = msOf(expiresNs)
  return (
    <div className="mg-stack">
      <WhoIs code={requester} />
      {grantee !== requester && (
        <div className="mg-ask-for">
          <p className="mg-soft mg-small">{t('requests.forOrganisation')}</p>
          <WhoIs code={grantee} />
        </div>
      )}
      <dl className="mg-facts">
        <dt>{t('requests.kinds')}</dt>
        <dd>{scopeText(categories)}</dd>
        <dt>{t('requests.toDo')}</dt>
        <dd>{t(parts.length === 2 ? 'requests.both' : parts[0] === 'add' ? 'requests.add' : 'requests.read')}</dd>
        <dt>{t('share.howLong')}</dt>
        <dd>{spanText(periodNs)}</dd>
        <dt>{t('share.whatFor')}</dt>
        <dd>{t(`purposes.${purpose}`)}</dd>
        <dt>{t('requests.asked')}</dt>
        <dd>{atText(msOf(askedNs), nowMs)}</dd>
        {isOpen(request, nowMs) && (
          <>
            <dt>{t('requests.answerUntil')}</dt>
            <dd>{t('sharing.untilLeft', { until: momentText(endMs, nowMs), left: leftText(endMs, nowMs) })}</dd>
          </>
        )}
      </dl>
    </div>
  )
}
