import { decodeWrap, expectDecoded, sealChainStart, wrapRecord } from '@medguard/crypto'
import { decodeWrapRow, toHex } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { placeOf } from '../scenarios/sealed-record.ts'
import { anyKeys } from './any-keys.fixture.ts'
import { ALL_POWERS, HALVES, PLACES, signIn, vaultOf } from './model-facts.ts'
import { actOf, anyActing, comes, epochFor, noteEpoch, postUnused } from './model-sharing.fixture.ts'
import { type Asked, type Doings, everySignIn, type PostedCapsule, READERS, type Run } from './model-steps.fixture.ts'

const PAGE = 200
/** Above any that there is: every wrap is older. */
const ANY_EPOCH = 1_000_000

/** What is done about records that are stored: keys made anew and ended, and records deleted. */
export function doingsOfKeeping(run: Run): Pick<Doings, 'readWraps' | 'putWraps' | 'retire' | 'chainWrap' | 'remove'> {
  const { facts } = run.model
  /** As a client does before it wraps anew. */
  const askEpoch = ({ who, place, agreementId }: ReturnType<typeof comes>, then = () => {}): void =>
    run.quietly(who, 'consent', 'depositInfo', placeOf(run.reachOf(place, agreementId)), (answer) => {
      const current = (answer as { Ok?: { currentEpoch: number } }).Ok?.currentEpoch
      if (current !== undefined) run.epochs.set(place, Math.max(current, run.epochs.get(place) ?? 1))
      then()
    })
  const comesFor = (place: string, by: number) => ({
    who: anyActing(run, vaultOf(place), by),
    place,
    agreementId: null,
  })
  /** As who holds the vault does, once they opened a capsule. */
  const leaveStart = async (posted: PostedCapsule, asked: Asked): Promise<void> => {
    const as = asked.who % 4 === 1 ? comes(run, asked) : comesFor(posted.place, asked.which + asked.place)
    const reach = run.reachOf(as.place, as.agreementId)
    // One that is of the epoch before, or of another place, is of no use to anybody.
    const epoch = Math.max(1, posted.epoch - (asked.isOld ? 1 : 0))
    const { capsuleId } = posted
    const chainWrap = await sealChainStart(await anyKeys(reach, epoch), capsuleId, new Uint8Array(32))
    const arg = { ...placeOf(reach), capsuleId, chainWrap, requestId: freshId() }
    const act = actOf('chainWrap', as, arg.requestId, { epoch })
    run.send({ act, canister: 'records', method: 'putChainWrap', arg }, (answer) => {
      const kind = answer === null ? null : kindOf(answer)
      const isTheirs = as.place === posted.place && epoch === posted.epoch
      if (kind === 'IdConflict' && posted.chainWrap === null)
        run.model.faults.push(`the start of a chain at ${as.place} is there, and nobody left it`)
      if (kind !== 'Ok') return
      if (!isTheirs) run.model.faults.push(`${as.place} keeps the start of a chain of another epoch or place`)
      if (posted.chainWrap !== null) run.model.faults.push(`the start of a chain at ${as.place} is replaced`)
      posted.chainWrap = chainWrap
    })
  }

  return {
    readWraps(asked) {
      const as = comes(run, asked)
      const range = { fromSeq: 0, count: PAGE, epoch: epochFor(run, as.place, asked.isOld) }
      const arg = {
        ...placeOf(run.reachOf(as.place, as.agreementId)),
        ...range,
        requestId: freshId(),
      }
      run.send({
        act: actOf('readWraps', as, arg.requestId),
        canister: 'records',
        method: 'readWraps',
        arg,
      })
    },
    async putWraps(asked) {
      const as = comes(run, asked)
      const reach = run.reachOf(as.place, as.agreementId)
      askEpoch(as)
      const stored = run.records.get(as.place) ?? []
      const record = stored[asked.which % Math.max(1, stored.length)]
      if (record === undefined) return
      const epoch = epochFor(run, as.place, asked.isOld)
      const { recordId, seq, secret } = record
      const place = { patientId: new Uint8Array(reach.patientId), recordId, version: 1 }
      const wraps = await wrapRecord(await anyKeys(reach, epoch), place, secret)
      const entries = [{ seq, oldEpoch: record.epoch, oldNonce: record.nonce, ...wraps }]
      const arg = { ...placeOf(reach), epoch, entries, requestId: freshId() }
      const act = actOf('putWraps', as, arg.requestId, { epoch })
      run.send({ act, canister: 'records', method: 'putWraps', arg }, (answer) => {
        noteEpoch(run, as.place)(answer)
        if (answer === null || kindOf(answer) !== 'Ok' || record.epoch >= epoch) return
        record.epoch = epoch
        record.nonce = expectDecoded(decodeWrap(wraps.openWrap)).nonce
      })
    },
    retire(asked) {
      const as = comes(run, asked)
      askEpoch(as, () => {
        const epoch = epochFor(run, as.place, asked.isOld)
        const byOthers = asked.which % 3 === 0 ? [1] : []
        const arg = { ...placeOf(run.reachOf(as.place, as.agreementId)), epoch, byOthers, requestId: freshId() }
        const act = actOf('retire', as, arg.requestId, { epoch })
        run.send({ act, canister: 'records', method: 'retire', arg }, noteEpoch(run, as.place))
      })
    },
    async chainWrap(asked) {
      const place = PLACES[asked.place % PLACES.length] ?? 'labs'
      if (run.capsules.length === 0) {
        await postUnused(run, comesFor(place, asked.who), asked.isOld)
        while (run.deliver(0)) continue
      }
      const posted = run.capsules[asked.which % Math.max(1, run.capsules.length)]
      if (posted !== undefined) await leaveStart(posted, asked)
    },
    remove({ who, which, place }) {
      const at = PLACES[place % PLACES.length] ?? ''
      const stored = run.records.get(at) ?? []
      const recordId = stored[which % Math.max(1, stored.length)]?.recordId
      if (recordId === undefined) return
      const by = who % 4 === 0 ? signIn(READERS[which % 2] ?? 'ann', 1) : anyActing(run, vaultOf(at), who)
      run.quietly(by, 'records', 'deleteRecord', { recordId, requestId: freshId() }, (answer) => {
        if (kindOf(answer) !== 'Ok') return
        const vault = vaultOf(at)
        const isTheirs =
          facts.isHolder('records', by, vault, run.step()) || run.people.hasAll('records', by, vault, run.step())
        if (!isTheirs) run.model.faults.push(`${by} deletes what is the patient’s`)
        facts.turn('records', `deleted ${toHex(recordId)}`, true, run.step())
      })
    },
  }
}

