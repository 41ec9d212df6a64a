import { connectDevice, type DeviceIdentity, Fault } from '@medguard/client/for-devices'
import { type Refusal, refusalOf } from '@medguard/protocol'
import type { Pairing } from './pairing.ts'

/** What becomes of a batch that was sent. */
export type Answer =
  /** It is kept for ever. */
  | { readonly kind: 'kept' }
  | { readonly kind: 'staleEpoch'; readonly current: number }
  /** The number is another batch's, or over: count on from `nextSeq`. */
  | { readonly kind: 'otherNumber'; readonly why: string }
  | { readonly kind: 'capsuleUnknown' }
  /** Nothing was taken, or nobody knows. `why` is a word of ours: nothing that came from outside is repeated. */
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number | null }

export interface Standing {
  readonly state: 'active' | 'paused' | 'removed'
  /** Null while it is paused, and from who cannot prove it. */
  readonly epoch: number | null
  readonly nextSeq: number
}
export type Asked = { readonly kind: 'standing'; readonly standing: Standing } | Extract<Answer, { kind: 'later' }>

/** How batches get to the records canister. Neither method throws for what the world does. */
export interface Road {
  post(batch: Uint8Array, seq: number): Promise<Answer>
  ask(): Promise<Asked>
}

export const later = (why: string, afterMs: number | null = null): Extract<Answer, { kind: 'later' }> => ({
  kind: 'later',
  why,
  afterMs,
})

/** A refusal of the canister, as what a device does next. */
export function answerOf(refusal: Refusal): Exclude<Answer, { kind: 'kept' }> {
  switch (refusal.kind) {
    case 'StaleEpoch':
    case 'Stale':
      return { kind: 'staleEpoch', current: refusal.current }
    case 'IdConflict':
    case 'Expired':
      return { kind: 'otherNumber', why: refusal.kind }
    case 'Busy':
      return later(refusal.kind, refusal.retryAfterMs)
    case 'BadInput':
      if (refusal.field === 'seq') return { kind: 'otherNumber', why: 'BadInput seq' }
      if (refusal.field === 'capsule' && refusal.code === 'unknown') return { kind: 'capsuleUnknown' }
      return later(`BadInput ${wordOf(refusal.field)} ${wordOf(refusal.code)}`)
    default:
      return later(refusal.kind)
  }
}
/** What others name, as far as it is a name. */
const wordOf = (text: string): string => (/^[A-Za-z]{1,32}$/.test(text) ? text : 'unknown')

/** By canister call: the answer is signed by the network. */
export function callRoad(pairing: Pairing, identity: DeviceIdentity): Road {
  const canister = connectDevice(identity, pairing)
  return {
    async post(batch) {
      try {
        const posted = await canister.depositReadings({ batch })
        return 'Ok' in posted ? { kind: 'kept' } : answerOf(refusalOf(posted.Err))
      } catch (error) {
        return later(faultWord(error))
      }
    },
    async ask() {
      try {
        const asked = await canister.deviceInfo({ deviceId: pairing.deviceId })
        if ('Err' in asked) {
          const answer = answerOf(refusalOf(asked.Err))
          return answer.kind === 'later' ? answer : later('BadReply')
        }
        const { state, epoch, nextSeq } = asked.Ok
        const word = 'active' in state ? 'active' : 'paused' in state ? 'paused' : 'removed'
        return { kind: 'standing', standing: { state: word, epoch: epoch[0] ?? null, nextSeq } }
      } catch (error) {
        return later(faultWord(error))
      }
    },
  }
}

function faultWord(error: unknown): string {
  if (error instanceof Fault) return error.code
  throw error
}
