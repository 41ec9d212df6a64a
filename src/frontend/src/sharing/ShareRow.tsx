import type { Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { Dialog, Person } from '../app/elements.tsx'
import { problemText } from '../app/problem.ts'
import { scopeText, shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'
import type { Stopping } from './shares-store.ts'

/** One share: who, what, until when, and its one action. */
export function ShareRow({ share, nowMs }: { share: Share; nowMs: number }) {
  const { stops } = useServices()
  const { stopping, stop, giveUp } = useStore(stops)
  const [asking, setAsking] = useState(false)
  const state = stopping[share.grantId]
  const isUnfinished = share.state === 'notFinished'
  const isOver = !isUnfinished && (share.state === 'ended' || share.state === 'revoked' || msOf(share.endNs) <= nowMs)
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Person code={share.grantee} />
        <p className="mg-share-scope">{scopeText(share.scope)}</p>
        <p className="mg-soft mg-small">
          {whenText(share, nowMs)} · {t(`purposes.${share.purpose}`)}
        </p>
        {share.bar !== null && !isOver && !isUnfinished && (
          <span className="mg-badge mg-warn">{BAR_WORDS[share.bar]}</span>
        )}
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
              aria-label={`Do not try again to stop sharing with ${shortCode(share.grantee)}`}
            >
              Do not try again
            </Button>
          ) : (
            <Button
              variant="default"
              className="mg-danger"
              aria-label={`${isUnfinished ? 'Withdraw the share' : 'Stop sharing'} with ${shortCode(share.grantee)}`}
              onClick={() => (isUnfinished ? void stop(share.grantId) : setAsking(true))}
            >
              {isUnfinished ? 'Withdraw' : 'Stop sharing'}
            </Button>
          )}
        </div>
      )}
      {asking && (
        <Dialog
          title={`Stop sharing with ${shortCode(share.grantee)}?`}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                Keep sharing
              </Button>
              <Button
                className="mg-danger-filled"
                onClick={() => {
                  setAsking(false)
                  void stop(share.grantId)
                }}
              >
                Stop sharing
              </Button>
            </>
          }
        >
          <p>
            They can no longer open anything in <strong>{scopeText(share.scope)}</strong>, from the moment the network
            confirms it.
          </p>
          <p>What they have already seen or saved cannot be taken back. The access log shows what they opened.</p>
        </Dialog>
      )}
    </li>
  )
}

const BAR_WORDS: Readonly<Record<NonNullable<Share['bar']>, string>> = {
  paused: 'Opens nothing now: you paused all sharing',
  blocked: 'Opens nothing: you blocked them',
  unverified: 'Opens nothing now: no verified organisation vouches for them',
  closed: 'Opens nothing now',
}

function whenText(share: Share, nowMs: number): string {
  const endMs = msOf(share.endNs)
  if (share.state === 'notFinished') return `Was to last until ${momentText(endMs, nowMs)}`
  if (share.state === 'revoked') return `You stopped it ${atText(msOf(share.endedNs ?? share.endNs), nowMs)}`
  if (share.state === 'ended' || endMs <= nowMs) return `Ended ${atText(endMs, nowMs)}`
  if (share.state === 'notStarted')
    return `Starts ${atText(msOf(share.startNs), nowMs)}, until ${momentText(endMs, nowMs)}`
  return `Until ${momentText(endMs, nowMs)} (${leftText(endMs, nowMs)} left)`
}

function StoppingText({ state, isUnfinished }: { state: Stopping; isUnfinished: boolean }) {
  if (state.status === 'failed') {
    const words = problemText(state.problem)
    return (
      <span className="mg-stopping mg-bad-text">
        {isUnfinished ? 'Not withdrawn' : 'Not stopped: access is still on'}. {words.text}
      </span>
    )
  }
  return (
    <span className="mg-stopping">
      {isUnfinished ? 'Withdrawing…' : 'Stopping… Access is still on until the network confirms it.'}
      {state.tries > 1 && ` No answer yet, try ${state.tries}.`}
    </span>
  )
}