/** A sign-in with which somebody can do everything in a vault, in both canisters; or null. */
const actsNow = (run: Run, vault: string): string | null => {
  const { model, signIns, step } = run
  const acts = (who: string) => HALVES.every((half) => model.facts.acts(half, who, vault, ALL_POWERS, step()))
  return everySignIn(signIns).find(acts) ?? null
}
/** What is listed is what was stored, and of every capsule that is there is what was left of its chain. */
export async function judgeLists(run: Run): Promise<void> {
  const { net, model } = run
  for (const place of PLACES) {
    const who = actsNow(run, vaultOf(place))
    if (who === null) continue
    const at = placeOf(run.reachOf(place, null))
    const { count } = await net.ok(run.principalOf(who), 'records', 'beginList', { ...at, requestId: freshId() })
    if (count !== model.stored(place))
      model.faults.push(`${place} lists ${count} records, and ${model.stored(place)} were stored`)
    for (const { capsuleId, capsule, chainWrap } of run.capsules.filter((each) => each.place === place)) {
      const arg = { ...at, capsuleIds: [capsuleId], chainWraps: [true] as [boolean] }
      const answer = net.query(run.principalOf(who), 'records', 'capsules', arg)
      const [kept] = 'Ok' in answer ? (answer.Ok[0] ?? []) : []
      if (kept !== undefined && toHex(kept) !== toHex(chainWrap ?? capsule))
        model.faults.push(`${place} gives another start of a chain than was left there`)
    }
  }
}

/** Nothing that was stored is under a key that its patient cannot derive any more, or not yet. */
export async function judgeWraps(run: Run): Promise<void> {
  for (const place of PLACES) {
    const who = actsNow(run, vaultOf(place))
    if (who === null) continue
    const owner = run.principalOf(who)
    const patientId = run.patientIds.get(vaultOf(place)) ?? new Uint8Array(16)
    const account = await run.net.ok(owner, 'consent', 'accountOf', { patientId })
    const reach = run.reachOf(place, null)
    const epochs = account.compartments.find(({ cid }) => toHex(cid) === toHex(reach.compartment.cid))
    if (epochs === undefined) throw new Error('the patient has both places')
    const range = { fromSeq: 0, count: PAGE, epoch: ANY_EPOCH }
    const arg = { ...placeOf(reach), ...range, requestId: freshId() }
    const { rows } = await run.net.ok(owner, 'records', 'readWraps', arg)
    for (const row of rows) {
      const wraps = decodeWrapRow(new Uint8Array(row))
      const epoch = wraps === null ? 0 : expectDecoded(decodeWrap(wraps.openWrap)).epoch
      if (epoch < epochs.minEpoch || epoch > epochs.currentEpoch)
        run.model.faults.push(`${place} has a record under ${epoch}, of ${epochs.minEpoch} to ${epochs.currentEpoch}`)
    }
  }
}
