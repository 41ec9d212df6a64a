import { decodeWrap, expectDecoded, wrapRecord } from '@medguard/crypto'
import { decodeWrapRow, toHex } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { placeOf } from '../scenarios/sealed-record.ts'
import { anyKeys } from './any-keys.fixture.ts'
import { HALVES, OWNER, signIn } from './model-facts.ts'
import { actOf, anySignIn, comes, epochFor, noteEpoch } from './model-sharing.fixture.ts'
import { type Doings, PLACES, READERS, type Run } from './model-steps.fixture.ts'

const PAGE = 200
/** Above any that there is: every wrap is older. */
const ANY_EPOCH = 1_000_000

/** What is done about records that are stored: keys made anew and ended, and records deleted. */
export function doingsOfKeeping(run: Run): Pick<Doings, 'readWraps' | 'putWraps' | 'retire' | 'remove'> {
  const { facts } = run.model
  /** As a client does before it wraps anew. */
  const askEpoch = ({ who, place, agreementId }: ReturnType<typeof comes>, then = () => {}): void =>
    run.quietly(who, 'consent', 'depositInfo', placeOf(run.reachOf(place, agreementId)), (answer) => {
      const current = (answer as { Ok?: { currentEpoch: number } }).Ok?.currentEpoch
      if (current !== undefined) run.epochs.set(place, Math.max(current, run.epochs.get(place) ?? 1))
      then()
    })
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
    remove({ who, which, place }) {
      const stored = run.records.get(PLACES[place % PLACES.length] ?? '') ?? []
      const recordId = stored[which % Math.max(1, stored.length)]?.recordId
      if (recordId === undefined) return
      const by = who % 4 === 0 ? signIn(READERS[which % 2] ?? 'ann', 1) : anySignIn(run, OWNER, who)
      run.quietly(by, 'records', 'deleteRecord', { recordId, requestId: freshId() }, (answer) => {
        if (kindOf(answer) !== 'Ok') return
        if (!facts.isOwner('records', by, run.step())) run.model.faults.push(`${by} deletes what is the patient’s`)
        facts.turn('records', `deleted ${toHex(recordId)}`, true, run.step())
      })
    },
  }
}

/** A sign-in with which the patient can act in both canisters, or null. */
const ownerNow = (run: Run): string | null => {
  const all = Array.from({ length: run.signIns.get(OWNER) ?? 1 }, (_, i) => signIn(OWNER, i + 1))
  return all.find((who) => HALVES.every((half) => run.model.facts.isOwner(half, who, run.step()))) ?? null
}

/** What is listed is what was stored. */
export async function judgeLists(run: Run): Promise<void> {
  const owner = ownerNow(run)
  if (owner === null) return
  for (const place of PLACES) {
    const arg = { ...placeOf(run.reachOf(place, null)), requestId: freshId() }
    const { count } = await run.net.ok(run.principalOf(owner), 'records', 'beginList', arg)
    if (count !== run.model.stored(place))
      run.model.faults.push(`${place} lists ${count} records, and ${run.model.stored(place)} were stored`)
  }
}

/** Nothing that was stored is under a key that its patient cannot derive any more, or not yet. */
export async function judgeWraps(run: Run): Promise<void> {
  const who = ownerNow(run)
  if (who === null) return
  const owner = run.principalOf(who)
  const { account } = await run.net.ok(owner, 'consent', 'whoAmI', null)
  for (const place of PLACES) {
    const reach = run.reachOf(place, null)
    const epochs = account[0]?.compartments.find(({ cid }) => toHex(cid) === toHex(reach.compartment.cid))
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
