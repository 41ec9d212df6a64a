import {
  type ArgOf,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
  WRAPS_LOOKED_AT_MAX,
} from '@medguard/protocol'
import { type Asked, authoriseRetireCall, authoriseRewrapCall } from '@medguard/shared'
import { askConsent, askedOf, type Context, placeOf } from './context.ts'
import { countedOf, oldestEpoch } from './key-states.ts'
import type { Place } from './lists.ts'
import { onBehalf } from './reading.ts'
import { counting, isUnder, refuseKeeper, spend } from './rewrapping.ts'
import { wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/** The end of epochs under which nothing is any more, and of the wraps that were (keys.md, section 9). */

/**
 * The floor rises before consent is asked: from then on nothing can come in under an epoch that is about to end. Former wraps go last, when nobody may need
 * them.
 */
export async function retire(
  context: Context,
  arg: ArgOf<RecordsService['retire']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['retire']>> {
  const {
    epoch,
    requestId,
    byOthers: [byOthers = 0],
  } = arg
  const asking = askedOf(arg, caller, RIGHT.rewrap)
  if ('refusal' in asking) return { Err: asking.refusal }
  const { asked } = asking
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const refusal = refuseKeeper(context, asked)
  if (refusal !== null) return { Err: refusal }
  const waitMs = spend(context, asked)
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }
  const early = refuseEnd(context, asked, { epoch, byOthers })
  if (early !== null) return { Err: early }
  // One that consent does not know would lock out every write: it is asked before the floor rises, and again to end the others.
  const known = await askConsent(context, authoriseRewrapCall, { ...onBehalf(asked, requestId), epoch })
  if ('refusal' in known) return { Err: known.refusal }
  const raised = raiseFloor(context, asked, { epoch, byOthers })
  if (raised !== null) return { Err: raised }
  const ended = await askConsent(context, authoriseRetireCall, { ...onBehalf(asked, requestId), epoch })
  if ('refusal' in ended) return { Err: ended.refusal }
  const late = refuseKeeper(context, asked)
  if (late !== null) return { Err: late }
  return { Ok: { remaining: clean(context.store, placeOf(asked), epoch) } }
}

interface End {
  readonly epoch: number
  /** How many wraps of others the owner has looked over. */
  readonly byOthers: number
}

/** Why the epochs before this one cannot end now, or null. */
function refuseEnd({ store }: Context, asked: Asked, { epoch, byOthers }: End): RefusalArm | null {
  const { state, count } = counting(store, placeOf(asked))
  if (state.counted < count) return refuse.busy(1)
  const oldest = oldestEpoch(state)
  if (oldest !== null && oldest < epoch) return refuse.stale(oldest)
  if (epoch < state.floor) return refuse.staleEpoch(state.floor)
  // Repeated after the floor has risen, it has nothing left that could go wrong.
  return epoch > state.floor && byOthers !== state.byOthers ? refuse.stale(epoch) : null
}

/** What was true before the wait is looked at again (R5). */
function raiseFloor(context: Context, asked: Asked, end: End): RefusalArm | null {
  const refusal = refuseKeeper(context, asked) ?? refuseEnd(context, asked, end)
  if (refusal !== null) return refusal
  const place = placeOf(asked)
  const { keyStates } = context.store
  const state = keyStates.of(place)
  if (end.epoch > state.floor) keyStates.set(place, { ...state, floor: end.epoch, cleaned: 0 })
  return null
}

/** Removes former wraps that are under ended epochs or under a capsule. @returns how many positions are left to look at. */
function clean(store: RecordsStore, place: Place, epoch: number): number {
  const state = store.keyStates.of(place)
  const { count } = store.lists.wraps(place)
  const end = Math.min(count, state.cleaned + WRAPS_LOOKED_AT_MAX)
  for (let seq = state.cleaned; seq < end; seq++) {
    const former = store.keyStates.former(place, seq)
    if (former === undefined || isUnder(countedOf(former.openWrap), epoch)) continue
    store.keyStates.removeFormer(place, seq, former)
  }
  store.keyStates.set(place, { ...state, cleaned: end })
  return count - end
}
