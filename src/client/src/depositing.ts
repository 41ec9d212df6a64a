import { CAPSULE_STEPS_MAX, type CapsuleChain, newCapsule, nextStep, type StepKey, wipe } from '@medguard/crypto'
import {
  CAPSULE_LIFE_NS,
  categoryNumber,
  COMPARTMENT_KIND,
  type GrantView,
  NS_PER_HOUR,
  NS_PER_MS,
  refusalOf,
  refuse,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import { Fault, type NewRecord, type Outcome, type Progress, type RecordSummary } from './api.ts'
import { expectAuthor } from './author-keys.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { epochOf, inboxReach, placeArg, type Reach } from './place.ts'
import { wrongRecord } from './record-input.ts'
import { storedSummary } from './records-part.ts'
import { retried } from './retrying.ts'
import type { Session } from './session.ts'
import { grantReceived } from './received-grants.ts'
import { addRecord } from './writing.ts'

export interface DepositClient {
  /**
   * Stores a record in somebody else's vault, under a grant to write: in its category where the grant names that, else in the inbox where it names that. Who may not read there seals it to those who may, and cannot open it again, not
   * even what they sent themselves.
   */
  deposit(grantId: string, record: NewRecord, progress?: Progress): Promise<Outcome<RecordSummary>>
  /**
   * The same under an id that was drawn beforehand (32 hexadecimal digits, which nobody else knows): stored once, however often it is asked for. That it was stored before is the canister's certified word: who deposits cannot
   * look.
   */
  depositOnce(grantId: string, id: string, record: NewRecord, progress?: Progress): Promise<Outcome<Deposited>>
}
export type Deposited = 'stored' | 'wasStored'

/** A chain is given up an hour before the canister would. */
const CHAIN_LIFE_MS = Number((CAPSULE_LIFE_NS - NS_PER_HOUR) / NS_PER_MS)
const TRIES = 4
/** Grants whose terms are remembered: who sends for a whole hospital looks each up once, and not in pages of fifty for each record. */
const GRANTS_KEPT = 10_000

export function createDeposit(session: Session, underWay: Set<string>): DepositClient {
  const { canisters, keyRing, authors } = session
  /** By compartment and grant; in memory only, so that what a thief finds opens nothing that was sent. */
  const chains = new Map<string, { readonly chain: CapsuleChain; readonly bornMs: number }>()
  const highest = new Map<string, number>()
  session.onLock(() => {
    for (const { chain } of chains.values()) wipe(chain.secret)
    chains.clear()
    grants.clear()
  })
  /** Terms of a grant are for life: whoever shares otherwise makes another one. Whether it is still in force the canisters say, each time. */
  const grants = new Map<string, GrantView>()
  const grantOf = async (grantId: string): Promise<GrantView> => {
    const known = grants.get(grantId)
    if (known !== undefined) return known
    const grant = await grantReceived(canisters, grantId)
    session.expectOpen()
    grants.set(grantId, grant)
    const [oldest] = grants.keys()
    if (grants.size > GRANTS_KEPT && oldest !== undefined) grants.delete(oldest)
    return grant
  }
  const nameOf = ({ compartment, grantId }: Reach) => `${toHex(compartment.cid)} ${toHex(grantId ?? new Uint8Array())}`

  /** Which epoch is current; never one below what was seen: a canister that wants senders back under an old key is refused. */
  const currentEpochOf = async (reach: Reach): Promise<number> => {
    const { currentEpoch } = okOf(await canisters.consent.depositInfo(placeArg(reach)))
    const seen = highest.get(nameOf(reach)) ?? 0
    if (currentEpoch < seen) throw new Fault('WrongKey', `asked to go back from epoch ${seen} to ${currentEpoch}`)
    highest.set(nameOf(reach), currentEpoch)
    return currentEpoch
  }

  const stepAt = async (reach: Reach, epoch: number): Promise<StepKey> => {
    const name = nameOf(reach)
    const present = chains.get(name)
    const isUsable =
      present !== undefined &&
      present.chain.place.epoch === epoch &&
      present.chain.step < present.chain.stepsMax &&
      Date.now() < present.bornMs + CHAIN_LIFE_MS
    let chain = isUsable ? present.chain : null
    const bornMs = isUsable ? present.bornMs : Date.now()
    for (let turn = 0; chain === null && turn < TRIES; turn++) {
      const made = await newCapsule(keyRing.publicKey, epochOf(reach, await currentEpochOf(reach)), CAPSULE_STEPS_MAX)
      const posting = { ...placeArg(reach), capsule: made.capsule, requestId: newId() }
      const answer = await retried(() => canisters.records.postCapsule(posting))
      if ('Err' in answer && 'StaleEpoch' in answer.Err) continue
      okOf(answer)
      chain = made.chain
    }
    if (chain === null) throw new Fault('Uncertain', 'the compartment key keeps changing')
    session.expectOpen()
    // Kept before anything is sent under it: a step that is lost is skipped, and none is used twice.
    const taken = await nextStep(chain)
    chains.set(name, { chain: taken.chain, bornMs })
    return taken.key
  }

  const store = async (
    grantId: string,
    record: NewRecord,
    { recordId, progress }: { recordId?: Uint8Array; progress?: Progress | undefined },
  ): Promise<RecordSummary> => {
    const wrong = wrongRecord(record)
    if (wrong !== null) throw new Refused(wrong)
    const grant = await grantOf(grantId)
    const number = categoryNumber(record.category)
    const home = grant.compartments.find(({ category }) => category === number)
    const hasInbox = grant.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.inbox)
    if (home === undefined && !hasInbox) throw new Refused(refusalOf(refuse.notPermitted))
    const [patientId, under] = [new Uint8Array(grant.patientId), new Uint8Array(grant.grantId)]
    const reach: Reach =
      home === undefined
        ? inboxReach(patientId, under)
        : {
            patientId,
            compartment: { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(home.cid) },
            grantId: under,
          }
    const mayRead = (grant.rights & (RIGHT.list | RIGHT.open)) !== 0
    const given = new Set<number>()
    const keysAt = (epoch: number) => {
      if (mayRead) return keyRing.keysOf(epochOf(reach, epoch), reach.grantId, progress)
      // Asked twice: the first one's capsule is not there any more, since all that was under it is gone.
      if (given.has(epoch)) chains.delete(nameOf(reach))
      given.add(epoch)
      return stepAt(reach, epoch)
    }
    const currentEpoch = await currentEpochOf(reach)
    await expectAuthor(session, grant)
    const author = await authors.read()
    const writing = { canisters, author, reach, record, recordId, keysAt, currentEpoch, underWay, progress }
    return storedSummary({ of: 'grant', grantId }, record, await addRecord(writing))
  }

  return {
    deposit: (grantId, record, progress) => session.unlocked(() => store(grantId, record, { progress })),
    depositOnce: (grantId, id, record, progress) =>
      session.unlocked(async () => {
        try {
          await store(grantId, record, { recordId: idOf(id), progress })
          return 'stored'
        } catch (error) {
          // A version of it is there: no other client could have stored one under this id.
          if (error instanceof Refused && error.refusal.kind === 'Stale' && error.refusal.current > 0)
            return 'wasStored'
          throw error
        }
      }),
  }
}
