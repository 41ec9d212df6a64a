import { createPrng } from '@medguard/localnet'
import { openStepped, somebody } from '../test/scenarios/stepped.ts'
import { registered, sealerOf } from '../test/scenarios/devices.fixture.ts'
import { categoryOf, enrol } from '../test/scenarios/ward.ts'
import { addCost, type Cost, costOf, spentIn } from './costs.ts'
import { deviceGrowth } from './device-growth.ts'
import { devicePage } from './device-page.ts'
import { httpsPosts } from './device-https.ts'
import { check, type Row, rowsOf } from './rows.ts'

// What a batch of a device costs on chain, its lines in the log included, whatever is in it.

/** Of packed readings before sealing, about. */
const BATCHES = [
  { name: '60 readings, 1.5 kB', readings: 60, sizeBytes: 1_500 },
  { name: '500 readings, 10 kB', readings: 500, sizeBytes: 10_000 },
] as const
const REPEATS = 64
/** Once after each install and upgrade the engine looks through its heap for what is garbage, in whichever message is the first to hold as much at once: here a batch. */
const COLLECTED = 10
/** In three canisters, of which half is the log, consent and what carries messages between them. */
const CEILING = 15

export async function run(): Promise<Row[]> {
  const rows = rowsOf('devices')
  const net = await openStepped()
  const patient = somebody('patient')
  const account = await enrol(net, patient)
  const cid = new Uint8Array(categoryOf(account, 'vitals').cid)
  const device = await registered(net, patient, { patientId: new Uint8Array(account.patientId), cid })
  const random = createPrng('devices')
  const cost = async (work: () => Promise<unknown>) => costOf(await spentIn(net, work))
  let seq = 0
  const posting = async (sizeBytes: number) => {
    const sealer = await sealerOf(net, device)
    return async (withCapsule: boolean) => {
      const batch = await sealer.batch(seq++, { content: random.bytes(sizeBytes), withCapsule })
      return cost(async () => {
        const answer = await net.call(device.principal, 'records', 'depositReadings', { batch })
        check('Ok' in answer, 'a batch is taken')
      })
    }
  }
  const [{ sizeBytes: first }] = BATCHES
  addCost(rows, 'the first batch after an install', await (await posting(first))(true), CEILING + 2 + COLLECTED)
  for (const { name, readings, sizeBytes } of BATCHES) {
    const post = await posting(sizeBytes)
    addCost(rows, `a batch with a new capsule: ${name}`, await post(true), CEILING + 2)
    const costs: Cost[] = []
    for (let i = 0; i < REPEATS; i++) costs.push(await post(false))
    const mean = (part: keyof Cost) => costs.reduce((sum, cost) => sum + cost[part], 0) / costs.length
    const each = {
      instructions: mean('instructions'),
      transmission: mean('transmission'),
      dirtyPages: mean('dirtyPages'),
    }
    addCost(rows, `a batch: ${name}`, each, CEILING)
    rows.add(`a reading: ${name}`, each.instructions / readings / 1_000, 'k instructions')
    const dearest = Math.max(...costs.map(({ instructions }) => instructions))
    rows.add(`the dearest of ${REPEATS} batches: ${name}`, dearest / 1e6, 'M instructions')
  }
  const again = await cost(async () => {
    await net.ok(device.principal, 'records', 'deviceInfo', { deviceId: device.deviceId })
  })
  addCost(rows, 'how a device stands', again, CEILING)
  await httpsPosts(rows)
  await deviceGrowth(rows)
  await devicePage(rows)
  return rows.rows
}
