import { decodeWrap, expectDecoded, newCapsule, wrapRecord } from '@medguard/crypto'
import { decodeWrapRow, NS_PER_DAY, type Principal, REQUEST_MEMORY_NS, RIGHT } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { anyKeys } from '../simulation/any-keys.fixture.ts'
import { freshId, kindOf } from './clinic.ts'
import { inEveryOrder } from './every-order.fixture.ts'
import { capsuleKey, deriveArg, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { type Flow, openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I2, I10 and keys.md 9: wraps are made anew, old epochs ended and capsules posted, while somebody is shut out: in every order of the messages.

let net: Stepped
let reader: Principal
let helper: Principal
let people = 0
beforeAll(async () => {
  net = await openStepped()
  reader = somebody('reader')
  helper = somebody('helper')
  await enrol(net, reader)
  await enrol(net, helper)
})

/** A patient with one record under epoch 1, which is over. */
interface Vault {
  readonly patient: Principal
  readonly owned: Reach
  readonly record: SealedRecord
}
async function newVault(): Promise<Vault> {
  // Nobody asks too often, however many orders there are.
  net.setTime(net.nowNs() + REQUEST_MEMORY_NS)
  net.settle()
  const patient = somebody(`patient ${people++}`)
  const account = await enrol(net, patient)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const vault = { patient, owned, record: await seal(await anyKeys(owned, 1), owned, { chunkLog2: 16 }) }
  await store(net, patient, vault.record)
  revoke(vault, 'consent', await withReader(vault, 1))
  net.settle()
  return vault
}
const grantFor = ({ owned }: Vault, to: Principal, rights: number) => {
  const startNs = net.nowNs()
  return grantArg({ to, compartments: [owned.compartment], rights, startNs, endNs: startNs + NS_PER_DAY })
}
/** Somebody who has the key of an epoch; records need not know of them. */
async function withReader(vault: Vault, epoch: number): Promise<Uint8Array> {
  const grant = grantFor(vault, reader, RIGHT.list | RIGHT.open)
  const { grantId } = grant
  await net.ok(vault.patient, 'consent', 'grant', grant)
  await net.ok(reader, 'consent', 'deriveKey', deriveArg({ ...vault.owned, grantId }, epoch))
  return grantId
}
/** Somebody who may wrap anew and deposit. */
async function withHelper(vault: Vault): Promise<Reach & { readonly grantId: Uint8Array }> {
  const rights = RIGHT.list | RIGHT.open | RIGHT.write | RIGHT.rewrap
  return { ...vault.owned, grantId: await give(net, vault.patient, grantFor(vault, helper, rights)) }
}
const revoke = ({ patient }: Pick<Vault, 'patient'>, where: 'consent' | 'records', grantId: Uint8Array) =>
  net.start(patient, where, 'revoke', { grantId, requestId: freshId() })

async function newWraps({ owned, record }: Vault, epoch: number) {
  const place = { patientId: new Uint8Array(owned.patientId), recordId: record.recordId, version: 1 }
  const { nonce } = expectDecoded(decodeWrap(record.commit.openWrap))
  return {
    seq: 0,
    oldEpoch: 1,
    oldNonce: nonce,
    ...(await wrapRecord(await anyKeys(owned, epoch), place, record.secret)),
  }
}
type Doing = (vault: Vault, who: Principal, as: Reach) => Promise<() => Flow<unknown>>
const DOINGS = {
  async readWraps(_vault, who, as) {
    const arg = { ...placeOf(as), fromSeq: 0, count: 10, epoch: 2, requestId: freshId() }
    return () => net.start(who, 'records', 'readWraps', arg)
  },
  async putWraps(vault, who, as) {
    const arg = { ...placeOf(as), epoch: 2, entries: [await newWraps(vault, 2)], requestId: freshId() }
    return () => net.start(who, 'records', 'putWraps', arg)
  },
  async retire(vault, who, as) {
    const entries = [await newWraps(vault, 2)]
    await net.ok(vault.patient, 'records', 'putWraps', {
      ...placeOf(vault.owned),
      epoch: 2,
      entries,
      requestId: freshId(),
    })
    return () => net.start(who, 'records', 'retire', { ...placeOf(as), epoch: 2, byOthers: [], requestId: freshId() })
  },
  async postCapsule(_vault, who, as) {
    const { patientId, compartment } = as
    const at = { ...compartment, patientId, compartmentId: new Uint8Array(compartment.cid), epoch: 2 }
    const { capsule } = await newCapsule(capsuleKey(net), { ...at, patientId: new Uint8Array(patientId) }, 3)
    return () => net.start(who, 'records', 'postCapsule', { ...placeOf(as), capsule, requestId: freshId() })
  },
} satisfies Record<string, Doing>
type What = keyof typeof DOINGS
/** The last message of each that decides, in consent and in records; each flow has so many. */
const DECIDES = {
  readWraps: {
    consent: 'authoriseReadWraps#reply of append',
    records: 'readWraps#reply of authoriseReadWraps',
    messages: 5,
  },
  putWraps: { consent: 'authoriseRewrap', records: 'putWraps#reply of authoriseRewrap', messages: 3 },
  retire: { consent: 'authoriseRetire', records: 'retire#reply of authoriseRetire', messages: 5 },
  postCapsule: { consent: 'authoriseWrite', records: 'postCapsule#reply of authoriseWrite', messages: 3 },
} as const
const WHATS = Object.keys(DOINGS) as What[]

async function epochsOf({ patient }: Vault) {
  const { account } = await net.ok(patient, 'consent', 'whoAmI', null)
  const { minEpoch = 0, currentEpoch = 0 } = account[0]?.compartments.find(({ category }) => category === 2) ?? {}
  return { minEpoch, currentEpoch }
}
/** Under which epochs the list's wraps are. */
async function wrapsOf({ patient, owned }: Vault): Promise<number[]> {
  const arg = { ...placeOf(owned), fromSeq: 0, count: 10, epoch: 99, requestId: freshId() }
  const { rows } = await net.ok(patient, 'records', 'readWraps', arg)
  return rows.map((row) => {
    const wraps = decodeWrapRow(new Uint8Array(row))
    if (wraps === null) throw new Error('a row holds wraps')
    return expectDecoded(decodeWrap(wraps.openWrap)).epoch
  })
}
const linesOf = async ({ patient, owned }: Vault) =>
  (await trailOf(net, patient, owned.patientId)).map(({ event }) => event)
const numberOf = (events: readonly string[], event: string) => events.filter((each) => each === event).length

/** Whatever happened: everything stored is under a key that its patient can still derive, and new things can be stored. */
async function expectWhole(vault: Vault): Promise<void> {
  const { patient, owned } = vault
  const { minEpoch, currentEpoch } = await epochsOf(vault)
  for (const epoch of await wrapsOf(vault)) {
    expect(epoch).toBeGreaterThanOrEqual(minEpoch)
    expect(epoch).toBeLessThanOrEqual(currentEpoch)
  }
  const { floor } = await net.ok(patient, 'records', 'rewrapState', placeOf(owned))
  expect(floor).toBeLessThanOrEqual(currentEpoch)
}

describe.each(['readWraps', 'putWraps', 'postCapsule'] as const)('%s by somebody who is shut out meanwhile', (what) => {
  test.each(['consent', 'records'] as const)('in %s is done or it is not, in every order', async (where) => {
    const { messages } = DECIDES[what]
    const orders = await inEveryOrder(
      net,
      async () => {
        const vault = await newVault()
        const helping = await withHelper(vault)
        const start = await DOINGS[what](vault, helper, helping)
        const before = await linesOf(vault)
        return { vault, before, flow: start(), revoked: revoke(vault, where, helping.grantId) }
      },
      async ({ vault, flow, before, revoked }, ran) => {
        const ended = revoked.answer()
        if (!('Ok' in ended)) throw new Error(`revoke: ${kindOf(ended)}`)
        const decidedAt = ran.indexOf(DECIDES[what][where])
        const isFirst = decidedAt >= 0 && decidedAt < ran.indexOf('revoke')
        const { endNs } = ended.Ok
        const answer = flow.answer()
        if (isFirst) expect(kindOf(answer)).toBe('Ok')
        else expect(answer).toEqual({ Err: { ConsentEnded: { endNs } } })
        const events = (await linesOf(vault)).slice(before.length)
        const given = numberOf(events, 'rewrapBatch')
        if (what === 'readWraps') expect(given - numberOf(events, 'keyWithheld')).toBe(isFirst ? 1 : 0)
        if (what === 'putWraps') expect(given).toBe(isFirst ? 1 : 0)
        if (what === 'putWraps') expect(await wrapsOf(vault)).toEqual([isFirst ? 2 : 1])
        if (what === 'postCapsule') expect(numberOf(events, 'capsule')).toBe(isFirst ? 1 : 0)
        await expectWhole(vault)
      },
    )
    expect(orders).toBe(messages + 1)
  })
})

describe.each(['putWraps', 'retire', 'postCapsule'] as const)(
  '%s while a reader who has the present key is shut out',
  (what) => {
    test('puts nothing under that key that consent was asked about later, in every order', async () => {
      const orders = await inEveryOrder(
        net,
        async () => {
          const vault = await newVault()
          const readersGrant = await withReader(vault, 2)
          const start = await DOINGS[what](vault, vault.patient, vault.owned)
          return { vault, flow: start(), revoked: revoke(vault, 'consent', readersGrant) }
        },
        async ({ vault, flow, revoked }, ran) => {
          expect(kindOf(revoked.answer())).toBe('Ok')
          expect((await epochsOf(vault)).currentEpoch).toBe(3)
          const decidedAt = ran.indexOf(DECIDES[what].consent)
          const isFirst = decidedAt >= 0 && decidedAt < ran.indexOf('revoke')
          const answer = flow.answer()
          if (isFirst) expect(kindOf(answer)).toBe('Ok')
          else expect(answer).toEqual({ Err: { StaleEpoch: { current: 3 } } })
          await expectWhole(vault)
        },
      )
      expect(orders).toBe(DECIDES[what].messages + 1)
    })
  },
)

describe.each(WHATS)('%s while the vault is erased', (what) => {
  test('is done or it is not, in every order', async () => {
    const orders = await inEveryOrder(
      net,
      async () => {
        const vault = await newVault()
        const start = await DOINGS[what](vault, vault.patient, vault.owned)
        const { patientId } = vault.owned
        const erased = net.start(vault.patient, 'records', 'erase', { patientId, requestId: freshId() })
        return { flow: start(), erased }
      },
      async ({ flow, erased }, ran) => {
        expect(erased.answer()).toMatchObject({ Ok: { isDone: true } })
        const decidedAt = ran.indexOf(DECIDES[what].records)
        const isFirst = decidedAt >= 0 && decidedAt < ran.indexOf('erase')
        expect(kindOf(flow.answer())).toBe(isFirst ? 'Ok' : 'NotPermitted')
      },
    )
    expect(orders).toBe(DECIDES[what].messages + 1)
  })
})

describe('two devices', () => {
  test('that wrap the same record anew leave one of the two wraps, in every order', async () => {
    const orders = await inEveryOrder(
      net,
      async () => {
        const vault = await newVault()
        const starts = [
          await DOINGS.putWraps(vault, vault.patient, vault.owned),
          await DOINGS.putWraps(vault, helper, await withHelper(vault)),
        ]
        return { vault, flows: starts.map((start) => start()) }
      },
      async ({ vault, flows }) => {
        for (const flow of flows) expect(flow.answer()).toEqual({ Ok: { outcomes: new Uint8Array([1]) } })
        expect(await wrapsOf(vault)).toEqual([2])
        expect(numberOf(await linesOf(vault), 'rewrapBatch')).toBe(2) // one change, and the look at it
        await expectWhole(vault)
      },
    )
    expect(orders).toBeGreaterThan(10)
  })

  test('of which one ends the old epochs while the other wraps: they end when nothing is under them, in every order', async () => {
    const orders = await inEveryOrder(
      net,
      async () => {
        const vault = await newVault()
        const put = await DOINGS.putWraps(vault, vault.patient, vault.owned)
        const byOthers: [] = []
        const arg = { ...placeOf(vault.owned), epoch: 2, byOthers, requestId: freshId() }
        return { vault, put: put(), retire: net.start(vault.patient, 'records', 'retire', arg) }
      },
      async ({ vault, put, retire }, ran) => {
        expect(put.answer()).toEqual({ Ok: { outcomes: new Uint8Array([1]) } })
        const isDone = ran.indexOf('putWraps#reply of authoriseRewrap') < ran.indexOf('retire')
        const answer = retire.answer()
        expect(answer).toEqual(isDone ? { Ok: { remaining: 0 } } : { Err: { Stale: { current: 1 } } })
        expect((await epochsOf(vault)).minEpoch).toBe(isDone ? 2 : 1)
        await expectWhole(vault)
      },
    )
    expect(orders).toBeGreaterThan(3)
  })
})

describe('a record that is on its way while the epoch it is for ends and is retired', () => {
  test.each([0, 1, 2, 3])('is stored where it can be read, or not at all, after %i messages', async (steps) => {
    const vault = await newVault()
    const { patient, owned } = vault
    const readersGrant = await withReader(vault, 2)
    const first = { ...placeOf(owned), epoch: 2, entries: [await newWraps(vault, 2)], requestId: freshId() }
    await net.ok(patient, 'records', 'putWraps', first)
    const sealed = await seal(await anyKeys(owned, 2), owned, { chunkLog2: 16 })
    await net.ok(patient, 'records', 'begin', sealed.begin)
    for (const chunk of sealed.chunks) await net.ok(patient, 'records', 'putChunk', chunk)
    net.settle()
    const committed = net.start(patient, 'records', 'commit', sealed.commit)
    for (let i = 0; i < steps; i++) net.deliver(indexOf((entry) => !entry.includes('timer')))
    const held = 'commit#reply of authoriseWrite'
    const run = (until: () => boolean) => {
      while (!until()) net.deliver(indexOf((entry) => entry !== held))
    }
    const revoked = revoke(vault, 'consent', readersGrant)
    run(() => revoked.isOver())
    const again = await wrapRecord(
      await anyKeys(owned, 3),
      { patientId: new Uint8Array(owned.patientId), recordId: vault.record.recordId, version: 1 },
      vault.record.secret,
    )
    const arg = { ...placeOf(owned), fromSeq: 0, count: 10, epoch: 3, requestId: freshId() }
    const read = net.start(patient, 'records', 'readWraps', arg)
    run(() => read.isOver())
    const answer = read.answer()
    const [row] = 'Ok' in answer ? answer.Ok.rows : []
    const { nonce, epoch } = expectDecoded(
      decodeWrap(decodeWrapRow(new Uint8Array(row ?? []))?.openWrap ?? new Uint8Array()),
    )
    const entries = [{ seq: 0, oldEpoch: epoch, oldNonce: nonce, ...again }]
    const wrapped = net.start(patient, 'records', 'putWraps', {
      ...placeOf(owned),
      epoch: 3,
      entries,
      requestId: freshId(),
    })
    run(() => wrapped.isOver())
    const retired = net.start(patient, 'records', 'retire', {
      ...placeOf(owned),
      epoch: 3,
      byOthers: [],
      requestId: freshId(),
    })
    run(() => retired.isOver())
    net.settle()
    // What was stored before all that has to be wrapped anew first; what comes after finds the floor raised.
    const isStored = steps === 3
    expect(kindOf(committed.answer())).toBe(isStored ? 'Ok' : 'StaleEpoch')
    expect(kindOf(retired.answer())).toBe(isStored ? 'Stale' : 'Ok')
    expect((await epochsOf(vault)).minEpoch).toBe(isStored ? 1 : 3)
    await expectWhole(vault)
  })

  function indexOf(isMeant: (entry: string) => boolean): number {
    const index = net.deliverable().findIndex(({ entry }) => isMeant(entry))
    if (index < 0) throw new Error('nothing is left to deliver')
    return index
  }
})
