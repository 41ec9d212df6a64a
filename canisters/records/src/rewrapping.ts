import { decodeWrap } from '@medguard/crypto/verify'
import {
  type ArgOf,
  encodeFields,
  encodeWrapRow,
  equalBytes,
  EVENT,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  REWRAP_PER_CALL_MAX,
  REWRAPS_IN_ALL_PER_HOUR,
  REWRAPS_OF_CALLER_PER_HOUR,
  REWRAPS_OF_PATIENT_PER_HOUR,
  RIGHT,
  WRAPS_LOOKED_AT_MAX,
} from '@medguard/protocol'
import {
  type Asked,
  authoriseReadWrapsCall,
  authoriseRewrapCall,
  BUDGET_TAG,
  budgetsOfWork,
  holdsVault,
  isHomeKind,
  nowNs,
  REFUSED_METHOD,
  takeFromAll,
} from '@medguard/shared'
import { askConsent, askedOf, type Context, placeOf, purposeOf, ZERO_ID } from './context.ts'
import { decideNow } from './facts.ts'
import { type Counted, countedOf, type Former, type KeyState, recounted } from './key-states.ts'
import type { Place, Wraps } from './lists.ts'
import { onBehalf, refuseReader, withhold } from './reading.ts'
import { wrapEpoch, wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/**
 * After an epoch has ended, the keys of what was stored before are wrapped anew and the old wraps removed (keys.md, section 9). A crash anywhere loses
 * nothing, any call may be repeated, two devices may do it together, and whoever may read can do so all the while.
 */

/** What `putWraps` answers for each entry. */
const OUTCOME = { done: 1, conflict: 2 } as const

export function rewrapState(
  context: Context,
  arg: ArgOf<RecordsService['rewrapState']>,
  caller: Uint8Array,
): RetOf<RecordsService['rewrapState']> {
  const asking = askedOf(arg, caller, RIGHT.rewrap)
  if ('refusal' in asking) return { Err: asking.refusal }
  const refusal = refuseRewrapper(context, asking.asked)
  if (refusal !== null) return { Err: refusal }
  const place = placeOf(asking.asked)
  const { state, count } = counting(context.store, place)
  const { floor, counted, underCapsules, byOthers, byEpoch, cleaned } = state
  const epochs = [...byEpoch].map(([epoch, count]) => ({ epoch, count })).toSorted((a, b) => a.epoch - b.epoch)
  return { Ok: { count, counted, floor, underCapsules, byOthers, epochs, cleaned } }
}

/** Counts the next positions of a list that was there before there were counts. */
export function counting(store: RecordsStore, place: Place): { readonly state: KeyState; readonly count: number } {
  const state = store.keyStates.of(place)
  const list = store.lists.wraps(place)
  const { count } = list
  if (state.counted >= count) return { state, count }
  const counted = Math.min(count, state.counted + WRAPS_LOOKED_AT_MAX)
  const came: Counted[] = []
  for (let seq = state.counted; seq < counted; seq++) {
    const wrap = list.listWrapAt(seq)
    if (wrap !== null) came.push(countedOf(wrap))
  }
  // What was never wrapped anew has no former wraps.
  const cleaned = state.cleaned === state.counted ? counted : state.cleaned
  const next = { ...state, counted, cleaned, ...recounted(state, { came }) }
  store.keyStates.set(place, next)
  return { state: next, count }
}

/** Releases the wraps of a range that are to be made anew, in the very message that received consent's permit. */
export async function readWraps(
  context: Context,
  arg: ArgOf<RecordsService['readWraps']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['readWraps']>> {
  const { store, requests } = context
  const { fromSeq, count, epoch, requestId } = arg
  const asking = askedOf(arg, caller, RIGHT.rewrap)
  if ('refusal' in asking) return { Err: asking.refusal }
  const { asked } = asking
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const refusal = refuseRewrapper(context, asked) ?? refuseReader(context, asked, REFUSED_METHOD.rewrap, requestId)
  if (refusal !== null) return { Err: refusal }
  if (count < 1 || count > REWRAP_PER_CALL_MAX) return { Err: refuse.badInput('count', 'range') }
  const repeat = requests.begin(caller, requestId, nowNs())
  if (repeat !== null) return { Err: repeat }
  const waitMs = spend(context, asked)
  if (waitMs > 0) {
    requests.forget(caller, requestId)
    return { Err: refuse.busy(waitMs) }
  }
  const permit = await askConsent(context, authoriseReadWrapsCall, {
    ...onBehalf(asked, requestId),
    fromSeq,
    count,
    epoch,
  })
  requests.done(caller, requestId)
  if ('refusal' in permit) return { Err: permit.refusal }
  const { leafIndex } = permit.ok
  const late = refuseRewrapper(context, asked)
  if (late !== null) {
    withhold(context, asked, requestId, [{ leafIndex, objectId: asked.cid, version: epoch }])
    return { Err: late }
  }
  const list = store.lists.wraps(placeOf(asked))
  const rows: Uint8Array[] = []
  for (let seq = fromSeq; seq < Math.min(fromSeq + count, list.count); seq++) {
    const wrap = list.listWrapAt(seq)
    if (wrap === null || isUnder(countedOf(wrap), epoch)) continue
    const stored = list.at(seq)
    if (stored !== null) rows.push(encodeWrapRow(stored.row, stored.openWrap))
  }
  return { Ok: { rows, leafIndex } }
}

/** Whether there is nothing to be done about a wrap. */
export const isUnder = (wrap: Counted, epoch: number): boolean =>
  wrap.epoch > epoch || (wrap.epoch === epoch && !wrap.isUnderCapsule)

export async function putWraps(
  context: Context,
  arg: ArgOf<RecordsService['putWraps']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['putWraps']>> {
  const { store, outbox } = context
  const { epoch, entries, requestId } = arg
  const asking = askedOf(arg, caller, RIGHT.rewrap)
  if ('refusal' in asking) return { Err: asking.refusal }
  const { asked } = asking
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const refusal = refuseRewrapper(context, asked)
  if (refusal !== null) return { Err: refusal }
  const malformed = wrongEntries(entries, epoch)
  if (malformed !== null) return { Err: malformed }
  if (outbox.isFull(asked.patientId)) return { Err: refuse.logUnavailable }
  const waitMs = spend(context, asked)
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }
  const permit = await askConsent(context, authoriseRewrapCall, { ...onBehalf(asked, requestId), epoch })
  if ('refusal' in permit) return { Err: permit.refusal }
  const late = refuseRewrapper(context, asked)
  if (late !== null) return { Err: late }

  const place = placeOf(asked)
  const { floor } = store.keyStates.of(place)
  if (epoch < floor) return { Err: refuse.staleEpoch(floor) }
  const { outcomes, stored, fromEpoch } = replaceAll(store, place, {
    epoch,
    entries,
    isByOther: !holdsVault(asked, context.facts, nowNs()),
  })
  if (stored > 0) logBatch(context, asked, { epoch, fromEpoch, count: stored, requestId })
  return { Ok: { outcomes } }
}

function logBatch(
  context: Context,
  { caller, patientId, compartmentKind, cid, grantId }: Asked,
  batch: { epoch: number; fromEpoch: number; count: number; requestId: Uint8Array },
): void {
  const { epoch, fromEpoch, count, requestId } = batch
  context.outbox.queue({
    event: EVENT.rewrapBatch,
    compartmentKind,
    actor: caller,
    patientId,
    objectId: cid,
    versionOrEpoch: epoch,
    requestId,
    purpose: purposeOf(context, grantId),
    fields: encodeFields('rewrapBatch', { cid, fromEpoch, count, grantId: grantId ?? ZERO_ID }),
  })
}

type Entries = ArgOf<RecordsService['putWraps']>['entries']

/** Each entry by itself: nothing but what was read is replaced, and what was there is kept until the epoch's end is sure. */
function replaceAll(
  store: RecordsStore,
  place: Place,
  { epoch, entries, isByOther }: { epoch: number; entries: Entries; isByOther: boolean },
): { readonly outcomes: Uint8Array; readonly stored: number; readonly fromEpoch: number } {
  const list = store.lists.wraps(place)
  let state = store.keyStates.of(place)
  const outcomes = new Uint8Array(entries.length)
  const [came, went]: [Counted[], Counted[]] = [[], []]
  let { cleaned } = state
  let [stored, fromEpoch] = [0, epoch]
  for (const [i, entry] of entries.entries()) {
    const { seq } = entry
    const present = seq < list.count ? list.at(seq) : undefined
    const before = present === undefined || present === null ? null : countedOf(present.openWrap)
    // What was deleted has no wraps that could be old.
    if (present === null) outcomes[i] = OUTCOME.done
    else if (present === undefined || before === null) outcomes[i] = OUTCOME.conflict
    else if (isUnder(before, epoch) || (isByOther && before.epoch >= epoch)) outcomes[i] = OUTCOME.done
    else if (!isNamed(entry, present)) outcomes[i] = OUTCOME.conflict
    else {
      const former = store.keyStates.former(place, seq)
      // What a grantee puts is not believed: it never takes the place of the last wraps that the owner could go back to.
      if (isByOther && former !== undefined && isOfUse(former, state)) store.keyStates.drop(place, present.openWrap)
      else {
        if (former !== undefined) store.keyStates.removeFormer(place, seq, former)
        store.keyStates.setFormer(place, seq, { ...present, isSetAside: false })
      }
      list.replace(seq, present, entry)
      outcomes[i] = OUTCOME.done
      if (seq < state.counted) {
        went.push(before)
        came.push({ epoch, isUnderCapsule: false })
      }
      cleaned = Math.min(cleaned, seq)
      fromEpoch = Math.min(fromEpoch, before.epoch)
      stored++
    }
  }
  if (stored > 0) {
    list.save()
    const byOthers = state.byOthers + (isByOther ? stored : 0)
    state = { ...state, cleaned, byOthers, ...recounted(state, { came, went }) }
    store.keyStates.set(place, state)
  }
  return { outcomes, stored, fromEpoch }
}

/** Whether former wraps can be gone back to: they are not known to be bad, and their key can still be derived. */
const isOfUse = ({ openWrap, isSetAside }: Former, { floor }: KeyState): boolean =>
  !isSetAside && countedOf(openWrap).epoch >= floor

/** What does not open gives its place back to what was there before. Both are kept: the other is set aside. */
export function restoreWraps(
  context: Context,
  arg: ArgOf<RecordsService['restoreWraps']>,
  caller: Uint8Array,
): RetOf<RecordsService['restoreWraps']> {
  const { store, outbox } = context
  const { seqs, requestId } = arg
  const asking = askedOf(arg, caller, RIGHT.rewrap)
  if ('refusal' in asking) return { Err: asking.refusal }
  const { asked } = asking
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const refusal = refuseKeeper(context, asked)
  if (refusal !== null) return { Err: refusal }
  if (seqs.length < 1 || seqs.length > REWRAP_PER_CALL_MAX) return { Err: refuse.badInput('seqs', 'range') }
  if (new Set(seqs).size < seqs.length) return { Err: refuse.badInput('seqs', 'duplicate') }
  if (outbox.isFull(asked.patientId)) return { Err: refuse.logUnavailable }
  const waitMs = spend(context, asked)
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }

  const place = placeOf(asked)
  const list = store.lists.wraps(place)
  const state = store.keyStates.of(place)
  const [came, went]: [Counted[], Counted[]] = [[], []]
  const epochs: number[] = []
  let { cleaned } = state
  const outcomes = Uint8Array.from(seqs, (seq) => {
    const present = seq < list.count ? list.at(seq) : null
    const former = store.keyStates.former(place, seq)
    if (present === null || former === undefined) return OUTCOME.conflict
    if (former.isSetAside) return OUTCOME.done // by this very request, or one like it
    if (!isOfUse(former, state)) return OUTCOME.conflict
    store.keyStates.setFormer(place, seq, { ...present, isSetAside: true })
    list.replace(seq, present, former)
    const back = countedOf(former.openWrap)
    epochs.push(back.epoch)
    if (seq < state.counted) {
      went.push(countedOf(present.openWrap))
      came.push(back)
    }
    cleaned = Math.min(cleaned, seq)
    return OUTCOME.done
  })
  if (epochs.length === 0) return { Ok: { outcomes } }
  list.save()
  store.keyStates.set(place, { ...state, cleaned, ...recounted(state, { came, went }) })
  const [epoch, fromEpoch] = [Math.max(...epochs), Math.min(...epochs)]
  logBatch(context, asked, { epoch, fromEpoch, count: epochs.length, requestId })
  return { Ok: { outcomes } }
}

function isNamed({ oldEpoch, oldNonce }: Entries[number], { openWrap }: Wraps): boolean {
  const head = decodeWrap(openWrap)
  return head.ok && head.value.epoch === oldEpoch && equalBytes(head.value.nonce, oldNonce)
}

function wrongEntries(entries: Entries, epoch: number): RefusalArm | null {
  if (entries.length < 1 || entries.length > REWRAP_PER_CALL_MAX) return refuse.badInput('entries', 'range')
  if (new Set(entries.map(({ seq }) => seq)).size < entries.length) return refuse.badInput('entries', 'duplicate')
  for (const entry of entries) {
    const read = wrapEpoch(entry)
    if ('refusal' in read) return read.refusal
    if (read.capsule !== null || read.epoch !== epoch) return refuse.badInput('wraps', 'differs')
  }
  return null
}

/** Only where records are at home are they wrapped anew: a share dies with its grant. */
function refuseRewrapper(context: Context, asked: Asked): RefusalArm | null {
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return decision.refusal
  return isHomeKind(asked.compartmentKind) ? null : refuse.notPermitted
}

/** What removes wraps for good, or takes one for another, is the holder's: whoever rewraps for them destroys nothing by it. */
export const refuseKeeper = (context: Context, asked: Asked): RefusalArm | null =>
  refuseRewrapper(context, asked) ?? (holdsVault(asked, context.facts, nowNs()) ? null : refuse.notPermitted)

export const spend = ({ budgets }: Context, { caller, patientId }: Asked): number =>
  takeFromAll(
    budgets,
    budgetsOfWork(
      BUDGET_TAG.rewrap,
      { caller, patientId },
      {
        ofCaller: REWRAPS_OF_CALLER_PER_HOUR,
        ofPatient: REWRAPS_OF_PATIENT_PER_HOUR,
        inAll: REWRAPS_IN_ALL_PER_HOUR,
      },
    ),
    nowNs(),
  )
