import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Matrix, methodsOf, openMatrix } from './access-matrix.fixture.ts'
import type { Clinic } from './clinic.ts'
import { openCrowdedClinic } from './crowd.fixture.ts'

// I1 and I7 at consent and at the log: every method, by everybody, for what exists and for what does not.

const METHODS = methodsOf('consent', 'audit')

let clinic: Clinic
let matrix: Matrix
beforeAll(async () => {
  clinic = await openCrowdedClinic()
  matrix = await openMatrix(clinic)
})
afterAll(() => clinic.close())

describe.each(METHODS)('%s.%s', (canister, method) => {
  test('lets exactly the right callers through', async () => {
    const { were, expected } = await matrix.outcomesOf(canister, method)
    expect(were).toEqual(expected)
  })

  test('answers each refusal with the same bytes, whoever asks for whatever', async () => {
    expect(await matrix.differing(canister, method)).toEqual([])
  })

  test('spends the same on what exists and on what does not, within a tenth', async () => {
    expect(await matrix.uneven(canister, method)).toEqual([])
  })
})

test('a grantee whose consent has ended is told when, and nobody else is', async () => {
  expect(await matrix.toldWhen('consent')).toBeGreaterThanOrEqual(2)
})
