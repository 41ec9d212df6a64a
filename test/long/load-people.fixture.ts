import { type CompartmentKeys, newTransportKey, wrapRecord } from '@medguard/crypto'
import type { Prng } from '@medguard/localnet'
import { decodeHeaderRow, NS_PER_DAY, type Principal, toHex } from '@medguard/protocol'
import {
  type Arg,
  type CanisterName,
  freshId,
  kindOf,
  type MethodName,
  Rejected,
  type Ret,
} from '../scenarios/clinic.ts'
import {
  deriveArg,
  keysFor,
  placeOf,
  type Reach,
  receive,
  seal,
  type SealedRecord,
} from '../scenarios/sealed-record.ts'
import { type Flow, somebody, type Stepped } from '../scenarios/stepped.ts'
import { categoryOf, enrol, grantArg } from '../scenarios/ward.ts'

// What people do under load, and what must hold of each answer: no key without consent, nothing acknowledged that is lost.

/** A call that somebody waits for. */
export interface Waiting {
  readonly name: string
  readonly flow: Flow<unknown>
}
/** Gives calls away one at a time and goes on when they have ended. */
export type Act = AsyncGenerator<Waiting, void, void>

/** Whether both canisters have it; after a fault in the middle nobody can say. */
type GrantState = 'live' | 'ended' | 'unsure'
interface Grant {
  readonly reader: Principal
  readonly reach: Reach
  state: GrantState
}
export interface Patient {
  readonly principal: Principal
  readonly owned: Reach
  keys: CompartmentKeys
  /** Stored and acknowledged. */
  readonly records: SealedRecord[]
  readonly grants: Grant[]
  /** Openings and keys that were given out. */
  released: number
}

/** What must never happen. */
export class Broken extends Error {
  override readonly name = 'Broken'
}
/** @throws Broken */
function hold(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Broken(what)
}

const LIVE_MAX = 20
/** Those whose readers still knock. */
const ENDED_MAX = 8
const TRIES = 4

export async function openPeople(net: Stepped, count: number): Promise<Patient[]> {
  const patients: Patient[] = []
  for (let n = 0; n < count; n++) {
    const principal = somebody(`patient ${n}`)
    const account = await enrol(net, principal)
    await enrol(net, readerOf(n))
    const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const keys = await keysFor(net, principal, owned)
    patients.push({ principal, owned, keys, records: [], grants: [], released: 0 })
  }
  return patients
}
const readerOf = (n: number): Principal => somebody(`reader ${n}`)

/** Something that one of them does next. */
export function nextAct(net: Stepped, patients: readonly Patient[], prng: Prng): Act {
  const patient = patients[prng.below(patients.length)]
  hold(patient !== undefined, 'there are patients')
  const draw = prng.below(100)
  const others = readerOf(prng.below(patients.length))
  const record = patient.records[prng.below(Math.max(1, patient.records.length))]
  const grant = patient.grants[prng.below(Math.max(1, patient.grants.length))]
  if (draw < 25 || record === undefined) return adding(net, patient, prng)
  if (draw < 37 || grant === undefined) return granting(net, patient, others)
  if (draw < 45) return revoking(net, patient, grant)
  if (draw < 75) return opening(net, patient, grant, record)
  if (draw < 82) return deriving(net, patient, grant)
  if (draw < 92) return listing(net, patient)
  if (draw < 96) return lookingAtLog(net, patient)
  return knocking(net, patient, record)
}

/** Asks once; null where the network gave no answer. */
async function* asked<C extends CanisterName, M extends MethodName<C>>(
  net: Stepped,
  sender: Principal,
  canister: C,
  method: M,
  arg: Arg<C, M>,
): AsyncGenerator<Waiting, Ret<C, M> | null, void> {
  try {
    const flow = net.start(sender, canister, method, arg)
    yield { name: `${canister}.${method}`, flow }
    return flow.answer()
  } catch (error) {
    if (error instanceof Rejected) return null
    throw error
  }
}
/** A query; null from a canister that is stopped. */
function lookedAt<T>(query: () => T): T | null {
  try {
    return query()
  } catch (error) {
    if (error instanceof Rejected) return null
    throw error
  }
}
const isOk = <T>(answer: { Ok: T } | { Err: unknown } | null): answer is { Ok: T } => answer !== null && 'Ok' in answer

