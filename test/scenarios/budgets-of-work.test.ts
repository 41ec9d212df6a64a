import { newCapsule } from '@medguard/crypto'
import {
  DEPOSITS_UNDER_GRANT_PER_HOUR,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  REWRAPS_OF_CALLER_PER_HOUR,
  RIGHT,
} from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { freshId, kindOf } from './clinic.ts'
import { capsuleKey, keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I36, I38: what costs others something has a budget. Who spent theirs hears how long to wait, everybody else is served on, and memory stays as it is.

let net: Stepped
beforeAll(async () => {
  net = await openStepped()
}, 600_000)

/** A patient with a record, and somebody who may write and not read. */
async function household(name: string) {
  const [patient, laboratory] = [somebody(name), somebody(`laboratory of ${name}`)]
  const account = await enrol(net, patient)
  await enrol(net, laboratory)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(net, patient, owned)
  const { commit } = await store(net, patient, await seal(keys, owned))
  const startNs = net.nowNs()
  const terms = { to: laboratory, compartments: [owned.compartment], startNs, endNs: startNs + NS_PER_DAY }
  const grantId = await give(net, patient, grantArg({ ...terms, rights: RIGHT.write }))
  const { compartmentKind, cid } = owned.compartment
  const at = { patientId: new Uint8Array(owned.patientId), compartmentKind, compartmentId: new Uint8Array(cid) }
  const { capsule } = await newCapsule(capsuleKey(net), { ...at, epoch: 1 })
  return { patient, laboratory, owned, writing: { ...owned, grantId }, commit, capsule }
}
type Household = Awaited<ReturnType<typeof household>>

/** A capsule of its own each time: the same one again would be a repeat. What it seals only who opens it can tell. */
function deposit({ laboratory, writing, capsule }: Household) {
  const another = capsule.slice()
  another.set(freshId(), CAPSULE_ID_AT)
  return net.call(laboratory, 'records', 'postCapsule', {
    ...placeOf(writing),
    capsule: another,
    requestId: freshId(),
  })
}
const CAPSULE_ID_AT = 4 // after its tag, docs/crypto.md
/** Wraps anew what has changed since: nothing is stored by it, and it is work all the same. */
function wrapAnew({ patient, owned, commit }: Household) {
  const { listWrap, openWrap } = commit
  const entries = [{ seq: 9, oldEpoch: 1, oldNonce: new Uint8Array(12), listWrap, openWrap }]
  return net.call(patient, 'records', 'putWraps', { ...placeOf(owned), epoch: 1, entries, requestId: freshId() })
}

const WORK = [
  ['posting capsules', DEPOSITS_UNDER_GRANT_PER_HOUR, deposit],
  ['wrapping anew', REWRAPS_OF_CALLER_PER_HOUR, wrapAnew],
] as const

describe.each(WORK)('%s', (name, perHour, work) => {
  test('is put off once its budget for the hour is spent, for a time that is told, and for nobody else', async () => {
    const [spender, other] = [await household(`spends by ${name}`), await household(`does not by ${name}`)]
    for (let done = 0; done < perHour; done++) expect(kindOf(await work(spender))).toBe('Ok')
    const heapThen = net.heapOf('records')
    const refused = await work(spender)
    if (!('Err' in refused) || !('Busy' in refused.Err)) throw new Error(`one more is ${kindOf(refused)}`)
    const { retryAfterMs } = refused.Err.Busy
    expect(retryAfterMs).toBeGreaterThan(0)
    expect(BigInt(retryAfterMs) * 1_000_000n).toBeLessThanOrEqual(NS_PER_HOUR / BigInt(perHour) + 1_000_000n)
    expect(kindOf(await work(other))).toBe('Ok')
    // What was refused costs no more of it: a moment later there is room for one.
    for (let i = 0; i < 20; i++) expect(kindOf(await work(spender))).toBe('Busy')
    net.setTime(net.nowNs() + BigInt(retryAfterMs) * 1_000_000n)
    expect(kindOf(await work(spender))).toBe('Ok')
    expect(kindOf(await work(spender))).toBe('Busy')
    net.setTime(net.nowNs() + NS_PER_MINUTE)
    expect(kindOf(await work(spender))).toBe('Ok')
    expect(net.heapOf('records')).toBe(heapThen)
  }, 900_000)
})
