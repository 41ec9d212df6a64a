import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayFolder } from '../product/gateway-process.fixture.ts'
import { outlivesDeaths, outlivesOutage } from '../product/gateway-story.fixture.ts'
import { type Clinic, openClinic } from '../scenarios/clinic.ts'

// F26, F28: the gateway's process is killed at moments that nobody has seen yet, or those of the seed that MEDGUARD_SEED names, and delivers what an hour without a network leaves behind.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic({ clock: 'real' })
}, 300_000)
afterAll(() => clinic.close())

const SEED = Number(process.env['MEDGUARD_SEED'] ?? Math.floor(Date.now() / 1000))
const ROUNDS = 10

test(`killed ${ROUNDS * 6} times, from seed ${SEED} on, it stores what it acknowledged, once and in order`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const seed = String(SEED + round)
    console.log(`deaths of seed ${seed}`)
    const folder = await gatewayFolder(clinic.localnet.url)
    try {
      expect(await outlivesDeaths(clinic, folder, seed)).toBeGreaterThan(9)
    } finally {
      await folder.remove()
    }
  }
})

test('an hour without a network, and ten thousand messages: all are delivered, once and in order', async () => {
  const { taking, delivering } = await outlivesOutage(clinic, { patients: 10, messagesOfEach: 1_000 })
  console.log(`taken in ${Math.round(taking)} s, delivered in ${Math.round(delivering)} s`)
})
