import { NS_PER_DAY, NS_PER_MINUTE, type Principal, REQUEST_MEMORY_NS, RIGHT, toHex } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { freshId, kindOf } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, type RecordDraft, seal, type SealedRecord } from './sealed-record.ts'
import { type Flow, openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I8, I15, I22: what happens when two messages about one thing cross, after each message of the first.

let net: Stepped
let patient: Principal
let clinician: Principal
let owned: Reach
beforeAll(async () => {
  net = await openStepped()
  patient = somebody('patient')
  clinician = somebody('clinician')
  const account = await enrol(net, patient)
  await enrol(net, clinician)
  owned = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
})

const WRITE = RIGHT.list | RIGHT.open | RIGHT.write
/** A grant to read and to write. */
async function writerReach(endsInNs = NS_PER_DAY): Promise<Reach> {
  const nowNs = net.nowNs()
  const period = { startNs: nowNs, endNs: nowNs + endsInNs }
  const grant = grantArg({ to: clinician, compartments: [owned.compartment], rights: WRITE, ...period })
  return { ...owned, grantId: await give(net, patient, grant) }
}
async function epochNow(): Promise<number> {
  const { account } = await net.ok(patient, 'consent', 'whoAmI', null)
  const labs = account[0]?.compartments.find(({ cid }) => toHex(cid) === toHex(owned.compartment.cid))
  return labs?.currentEpoch ?? 0
}
/** Everything of a record but its commit. */
async function upload(sender: Principal, reach: Reach, draft: RecordDraft = {}): Promise<SealedRecord> {
  const sealed = await seal(await keysFor(net, sender, reach, await epochNow()), reach, draft)
  await net.ok(sender, 'records', 'begin', sealed.begin)
  for (const chunk of sealed.chunks) await net.ok(sender, 'records', 'putChunk', chunk)
  return sealed
}
const countNow = async () =>
  (await net.ok(patient, 'records', 'beginList', { ...placeOf(owned), requestId: freshId() })).count
const trail = () => trailOf(net, patient, owned.patientId)

/** Starts one flow, runs `steps` messages, starts the other, and runs the rest. */
function cross<A, B>(first: () => Flow<A>, steps: number, second: () => Flow<B>): [A, B, ran: string[]] {
  const one = first()
  const ran: string[] = []
  for (let i = 0; i < steps; i++) ran.push(net.step() ?? 'nothing')
  const other = second()
  ran.push(...net.settle())
  return [one.answer(), other.answer(), ran]
}
const startCommit = (sender: Principal, { commit }: SealedRecord) => net.start(sender, 'records', 'commit', commit)

const COMMIT_MESSAGES = 3 // records.commit, consent.authoriseWrite, records.commit#reply of authoriseWrite
const upTo = (messages: number) => Array.from({ length: messages + 1 }, (_, steps) => steps)

describe('two commits of one version', () => {
  test.each(upTo(COMMIT_MESSAGES))('by two people: the later one is told of it, after %i messages', async (steps) => {
    const reach = await writerReach()
    const recordId = freshId()
    const [mine, theirs] = [await upload(patient, owned, { recordId }), await upload(clinician, reach, { recordId })]
    const before = await countNow()
    const answers = cross(
      () => startCommit(patient, mine),
      steps,
      () => startCommit(clinician, theirs),
    ).slice(0, 2)
    expect(answers).toContainEqual({ Ok: expect.anything() })
    expect(answers).toContainEqual({ Err: { Stale: { current: 1 } } })
    expect(await countNow()).toBe(before + 1)
    const lines = (await trail()).filter(({ event, objectId }) => event === 'recordAdd' && objectId === toHex(recordId))
    expect(lines).toHaveLength(1)
  })

  test.each(upTo(COMMIT_MESSAGES))(
    'by one person, sent twice: one record, one answer, after %i messages',
    async (steps) => {
      const sealed = await upload(patient, owned)
      const before = await countNow()
      const [one, other] = cross(
        () => startCommit(patient, sealed),
        steps,
        () => startCommit(patient, sealed),
      )
      expect(one).toEqual({ Ok: { seq: before, manifestHash: expect.anything() } })
      expect(other).toEqual(one)
      expect(await countNow()).toBe(before + 1)
      const lines = (await trail()).filter(({ objectId }) => objectId === toHex(sealed.recordId))
      expect(lines.map(({ event }) => event)).toEqual(['recordAdd'])
    },
  )
})

describe('an upload that is given up while it is committed', () => {
  test.each(upTo(COMMIT_MESSAGES))('is a record or it is nothing, after %i messages', async (steps) => {
    const sealed = await upload(patient, owned)
    const { recordId, version } = sealed
    const before = await countNow()
    const [committed, abandoned, ran] = cross(
      () => startCommit(patient, sealed),
      steps,
      () => net.start(patient, 'records', 'abandon', { recordId, version, uploadId: [] }),
    )
    const isFirst = ran.indexOf('records.commit#reply of authoriseWrite') < ran.indexOf('records.abandon')
    const wasDone = isFirst && ran.includes('records.commit#reply of authoriseWrite')
    expect(kindOf(abandoned)).toBe('Ok')
    expect(kindOf(committed)).toBe(wasDone ? 'Ok' : 'NotPermitted')
    expect(await countNow()).toBe(before + (wasDone ? 1 : 0))
    const chunk = await net.call(patient, 'records', 'chunk', { ...placeOf(owned), recordId, version, index: 0 })
    expect(kindOf(chunk)).toBe(wasDone ? 'Ok' : 'NotPermitted')
  })

  test('and begun anew is not committed with what consent was asked before', async () => {
    const sealed = await upload(patient, owned)
    const { recordId, version } = sealed
    const committed = startCommit(patient, sealed)
    net.step()
    net.start(patient, 'records', 'abandon', { recordId, version, uploadId: [] })
    const begun = net.start(patient, 'records', 'begin', sealed.begin)
    const stored = sealed.chunks.map((chunk) => net.start(patient, 'records', 'putChunk', chunk))
    const ran = net.settle()
    const last = ran.indexOf('records.commit#reply of authoriseWrite')
    expect(kindOf(begun.answer())).toBe('Ok')
    expect(stored.map((flow) => kindOf(flow.answer()))).toEqual(['Ok'])
    // Whichever came first: the same bytes are there or nothing is.
    expect(kindOf(committed.answer())).toBe(last < ran.indexOf('records.abandon') ? 'Ok' : 'NotPermitted')
    if (kindOf(committed.answer()) === 'NotPermitted')
      expect(kindOf(await net.call(patient, 'records', 'commit', sealed.commit))).toBe('Ok')
  })
})

describe('a writer who loses the right while storing', () => {
  const cases = (['consent', 'records'] as const).flatMap((where) =>
    upTo(COMMIT_MESSAGES).map((steps) => [where, steps] as const),
  )
  test.each(cases)('in %s stores nothing any more, after %i messages', async (where, steps) => {
    const reach = await writerReach()
    const sealed = await upload(clinician, reach)
    const before = await countNow()
    const [committed, revoked, ran] = cross(
      () => startCommit(clinician, sealed),
      steps,
      () => net.start(patient, where, 'revoke', { grantId: reach.grantId ?? freshId(), requestId: freshId() }),
    )
    if (!('Ok' in revoked)) throw new Error(`revoke: ${kindOf(revoked)}`)
    const { endNs } = revoked.Ok
    const decides = where === 'consent' ? 'consent.authoriseWrite' : 'records.commit#reply of authoriseWrite'
    const decidedAt = ran.includes(decides) ? ran.indexOf(decides) : Number.POSITIVE_INFINITY
    const isStored = decidedAt < ran.indexOf(`${where}.revoke`)
    expect(committed).toEqual(isStored ? { Ok: expect.anything() } : { Err: { ConsentEnded: { endNs } } })
    expect(await countNow()).toBe(before + (isStored ? 1 : 0))
  })
})

describe('enrolling', () => {
  test.each(upTo(5))('twice, the second time after %i messages, makes one account', async (steps) => {
    const newcomer = somebody(`newcomer ${steps}`)
    const ask = () => net.start(newcomer, 'consent', 'enrol', { requestId: freshId() })
    const [one, other] = cross(ask, steps, ask)
    expect(kindOf(one)).toBe('Ok')
    if ('Ok' in other) expect(other).toEqual(one)
    else expect(kindOf(other)).toBe('Busy')
    const account = await net.ok(newcomer, 'consent', 'enrol', { requestId: freshId() })
    expect({ Ok: account }).toEqual(one)
    const lines = await trailOf(net, newcomer, account.patientId)
    expect(lines.map(({ event }) => event)).toEqual(['enrol'])
  })
})

describe('the same request again', () => {
  const [forKey, forList, forRecord] = [freshId(), freshId(), freshId()]
  const asked = (requestId: Uint8Array) => ({ ...placeOf(owned), requestId })
  const record = { recordId: freshId(), version: 1 }
  const REQUESTS: readonly (readonly [what: string, start: () => Flow<unknown>])[] = [
    ['for a key', () => net.start(patient, 'consent', 'deriveKey', { ...deriveArg(owned), requestId: forKey })],
    ['for a list', () => net.start(patient, 'records', 'beginList', asked(forList))],
    ['for a record', () => net.start(patient, 'records', 'open', { ...asked(forRecord), records: [record] })],
  ]
  beforeAll(async () => {
    const { commit } = await upload(patient, owned, record)
    await net.ok(patient, 'records', 'commit', commit)
  })
  test.each(REQUESTS)(
    '%s is put off while it is under way, refused afterwards, and forgotten in time',
    async (_, start) => {
      const first = start()
      net.step()
      const second = start()
      net.settle()
      expect([first, second].map((flow) => kindOf(flow.answer()))).toEqual(['Ok', 'Busy'])
      const again = () => {
        const flow = start()
        net.settle()
        return kindOf(flow.answer())
      }
      expect(again()).toBe('AlreadyDone')
      net.setTime(net.nowNs() + REQUEST_MEMORY_NS - 1_000_000_000n)
      expect(again()).toBe('AlreadyDone')
      net.setTime(net.nowNs() + 1_000_000_000n)
      expect(again()).toBe('Ok')
    },
  )
})

describe('a log that stops while something is asked for', () => {
  /** By the line each writes; what can be made ready before, is. */
  const ASKED: Readonly<Record<'keyDerive' | 'listSession' | 'open', () => Promise<() => Flow<unknown>>>> = {
    async keyDerive() {
      const arg = deriveArg(owned, await epochNow())
      return () => net.start(patient, 'consent', 'deriveKey', arg)
    },
    async listSession() {
      return () => net.start(patient, 'records', 'beginList', { ...placeOf(owned), requestId: freshId() })
    },
    async open() {
      const { recordId, version, commit } = await upload(patient, owned)
      await net.ok(patient, 'records', 'commit', commit)
      const arg = { ...placeOf(owned), records: [{ recordId, version }], requestId: freshId() }
      return () => net.start(patient, 'records', 'open', arg)
    },
  }
  const cases = (['keyDerive', 'listSession', 'open'] as const).flatMap((event) =>
    upTo(4).map((steps) => [event, steps] as const),
  )
  test.each(cases)('%s after %i messages: nothing without a line, and each line once', async (event, steps) => {
    const begin = await ASKED[event]()
    const before = (await trail()).length
    const [answer] = cross(begin, steps, () => {
      const stopped = net.control('audit', 'stop_canister')
      return { ...stopped, answer: () => stopped.isOver() }
    })
    net.control('audit', 'start_canister')
    net.settle()
    net.setTime(net.nowNs() + 10n * NS_PER_MINUTE)
    net.settle()
    const isOpen = kindOf(answer) === 'Ok'
    if (!isOpen) expect(kindOf(answer)).toBe('LogUnavailable')
    const events = (await trail()).slice(before).map((line) => line.event)
    expect(events).toEqual(isOpen ? [event] : [event, 'keyFailed'])
  })
})
