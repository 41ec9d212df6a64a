import type { Outcome } from '@medguard/client'
import { NS_PER_HOUR, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'

// A share that one canister has and the other does not: begun on a device that died, or being given on another one right now.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}

/** A share whose first half a device has given. */
async function halfGiven(patient: Person, to: Person) {
  const account = await enrol(clinic, patient.principal)
  await enrol(clinic, to.principal)
  const startNs = await clinic.nowNs()
  const compartments = [categoryOf(account, 'labs')]
  const arg = grantArg({ to: to.principal, compartments, startNs, endNs: startNs + NS_PER_HOUR })
  await clinic.ok(patient.principal, 'records', 'grant', arg)
  await clinic.advance(NS_PER_MINUTE)
  return { arg, grantId: toHex(arg.grantId) }
}
const statesOf = async (patient: Person) =>
  done(await patient.newClient().sharesGiven()).map(({ grantId, state }) => [grantId, state])

test('another device that looks at the shares leaves alone what is being given right now', async () => {
  const [patient, reader] = ['giving', 'is given'].map((name) => clinic.person(name)) as [Person, Person]
  const { arg, grantId } = await halfGiven(patient, reader)
  expect(done(await patient.newClient().finishShares({ sparesRecent: true }))).toEqual([])
  expect(await statesOf(patient)).toEqual([[grantId, 'notFinished']])
  await clinic.ok(patient.principal, 'consent', 'grant', arg)
  expect(await statesOf(patient)).toEqual([[grantId, 'live']])
})

test('it withdraws what stayed half for ten minutes, and at once when told', async () => {
  const people = ['died', 'waits', 'told', 'waits too'].map((name) => clinic.person(name))
  const [patient, reader, asker, other] = people as [Person, Person, Person, Person]
  const left = await halfGiven(patient, reader)
  await clinic.advance(11n * NS_PER_MINUTE)
  await patient.newClient().finishShares({ sparesRecent: true })
  expect(await statesOf(patient)).toEqual([[left.grantId, 'revoked']])

  const fresh = await halfGiven(asker, other)
  await asker.newClient().finishShares()
  expect(await statesOf(asker)).toEqual([[fresh.grantId, 'revoked']])
})