async function* adding(net: Stepped, patient: Patient, prng: Prng): Act {
  const { principal, owned } = patient
  const body = prng.bytes(200 + prng.below(4_000))
  const record = await seal(patient.keys, owned, { body, chunkLog2: 16 })
  const { recordId, version } = record
  if (!isOk(yield* asked(net, principal, 'records', 'begin', record.begin))) return
  for (const chunk of record.chunks) yield* asked(net, principal, 'records', 'putChunk', chunk)
  let { keys } = patient
  for (let turn = 0; turn < TRIES; turn++) {
    const place = { patientId: new Uint8Array(owned.patientId), recordId, version }
    const wraps = await wrapRecord(keys, place, record.secret)
    const answer = yield* asked(net, principal, 'records', 'commit', {
      ...record.commit,
      ...wraps,
      requestId: freshId(),
    })
    if (isOk(answer)) {
      patient.records.push(record)
      return
    }
    if (answer === null || !('Err' in answer) || !('StaleEpoch' in answer.Err)) break
    const epoch = answer.Err.StaleEpoch.current
    const transport = newTransportKey()
    const key = yield* asked(net, principal, 'consent', 'deriveKey', deriveArg(owned, epoch, transport.publicKey))
    if (!isOk(key)) break
    patient.released++
    keys = await receive(net, owned, transport, epoch, key.Ok)
    patient.keys = keys
  }
  yield* asked(net, principal, 'records', 'abandon', { recordId, version, uploadId: [] })
}

async function* granting(net: Stepped, patient: Patient, reader: Principal): Act {
  if (patient.grants.filter(({ state }) => state !== 'ended').length >= LIVE_MAX) return
  const startNs = net.nowNs()
  const { compartment } = patient.owned
  const arg = grantArg({ to: reader, compartments: [compartment], startNs, endNs: startNs + 300n * NS_PER_DAY })
  const inRecords = yield* asked(net, patient.principal, 'records', 'grant', arg)
  const inConsent = yield* asked(net, patient.principal, 'consent', 'grant', arg)
  const state = isOk(inRecords) && isOk(inConsent) ? 'live' : 'unsure'
  patient.grants.push({ reader, reach: { ...patient.owned, grantId: arg.grantId }, state })
  const [oldest, ...others] = patient.grants.filter((grant) => grant.state === 'ended')
  if (oldest !== undefined && others.length >= ENDED_MAX) patient.grants.splice(patient.grants.indexOf(oldest), 1)
}

async function* revoking(net: Stepped, patient: Patient, grant: Grant): Act {
  const { grantId } = grant.reach
  if (grantId === null || grant.state === 'ended') return
  grant.state = 'unsure'
  const inConsent = yield* asked(net, patient.principal, 'consent', 'revoke', { grantId, requestId: freshId() })
  // It takes both canisters to open, so one is enough to end it.
  if (isOk(inConsent)) grant.state = 'ended'
  yield* asked(net, patient.principal, 'records', 'revoke', { grantId, requestId: freshId() })
}

/** Refusals that say: you may not. The others say: not now. */
const SHUT_OUT: ReadonlySet<string> = new Set(['NotPermitted', 'ConsentEnded', 'Expired'])

function judge(before: GrantState, after: GrantState, answer: object | null, what: string): boolean {
  if (answer === null) return false
  const kind = kindOf(answer)
  hold(!(kind === 'Ok' && before === 'ended'), `${what} after the share had ended`)
  hold(!(SHUT_OUT.has(kind) && before === 'live' && after === 'live'), `${what} refused under a live share: ${kind}`)
  return kind === 'Ok'
}

