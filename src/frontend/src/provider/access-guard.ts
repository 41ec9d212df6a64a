import type { MedGuardClient, Share } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type ChangesPoller, type Live, FAILED_POLLS_MAX, POLL_EVERY_MS } from '../app/changes-poller.ts'
import { msOf } from '../app/dates.ts'
import { settle } from '../app/loadable.ts'

export type Held = 'paused' | 'unverified' | 'closed'

/** Whether a grant may be shown right now. Everything but `open` means: no content on the page. */
export type Access =
  | { readonly status: 'checking' }
  | { readonly status: 'open'; readonly share: Share }
  | { readonly status: 'notStarted'; readonly share: Share }
  | { readonly status: 'ended'; readonly atMs: number }
  /** The patient changed it: what may be read now is another share's. */
  | { readonly status: 'changed'; readonly to: Share }
  /** The grant is there and gives nothing now. */
  | { readonly status: 'held'; readonly why: Held }
  | { readonly status: 'unsure' }
  | { readonly status: 'none' }

/** What a fresh, certified list of shares says about one grant. */
export function accessOf(share: Share | undefined, nowMs: number): Access {
  if (share === undefined || share.state === 'notFinished') return { status: 'none' }
  if (share.state === 'revoked') return { status: 'ended', atMs: msOf(share.endedNs ?? share.endNs) }
  if (share.state === 'ended' || nowMs >= msOf(share.endNs)) return { status: 'ended', atMs: msOf(share.endNs) }
  if (share.bar !== null) return { status: 'held', why: share.bar === 'blocked' ? 'closed' : share.bar }
  if (share.state === 'notStarted' && nowMs < msOf(share.startNs)) return { status: 'notStarted', share }
  return { status: 'open', share }
}

/** The same, with what the share became where the patient changed it and something can be opened by that. */
export function accessIn(shares: readonly Share[], grantId: string, nowMs: number): Access {
  const find = (id: string | undefined) => shares.find((share) => share.grantId === id)
  const share = find(grantId)
  let now = share
  for (let steps = 0; now?.replacedBy !== undefined && steps < shares.length; steps++) now = find(now.replacedBy)
  if (now !== undefined && now !== share && accessOf(now, nowMs).status === 'open')
    return { status: 'changed', to: now }
  return accessOf(share, nowMs)
}

export interface GuardParts {
  readonly grantId: string
  readonly client: Pick<MedGuardClient, 'sharesReceived'>
  readonly poller: ChangesPoller
  readonly now: () => number
  readonly setTimer: (work: () => void, ms: number) => () => void
}

/** Longest single timer; a later end is looked at again then (browsers take no timer beyond 24.8 days). */
const TIMER_MAX_MS = 86_400_000
/** Out of sight for longer than three polls, the page asks before it shows anything again. */
const HIDDEN_MAX_MS = FAILED_POLLS_MAX * POLL_EVERY_MS

/**
 * Watches one grant while it is on the screen (decision 36): asks by update when the counter moves, ends at `endNs` by the own clock and after
 * three failed polls.
 */
export function createAccessGuard({ grantId, client, poller, now, setTimer }: GuardParts) {
  const store = createStore<{ access: Access }>()(() => ({ access: { status: 'checking' } }))
  let asked = 0
  let stopped = true
  let cancelEnd = () => {}
  let unsubscribe = () => {}

  const set = (access: Access) => {
    cancelEnd()
    if (stopped) return
    store.setState({ access })
    if (access.status === 'open') armEnd(msOf(access.share.endNs))
    if (access.status === 'notStarted') {
      cancelEnd = setTimer(() => void ask(), Math.min(TIMER_MAX_MS, msOf(access.share.startNs) - now()))
    }
  }
  const armEnd = (endMs: number) => {
    const left = endMs - now()
    if (left <= 0) return set({ status: 'ended', atMs: endMs })
    cancelEnd = setTimer(() => armEnd(endMs), Math.min(TIMER_MAX_MS, left))
  }

  const ask = async (): Promise<void> => {
    const mine = ++asked
    const answer = await settle(() => client.sharesReceived())
    if (mine !== asked || stopped) return
    if (answer.kind === 'failed') return set({ status: 'unsure' })
    set(accessIn(answer.value, grantId, now()))
  }
  /** What has ended stays ended, whatever one canister says of it; but what it was changed to may be there. */
  const lookForNext = async (): Promise<void> => {
    const mine = ++asked
    const answer = await settle(() => client.sharesReceived())
    if (mine !== asked || stopped || answer.kind === 'failed') return
    const access = accessIn(answer.value, grantId, now())
    if (access.status === 'changed') set(access)
  }

  const hear = (live: Live, before: Live) => {
    const { access } = store.getState()
    if (access.status === 'ended' || access.status === 'none' || access.status === 'changed') return
    if (live.failures >= FAILED_POLLS_MAX) {
      asked++ // an answer under way is older than what we know now
      if (access.status !== 'unsure') set({ status: 'unsure' })
      return
    }
    const moved = live.changes !== before.changes
    const backAgain = access.status === 'unsure' && live.failures === 0 && before.failures > 0
    if (moved || backAgain) void ask()
  }

  return {
    store,
    start() {
      stopped = false
      unsubscribe = poller.live.subscribe(hear)
      void ask()
    },
    /** Asks anew, for instance when the reader presses Try again. */
    check: () => void ask(),
    /** An answer about a record said that access has ended. */
    end(endNs: bigint) {
      set({ status: 'ended', atMs: msOf(endNs) })
      void lookForNext()
    },
    /** One canister refused what the other allows, or allowed a moment ago: either alone is enough. It shows again once somebody asks, or something changes. */
    hold(why: Held) {
      asked++
      set({ status: 'held', why })
    },
    /** The page was out of sight for `hiddenMs`. */
    back(hiddenMs: number) {
      const { access } = store.getState()
      if (access.status !== 'open') return
      if (now() >= msOf(access.share.endNs)) return set({ status: 'ended', atMs: msOf(access.share.endNs) })
      if (hiddenMs > HIDDEN_MAX_MS) {
        set({ status: 'checking' })
        void ask()
      }
    },
    stop() {
      stopped = true
      cancelEnd()
      unsubscribe()
    },
  }
}
export type AccessGuard = ReturnType<typeof createAccessGuard>
