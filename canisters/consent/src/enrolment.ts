import {
  type Account,
  type ArgOf,
  ascii,
  CATEGORIES,
  COMPARTMENT_KIND,
  type ConsentService,
  detailFields,
  EVENT,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import { assert, hkdfExpand, nowNs, onTrap, rawRand, idsIn } from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'
import type { ConsentStore } from './store.ts'

type Ret = RetOf<ConsentService['enrol']>

/** Callers whose randomness is on its way, so that two messages of one person do not open two accounts. */
const underWay = new Set<string>()

/** Opens an account and its vault, from one draw of the network's randomness (decision 26). */
export async function enrol(
  context: Context,
  { requestId }: ArgOf<ConsentService['enrol']>,
  caller: Uint8Array,
): Promise<Ret> {
  const { store, outbox } = context
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const present = store.anyAccount(caller)
  if (present?.isConfirmed === true) return { Ok: accountView(store, present) }
  const name = caller.join()
  if (underWay.has(name)) return { Err: refuse.busy(1000) }
  if (present === undefined && outbox.isFull()) return { Err: refuse.logUnavailable }
  underWay.add(name)
  const forget = onTrap(() => underWay.delete(name))
  try {
    return present === undefined ? await open(context, caller, requestId) : await confirmLate(context, caller, present)
  } finally {
    forget()
    underWay.delete(name)
  }
}

async function open({ store, outbox }: Context, caller: Uint8Array, requestId: Uint8Array): Promise<Ret> {
  const seed = await rawRand()
  if (seed === null) return { Err: refuse.notReady }
  assert(store.anyAccount(caller) === undefined, 'nobody opens two accounts at once')
  const bytes = hkdfExpand(seed, ascii('medguard/1/enrol'), 96 + 16 * CATEGORIES.length)
  const [accountId, patientId] = [bytes.slice(0, 16), bytes.slice(16, 32)]
  const [shredSalt, auditKey] = [bytes.slice(32, 64), bytes.slice(64, 96)]
  const cids = bytes.slice(96)
  const account: StoredAccount = {
    accountId,
    patientId,
    enrolledNs: nowNs(),
    leafSeq: outbox.nextSeq(),
    isConfirmed: false,
    cids,
  }
  store.openAccount(caller, account, shredSalt)
  const acknowledged = await outbox.appendAcknowledged([
    {
      event: EVENT.enrol,
      actor: caller,
      patientId,
      objectId: accountId,
      requestId,
      fields: detailFields.enrol({ accountId }),
      auditKey,
    },
  ])
  if (acknowledged === 'unavailable') return { Err: refuse.logUnavailable }
  return confirm(store, caller)
}

/** The account was opened, but the log did not answer then. Its leaf is numbered and will arrive: nothing is drawn anew. */
async function confirmLate({ store, outbox }: Context, caller: Uint8Array, { leafSeq }: StoredAccount): Promise<Ret> {
  if (!outbox.isAcknowledged(leafSeq)) await outbox.flush()
  return outbox.isAcknowledged(leafSeq) ? confirm(store, caller) : { Err: refuse.logUnavailable }
}

const confirm = (store: ConsentStore, caller: Uint8Array): Ret => ({
  Ok: accountView(store, store.confirmAccount(caller)),
})

export function accountView(store: ConsentStore, account: StoredAccount): Account {
  const { accountId, patientId, enrolledNs, cids } = account
  const compartments = idsIn(cids).map((cid, i) => ({
    category: i + 1,
    cid,
    ...store.epochs(patientId, { compartmentKind: COMPARTMENT_KIND.category, cid }),
  }))
  return { accountId, patientId, enrolledNs, compartments }
}
