import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { BY_SIZE, FIXED, hashCosts } from '../../bench/toolkit-costs.ts'
import { filledRowId } from '../canisters/toolkit-service.ts'
import { openToolkit, type Toolkit } from '../canisters/toolkit.fixture.ts'

// What a canister pays for the toolkit while it holds little. Instructions repeat exactly, so a call that became dearer is seen here; what large
// states cost is measured by `npm run bench -- toolkit`.

let toolkit: Toolkit
beforeAll(async () => {
  toolkit = await openToolkit()
  await toolkit.fill(10, 100)
}, 60_000)
afterAll(() => toolkit.close())

/** What is over its ceiling, and by how much at most; docs/toolkit.md has the reason. In thousands of instructions. */
const OVER: Readonly<Record<string, number>> = {
  'write a row of 100 B': 170,
  'list of 20 rows of 1 kB, in the middle': 410,
  '20 records of 8 fields out': 205,
}

describe('a call of a canister written on the toolkit', () => {
  test.each([...FIXED, ...BY_SIZE])('costs no more than its ceiling: $name', async ({ name, costs, ceiling }) => {
    const spent = await costs(toolkit)
    const mean = spent.reduce((sum, { instructions }) => sum + instructions, 0) / spent.length
    expect(mean / 1_000).toBeLessThanOrEqual(OVER[name] ?? ceiling.few)
  })

  test('hashes at the speed of compiled code', async () => {
    const { perCall, perByte } = await hashCosts(toolkit)
    expect(perCall).toBeLessThanOrEqual(45_000)
    expect(perByte).toBeLessThanOrEqual(90)
  })
})

test('a row is its owner’s alone', async () => {
  const row = { rowId: filledRowId(3), row: new Uint8Array(100) }
  await toolkit.run('put', row)
  const stranger = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(9)).getPrincipal()
  await expect(toolkit.run('get', row, stranger)).rejects.toThrow('get refused: NotPermitted')
  await expect(toolkit.run('get', row, Principal.anonymous())).rejects.toThrow('get refused: NotSignedIn')
  expect((await toolkit.run('get', row)).value).toEqual(row.row)
})
