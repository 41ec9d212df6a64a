import { unwrapRecordSecret } from '@medguard/crypto'
import { NS_PER_DAY, NS_PER_MINUTE, type Principal, toHex } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { freshId, kindOf } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { type Flow, openStepped, somebody, type Stepped } from './stepped.ts'
import { type TrailLine, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I2, I8 and decision 15: a share that ends while somebody reads under it, after each message of the reading.

let net: Stepped
let patient: Principal
let clinician: Principal
let owned: Reach
/** Where nobody is ever shut out. */
let elsewhere: Reach
let record: SealedRecord
beforeAll(async () => {
  net = await openStepped()
  patient = somebody('patient')
  clinician = somebody('clinician')
  const account = await enrol(net, patient)
  await enrol(net, clinician)
  owned = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  elsewhere = { ...owned, compartment: categoryOf(account, 'vitals') }
  record = await store(net, patient, await seal(await keysFor(net, patient, owned), owned))
})

/** What a reader asks, the message that decides on it in consent, and the one that answers. */
const READINGS = {
  deriveKey: {
    start: (reach: Reach, epoch: number): Flow<unknown> =>
      net.start(clinician, 'consent', 'deriveKey', deriveArg(reach, epoch)),
    decides: 'consent.deriveKey#reply of vetkd_derive_key',
    answers: 'consent.deriveKey#reply of vetkd_derive_key',
    leaf: 'keyDerive',
    messages: 5,
  },
  beginList: {
    start: (reach: Reach): Flow<unknown> =>
      net.start(clinician, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() }),
    decides: 'consent.authoriseList#reply of append',
    answers: 'records.beginList#reply of authoriseList',
    leaf: 'listSession',
    messages: 5,
  },
  open: {
    start: (reach: Reach): Flow<unknown> =>
      net.start(clinician, 'records', 'open', {
        ...placeOf(reach),
        records: [{ recordId: record.recordId, version: 1 }],
        requestId: freshId(),
      }),
    decides: 'consent.authoriseOpen#reply of append',
    answers: 'records.open#reply of authoriseOpen',
    leaf: 'open',
    messages: 5,
  },
} as const
type Reading = keyof typeof READINGS

/** How a share ends. The third way sends nothing: time passes. */
const ENDINGS = ['consent.revoke', 'records.revoke', 'its period is over'] as const
type Ending = (typeof ENDINGS)[number]

interface Outcome {
  readonly answer: unknown
  /** What ran, in order, with the ending among it. */
  readonly ran: readonly string[]
  readonly endNs: bigint
  /** Lines of the log that name the grant, after its own. */
  readonly lines: readonly TrailLine[]
  /** What records says to whoever goes on to the pages of the list. */
  readonly pages: string
}

/** Begins to read, runs `steps` messages, ends the share, and runs the rest. */
async function readWhileEnding(reading: Reading, ending: Ending, steps: number): Promise<Outcome> {
  const nowNs = net.nowNs()
  const terms = { to: clinician, compartments: [owned.compartment], startNs: nowNs, endNs: nowNs + NS_PER_MINUTE }
  const grantId = await give(net, patient, grantArg(terms))
  const flow = READINGS[reading].start({ ...owned, grantId }, await epochNow())
  const ran: string[] = []
  for (let i = 0; i < steps; i++) ran.push(net.step() ?? 'nothing')
  let endNs = terms.endNs
  if (ending === 'its period is over') {
    net.setTime(endNs)
    ran.push(ending, ...net.settle())
  } else {
    const canister = ending === 'consent.revoke' ? 'consent' : 'records'
    const revoked = net.start(patient, canister, 'revoke', { grantId, requestId: freshId() })
    ran.push(...net.settle())
    const answer = revoked.answer()
    if (!('Ok' in answer)) throw new Error(`revoke: ${kindOf(answer)}`)
    endNs = answer.Ok.endNs
  }
  const trail = await trailOf(net, patient, owned.patientId)
  const lines = trail.filter((line) => line.grantId === toHex(grantId) && line.event !== 'grant')
  const pages = await net.call(clinician, 'records', 'headers', {
    ...placeOf({ ...owned, grantId }),
    fromSeq: 0,
    count: 1,
  })
  return { answer: flow.answer(), ran, endNs, lines, pages: kindOf(pages) }
}

async function epochNow(): Promise<number> {
  const { account } = await net.ok(patient, 'consent', 'whoAmI', null)
  const labs = account[0]?.compartments.find(({ cid }) => toHex(cid) === toHex(owned.compartment.cid))
  return labs?.currentEpoch ?? 0
}

