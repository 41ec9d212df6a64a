import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayFolder, gatewayFolder } from '../product/gateway-process.fixture.ts'
import { outlivesDeaths, outlivesOutage } from '../product/gateway-story.fixture.ts'
import { type Clinic, openClinic } from './clinic.ts'

// F26, F28, I25: the gateway's own process, real vaults, and a sender that nobody here wrote.

let clinic: Clinic
let folder: GatewayFolder
beforeAll(async () => {
  clinic = await openClinic({ clock: 'real' })
  folder = await gatewayFolder(clinic.localnet.url)
})
afterAll(async () => {
  await folder.remove()
  await clinic.close()
})

test('killed while it opens, writes, answers and delivers, on a full disk and with its clock put back, it stores what it acknowledged, once and in order', async () => {
  expect(await outlivesDeaths(clinic, folder, '7')).toBeGreaterThan(20)
})

test('an hour without a network: what was acknowledged meanwhile is delivered, once and in order, and what had no room is refused until there is some', async () => {
  await outlivesOutage(clinic, { patients: 3, messagesOfEach: 20 })
})
