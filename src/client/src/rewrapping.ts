import {
  decodeManifest,
  decodeWrap,
  expectDecoded,
  expectSoundWraps,
  rewrapRecord,
  type WrapKeys,
} from '@medguard/crypto'
import {
  type Account,
  COMPARTMENT_KIND,
  decodeWrapRow,
  RECORDS_PER_ACCOUNT_MAX,
  refusalOf,
  refuse,
  REWRAP_PER_CALL_MAX,
  RIGHT,
  type WrapRow,
} from '@medguard/protocol'
import { Fault, type Outcome, type Progress } from './api.ts'
import { cryptoWork } from './crypto-fault.ts'
import { newId, okOf, Refused } from './outcome.ts'
import { epochOf, placeArg, type Reach } from './place.ts'
import { grantReceived } from './received-grants.ts'
import { retried } from './retrying.ts'
import type { Session } from './session.ts'
import { withWrapKeys } from './wrap-keys.ts'

export interface Rewrapped {
  /** Records whose keys were wrapped anew. */
  readonly records: number
  /** Compartments whose old keys nobody can derive any more. */
  readonly retired: number
  /** Records whose seals do not hold: their compartments keep their old keys until these are deleted. */
  readonly damaged: number
}

export interface RewrapClient {
  /**
   * Wraps the keys of what was stored before somebody lost access anew, so that who kept an old key finds nothing under it, and ends the old keys (keys.md,
   * section 9). Does nothing where there is nothing to do. May be broken off and repeated at any point, and run on two devices at once.
   */
  rewrap(progress?: Progress): Promise<Outcome<Rewrapped>>
  /**
   * The same in another vault, for whoever was given the right to. Old keys stay: only the patient, or who acts in their place, looks the result over and ends
   * them.
   */
  rewrapUnder(grantId: string, progress?: Progress): Promise<Outcome<Rewrapped>>
  /** Whether `rewrap` has work: to be asked after signing in and after a share ended. */
  needsRewrap(): Promise<Outcome<boolean>>
}

export function createRewrap(session: Session): RewrapClient {
  return {
    rewrap: (progress) =>
      session.unlocked(async () => {
        const account = await session.freshAccount()
        const total: { -readonly [K in keyof Rewrapped]: number } = { records: 0, retired: 0, damaged: 0 }
        if (account === null) return total
        for (const reach of categoriesToDo(account)) {
          const done = await rewrapCompartment(session, reach, progress)
          total.records += done.records
          total.retired += done.retired
          total.damaged += done.damaged
        }
        return total
      }),
    rewrapUnder: (grantId, progress) =>
      session.unlocked(async () => {
        const grant = await grantReceived(session.canisters, grantId)
        if ((grant.rights & RIGHT.rewrap) === 0) throw new Refused(refusalOf(refuse.notPermitted))
        const total = { records: 0, retired: 0, damaged: 0 }
        for (const { minEpoch, currentEpoch, compartmentKind, cid } of grant.compartments) {
          if (minEpoch === currentEpoch) continue
          const reach = {
            patientId: new Uint8Array(grant.patientId),
            compartment: { compartmentKind, cid: new Uint8Array(cid) },
            grantId: new Uint8Array(grant.grantId),
          }
          const done = await rewrapCompartment(session, reach, progress)
          total.records += done.records
          total.damaged += done.damaged
        }
        return total
      }),
    needsRewrap: () =>
      session.unlocked(async () => {
        const account = await session.freshAccount()
        return account !== null && categoriesToDo(account).length > 0
      }),
  }
}

/** Compartments of which older keys can still be derived. */
const categoriesToDo = (account: Account): Reach[] =>
  account.compartments
    .filter(({ minEpoch, currentEpoch }) => minEpoch < currentEpoch)
    .map(({ cid }) => ({
      patientId: new Uint8Array(account.patientId),
      compartment: { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(cid) },
      grantId: null,
    }))

