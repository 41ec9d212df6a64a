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
import { assert, nowNs, vaultNamed } from '@medguard/shared'
import type { Version } from './codec.ts'
import { type Context, ZERO_ID } from './context.ts'
import type { Entry } from './lists.ts'
import { hasDouble, wrapEpoch, wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

type Arg = ArgOf<RecordsService['putShareWraps']>

/** A share compartment has one epoch: it dies with its grant. */
const SHARE_EPOCH = 1

/** Adds records of the patient's to a share by record: further wraps, under the share's key. All of a call or none. */
export function putShareWraps(
  { store, outbox, facts }: Context,
  { grantId, wraps, requestId }: Arg,
  caller: Uint8Array,
): RetOf<RecordsService['putShareWraps']> {
  const wrong = wrongIds({ grantId, requestId })
  if (wrong !== null) return { Err: wrong }
  const state = store.grants.get(grantId)
  const account = vaultNamed(state?.grant.patientId ?? ZERO_ID, caller, facts, POWER.share | POWER.read, nowNs())
  if (account === null || state === undefined) return { Err: refuse.notPermitted }
  const isShare = state.grant.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.share)
  if (!isShare) return { Err: refuse.notPermitted }
  if (state.endedNs !== null || nowNs() >= state.grant.endNs) return { Err: refuse.notPermitted }
  if (outbox.isFull()) return { Err: refuse.logUnavailable }
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
    if (store.lists.find(place, wrap) === undefined) added.push(entryOf(store, version, wrap))
    else if (!store.lists.sameWraps(place, wrap, wrap)) return { Err: refuse.idConflict }
  }
  if (firstSeq + added.length > SHARE_RECORDS_MAX) return { Err: refuse.full }
  if (added.length > 0) {
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

/** In which shares by record a version is, besides its own compartment: who can open it is who can open any of them. */
export function sharesHolding(
  { store, facts }: Context,
  { recordId, version }: ArgOf<RecordsService['sharesHolding']>,
  caller: Uint8Array,
): RetOf<RecordsService['sharesHolding']> {
  const wrong = wrongIds({ recordId })
  if (wrong !== null) return { Err: wrong }
  const id = { recordId, version }
  const found = store.version(id)
  const vault = vaultNamed(found?.patientId ?? ZERO_ID, caller, facts, POWER.read, nowNs())
  if (found === undefined || vault === null) return { Err: refuse.notPermitted }
  const { patientId } = vault
  const holding = store.grants.liveOf(patientId, nowNs()).filter((grantId) => {
    const place = { patientId, compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
    return store.lists.count(place) > 0 && store.lists.find(place, id) !== undefined
  })
  return { Ok: holding }
}

/** The record as it stands in its home list, with the wraps of the share. */
function entryOf(
  store: RecordsStore,
  version: Version,
  { recordId, listWrap, openWrap, ...wrap }: Arg['wraps'][number],
): Entry {
  const { patientId, homeCid, manifestHash } = version
  const home = { patientId, compartmentKind: COMPARTMENT_KIND.category, cid: homeCid }
  const row = decodeHeaderRow(store.lists.row(home, version.seq))
  assert(row !== null, 'a list holds header rows')
  const { manifest, header } = row
  return { recordId, version: wrap.version, manifest, manifestHash, header, listWrap, openWrap }
}

function wrongWrap(wrap: Arg['wraps'][number]): RefusalArm | null {
  const wrong = wrongIds({ recordId: wrap.recordId })
  if (wrong !== null) return wrong
  const read = wrapEpoch(wrap)
  if ('refusal' in read) return read.refusal
  if (read.capsule !== null) return refuse.badInput('wraps', 'format')
  return read.epoch === SHARE_EPOCH ? null : refuse.staleEpoch(SHARE_EPOCH)
}
