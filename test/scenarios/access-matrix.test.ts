import { NS_PER_HOUR, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Matrix, methodsOf, openMatrix } from './access-matrix.fixture.ts'
import type { Clinic } from './clinic.ts'
import { openCrowdedClinic } from './crowd.fixture.ts'
import { seal, store } from './sealed-record.ts'
import type { Caller } from './ward.ts'

// I1 and I7 at records: every method, by everybody, for what exists and for what does not. Consent and the log are next door.

const METHODS = methodsOf('records')

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
  expect(await matrix.toldWhen('records')).toBeGreaterThanOrEqual(5)
})

test('whoever has an account and was refused is in the patient’s log, and whoever has none could fill no log', async () => {
  for (const method of ['beginList', 'open']) await matrix.visitsOf('records', method)
  await matrix.visitsOf('consent', 'deriveKey')
  await clinic.advance(NS_PER_HOUR)
  // What records writes comes after its refusals in the same stream, so it shows that none of them is stuck.
  const { recordId } = await store(
    clinic,
    matrix.ward.senderOf('owner'),
    await seal(matrix.ward.keys, matrix.ward.reachOf('owner')),
  )
  await clinic.advance(NS_PER_MINUTE)
  const log = await clinic.person('patient').client.log('patient')
  if (log.kind !== 'done') throw new Error(`refused: ${log.refusal.kind}`)
  expect(log.value.verification).toMatchObject({ kind: 'verified' })
  const { items } = log.value
  expect(items.some(({ event, objectId }) => event === 'recordAdd' && objectId === toHex(recordId))).toBe(true)
  const refused = new Set(items.filter(({ event }) => event === 'refused').map(({ actor }) => actor))
  const namesOf = (callers: readonly Caller[]) => callers.map((caller) => matrix.ward.senderOf(caller)).map(String)
  for (const actor of namesOf(['expired', 'revoked', 'otherScope', 'otherUser'])) expect([...refused]).toContain(actor)
  for (const actor of namesOf(['stranger', 'controller'])) expect([...refused]).not.toContain(actor)
})
