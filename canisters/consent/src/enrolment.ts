import {
  type Account,
  type ArgOf,
  ascii,
  CATEGORIES,
  COMPARTMENT_KIND,
  type ConsentService,
  DEPENDANTS_MAX,
  dependantPrincipal,
  detailFields,
  equalBytes,
  EVENT,
  refuse,
  type RefusalArm,
  type RetOf,
  WARDS_MAX,
} from '@medguard/protocol'
import {
  ALL_POWERS,
  assert,
  hkdfExpand,
  idsIn,
  logRepresentative,
  NOT_PERMITTED,
  nowNs,
  onTrap,
  rawRand,
  refuseChange,
} from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'
import type { ConsentStore } from './store.ts'

type Ret = RetOf<ConsentService['enrol']>

const NOBODY = new Uint8Array(16)

/** Callers whose randomness is on its way, so that two messages of one person do not open two accounts. */
const underWay = new Set<string>()

/** Opens an account and its vault, from one draw of the network's randomness (decision 26). */
export async function enrol(
  context: Context,
  { requestId }: ArgOf<ConsentService['enrol']>,
  caller: Uint8Array,
): Promise<Ret> {
  const { store, outbox, directory } = context
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const known = store.account(caller)
  if (known !== undefined) return { Ok: accountView(context, known) }
  const present = store.anyAccount(caller)
  if (present !== undefined && store.erasures.has(present.patientId)) return NOT_PERMITTED
  // Whoever was linked to an account and is no more: with an account of their own they would have what was granted to that principal.
  if (present === undefined ? store.people.isTaken(caller) : present.people !== 0) return NOT_PERMITTED
  if (present === undefined && !store.trust.mayEnrol(caller)) return { Err: refuse.unverified }
  if (present === undefined && outbox.isShardFull(directory.next())) return { Err: refuse.logUnavailable }
  return oneAtATime(caller, () =>
    present === undefined ? openOwn(context, caller, requestId) : confirmLate(context, caller, present),
  )
}

async function openOwn(context: Context, caller: Uint8Array, requestId: Uint8Array): Promise<Ret> {
  const drawn = await draw()
  if (drawn === null) return { Err: refuse.notReady }
  if (context.store.people.isTaken(caller)) return NOT_PERMITTED // linked while the network drew
  return open(context, { drawn, home: caller, actor: caller, requestId })
}

/** A dependant's account, with keys of its own, for which the caller has all powers (requirements A01, keys.md 13.3). */
export async function enrolDependant(
  context: Context,
  { requestId }: ArgOf<ConsentService['enrolDependant']>,
  caller: Uint8Array,
): Promise<Ret> {
  const { store, people, outbox, directory } = context
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const account = store.account(caller)
  if (account === undefined) return NOT_PERMITTED
  const known = store.people.wards(account.patientId).find(({ enrolledBy }) => equalBytes(enrolledBy, requestId))
  if (known !== undefined) {
    const home = store.people.homeOfPatient(known.patientId)
    const present = store.people.accountOf(known.patientId)
    if (present.isConfirmed) return { Ok: accountView(context, present) }
    return oneAtATime(caller, () => confirmLate(context, home, present))
  }
  const refusal = refuseDependant(store, account) ?? refuseChange(people, account)
  if (refusal !== null) return { Err: refusal }
  if (outbox.isShardFull(directory.next())) return { Err: refuse.logUnavailable }
  return oneAtATime(caller, async () => {
    const drawn = await draw()
    if (drawn === null) return { Err: refuse.notReady }
    const guardian = store.account(caller)
    if (guardian === undefined) return NOT_PERMITTED
    const late = refuseDependant(store, guardian)
    if (late !== null) return { Err: late }
    const home = dependantPrincipal(drawn.accountId)
    const { patientId } = drawn
    const power = { powers: ALL_POWERS, startNs: nowNs(), endNs: 0n }
    const answer = open(context, { drawn, home, actor: caller, requestId })
    // In the message that opens the account: nobody else ever has power over it before these.
    store.people.empower(patientId, guardian.patientId, power, requestId)
    store.people.setRepresentatives(patientId, [{ principal: caller, representativeId: guardian.patientId, ...power }])
    const representative = { principal: caller, representativeId: guardian.patientId, ...power }
    logRepresentative(people, { representative, patientId, actor: caller, requestId })
    store.noteChange(caller)
    return answer
  })
}

