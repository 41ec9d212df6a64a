import type { MedGuardClient, Share } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createLoadable, type LoadableStore, settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'

/** Shares this person has given. The first look of a session completes or withdraws what an interrupted one left half done. */
export function createSharesStore(client: MedGuardClient): LoadableStore<readonly Share[]> {
  let tidied = false
  return createLoadable(async () => {
    if (!tidied) {
      tidied = true
      await settle(() => client.finishShares({ sparesRecent: true })) // what stays unfinished is listed as such, with its own buttons
    }
    return client.sharesGiven()
  })
}

export type Stopping =
  /** `isHalf`: consent has ended it, so that nothing opens any more; records has not answered yet. */
  | { readonly status: 'stopping'; readonly tries: number; readonly isHalf: boolean; readonly isWithdrawal: boolean }
  | { readonly status: 'failed'; readonly problem: Problem; readonly isWithdrawal: boolean }

export interface StopState {
  /** By grant id. Not in here: nothing is being stopped. */
  readonly stopping: Readonly<Record<string, Stopping>>
  /** Keeps asking until both canisters have confirmed it, or it is refused. `isWithdrawal`: of one that never gave access. */
  readonly stop: (grantId: string, isWithdrawal?: boolean) => Promise<void>
  /** No further tries. Access may still be on. */
  readonly giveUp: (grantId: string) => void
}

/** Seconds until the next try; the last one repeats. */
const RETRY_AFTER_S = [2, 4, 8, 15] as const
const RETRIES_MAX = 240 // an hour

export interface StopParts {
  readonly client: Pick<MedGuardClient, 'revoke'>
  /** Called once it is confirmed, with the moment access ended. */
  readonly onStopped: (grantId: string, endNs: bigint) => void
  readonly wait: (ms: number) => Promise<void>
}

export function createStopStore({ client, onStopped, wait }: StopParts) {
  return createStore<StopState>()((set, get) => {
    const put = (grantId: string, state: Stopping | null) => {
      const { [grantId]: _, ...others } = get().stopping
      set({ stopping: state === null ? others : { ...others, [grantId]: state } })
    }
    return {
      stopping: {},
      async stop(grantId, isWithdrawal = false) {
        if (get().stopping[grantId]?.status === 'stopping') return
        let isHalf = false
        for (let tries = 1; tries <= RETRIES_MAX; tries++) {
          put(grantId, { status: 'stopping', tries, isHalf, isWithdrawal })
          const answer = await settle(() => client.revoke(grantId))
          if (answer.kind === 'done' && answer.value.isInConsentOnly !== true) {
            put(grantId, null)
            return onStopped(grantId, answer.value.endNs)
          }
          if (get().stopping[grantId]?.status !== 'stopping') return // given up meanwhile
          if (answer.kind === 'done') {
            isHalf = true
            put(grantId, { status: 'stopping', tries, isHalf, isWithdrawal })
          } else if (!mayPass(answer.problem))
            return put(grantId, { status: 'failed', problem: answer.problem, isWithdrawal })
          await wait(1000 * (RETRY_AFTER_S[tries - 1] ?? 15))
          if (get().stopping[grantId]?.status !== 'stopping') return
        }
        put(grantId, { status: 'failed', problem: { kind: 'fault', code: 'Unreachable' }, isWithdrawal })
      },
      giveUp: (grantId) => put(grantId, null),
    }
  })
}

/** Revoking twice is the same as once, so whatever may be a hiccup is tried again. */
function mayPass(problem: Problem): boolean {
  if (problem.kind === 'fault') return problem.code === 'Unreachable' || problem.code === 'Uncertain'
  return problem.kind === 'refused' && ['Busy', 'LogUnavailable', 'NotReady'].includes(problem.refusal.kind)
}
