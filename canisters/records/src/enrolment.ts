import {
  type ArgOf,
  CATEGORIES,
  concatBytes,
  type ConsentService,
  DEPENDANTS_MAX,
  dependantPrincipal,
  equalBytes,
  ID_BYTES,
  type RecordsService,
  refuse,
  type RetOf,
  WARDS_MAX,
} from '@medguard/protocol'
import { ALL_POWERS, logShardOfCall, logShardsIn, nowNs, refuseChange } from '@medguard/shared'
import { askConsent, type Context, ZERO_ID } from './context.ts'
import { wrongIds } from './rules.ts'

type Ret = RetOf<RecordsService['enrol']>
/** A vault that may be opened, or the answer to whoever may open none. */
type Opening = { readonly open: () => void } | Ret
/** @param isFirst Whether this request was not looked at before. */
type Look = (isFirst: boolean) => Opening

/** Binds the caller to the patient id that consent gave them. Nobody else can know it yet, and the first writer owns it (decision 26). */
export const enrol = (context: Context, arg: ArgOf<RecordsService['enrol']>, caller: Uint8Array): Ret | Promise<Ret> =>
  opened(context, arg.patientId, () => ownVault(context, arg, caller))

function ownVault(
  { store }: Context,
  { patientId, compartments, requestId }: ArgOf<RecordsService['enrol']>,
  caller: Uint8Array,
): Opening {
  const wrong = wrongIds({ patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  const cids = cidsOf(compartments)
  if (cids === null) return { Err: refuse.badInput('compartments', 'range') }
  const present = store.account(caller)
  if (present !== undefined) {
    const isSame = equalBytes(present.patientId, patientId) && equalBytes(present.cids, cids)
    return isSame ? { Ok: null } : { Err: refuse.idConflict }
  }
  // Whoever was linked and is no more opens none of their own, nor does who is being erased: see enrolment at consent.
  if (store.ownerOf(patientId) !== undefined || store.people.isTaken(caller) || store.erasures.has(patientId))
    return { Err: refuse.notPermitted }
  if (!store.trust.mayEnrol(caller)) return { Err: refuse.unverified }
  return { open: () => store.openAccount(caller, { patientId, cids, people: 0 }) }
}

/** The half here of a dependant's account; whoever enrols it has all powers over it. */
export const enrolDependant = (
  context: Context,
  arg: ArgOf<RecordsService['enrolDependant']>,
  caller: Uint8Array,
): Ret | Promise<Ret> => opened(context, arg.patientId, (isFirst) => dependantsVault(context, arg, { caller, isFirst }))

function dependantsVault(
  { store, people }: Context,
  arg: ArgOf<RecordsService['enrolDependant']>,
  { caller, isFirst }: { caller: Uint8Array; isFirst: boolean },
): Opening {
  const { accountId, patientId, requestId } = arg
  const wrong = wrongIds({ accountId, patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  const cids = cidsOf(arg.compartments)
  if (cids === null) return { Err: refuse.badInput('compartments', 'range') }
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const home = dependantPrincipal(accountId)
  const present = store.vaultOf(patientId)
  const wards = store.people.wards(account.patientId)
  const own = wards.filter(({ enrolledBy }) => !equalBytes(enrolledBy, ZERO_ID))
  if (present !== undefined) {
    const isOwn = own.some((ward) => equalBytes(ward.patientId, patientId))
    if (!isOwn) return { Err: refuse.notPermitted }
    const isSame = equalBytes(present.cids, cids) && equalBytes(store.ownerOf(patientId) ?? ZERO_ID, home)
    return isSame ? { Ok: null } : { Err: refuse.idConflict }
  }
  if (store.people.isTaken(home)) return { Err: refuse.notPermitted }
  if (wards.length >= WARDS_MAX || own.length >= DEPENDANTS_MAX) return { Err: refuse.full }
  const refusal = isFirst ? refuseChange(people, account) : null
  if (refusal !== null) return { Err: refusal }
  return {
    open() {
      const power = { powers: ALL_POWERS, startNs: nowNs(), endNs: 0n }
      store.openAccount(home, { patientId, cids, people: 0 })
      store.people.empower(patientId, account.patientId, power, requestId)
      const representative = { principal: caller, representativeId: account.patientId, ...power }
      store.people.setRepresentatives(patientId, [representative])
    },
  }
}

/**
 * Opens a vault. Where the log is several canisters, consent says which of them has the patient's lines. Whether it may be opened is looked at before, so that consent is
 * not asked in vain, and again after the answer.
 */
function opened(context: Context, patientId: Uint8Array, look: Look): Ret | Promise<Ret> {
  const opening = look(true)
  if (!('open' in opening)) return opening
  const logShards = [...logShardsIn(context.configuration.get())]
  if (logShards.length > 0) return openedThere(context, { patientId, logShards }, look)
  opening.open()
  return { Ok: null }
}

async function openedThere(context: Context, asked: ArgOf<ConsentService['logShardOf']>, look: Look): Promise<Ret> {
  const placed = await askConsent(context, logShardOfCall, asked)
  if ('refusal' in placed) return { Err: placed.refusal }
  const opening = look(false)
  if (!('open' in opening)) return opening
  context.store.logShards.place(asked.patientId, placed.ok)
  opening.open()
  return { Ok: null }
}

/** The ids of exactly the eight categories, in order, or null. */
function cidsOf(compartments: ArgOf<RecordsService['enrol']>['compartments']): Uint8Array | null {
  const isWhole =
    compartments.length === CATEGORIES.length &&
    compartments.every(({ category, cid }, i) => category === i + 1 && cid.length === ID_BYTES) &&
    new Set(compartments.map(({ cid }) => String.fromCharCode(...cid))).size === CATEGORIES.length
  return isWhole ? concatBytes(...compartments.map(({ cid }) => cid)) : null
}