/** Others write and end shares meanwhile: after so many new starts it is left for the next time. */
const ROUNDS_MAX = 5
async function rewrapCompartment(session: Session, reach: Reach, progress?: Progress): Promise<Rewrapped> {
  const { consent, records } = session.canisters
  const place = placeArg(reach)
  const tried = new Set<number>()
  let [wrapped, damaged] = [0, 0]
  for (let round = 0; round < ROUNDS_MAX; round++) {
    session.expectOpen()
    const { currentEpoch: epoch } = okOf(await consent.depositInfo(place))
    const { count, byOthers } = await stateOf(session, reach)
    const batch = await rewrapAll(session, reach, { epoch, count, progress })
    wrapped += batch.stored
    damaged = batch.damaged.length
    if (batch.isStale || batch.conflicts > 0) continue
    if (reach.grantId !== null) break
    const bad = damaged > 0 ? batch.damaged : await damagedIn(session, reach, { epoch, count, progress })
    damaged = bad.length
    const untried = bad.filter((seq) => !tried.has(seq))
    for (const seq of untried) tried.add(seq)
    try {
      if (await restored(session, reach, untried)) continue
      if (damaged > 0) break
      if (!(await retireAll(session, reach, { epoch, byOthers }))) continue
    } catch (error) {
      // Who only helps has wrapped anew; to look it over and end the old keys is the patient's.
      if (session.actsFor === null || !(error instanceof Refused) || error.refusal.kind !== 'NotPermitted') throw error
      break
    }
    session.keyRing.forgetBefore(epochOf(reach, epoch))
    return { records: wrapped, retired: 1, damaged: 0 }
  }
  return { records: wrapped, retired: 0, damaged }

  /** @returns false when the epoch moved on, or something came in under an older one. */
  async function retireAll(
    session: Session,
    reach: Reach,
    { epoch, byOthers }: { readonly epoch: number; readonly byOthers: number },
  ): Promise<boolean> {
    for (;;) {
      session.expectOpen()
      const end = { ...placeArg(reach), epoch, byOthers: [byOthers] as [number], requestId: newId() }
      const answer = await retried(() => records.retire(end))
      if ('Err' in answer && ('StaleEpoch' in answer.Err || 'Stale' in answer.Err)) return false
      if (okOf(answer).remaining === 0) return true
    }
  }
}

/** How many positions there are, counted to the end by the canister, which lists of an earlier version were not; and how many others have wrapped. */
async function stateOf({ canisters, expectOpen }: Session, reach: Reach) {
  for (;;) {
    expectOpen()
    const { count, counted, byOthers } = okOf(await canisters.records.rewrapState(placeArg(reach)))
    if (count > RECORDS_PER_ACCOUNT_MAX) throw new Fault('ListIncomplete', 'a list is longer than any vault')
    if (counted >= count) return { count, byOthers }
  }
}

interface Range {
  readonly epoch: number
  readonly count: number
  readonly progress: Progress | undefined
}

