import { createHash } from 'node:crypto'
import type { LogItem } from '@medguard/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { packModule } from './packed-module.ts'
import { type CanisterName, type Clinic, openClinic } from './clinic.ts'

// I33: each installation is in the log, with the module that the network says is running and who controls it; anybody may read that.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
  await clinic.person('anybody').client.enrol()
})
afterAll(() => clinic.close())

async function system(): Promise<readonly LogItem[]> {
  await clinic.advance(1_000_000_000n)
  const read = await clinic.person('anybody').client.log('system')
  if (read.kind !== 'done') throw new Error(read.refusal.kind)
  expect(read.value.verification).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['complete']) })
  return read.value.items
}
const modulesOf = (items: readonly LogItem[], canister: CanisterName) =>
  items.flatMap(({ details }) => (details['canister'] === canister && 'moduleHash' in details ? [details] : []))
/** Of the bytes that were installed. */
const hashOf = (wasm: Uint8Array) => createHash('sha256').update(packModule(wasm)).digest('hex')
const built = async (name: CanisterName) => (await buildCanister(name)).wasm

describe.each(['consent', 'records'] as const)('%s', (name) => {
  test('says what it is and who controls it after its installation and after an upgrade to another module', async () => {
    const first = modulesOf(await system(), name)
    const controllers = clinic.controller.toText()
    expect(first).toEqual([expect.objectContaining({ moduleHash: hashOf(await built(name)), controllers })])
    const { wasm } = await buildCanister(name, { plain: true })
    await clinic.upgrade(name, wasm)
    const now = modulesOf(await system(), name)
    expect(now).toHaveLength(2)
    expect(now[1]).toMatchObject({ moduleHash: hashOf(wasm), controllers })
    expect(now[1]?.['canisterVersion']).toBeGreaterThan(Number(now[0]?.['canisterVersion']))
  })
})

test('says that it was upgraded also before the network has told what to', async () => {
  const { wasm } = await buildCanister('consent')
  await clinic.upgrade('consent', wasm)
  const upgrades = (await system()).filter(
    ({ event, details }) => event === 'upgrade' && details['canister'] === 'consent',
  )
  expect(upgrades.map(({ details }) => 'moduleHash' in details)).toEqual([true, false, true, false, true])
})

test('settings and modules are for everybody; nothing else is in that view', async () => {
  const events = new Set((await system()).map(({ event }) => event))
  expect([...events].toSorted()).toEqual(['configuration', 'upgrade'])
})