function refuseDependant(store: ConsentStore, { patientId }: StoredAccount): RefusalArm | null {
  const wards = store.people.wards(patientId)
  const own = wards.filter(({ enrolledBy }) => !equalBytes(enrolledBy, NOBODY))
  return wards.length >= WARDS_MAX || own.length >= DEPENDANTS_MAX ? refuse.full : null
}

/** The account of a patient for whoever may do anything in their place. */
export function accountOf(
  context: Context,
  { patientId }: ArgOf<ConsentService['accountOf']>,
  caller: Uint8Array,
): RetOf<ConsentService['accountOf']> {
  const { store, facts } = context
  const wrong = wrongIds({ patientId })
  if (wrong !== null) return { Err: wrong }
  const account = store.account(caller)
  if (account === undefined) return NOT_PERMITTED
  const isOwn = equalBytes(account.patientId, patientId)
  if (!isOwn && facts.powers(patientId, account, nowNs()) === 0) return NOT_PERMITTED
  const found = store.vaultOf(patientId)
  return found === undefined ? NOT_PERMITTED : { Ok: accountView(context, found) }
}

async function oneAtATime(caller: Uint8Array, work: () => Promise<Ret>): Promise<Ret> {
  const name = caller.join()
  if (underWay.has(name)) return { Err: refuse.busy(1000) }
  underWay.add(name)
  const forget = onTrap(() => underWay.delete(name))
  try {
    return await work()
  } finally {
    forget()
    underWay.delete(name)
  }
}

/** What an account begins with, from one draw of the network's randomness. */
interface Drawn {
  readonly accountId: Uint8Array
  readonly patientId: Uint8Array
  readonly shredSalt: Uint8Array
  readonly auditKey: Uint8Array
  readonly cids: Uint8Array
}
async function draw(): Promise<Drawn | null> {
  const seed = await rawRand()
  if (seed === null) return null
  const bytes = hkdfExpand(seed, ascii('medguard/1/enrol'), 96 + 16 * CATEGORIES.length)
  return {
    accountId: bytes.slice(0, 16),
    patientId: bytes.slice(16, 32),
    shredSalt: bytes.slice(32, 64),
    auditKey: bytes.slice(64, 96),
    cids: bytes.slice(96),
  }
}

/** Stores the account in this message and answers once the log has it. */
async function open(
  context: Context,
  opening: { drawn: Drawn; home: Uint8Array; actor: Uint8Array; requestId: Uint8Array },
): Promise<Ret> {
  const { store, outbox, directory } = context
  const { home, actor, requestId } = opening
  const { accountId, patientId, shredSalt, auditKey, cids } = opening.drawn
  assert(store.anyAccount(home) === undefined, 'nobody opens two accounts at once')
  directory.place(patientId, directory.next())
  const account: StoredAccount = {
    accountId,
    patientId,
    enrolledNs: nowNs(),
    leafSeq: outbox.nextSeq(patientId),
    isConfirmed: false,
    cids,
    people: 0,
  }
  store.openAccount(home, account, shredSalt)
  const acknowledged = await outbox.appendAcknowledged([
    {
      event: EVENT.enrol,
      actor,
      patientId,
      objectId: accountId,
      requestId,
      fields: detailFields.enrol({ accountId }),
      auditKey,
    },
  ])
  if (acknowledged === 'unavailable') return { Err: refuse.logUnavailable }
  return confirm(context, home)
}

/** The account was opened, but the log did not answer then. Its leaf is numbered and will arrive: nothing is drawn anew. */
async function confirmLate(context: Context, home: Uint8Array, { leafSeq, patientId }: StoredAccount): Promise<Ret> {
  const { outbox } = context
  if (!outbox.isAcknowledged(patientId, leafSeq)) await outbox.flush(patientId)
  return outbox.isAcknowledged(patientId, leafSeq) ? confirm(context, home) : { Err: refuse.logUnavailable }
}

const confirm = (context: Context, home: Uint8Array): Ret => ({
  Ok: accountView(context, context.store.confirmAccount(home)),
})

export function accountView({ store, directory }: Context, account: StoredAccount): Account {
  const { accountId, patientId, enrolledNs, cids } = account
  const compartments = idsIn(cids).map((cid, i) => ({
    category: i + 1,
    cid,
    ...store.epochs(patientId, { compartmentKind: COMPARTMENT_KIND.category, cid }),
  }))
  const shard = directory.of(patientId)
  return { accountId, patientId, enrolledNs, compartments, logShard: shard === 0 ? [] : [shard] }
}
