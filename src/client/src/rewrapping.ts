import { decodeManifest, decodeWrap, expectDecoded, expectSoundWraps, rewrapRecord } from '@medguard/crypto'
import {
  type Account,
  COMPARTMENT_KIND,
  decodeWrapRow,
  RECORDS_PER_ACCOUNT_MAX,
  REWRAP_PER_CALL_MAX,
  type WrapRow,
} from '@medguard/protocol'
import { Fault, type Outcome, type Progress } from './api.ts'
import { cryptoWork } from './crypto-fault.ts'
import { newId, okOf } from './outcome.ts'
import { epochOf, placeArg, type Reach } from './place.ts'
import { retried } from './retrying.ts'
import type { Session } from './session.ts'
import { wrapKeysOf } from './wrap-keys.ts'

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
/** Of a compartment with more records so many are read back before the old wraps go (keys.md, section 9, step 5). */
const CHECKED_MAX = 500

async function rewrapCompartment(session: Session, reach: Reach, progress?: Progress): Promise<Rewrapped> {
  const { consent, records } = session.canisters
  const place = placeArg(reach)
  let [wrapped, damaged] = [0, 0]
  for (let round = 0; round < ROUNDS_MAX; round++) {
    session.expectOpen()
    const { currentEpoch: epoch } = okOf(await consent.depositInfo(place))
    const count = await countOf(session, reach)
    const batch = await rewrapAll(session, reach, { epoch, count, progress })
    wrapped += batch.stored
    damaged = batch.damaged
    if (batch.isStale || batch.conflicts > 0) continue
    if (damaged > 0) break
    await checkAll(session, reach, { epoch, count, progress })
    if (!(await retireAll(session, reach, epoch))) continue
    session.keyRing.forgetBefore(epochOf(reach, epoch))
    return { records: wrapped, retired: 1, damaged: 0 }
  }
  return { records: wrapped, retired: 0, damaged }

  /** @returns false when the epoch moved on, or something came in under an older one. */
  async function retireAll(session: Session, reach: Reach, epoch: number): Promise<boolean> {
    for (;;) {
      session.expectOpen()
      const answer = await retried(() => records.retire({ ...placeArg(reach), epoch, requestId: newId() }))
      if ('Err' in answer && ('StaleEpoch' in answer.Err || 'Stale' in answer.Err)) return false
      if (okOf(answer).remaining === 0) return true
    }
  }
}

/** How many positions there are; counted to the end by the canister, which lists of an earlier version were not. */
async function countOf({ canisters, expectOpen }: Session, reach: Reach): Promise<number> {
  for (;;) {
    expectOpen()
    const { count, counted } = okOf(await canisters.records.rewrapState(placeArg(reach)))
    if (count > RECORDS_PER_ACCOUNT_MAX) throw new Fault('ListIncomplete', 'a list is longer than any vault')
    if (counted >= count) return count
  }
}

interface Range {
  readonly epoch: number
  readonly count: number
  readonly progress: Progress | undefined
}

async function rewrapAll(session: Session, reach: Reach, { epoch, count, progress }: Range) {
  const { keyRing, canisters } = session
  const total = { stored: 0, conflicts: 0, damaged: 0, isStale: false }
  const to = await keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
  for (let fromSeq = 0; fromSeq < count && !total.isStale; fromSeq += REWRAP_PER_CALL_MAX) {
    progress?.({ step: 'rewrapping', doneRecords: fromSeq, totalRecords: count })
    const entries = []
    for (const row of await readRows(session, reach, { fromSeq, epoch })) {
      try {
        entries.push(await entryOf(row))
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'Tampered') throw error
        total.damaged++
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
    const from = await wrapKeysOf({ canisters, keyRing }, reach, stored.openWrap, progress)
    const place = { patientId: reach.patientId, recordId, version }
    const made = await cryptoWork(async () => {
      const manifest = expectDecoded(decodeManifest(stored.manifest))
      return rewrapRecord({ from, to, place, manifest, openWrap: stored.openWrap })
    })
    return { seq, oldEpoch, oldNonce, ...made }
  }
}

/**
 * Reads back what is about to be all there is, and opens it.
 *
 * @throws Fault `Tampered` for a wrap that does not: what was there before is kept then.
 */
async function checkAll(session: Session, reach: Reach, { epoch, count, progress }: Range): Promise<void> {
  progress?.({ step: 'verifying' })
  const keys = await session.keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
  const ranges = Math.ceil(count / REWRAP_PER_CALL_MAX)
  const step = count <= CHECKED_MAX ? 1 : Math.ceil((ranges * REWRAP_PER_CALL_MAX) / CHECKED_MAX)
  for (let range = 0; range < ranges; range += step) {
    const fromSeq = range * REWRAP_PER_CALL_MAX
    // Fewer where records were deleted; what the canister kept back it would take from its own counts, which end the old keys or do not.
    for (const { recordId, version, ...stored } of await readRows(session, reach, { fromSeq, epoch: epoch + 1 })) {
      const place = { patientId: reach.patientId, recordId, version }
      await cryptoWork(async () => {
        const manifest = expectDecoded(decodeManifest(stored.manifest))
        await expectSoundWraps(keys, place, { ...stored, manifest })
      })
    }
  }
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
