import {
  type ArgOf,
  type Deposit,
  type DepositView,
  detailFields,
  equalBytes,
  EVENT,
  HEADER_PAGE_BYTES_MAX,
  HEADER_PAGE_MAX,
  ID_BYTES,
  LEAF_FLAG,
  LEAF_INDEX_UNKNOWN,
  LIST_WINDOW_NS,
  LISTS_WATCHED_MAX,
  OPEN_RECORDS_PER_CALL_MAX,
  Principal,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  type Asked,
  authoriseListCall,
  authoriseOpenCall,
  CandidRows,
  type Encodable,
  nowNs,
  REFUSED_METHOD,
  writesSoFar,
} from '@medguard/shared'
import { blobOf, type Position } from './codec.ts'
import { askConsent, askedOf, type Context, orgOf, placeOf, purposeOf, viaOrganisation, ZERO_ID } from './context.ts'
import { decideNow } from './facts.ts'
import type { Place, VersionId } from './lists.ts'
import { hasDouble, wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/** Reading under the two-key rule: this canister decides by its own copy, then consent decides and logs, then this one decides again. */

export async function beginList(
  context: Context,
  arg: ArgOf<RecordsService['beginList']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['beginList']>> {
  const { store, requests } = context
  const { requestId } = arg
  const read = askedOf(arg, caller, RIGHT.list)
  if ('refusal' in read) return { Err: read.refusal }
  const { asked } = read
  const refusal = wrongIds({ requestId }) ?? refuseReader(context, asked, REFUSED_METHOD.list, requestId)
  if (refusal !== null) return { Err: refusal }
  const repeat = requests.begin(caller, requestId, nowNs())
  if (repeat !== null) return { Err: repeat }
  const permit = await askConsent(context, authoriseListCall, onBehalf(asked, requestId))
  requests.done(caller, requestId)
  if ('refusal' in permit) return { Err: permit.refusal }
  const { leafIndex } = permit.ok
  const place = placeOf(asked)
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') {
    withhold(context, asked, requestId, [{ leafIndex, objectId: asked.cid, version: 0 }])
    return { Err: decision.refusal }
  }
  const untilNs = nowNs() + LIST_WINDOW_NS
  store.openListWindow(caller, place, asked.grantId, untilNs)
  const deletions = store.lists.deletions(place)
  return { Ok: { ...store.lists.head(place), untilNs, leafIndex, deletions: deletions === null ? [] : [deletions] } }
}

/** Pages of sealed headers, inside the window that `beginList` opened and while the grant lives. */
export function headers(
  context: Context,
  arg: ArgOf<RecordsService['headers']>,
  caller: Uint8Array,
): Encodable<RetOf<RecordsService['headers']>> {
  const { store } = context
  const read = askedOf(arg, caller, RIGHT.list)
  if ('refusal' in read) return { Err: read.refusal }
  const { asked } = read
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return { Err: decision.refusal }
  const place = placeOf(asked)
  if (nowNs() >= store.listWindow(caller, place, asked.grantId)) return { Err: refuse.notPermitted }
  if (arg.count > HEADER_PAGE_MAX) return { Err: refuse.badInput('count', 'range') }
  const page = store.lists.page(place, arg.fromSeq, arg.count, HEADER_PAGE_BYTES_MAX)
  return { Ok: new CandidRows(page.count, page.runs) }
}

/** Lengths of lists, for a page that shows them: inside their windows and while the grants live. */
export function listCounts(
  context: Context,
  { lists }: ArgOf<RecordsService['listCounts']>,
  caller: Uint8Array,
): RetOf<RecordsService['listCounts']> {
  const { store } = context
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  if (lists.length < 1 || lists.length > LISTS_WATCHED_MAX) return { Err: refuse.badInput('lists', 'range') }
  const names = lists.map(({ cid, grantId }) => String.fromCharCode(...cid, ...(grantId[0] ?? [])))
  if (new Set(names).size < names.length) return { Err: refuse.badInput('lists', 'duplicate') }
  const counts: number[] = []
  for (const list of lists) {
    const read = askedOf(list, caller, RIGHT.list)
    if ('refusal' in read) return { Err: read.refusal }
    const { asked } = read
    const place = placeOf(asked)
    const isOpen = nowNs() < store.listWindow(caller, place, asked.grantId)
    counts.push(isOpen && decideNow(context, asked).kind === 'permit' ? store.lists.count(place) : 0)
  }
  return { Ok: counts }
}

/** Releases open wraps in the very message that received consent's permit; nothing of it is kept (I2). */
export async function open(
  context: Context,
  arg: ArgOf<RecordsService['open']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['open']>> {
  const { store, requests } = context
  const { requestId, records } = arg
  const read = askedOf(arg, caller, RIGHT.open)
  if ('refusal' in read) return { Err: read.refusal }
  const { asked } = read
  const wrong = wrongIds({ requestId }) ?? wrongRecords(records)
  const refusal = wrong ?? refuseReader(context, asked, REFUSED_METHOD.open, requestId)
  if (refusal !== null) return { Err: refusal }
  const place = placeOf(asked)
  const early = foundIn(store, place, records)
  if (early === null) {
    context.refusals.note({ ...asked, method: REFUSED_METHOD.open, refusal: refuse.notPermitted, requestId })
    return { Err: refuse.notPermitted }
  }
  const repeat = requests.begin(caller, requestId, nowNs())
  if (repeat !== null) return { Err: repeat }
  const writes = writesSoFar()
  const permit = await askConsent(context, authoriseOpenCall, { ...onBehalf(asked, requestId), records: early })
  requests.done(caller, requestId)
  if ('refusal' in permit) return { Err: permit.refusal }
  const { firstLeafIndex } = permit.ok
  const decision = decideNow(context, asked)
  // A share that ended meanwhile took its wraps with it, and so did a record that was deleted. Where nothing at all was written, all is as it was found.
  const found = writesSoFar() === writes ? early : foundIn(store, place, records)
  if (decision.kind === 'permit' && found !== null) {
    const openWraps = found.map(({ openWrap }) => openWrap)
    return {
      Ok: {
        openWraps,
        firstLeafIndex,
        capsules: store.capsules.over(place, openWraps),
        deposits: depositsOf(store, place, found),
      },
    }
  }
  // Consent names the first line only: lines of others may stand between the rest.
  const leaves = records.map(({ recordId, version }, i) => ({
    leafIndex: i === 0 ? firstLeafIndex : LEAF_INDEX_UNKNOWN,
    objectId: recordId,
    version,
  }))
  withhold(context, asked, requestId, leaves)
  return { Err: decision.kind === 'refuse' ? decision.refusal : refuse.notPermitted }
}

/** A version that is listed where it is asked for. */
interface Found extends VersionId, Position {
  readonly manifestHash: Uint8Array
}
/** All of them; null where one is not there. */
function foundIn(store: RecordsStore, place: Place, records: readonly VersionId[]): Found[] | null {
  const found: Found[] = []
  for (const { recordId, version } of records) {
    const id = { recordId, version }
    const position = store.lists.find(place, id)
    const manifestHash = position === undefined ? undefined : store.version(id)?.manifestHash
    if (position === undefined || manifestHash === undefined) return null
    const { seq, openWrap } = position
    found.push({ recordId, version, manifestHash, seq, openWrap })
  }
  return found
}

/** How each came to be stored: by update, so that a reader need not believe the page of a list. Empty where it is known of none. */
function depositsOf(
  { lists }: RecordsStore,
  place: Place,
  found: readonly Pick<Found, 'seq'>[],
): [] | [([] | [DepositView])[]] {
  const views = found.map(({ seq }): [] | [DepositView] => {
    const deposit = lists.depositAt(place, seq)
    return deposit === null ? [] : [viewOf(deposit)]
  })
  return views.every(({ length }) => length === 0) ? [] : [views]
}
const viewOf = ({ depositor, depositedNs, isUnderGrant, orgId, deviceId, signed }: Deposit): DepositView => ({
  depositor: Principal.fromUint8Array(depositor),
  depositedNs,
  isUnderGrant,
  orgId: equalBytes(orgId, ZERO_ID) ? [] : [orgId],
  deviceId: deviceId === undefined ? [] : [deviceId],
  author: signed === undefined ? [] : [signed],
})

/** Ciphertext of one chunk, for whoever may open what it belongs to. Without the wrap it is noise; keeping it back is hygiene. */
export function chunk(
  context: Context,
  arg: ArgOf<RecordsService['chunk']>,
  caller: Uint8Array,
): RetOf<RecordsService['chunk']> {
  const { store } = context
  const { recordId, version, index } = arg
  const read = askedOf(arg, caller, RIGHT.open)
  if ('refusal' in read) return { Err: read.refusal }
  const wrong = wrongIds({ recordId })
  if (wrong !== null) return { Err: wrong }
  const decision = decideNow(context, read.asked)
  if (decision.kind === 'refuse') return { Err: decision.refusal }
  const id = { recordId, version }
  const stored = store.version(id)
  if (stored === undefined || store.lists.find(placeOf(read.asked), id) === undefined)
    return { Err: refuse.notPermitted }
  return index < stored.chunkCount
    ? { Ok: store.blobs.read(blobOf(stored), index) }
    : { Err: refuse.badInput('index', 'range') }
}

const optionOf = (id: Uint8Array | null): [] | [Uint8Array] => (id === null ? [] : [id])

export const onBehalf = ({ caller, patientId, compartmentKind, cid, grantId }: Asked, requestId: Uint8Array) => ({
  caller: Principal.fromUint8Array(caller),
  patientId,
  compartmentKind,
  cid,
  grantId: optionOf(grantId),
  requestId,
})

export function refuseReader(context: Context, asked: Asked, method: number, requestId: Uint8Array): RefusalArm | null {
  const decision = decideNow(context, asked)
  if (decision.kind === 'permit') return null
  context.refusals.note({ ...asked, method, refusal: decision.refusal, requestId })
  return decision.refusal
}

/** Consent has logged what this canister then kept back: the log says so too (I8). */
export function withhold(
  context: Context,
  asked: Asked,
  requestId: Uint8Array,
  leaves: readonly { leafIndex: bigint; objectId: Uint8Array; version: number }[],
): void {
  const { caller, patientId, compartmentKind, grantId } = asked
  const orgId = orgOf(context, grantId)
  for (const { leafIndex, objectId, version } of leaves)
    context.outbox.queue({
      event: EVENT.keyWithheld,
      flags: LEAF_FLAG.failedOrWithheld | viaOrganisation(orgId),
      compartmentKind,
      actor: caller,
      patientId,
      objectId,
      versionOrEpoch: version,
      requestId,
      purpose: purposeOf(context, grantId),
      fields: detailFields.outcome({ leafIndex, grantId: grantId ?? ZERO_ID, reason: 0, orgId }),
    })
}

function wrongRecords(records: readonly VersionId[]): RefusalArm | null {
  if (records.length < 1 || records.length > OPEN_RECORDS_PER_CALL_MAX) return refuse.badInput('records', 'range')
  if (records.some(({ recordId }) => recordId.length !== ID_BYTES)) return refuse.badInput('records', 'length')
  return hasDouble(records) ? refuse.badInput('records', 'duplicate') : null
}