async function* opening(
  net: Stepped,
  patient: Patient,
  grant: Grant,
  { recordId, version, ...record }: SealedRecord,
): Act {
  const before = grant.state
  const arg = { ...placeOf(grant.reach), records: [{ recordId, version }], requestId: freshId() }
  const answer = yield* asked(net, grant.reader, 'records', 'open', arg)
  if (!judge(before, grant.state, answer, 'an opening')) return
  patient.released++
  hold(isOk(answer) && answer.Ok.openWraps.length === 1, 'an opening gives the wrap of the record')
  if (grant.state !== 'live') return
  const where = { ...placeOf(grant.reach), recordId, version, index: 0 }
  const chunk = lookedAt(() => net.query(grant.reader, 'records', 'chunk', where))
  const sealed = record.chunks[0]?.bytes ?? new Uint8Array()
  hold(!isOk(chunk) || toHex(new Uint8Array(chunk.Ok)) === toHex(sealed), 'a body comes back as it was stored')
}

async function* deriving(net: Stepped, patient: Patient, grant: Grant): Act {
  const before = grant.state
  const arg = deriveArg(grant.reach, patient.keys.place.epoch)
  const answer = yield* asked(net, grant.reader, 'consent', 'deriveKey', arg)
  if (judge(before, grant.state, answer, 'a key')) patient.released++
}

async function* listing(net: Stepped, patient: Patient): Act {
  const known = patient.records.length
  const answer = yield* asked(net, patient.principal, 'records', 'beginList', {
    ...placeOf(patient.owned),
    requestId: freshId(),
  })
  if (isOk(answer)) hold(answer.Ok.count >= known, 'a list has every record that was acknowledged')
}

async function* lookingAtLog(net: Stepped, patient: Patient): Act {
  const { released } = patient
  const { patientId } = patient.owned
  const answer = yield* asked(net, patient.principal, 'audit', 'chainHead', { patientId })
  if (isOk(answer)) hold(Number(answer.Ok.count) >= released, 'the log has a line for each key that was given out')
}

async function* knocking(net: Stepped, patient: Patient, { recordId, version }: SealedRecord): Act {
  const arg = { ...placeOf(patient.owned), records: [{ recordId, version }], requestId: freshId() }
  const answer = yield* asked(net, somebody('stranger'), 'records', 'open', arg)
  hold(!isOk(answer), 'a stranger opens nothing')
}

/** When all is quiet: every record is listed with its manifest, every line is there, and who was shut out stays so. */
export async function checkAtTheEnd(net: Stepped, patients: readonly Patient[]): Promise<void> {
  for (const patient of patients) {
    const { principal, owned, records, grants, released } = patient
    net.setTime(net.nowNs() + 3_600_000_000_000n)
    const place = placeOf(owned)
    const { count } = await net.ok(principal, 'records', 'beginList', { ...place, requestId: freshId() })
    const listed = new Set<string>()
    for (let fromSeq = 0; fromSeq < count;) {
      const answer = net.query(principal, 'records', 'headers', { ...place, fromSeq, count: 100 })
      hold(isOk(answer) && answer.Ok.length > 0, 'a list is read to its end')
      for (const bytes of answer.Ok) {
        const row = decodeHeaderRow(new Uint8Array(bytes))
        hold(row !== null, 'each row of a list is one')
        listed.add(toHex(row.manifest))
      }
      fromSeq += answer.Ok.length
    }
    for (const { commit } of records)
      hold(listed.has(toHex(new Uint8Array(commit.manifest))), 'no record that was acknowledged is lost')
    const chain = await net.ok(principal, 'audit', 'chainHead', { patientId: owned.patientId })
    hold(Number(chain.count) >= released, 'the log has a line for each key that was given out')
    const [record] = records
    for (const { reader, reach, state } of grants.slice(-5)) {
      if (record === undefined || state === 'unsure') continue
      const { recordId, version } = record
      const open = { ...placeOf(reach), records: [{ recordId, version }], requestId: freshId() }
      const answer = await net.call(reader, 'records', 'open', open)
      hold(isOk(answer) === (state === 'live'), `who has a share that is ${state} is told ${kindOf(answer)}`)
    }
  }
}
