import type { CapsuleHead, CapsuleStep } from '@medguard/crypto/verify'
import {
  type ArgOf,
  COMPARTMENT_KIND,
  decodeHeaderRow,
  detailFields,
  equalBytes,
  EVENT,
  POWER,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  SHARE_RECORDS_MAX,
  SHARE_WRAPS_PER_CALL_MAX,
} from '@medguard/protocol'
import { assert, homeOf, isHome, nowNs, positionOfId, takeLines, takesIn, vaultNamed } from '@medguard/shared'
import type { Version } from './codec.ts'
import { type Context, ZERO_ID } from './context.ts'
import { readCapsule } from './depositing.ts'
import type { Entry, Place } from './lists.ts'
import { hasDouble, wrapEpoch, wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

type Arg = ArgOf<RecordsService['putShareWraps']>

/** A share compartment has one epoch: it dies with its grant. */
const SHARE_EPOCH = 1

/** Adds records of the patient's to a share by record: further wraps, under the share's key. All of a call or none. */
export function putShareWraps(
  { store, outbox, facts, budgets }: Context,
  { grantId, wraps, capsule, requestId }: Arg,
  caller: Uint8Array,
): RetOf<RecordsService['putShareWraps']> {
  const wrong = wrongIds({ grantId, requestId })
  if (wrong !== null) return { Err: wrong }
  // Before the grant is looked at: for whoever has no account that would be most of what a refusal costs (I7).
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  const state = store.grants.get(grantId)
  const account = vaultNamed(state?.grant.patientId ?? ZERO_ID, caller, facts, POWER.share | POWER.read, nowNs())
  if (account === null || state === undefined) return { Err: refuse.notPermitted }
  const isShare = state.grant.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.share)
  if (!isShare) return { Err: refuse.notPermitted }
  if (state.endedNs !== null || nowNs() >= state.grant.endNs) return { Err: refuse.notPermitted }
  if (outbox.isFull(account.patientId)) return { Err: refuse.logUnavailable }
  if (wraps.length < 1 || wraps.length > SHARE_WRAPS_PER_CALL_MAX) return { Err: refuse.badInput('wraps', 'range') }
  const malformed = wraps.map(wrongWrap).find((refusal) => refusal !== null)
  if (malformed !== undefined) return { Err: malformed }
  if (hasDouble(wraps)) return { Err: refuse.badInput('wraps', 'duplicate') }

  const { patientId } = account
  const place = { patientId, compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
  const firstSeq = store.lists.count(place)
  const added: Entry[] = []
  for (const wrap of wraps) {
    const version = store.version(wrap)
    if (version === undefined || !equalBytes(version.patientId, patientId)) return { Err: refuse.notPermitted }
    // What the patient has not taken in is nobody's to be shown (keys.md, section 12).
    if (!isHome(account, { compartmentKind: COMPARTMENT_KIND.category, cid: version.homeCid }))
      return { Err: refuse.badInput('wraps', 'inbox') }
    if (!takesIn(state.grant, positionOfId(account.cids, version.homeCid) + 1))
      return { Err: refuse.badInput('wraps', 'category') }
    if (store.lists.find(place, wrap) === undefined) added.push(entryOf(store, version, wrap))
    else if (!store.lists.sameWraps(place, wrap, wrap)) return { Err: refuse.idConflict }
  }
  if (firstSeq + added.length > SHARE_RECORDS_MAX) return { Err: refuse.full }
  const sealed = capsule[0] ?? null
  const read = sealed === null ? null : readCapsule(sealed, place)
  if (read !== null && 'refusal' in read) return { Err: read.refusal }
  const used = stepsOf(store, place, added, { sealed, read, caller })
  if ('refusal' in used) return { Err: used.refusal }
  if (added.length > 0) {
    const wait = takeLines(budgets, facts.account(caller)?.patientId ?? patientId, 1, nowNs())
    if (wait !== null) return { Err: wait }
    if (read !== null && sealed !== null && used.isNew)
      store.capsules.post(place, read, { depositor: caller, postedNs: nowNs(), capsule: sealed })
    for (const step of used.steps) store.capsules.use(place, step)
    store.lists.append(place, added)
    outbox.queue({
      event: EVENT.shareWraps,
      compartmentKind: COMPARTMENT_KIND.share,
      actor: caller,
      patientId,
      objectId: grantId,
      requestId,
      fields: detailFields.shareWraps({ grantId, firstSeq, count: added.length }),
    })
  }
  return { Ok: { count: firstSeq + added.length } }
}

/**
 * In which shares by record a version is, besides its own compartment: who can open it is who can open any of them. Of a record that is not in that vault,
 * be it somebody else's or nobody's, none: what is looked at is the vault's own shares.
 */
export function sharesHolding(
  { store, facts }: Context,
  arg: ArgOf<RecordsService['sharesHolding']>,
  caller: Uint8Array,
): RetOf<RecordsService['sharesHolding']> {
  const { recordId, version } = arg
  const [named] = arg.patientId
  const wrong = wrongIds({ recordId, patientId: named ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(named, caller, facts, POWER.read, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  const { patientId } = vault
  const holding = store.grants.liveOf(patientId, nowNs()).filter((grantId) => {
    const place = { patientId, compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
    return store.lists.count(place) > 0 && store.lists.find(place, { recordId, version }) !== undefined
  })
  return { Ok: holding }
}

/**
 * The steps that new wraps are under, if all of them can be used: of the capsule that comes along, or of one that is there. A share is filled without anybody
 * deriving its key (keys.md, section 11). Nothing is written before all is known to fit.
 */
function stepsOf(
  store: RecordsStore,
  place: Place,
  added: readonly Entry[],
  given: { readonly sealed: Uint8Array | null; readonly read: CapsuleHead | null; readonly caller: Uint8Array },
): { readonly steps: readonly CapsuleStep[]; readonly isNew: boolean } | { readonly refusal: RefusalArm } {
  const { sealed, read, caller } = given
  const present = read === null ? undefined : store.capsules.get(place, read.capsuleId)
  if (read !== null && read.place.epoch !== SHARE_EPOCH) return { refusal: refuse.staleEpoch(SHARE_EPOCH) }
  if (present !== undefined && sealed !== null && !equalBytes(present.capsule, sealed))
    return { refusal: refuse.idConflict }
  const steps: CapsuleStep[] = []
  for (const entry of added) {
    const wraps = wrapEpoch(entry)
    if ('refusal' in wraps || wraps.capsule === null) continue
    const { capsuleId, step } = wraps.capsule
    const isGiven = read !== null && present === undefined && equalBytes(capsuleId, read.capsuleId)
    const refusal = isGiven
      ? step < read.stepsMax
        ? null
        : refuse.badInput('capsule', 'range')
      : store.capsules.refuseStep(place, wraps.capsule, { depositor: caller, epoch: SHARE_EPOCH, nowNs: nowNs() })
    if (refusal !== null) return { refusal }
    const before = steps.findLast((each) => equalBytes(each.capsuleId, capsuleId))
    if (before !== undefined && before.step >= step) return { refusal: refuse.badInput('capsule', 'order') }
    steps.push(wraps.capsule)
  }
  return { steps, isNew: read !== null && present === undefined }
}

/** The record as it stands in its home list, with the wraps of the share. */
function entryOf(
  store: RecordsStore,
  version: Version,
  { recordId, listWrap, openWrap, ...wrap }: Arg['wraps'][number],
): Entry {
  const { patientId, homeCid, manifestHash } = version
  const home = { patientId, ...homeOf(patientId, homeCid) }
  const row = decodeHeaderRow(store.lists.row(home, version.seq))
  assert(row !== null, 'a list holds header rows')
  const { manifest, header, deposit } = row
  const sealed = { recordId, version: wrap.version, manifest, manifestHash, header, listWrap, openWrap }
  return deposit === undefined ? sealed : { ...sealed, deposit }
}

function wrongWrap(wrap: Arg['wraps'][number]): RefusalArm | null {
  const wrong = wrongIds({ recordId: wrap.recordId })
  if (wrong !== null) return wrong
  const read = wrapEpoch(wrap)
  if ('refusal' in read) return read.refusal
  return read.epoch === SHARE_EPOCH ? null : refuse.staleEpoch(SHARE_EPOCH)
}
