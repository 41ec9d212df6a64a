import { beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { type Arg, type CanisterName, freshId, kindOf, type MethodName } from './clinic.ts'
import { newKey, registered, sealerOf, type TestDevice } from './devices.fixture.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { categoryOf, enrol } from './ward.ts'

// R5 for what devices post: consent is asked, and meanwhile something else happens.

let net: Stepped
beforeAll(async () => {
  net = await openStepped()
})

let people = 0
/** A new patient with a device. */
async function openRoom() {
  const patient = somebody(`patient ${people++}`)
  const account = await enrol(net, patient)
  const compartment = categoryOf(account, 'vitals')
  const vitals = { patientId: new Uint8Array(account.patientId), cid: new Uint8Array(compartment.cid) }
  const device = await registered(net, patient, vitals)
  const count = async () => {
    const place = { patientId: vitals.patientId, ...compartment, grantId: [] as [], requestId: freshId() }
    return (await net.ok(patient, 'records', 'beginList', place)).count
  }
  net.settle()
  /** A change of the patient's, which runs while answers about batches wait. */
  const change = <C extends CanisterName, M extends MethodName<C>>(canister: C, method: M, arg: Arg<C, M>) => {
    const flow = net.start(patient, canister, method, arg)
    runAllButAnswers()
    expect(kindOf(flow.answer())).toBe('Ok')
  }
  return { device, vitals, count, change }
}
/** Runs what can run, but not what records does with consent's answers. */
function runAllButAnswers(): void {
  for (;;) {
    const index = net.deliverable().findIndex(({ entry }) => !entry.includes('reply of authoriseWrite'))
    if (index < 0) return
    net.deliver(index)
  }
}
/** A post that has asked consent, whose answer is on its way. */
function asked(device: TestDevice, batch: Uint8Array) {
  const flow = net.start(device.principal, 'records', 'depositReadings', { batch })
  runAllButAnswers()
  expect(flow.isOver()).toBe(false)
  return flow
}
type Room = Awaited<ReturnType<typeof openRoom>>
const named = ({ device: { deviceId } }: Room) => ({ patientId: [] as [], deviceId, requestId: freshId() })

describe('while consent’s answer about a batch is on its way', () => {
  test.each<[what: string, refusal: string, happens: (room: Room) => void]>([
    ['the device is removed', 'NotPermitted', (room) => room.change('records', 'removeDevice', named(room))],
    [
      'the device is paused',
      'Paused',
      (room) => room.change('records', 'changeDevice', { ...named(room), change: { pause: null } }),
    ],
    [
      'the device gets another key',
      'NotPermitted',
      (room) => room.change('records', 'rotateDevice', { ...named(room), algorithm: 1, publicKey: newKey().publicKey }),
    ],
    [
      'all sharing is paused',
      'Paused',
      (room) => room.change('records', 'changeRules', { patientId: [], change: { pause: null }, requestId: freshId() }),
    ],
    [
      'the vault is erased',
      'NotPermitted',
      (room) => room.change('records', 'erase', { patientId: room.vitals.patientId, requestId: freshId() }),
    ],
  ])('%s: nothing is stored', async (_, refusal, happens) => {
    const room = await openRoom()
    const batch = await (await sealerOf(net, room.device)).batch(0)
    const flow = asked(room.device, batch)
    happens(room)
    net.settle()
    expect(kindOf(flow.answer())).toBe(refusal)
    if (refusal === 'Paused') expect(await room.count()).toBe(0)
    const again = await net.call(room.device.principal, 'records', 'depositReadings', { batch })
    expect(kindOf(again)).toBe(refusal)
  })

  test('the same batch comes again, wrapped anew too, and another one under its number: one is stored', async () => {
    const { device, count } = await openRoom()
    const sealer = await sealerOf(net, device)
    const readings = await sealer.seal()
    const flows = [
      asked(device, sealer.of(0, readings)),
      asked(device, sealer.of(0, await sealer.rewrap(readings))),
      asked(device, sealer.of(7, readings)),
      asked(device, await sealer.batch(0)),
    ]
    net.settle()
    expect(flows.map((flow) => kindOf(flow.answer()))).toEqual(['Ok', 'Ok', 'Ok', 'IdConflict'])
    const [first, ...others] = flows.map((flow) => flow.answer())
    expect(others.slice(0, 2)).toEqual([first, first])
    expect(await count()).toBe(1)
    const info = await net.ok(device.principal, 'records', 'deviceInfo', { deviceId: device.deviceId })
    expect(info).toMatchObject({ nextSeq: 1 })
  })

  test('records is to be upgraded: the batch is taken first, and known afterwards', async () => {
    const { device, count } = await openRoom()
    const sealer = await sealerOf(net, device)
    const batch = sealer.of(0, await sealer.seal())
    const flow = asked(device, batch)
    const stop = net.control('records', 'stop_canister')
    net.settle()
    expect([kindOf(flow.answer()), stop.isOver()]).toEqual(['Ok', true])
    net.upgrade('records', (await buildCanister('records')).wasm)
    net.control('records', 'start_canister')
    net.settle()
    expect(await net.call(device.principal, 'records', 'depositReadings', { batch })).toEqual(flow.answer())
    expect(await count()).toBe(1)
  })
})