const count = (lines: readonly TrailLine[], event: string) => lines.filter((line) => line.event === event).length

for (const reading of Object.keys(READINGS) as Reading[]) {
  const { decides, answers, leaf, messages } = READINGS[reading]
  describe(`a share that ends while ${reading} is under way`, () => {
    test('is asked for in as many messages as this test interrupts', async () => {
      const { answer, ran } = await readWhileEnding(reading, 'its period is over', messages)
      expect(kindOf(answer)).toBe('Ok')
      expect(ran[messages - 1]).toBe(answers)
    })

    const cases = ENDINGS.flatMap((ending) =>
      Array.from({ length: messages + 1 }, (_, steps) => [ending, steps] as const),
    )
    test.each(cases)('by %s after %i messages is ended, and the log says what came of it', async (ending, steps) => {
      const { answer, ran, endNs, lines, pages } = await readWhileEnding(reading, ending, steps)
      const at = (name: string) => (ran.includes(name) ? ran.indexOf(name) : Number.POSITIVE_INFINITY)
      const endedAt = at(ending)
      const isUntouched = reading === 'deriveKey' && ending === 'records.revoke' // consent has its own copy
      // Consent decides a hop before records answers, and records decides by its own copy in that very answer.
      const lastWordAt = ending === 'consent.revoke' ? at(decides) : at(answers)
      const isPermitted = isUntouched || lastWordAt < endedAt

      expect(answer).toEqual(isPermitted ? { Ok: expect.anything() } : { Err: { ConsentEnded: { endNs } } })
      const logged = count(lines, leaf)
      expect(logged).toBeLessThanOrEqual(1)
      if (isPermitted) expect(logged).toBe(1)
      if (ending !== 'consent.revoke') expect(pages).toBe('ConsentEnded') // records has its own copy
      // A line without a reading is followed by one that says so; without any line there was a refusal.
      expect(count(lines, 'keyWithheld')).toBe(isPermitted ? 0 : logged)
      expect(count(lines, 'refused')).toBe(isPermitted || logged === 1 ? 0 : 1)
      const withheld = lines.find(({ event }) => event === 'keyWithheld')
      if (withheld !== undefined) {
        expect(withheld.failedOrWithheld).toBe(true)
        expect(withheld.leafIndex).toBeGreaterThan(lines.find(({ event }) => event === leaf)?.leafIndex ?? 0)
      }
      // Whoever may have got the key is shut out of what comes, in the very message that revokes.
      const mayHaveKey = reading === 'deriveKey' && at('consent.deriveKey#reply of append') < endedAt
      expect(count(lines, 'epochBump')).toBe(mayHaveKey && ending === 'consent.revoke' ? 1 : 0)
    })
  })
}

describe('a record that is deleted while it is opened', () => {
  test.each([1, 2, 3, 4])('after %i messages is not given, whatever was found before', async (steps) => {
    const { answers } = READINGS.open
    const sealed = await seal(await keysFor(net, patient, elsewhere), elsewhere)
    const { recordId } = await store(net, patient, sealed)
    const records = [{ recordId, version: 1 }]
    const flow = net.start(patient, 'records', 'open', { ...placeOf(elsewhere), records, requestId: freshId() })
    const ran: string[] = []
    for (let i = 0; i < steps; i++) ran.push(net.step() ?? 'nothing')
    net.start(patient, 'records', 'deleteRecord', { recordId, requestId: freshId() })
    ran.push(...net.settle())
    const isGone = ran.indexOf('records.deleteRecord') < ran.indexOf(answers)
    expect(kindOf(flow.answer())).toBe(isGone ? 'NotPermitted' : 'Ok')
  })
})