async function rewrapAll(session: Session, reach: Reach, { epoch, count, progress }: Range) {
  const { keyRing, canisters } = session
  const damaged: number[] = []
  const total = { stored: 0, conflicts: 0, damaged, isStale: false }
  const to = await keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
  for (let fromSeq = 0; fromSeq < count && !total.isStale; fromSeq += REWRAP_PER_CALL_MAX) {
    progress?.({ step: 'rewrapping', doneRecords: fromSeq, totalRecords: count })
    const entries = []
    for (const row of await readRows(session, reach, { fromSeq, epoch })) {
      try {
        entries.push(await entryOf(row))
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'Tampered') throw error
        damaged.push(row.seq)
      }
    }
    if (entries.length === 0) continue
    session.expectOpen()
    const put = { ...placeArg(reach), epoch, entries, requestId: newId() }
    const answer = await retried(() => canisters.records.putWraps(put))
    if ('Err' in answer && 'StaleEpoch' in answer.Err) total.isStale = true
    else {
      const { outcomes } = okOf(answer)
      const done = outcomes.filter((outcome) => outcome === 1).length
      total.stored += done
      total.conflicts += entries.length - done
    }
  }
  return total

  async function entryOf({ seq, recordId, version, ...stored }: WrapRow) {
    const { epoch: oldEpoch, nonce: oldNonce } = await cryptoWork(async () =>
      expectDecoded(decodeWrap(stored.openWrap)),
    )
    const place = { patientId: reach.patientId, recordId, version }
    const { openWrap } = stored
    const manifest = await cryptoWork(async () => expectDecoded(decodeManifest(stored.manifest)))
    const wrapFrom = (from: WrapKeys) => rewrapRecord({ from, to, place, manifest, openWrap })
    const made = await withWrapKeys({ canisters, keyRing }, reach, openWrap, wrapFrom, progress)
    return { seq, oldEpoch, oldNonce, ...made }
  }
}

/**
 * Reads back all of what is about to be all there is, since others may have wrapped some of it, and opens it.
 *
 * @returns the positions of what does not open. What was there before is kept then.
 */
async function damagedIn(session: Session, reach: Reach, { epoch, count, progress }: Range): Promise<number[]> {
  progress?.({ step: 'verifying' })
  const keys = await session.keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
  const damaged: number[] = []
  for (let fromSeq = 0; fromSeq < count; fromSeq += REWRAP_PER_CALL_MAX) {
    // Fewer where records were deleted; what the canister kept back it would take from its own counts, which end the old keys or do not.
    for (const { seq, recordId, version, ...stored } of await readRows(session, reach, { fromSeq, epoch: epoch + 1 })) {
      const place = { patientId: reach.patientId, recordId, version }
      try {
        await cryptoWork(async () => {
          const manifest = expectDecoded(decodeManifest(stored.manifest))
          await expectSoundWraps(keys, place, { ...stored, manifest })
        })
      } catch (error) {
        // What came in meanwhile under another key is nobody's damage: the canister counts it, or it is a deposit that was not touched.
        if (!(error instanceof Fault) || (error.code !== 'Tampered' && error.code !== 'WrongKey')) throw error
        if (error.code === 'Tampered') damaged.push(seq)
      }
    }
  }
  return damaged
}

/** Goes back to the wraps before, where there are any. @returns whether something came back. */
async function restored(
  { canisters, expectOpen }: Session,
  reach: Reach,
  damaged: readonly number[],
): Promise<boolean> {
  let isAny = false
  for (let i = 0; i < damaged.length; i += REWRAP_PER_CALL_MAX) {
    expectOpen()
    const arg = { ...placeArg(reach), seqs: damaged.slice(i, i + REWRAP_PER_CALL_MAX), requestId: newId() }
    const { outcomes } = okOf(await retried(() => canisters.records.restoreWraps(arg)))
    if (outcomes.includes(1)) isAny = true
  }
  return isAny
}

/** The rows of a range that are not under `epoch` yet; one line in the log. */
async function readRows(
  { canisters, expectOpen }: Session,
  reach: Reach,
  { fromSeq, epoch }: { readonly fromSeq: number; readonly epoch: number },
): Promise<WrapRow[]> {
  expectOpen()
  const range = { fromSeq, count: REWRAP_PER_CALL_MAX, epoch, requestId: newId() }
  const { rows } = okOf(await canisters.records.readWraps({ ...placeArg(reach), ...range }))
  if (rows.length > REWRAP_PER_CALL_MAX) throw new Fault('BadReply', 'more wraps than were asked for')
  return rows.map((bytes) => {
    const row = decodeWrapRow(new Uint8Array(bytes))
    if (row === null) throw new Fault('BadReply', 'a row of wraps is none')
    return row
  })
}
