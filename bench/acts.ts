import { encodeContent } from '@medguard/crypto'
import { NS_PER_MINUTE } from '@medguard/protocol'
import { CANISTER_NAMES, freshId } from '../test/scenarios/clinic.ts'
import { registered, sealerOf } from '../test/scenarios/devices.fixture.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, store } from '../test/scenarios/sealed-record.ts'
import { openStepped, somebody, type Stepped } from '../test/scenarios/stepped.ts'
import { categoryOf, enrol, give, grantArg } from '../test/scenarios/ward.ts'
import { withoutChance } from '../test/simulation/without-chance.fixture.ts'
import { watchPost } from './kept.ts'
import { check } from './rows.ts'
import { textsOf } from './shortening.ts'
import { openArg } from './vault-world.ts'

// What the things that people do cost in cycles, in all canisters, lines of the log and their delivery included: what the network takes from the balances.

export const ACTS = [
  'open an account',
  'add a record of 100 kB',
  'add 100 kB of FHIR, made shorter',
  'add a record of 1 MiB',
  'derive a key, without vetKD’s fee',
  'list a kind',
  'open a record',
  'open a record under a share',
  'share a kind',
  'end a share',
  'look who looked',
  'post 60 readings',
  'stand still for a day',
] as const
export type Act = (typeof ACTS)[number]
export type ActCycles = Readonly<Record<Act, number>>

/** The cheapest counts, as with instructions. */
const TIMES = 3
/** Of the key that a network for tests has. */
const TEST_KEY_CYCLES = 10_000_000_000n
const DAY_NS = 1_440n * NS_PER_MINUTE

export async function actCycles(): Promise<ActCycles> {
  const chance = withoutChance()
  try {
    chance.begin('acts')
    return await measured()
  } finally {
    chance.restore()
  }
}

async function measured(): Promise<ActCycles> {
  const net = await openStepped()
  const costs = new Map<Act, bigint>()
  const balance = () => CANISTER_NAMES.reduce((sum, name) => sum + net.budgetOf(name).cycles, 0n)
  const act = async (name: Act, work: () => Promise<unknown>, keys = 0n) => {
    net.setTime(net.nowNs() + NS_PER_MINUTE)
    net.settle()
    // Asking for a balance costs something, too.
    const [first, before] = [balance(), balance()]
    await work()
    net.settle()
    const cost = before - balance() - (first - before) - keys * TEST_KEY_CYCLES
    const least = costs.get(name)
    costs.set(name, least === undefined || cost < least ? cost : least)
  }
  const [patient, reader] = [somebody('patient'), somebody('reader')]
  const account = await enrol(net, patient)
  await enrol(net, reader)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(net, patient, owned)
  const vitals = new Uint8Array(categoryOf(account, 'vitals').cid)
  const device = await registered(net, patient, { patientId: new Uint8Array(account.patientId), cid: vitals })
  const sealer = await sealerOf(net, device)
  const readings = watchPost(60)
  const [results = new Uint8Array()] = textsOf('never seen')['laboratory results of ten years, with spaces']
  const fhir = await encodeContent(results.subarray(0, 100_000))
  if (fhir === null) throw new Error('a text is made shorter')
  for (let i = 0; i < TIMES; i++) {
    await act('open an account', () => enrol(net, somebody(`newcomer ${i}`)))
    const bodies = {
      'add a record of 1 MiB': new Uint8Array(2 ** 20),
      'add a record of 100 kB': new Uint8Array(100_000),
      'add 100 kB of FHIR, made shorter': fhir,
    }
    let record = await seal(keys, owned)
    for (const [name, body] of Object.entries(bodies)) {
      record = await seal(keys, owned, { body, ...(body.length < 2 ** 20 ? { chunkLog2: 17 } : {}) })
      await act(name as Act, () => store(net, patient, record))
    }
    const asked = deriveArg(owned)
    await act('derive a key, without vetKD’s fee', () => net.ok(patient, 'consent', 'deriveKey', asked), 1n)
    await act('list a kind', () => net.ok(patient, 'records', 'beginList', { ...placeOf(owned), requestId: freshId() }))
    await act('open a record', () => net.ok(patient, 'records', 'open', openArg(owned, record)))
    const grant = { to: reader, compartments: [owned.compartment], startNs: net.nowNs(), endNs: net.nowNs() + DAY_NS }
    let grantId = new Uint8Array()
    await act('share a kind', async () => {
      grantId = new Uint8Array(await give(net, patient, grantArg(grant)))
    })
    const reach = { ...owned, grantId }
    await act('open a record under a share', () => net.ok(reader, 'records', 'open', openArg(reach, record)))
    await act('end a share', async () => {
      await net.ok(patient, 'consent', 'revoke', { grantId, requestId: freshId() })
      await net.ok(patient, 'records', 'revoke', { grantId, requestId: freshId() })
    })
    const { patientId } = account
    await act('look who looked', () => net.ok(patient, 'audit', 'chainHead', { patientId }))
    const batch = await sealer.batch(i, { ...readings, withCapsule: i === 0 })
    await act('post 60 readings', () => posted(net, device.principal, batch))
  }
  costs.set(
    'stand still for a day',
    CANISTER_NAMES.reduce((sum, name) => sum + net.budgetOf(name).idle_cycles_burned_per_day, 0n),
  )
  return Object.fromEntries(ACTS.map((name) => [name, Number(costs.get(name) ?? 0n)])) as Record<Act, number>
}

async function posted(net: Stepped, device: Parameters<Stepped['call']>[0], batch: Uint8Array): Promise<void> {
  check('Ok' in (await net.call(device, 'records', 'depositReadings', { batch })), 'a batch is taken')
}
