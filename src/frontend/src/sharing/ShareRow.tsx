import type { Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { Dialog } from '../app/elements.tsx'
import { problemText } from '../app/problem.ts'
import { scopeText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import type { SimpleKey } from '../words/texts.ts'
import { AgreementDetails } from './AgreementDetails.tsx'
import { Grantee } from './Grantee.tsx'
import { useNameOf } from './use-names.ts'
import type { Stopping } from './shares-store.ts'

/** One share: who, what, until when, and its one action. */
export function ShareRow({ share, nowMs }: { share: Share; nowMs: number }) {
  const { stops } = useServices()
  const { stopping, stop, giveUp } = useStore(stops)
  const [asking, setAsking] = useState(false)
  const name = useNameOf(share.grantee)
  const state = stopping[share.grantId]
  const isUnfinished = share.state === 'notFinished'
  const isOver = !isUnfinished && (share.state === 'ended' || share.state === 'revoked' || msOf(share.endNs) <= nowMs)
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Grantee code={share.grantee} />
        <p className="mg-share-scope">{scopeText(share.scope)}</p>
        <p className="mg-soft mg-small">
          {whenText(share, nowMs)} · {t(`purposes.${share.purpose}`)}
        </p>
        {share.bar !== null && !isOver && !isUnfinished && (
          <span className="mg-badge mg-warn">{t(BAR_WORDS[share.bar])}</span>
        )}
        {!isUnfinished && <AgreementDetails share={share} />}
        <output className="mg-block">
          {state !== undefined && <StoppingText state={state} isUnfinished={isUnfinished} />}
        </output>
      </div>
      {!isOver && (
        <div className="mg-share-actions">
          {state?.status === 'stopping' ? (
            <Button
              variant="default"
              onClick={() => giveUp(share.grantId)}
              aria-label={t('sharing.noTryAgainWith', { name })}
            >
              {t('sharing.noTryAgain')}
            </Button>
          ) : (
            <Button
              variant="default"
              className="mg-danger"
              aria-label={t(isUnfinished ? 'sharing.withdrawWith' : 'sharing.stopWith', { name })}
              onClick={() => (isUnfinished ? void stop(share.grantId) : setAsking(true))}
            >
              {t(isUnfinished ? 'sharing.withdraw' : 'sharing.stop')}
            </Button>
          )}
        </div>
      )}
      {asking && (
        <Dialog
          title={t('sharing.stopAsk', { name })}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('sharing.keep')}
              </Button>
              <Button
                className="mg-danger-filled"
                onClick={() => {
                  setAsking(false)
                  void stop(share.grantId)
                }}
              >
                {t('sharing.stop')}
              </Button>
            </>
          }
        >
          <p>
            <Marked text="sharing.stopText" values={{ scope: scopeText(share.scope) }} marks={{ b: strong }} />
          </p>
          <p>{t('sharing.stopSeen')}</p>
        </Dialog>
      )}
    </li>
  )
}

const strong = (text: string) => <strong>{text}</strong>

const BAR_WORDS: Readonly<Record<NonNullable<Share['bar']>, SimpleKey>> = {
  paused: 'sharing.barPaused',
  blocked: 'sharing.barBlocked',
  unverified: 'sharing.barUnverified',
  closed: 'sharing.barClosed',
}

function whenText(share: Share, nowMs: number): string {
  const endMs = msOf(share.endNs)
  if (share.state === 'notFinished') return t('sharing.whenUnfinished', { until: momentText(endMs, nowMs) })
  if (share.state === 'revoked')
    return t('sharing.whenRevoked', { at: atText(msOf(share.endedNs ?? share.endNs), nowMs) })
  if (share.state === 'ended' || endMs <= nowMs) return t('sharing.whenEnded', { at: atText(endMs, nowMs) })
  if (share.state === 'notStarted')
    return t('sharing.whenStarts', { at: atText(msOf(share.startNs), nowMs), until: momentText(endMs, nowMs) })
  return t('sharing.whenUntil', { until: momentText(endMs, nowMs), left: leftText(endMs, nowMs) })
}

function StoppingText({ state, isUnfinished }: { state: Stopping; isUnfinished: boolean }) {
  if (state.status === 'failed') {
    const words = problemText(state.problem)
    return (
      <span className="mg-stopping mg-bad-text">
        {t(isUnfinished ? 'sharing.notWithdrawn' : 'sharing.notStopped', { why: words.text })}
      </span>
    )
  }
  return (
    <span className="mg-stopping">
      {t(isUnfinished ? 'sharing.withdrawing' : 'sharing.stopping')}
      {state.tries > 1 && ` ${t('sharing.tries', { try: state.tries })}`}
    </span>
  )
}
