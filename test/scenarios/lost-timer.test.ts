import { createFaults } from '@medguard/localnet'
import { NS_PER_DAY, NS_PER_MINUTE } from '@medguard/protocol'
import { beforeEach, expect, test } from 'vitest'

import { openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// Azle's timers ask the network for one message at a time, and believe that it comes. F19: what a trap there silences must ring again by itself.

const patient = somebody('patient')
const faults = createFaults('timers')
let net: Stepped
let account: Awaited<ReturnType<typeof enrol>>
beforeEach(async () => {
  net = await openStepped({ faults })
  account = await enrol(net, patient)
})

const share = () => {
  const startNs = net.nowNs()
  const compartments = [categoryOf(account, 'labs')]
  return give(net, patient, grantArg({ to: somebody('clinician'), compartments, startNs, endNs: startNs + NS_PER_DAY }))
}
const grantsInLog = async () =>
  (await trailOf(net, patient, account.patientId)).filter(({ event }) => event === 'grant').length

test.each([
  ['canister_global_timer', 0],
  ['canister_global_timer#reply of <ic-cdk internal> timer_executor', 1],
])('a trap in %s delays what waits for the log until the next change, and no longer', async (method, loggedBefore) => {
  const canister = net.ids.consent.toText()
  const rule = faults.add({ kind: 'trapAtSyscall', canister, method, at: 1, times: 1 })
  await share()
  net.settle()
  faults.remove(rule)
  net.setTime(net.nowNs() + 2n * NS_PER_MINUTE)
  net.settle()
  expect(await grantsInLog()).toBe(loggedBefore)

  await share()
  net.settle()
  expect(await grantsInLog()).toBe(2)
})
