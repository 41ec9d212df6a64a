import type { Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { Dialog } from '../app/elements.tsx'
import { problemText } from '../app/problem.ts'
import { isToInbox, scopeText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import type { Stopping } from './shares-store.ts'
import { useNameOf } from './use-names.ts'

/**
 * The one action of a share, the same wherever a share is met: stopping it after one confirmation, or withdrawing what was never finished. Nothing here
 * says that it has ended: that is said when both canisters have answered, by what shows the share.
 * @param more stands in the confirmation: what else stops that the reader may not be looking at
 */
export function StopShare({ share, more }: { share: Share; more?: ReactNode }) {
  const { stops } = useServices()
  const { stopping, stop, giveUp } = useStore(stops)
  const [asking, setAsking] = useState(false)
  const name = useNameOf(share.grantee)
  const isUnfinished = share.state === 'notFinished'
  return (
    <div className="mg-share-actions">
      {stopping[share.grantId]?.status === 'stopping' ? (
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
          onClick={() => (isUnfinished ? void stop(share.grantId, true) : setAsking(true))}
        >
          {t(isUnfinished ? 'sharing.withdraw' : 'sharing.stop')}
        </Button>
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
          {isToInbox(share) ? (
            <p>{t('inboxShare.stopText')}</p>
          ) : (
            <p>
              <Marked text="sharing.stopText" values={{ scope: scopeText(share.scope) }} marks={{ b: strong }} />
            </p>
          )}
          {more}
          <p>{t(isToInbox(share) ? 'inboxShare.stopSent' : 'sharing.stopSeen')}</p>
        </Dialog>
      )}
    </div>
  )
}

/** How far the stopping is, read out as it goes on. */
export function StoppingNote({ share }: { share: Share }) {
  const state = useStore(useServices().stops).stopping[share.grantId]
  return <output className="mg-block">{state !== undefined && <StoppingText state={state} share={share} />}</output>
}

const strong = (text: string) => <strong>{text}</strong>

function StoppingText({ state, share }: { state: Stopping; share: Share }) {
  if (state.status === 'failed') {
    const words = problemText(state.problem)
    return (
      <span className="mg-stopping mg-bad-text">
        {t(state.isWithdrawal ? 'sharing.notWithdrawn' : 'sharing.notStopped', { why: words.text })}
      </span>
    )
  }
  // Either canister ends the access, so that a share which one of them has ended gives none.
  const isHalf = !state.isWithdrawal && (state.isHalf || share.state === 'notFinished')
  return (
    <span className="mg-stopping">
      {t(isHalf ? 'recordPage.stoppedHalf' : state.isWithdrawal ? 'sharing.withdrawing' : 'sharing.stopping')}
      {state.tries > 1 && !isHalf && ` ${t('sharing.tries', { try: state.tries })}`}
    </span>
  )
}