describe('a record that is stored while somebody who had the key is shut out', () => {
  const MESSAGES = 3 // records.commit, consent.authoriseWrite, records.commit#reply of authoriseWrite

  test.each(Array.from({ length: MESSAGES + 1 }, (_, steps) => steps))(
    'is never under the old key when consent was asked later: after %i messages',
    async (steps) => {
      const nowNs = net.nowNs()
      const terms = { to: clinician, compartments: [owned.compartment], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
      const grantId = await give(net, patient, grantArg(terms))
      // Earlier tests may have left readers whose time is over: the first write moves on, and then it is quiet.
      const epoch = await settledEpoch()
      await keysFor(net, clinician, { ...owned, grantId }, epoch)
      const keys = await keysFor(net, patient, owned, epoch)
      const sealed = await seal(keys, owned)
      await net.ok(patient, 'records', 'begin', sealed.begin)
      for (const chunk of sealed.chunks) await net.ok(patient, 'records', 'putChunk', chunk)

      const committed = net.start(patient, 'records', 'commit', sealed.commit)
      const ran: string[] = []
      for (let i = 0; i < steps; i++) ran.push(net.step() ?? 'nothing')
      const revoked = net.start(patient, 'consent', 'revoke', { grantId, requestId: freshId() })
      ran.push(...net.settle())
      expect(kindOf(revoked.answer())).toBe('Ok')
      expect(ran).toContain('consent.authoriseWrite')
      const isBefore = ran.indexOf('consent.authoriseWrite') < ran.indexOf('consent.revoke')
      expect(committed.answer()).toEqual(
        isBefore ? { Ok: expect.anything() } : { Err: { StaleEpoch: { current: epoch + 1 } } },
      )
      expect(await epochNow()).toBe(epoch + 1)
    },
  )

  test('opens for nobody who only has the key of before, even relabelled as one of its own (A17)', async () => {
    const nowNs = net.nowNs()
    const terms = { to: clinician, compartments: [owned.compartment], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
    const grantId = await give(net, patient, grantArg(terms))
    const before = await settledEpoch()
    const theirs = await keysFor(net, clinician, { ...owned, grantId }, before)
    await net.ok(patient, 'consent', 'revoke', { grantId, requestId: freshId() })
    const after = await settledEpoch()
    expect(after).toBeGreaterThan(before)
    const own = await keysFor(net, patient, owned, after)
    const { recordId, version, secret, commit } = await store(net, patient, await seal(own, owned))
    const place = { patientId: new Uint8Array(owned.patientId), recordId, version }

    expect(await unwrapRecordSecret(own, place, commit.openWrap)).toEqual(secret)
    await expect(unwrapRecordSecret(theirs, place, commit.openWrap)).rejects.toMatchObject({ code: 'WrongKey' })
    const relabelled = Uint8Array.from(commit.openWrap)
    new DataView(relabelled.buffer).setUint32(8, before) // docs/crypto.md, "Wrap": the epoch
    await expect(unwrapRecordSecret(theirs, place, relabelled)).rejects.toMatchObject({ code: 'Tampered' })
  })

  test.each(Array.from({ length: MESSAGES + 1 }, (_, steps) => steps))(
    'and is sent again is answered as it was, once it is there, and stored no second time: after %i messages',
    async (steps) => {
      const nowNs = net.nowNs()
      const terms = { to: clinician, compartments: [owned.compartment], startNs: nowNs, endNs: nowNs + NS_PER_DAY }
      const grantId = await give(net, patient, grantArg(terms))
      const epoch = await settledEpoch()
      await keysFor(net, clinician, { ...owned, grantId }, epoch)
      const sealed = await seal(await keysFor(net, patient, owned, epoch), owned)
      await net.ok(patient, 'records', 'begin', sealed.begin)
      for (const chunk of sealed.chunks) await net.ok(patient, 'records', 'putChunk', chunk)
      const commit = () => net.start(patient, 'records', 'commit', sealed.commit)

      const first = commit()
      for (let i = 0; i < steps; i++) net.step()
      net.start(patient, 'consent', 'revoke', { grantId, requestId: freshId() })
      const second = commit()
      net.settle()
      const third = commit()
      net.settle()
      const stale = { Err: { StaleEpoch: { current: epoch + 1 } } }
      const answer = first.answer()
      if ('Err' in answer) expect(answer).toEqual(stale)
      expect([answer, stale]).toContainEqual(second.answer())
      expect(third.answer()).toEqual(answer)
      const trail = await trailOf(net, patient, owned.patientId)
      const lines = trail.filter(({ objectId }) => objectId === toHex(sealed.recordId))
      expect(lines.map(({ event }) => event)).toEqual('Ok' in answer ? ['recordAdd'] : [])
    },
  )

  async function settledEpoch(): Promise<number> {
    net.setTime(net.nowNs() + NS_PER_MINUTE)
    let epoch = await epochNow()
    for (let tries = 0; tries < 3; tries++) {
      const sealed = await seal(await keysFor(net, patient, owned, epoch), owned)
      const answer = await storeOnce(sealed)
      if ('Ok' in answer) return epoch
      if (!('StaleEpoch' in answer.Err)) throw new Error(`commit: ${kindOf(answer)}`)
      epoch = answer.Err.StaleEpoch.current
    }
    throw new Error('the epoch does not settle')
  }
  async function storeOnce(sealed: SealedRecord) {
    await net.ok(patient, 'records', 'begin', sealed.begin)
    for (const chunk of sealed.chunks) await net.ok(patient, 'records', 'putChunk', chunk)
    return net.call(patient, 'records', 'commit', sealed.commit)
  }
})
