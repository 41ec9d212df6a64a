import { NS_PER_DAY, NS_PER_MINUTE, type Principal } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyKeys } from '../simulation/any-keys.fixture.ts'
import { type Clinic, kindOf } from './clinic.ts'
import { deriveArg, seal } from './sealed-record.ts'
import {
  decree,
  employed,
  type Hospital,
  openCouncilClinic,
  type Patient,
  patientWith,
  registered,
  shared,
  verified,
  verifyAct,
} from './trust.fixture.ts'

// I10 where a council verifies: who reads for care holds the key until their grant, their membership or the verification is over, whichever is first.

let clinic: Clinic
let patient: Patient
let hospital: Hospital
beforeAll(async () => {
  clinic = await openCouncilClinic()
  patient = await patientWith(clinic, 'patient')
  hospital = await verified(clinic, 'St Anna')
})
afterAll(() => clinic.close())

const READERS = 10

async function currentEpoch(): Promise<number> {
  const { account } = await clinic.ok(patient.principal, 'consent', 'whoAmI', null)
  return account[0]?.compartments.find(({ category }) => category === 2)?.currentEpoch ?? 0
}
/** They get the present key under a grant to `to`. */
async function derives(reader: Principal, to: Principal): Promise<void> {
  const reach = await shared(clinic, patient, to)
  await clinic.ok(reader, 'consent', 'deriveKey', { ...deriveArg(reach), epoch: await currentEpoch() })
}
async function write() {
  const record = await seal(await anyKeys(patient.owned, await currentEpoch()), patient.owned)
  await clinic.ok(patient.principal, 'records', 'begin', record.begin)
  for (const chunk of record.chunks) await clinic.ok(patient.principal, 'records', 'putChunk', chunk)
  const { value, parts } = await clinic.metered(() =>
    clinic.call(patient.principal, 'records', 'commit', record.commit),
  )
  const asked = parts.find(({ entry }) => entry === 'authoriseWrite')
  return { kind: kindOf(value), instructions: Number(asked?.instructions ?? 0n) }
}

test('a write looks at those who read for care once, as at everybody else', async () => {
  expect((await write()).kind).toBe('Ok')
  const alone = await write()
  for (let n = 0; n < READERS; n++) {
    const reader = await employed(clinic, hospital, `reader ${n}`)
    await derives(reader, n % 2 === 0 ? reader : hospital.principal)
  }
  await clinic.advance(NS_PER_MINUTE)
  const whole = await write()
  const next = await write()
  expect([whole.kind, next.kind]).toEqual(['Ok', 'Ok'])
  expect(whole.instructions).toBeGreaterThan(2 * alone.instructions)
  expect(next.instructions).toBeLessThan(1.3 * alone.instructions)
})

test.each(['in person', 'as a member'])(
  'the end of a membership is noticed by the first write after it, %s',
  async (how) => {
    const epoch = await currentEpoch()
    const reader = await employed(clinic, hospital, `leaves ${how}`, { forNs: 10n * NS_PER_MINUTE })
    await derives(reader, how === 'in person' ? reader : hospital.principal)
    await clinic.advance(NS_PER_MINUTE)
    expect((await write()).kind).toBe('Ok')
    await clinic.advance(9n * NS_PER_MINUTE)
    expect((await write()).kind).toBe('StaleEpoch')
    expect(await currentEpoch()).toBe(epoch + 1)
  },
)

test('so are the end of a verification, and a suspension', async () => {
  const small = await registered(clinic, 'Praxis')
  await decree(clinic, verifyAct(small, (await clinic.nowNs()) + NS_PER_DAY))
  const reader = await employed(clinic, small, 'of the practice')
  await derives(reader, reader)
  await clinic.advance(NS_PER_MINUTE)
  expect((await write()).kind).toBe('Ok')
  await clinic.advance(NS_PER_DAY)
  expect((await write()).kind).toBe('StaleEpoch')
  const other = await employed(clinic, hospital, 'of the hospital')
  await derives(other, hospital.principal)
  await clinic.advance(NS_PER_MINUTE)
  expect((await write()).kind).toBe('Ok')
  await decree(clinic, { kind: 'suspend', orgId: hospital.orgId })
  expect((await write()).kind).toBe('StaleEpoch')
})
