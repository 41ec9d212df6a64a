import { organisationIdOf, type Share } from '@medguard/client'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import { isToInbox, scopeText } from '../app/words.ts'
import { NamePerson } from '../people/NamePerson.tsx'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { AgreementDetails } from './AgreementDetails.tsx'
import { Grantee } from './Grantee.tsx'
import { LastOpened } from './LastOpened.tsx'
import { StillOn } from './StillOn.tsx'
import { useNameOf } from './use-names.ts'
import { StoppingNote, StopShare } from './StopShare.tsx'

/**
 * One share: who, what, until when, and what can be done about it.
 * @param isAlone on its own page, which says the rest
 */
export function ShareRow({ share, nowMs, isAlone = false }: { share: Share; nowMs: number; isAlone?: boolean }) {
  const name = useNameOf(share.grantee)
  const kinds = share.scope.filter((part) => part !== 'shared' && part !== 'inbox')
  const isUnfinished = share.state === 'notFinished'
  const isOver = !isUnfinished && (share.state === 'ended' || share.state === 'revoked' || msOf(share.endNs) <= nowMs)
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Grantee code={share.grantee} />
        <p className="mg-share-scope">{isToInbox(share) ? t('inboxShare.may') : scopeText(share.scope)}</p>
        {!isAlone && kinds.length > 0 && (
          <p className="mg-small">
            <Link to={{ name: 'records', show: kinds }}>{t('shareRow.records')}</Link>
          </p>
        )}
        <p className="mg-soft mg-small">
          {whenText(share, nowMs)} · {t(`purposes.${share.purpose}`)}
        </p>
        {share.bar !== null && !isOver && !isUnfinished && (
          <span className="mg-badge mg-warn">{t(BAR_WORDS[share.bar])}</span>
        )}
        {!isUnfinished && <AgreementDetails share={share} />}
        {!isOver && organisationIdOf(share.grantee) === null && <NamePerson code={share.grantee} />}
        {!isAlone && !isUnfinished && <LastOpened share={share} nowMs={nowMs} />}
        {!isOver && <StillOn share={share} />}
        <StoppingNote share={share} />
      </div>
      <div className="mg-share-actions">
        {!isAlone && !isUnfinished && (
          <Link
            className="mg-button-link"
            to={{ name: 'oneShare', shareId: share.grantId }}
            label={t('oneShare.openWith', { name })}
          >
            {t('oneShare.open')}
          </Link>
        )}
        {!isOver && !isUnfinished && (
          <Link
            className="mg-button-link"
            to={{ name: 'changeShare', shareId: share.grantId }}
            label={t('changeShare.goWith', { name })}
          >
            {t('changeShare.go')}
          </Link>
        )}
        {!isOver && <StopShare share={share} />}
      </div>
    </li>
  )
}

const BAR_WORDS: Readonly<Record<NonNullable<Share['bar']>, SimpleKey>> = {
  paused: 'sharing.barPaused',
  blocked: 'sharing.barBlocked',
  unverified: 'sharing.barUnverified',
  closed: 'sharing.barClosed',
}

function whenText(share: Share, nowMs: number): string {
  const endMs = msOf(share.endNs)
  if (share.state === 'notFinished') return t('sharing.whenUnfinished', { until: momentText(endMs, nowMs) })
  if (share.replacedBy !== undefined && share.state === 'revoked')
    return t('oneShare.whenChanged', { at: atText(msOf(share.endedNs ?? share.endNs), nowMs) })
  if (share.state === 'revoked')
    return t('sharing.whenRevoked', { at: atText(msOf(share.endedNs ?? share.endNs), nowMs) })
  if (share.state === 'ended' || endMs <= nowMs) return t('sharing.whenEnded', { at: atText(endMs, nowMs) })
  if (share.state === 'notStarted')
    return t('sharing.whenStarts', { at: atText(msOf(share.startNs), nowMs), until: momentText(endMs, nowMs) })
  return t('sharing.whenUntil', { until: momentText(endMs, nowMs), left: leftText(endMs, nowMs) })
}
