import { afterAll, beforeAll, expect, test } from 'vitest'
import { livesThrough, longStory } from '../product/device-story.fixture.ts'
import { type Product, startProduct } from '../product/product.ts'

// B08, B09, I23: `medguard-device` and its network are killed at moments that nobody has seen yet, or those of the seed that MEDGUARD_SEED names.

let product: Product
beforeAll(async () => {
  product = await startProduct()
}, 300_000)
afterAll(() => product.close())

const SEED = Number(process.env['MEDGUARD_SEED'] ?? Math.floor(Date.now() / 1000))

test.each([
  ['canister call', []],
  ['HTTPS', ['--https']],
] as const)(
  `by %s, with seed ${SEED}, nothing that was told "kept" is lost and nothing is there twice`,
  async (_, args) => {
    const { folder, deaths } = await livesThrough(product, longStory(SEED, 12), args)
    folder.remove()
    expect(deaths).toBeGreaterThan(0)
  },
)
