import { CYCLES_RESERVE, NS_PER_DAY, type Principal } from '@medguard/protocol'
import { beforeAll, expect, test } from 'vitest'

import { freshId, kindOf } from './clinic.ts'
import { deriveArg, placeOf, type Reach } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I36: whoever asks for keys until the cycles are gone finds that the last of them are kept for ending shares.

let net: Stepped
let patient: Principal
let owned: Reach
let grantId: Uint8Array
beforeAll(async () => {
  // The network keeps back what one message may cost at most.
  net = await openStepped({ cycles: CYCLES_RESERVE + 150_000_000_000n })
  patient = somebody('patient')
  const account = await enrol(net, patient)
  await enrol(net, somebody('reader'))
  owned = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const nowNs = net.nowNs()
  const period = { startNs: nowNs, endNs: nowNs + NS_PER_DAY }
  grantId = await give(net, patient, grantArg({ to: somebody('reader'), compartments: [owned.compartment], ...period }))
})

test('keys are given until the reserve is reached, and then the word that cycles are low', async () => {
  let given = 0
  let answer = await net.call(patient, 'consent', 'deriveKey', deriveArg(owned))
  for (; 'Ok' in answer && given < 40; given++)
    answer = await net.call(patient, 'consent', 'deriveKey', deriveArg(owned))
  expect(given).toBeGreaterThan(0)
  expect(answer).toEqual({ Err: { LowCycles: null } })
  const lines = await trailOf(net, patient, owned.patientId)
  expect(lines.filter(({ event }) => event === 'keyDerive')).toHaveLength(given)
})

test('a share is ended, lists are read and the log is shown all the same', async () => {
  const asked = { ...placeOf(owned), requestId: freshId() }
  expect(kindOf(await net.call(patient, 'records', 'beginList', asked))).toBe('Ok')
  // Who reads under a grant waits, and so do all changes that end nothing.
  const reading = { ...placeOf({ ...owned, grantId }), requestId: freshId() }
  expect(kindOf(await net.call(somebody('reader'), 'records', 'beginList', reading))).toBe('LowCycles')
  const period = { startNs: net.nowNs(), endNs: net.nowNs() + NS_PER_DAY }
  const further = grantArg({ to: somebody('another'), compartments: [owned.compartment], ...period })
  expect(kindOf(await net.call(patient, 'consent', 'grant', further))).toBe('LowCycles')
  for (const canister of ['consent', 'records'] as const)
    expect(kindOf(await net.call(patient, canister, 'revoke', { grantId, requestId: freshId() }))).toBe('Ok')
  const lines = await trailOf(net, patient, owned.patientId)
  expect(lines.map(({ event }) => event)).toContain('revoke')
})
