import { Ed25519KeyIdentity } from '@dfinity/identity'
import { createClient, developmentNetwork, type MedGuardClient, type NewShare, NS_PER_DAY } from '@medguard/client'
import { callRoad, type DeviceStore, identityOf, openDevice, readPairing, sendAll } from '@medguard/device'
import { developmentIdentity } from '@medguard/localnet'
import { BLOOD_PRESSURE, DIASTOLIC, type Reading, readingOf, SYSTOLIC } from '@medguard/readings'

import { DEMO_COUNCIL } from './demo-organisation.ts'
import { must } from './outcome.ts'
import type { Started } from './start.ts'

// What has to have happened before `npm run screenshots` looks, and the demo does not have.

/** Two shares of Johanna's with Dr Solberg: one with which something may be added, and one that is over; links of hers; devices. */
export interface Furnished {
  readonly writingId: string
  readonly endedId: string
  readonly links: Readonly<Record<'summary' | 'withPasscode' | 'over', string>>
  readonly devices: Readonly<Record<'band' | 'cuff' | 'paused' | 'removed' | 'silent', string>>
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What the demo does not have: shares that let write, that end soon, and that are over; a request; acts of the council that are voted on. */
export async function furnish(started: Started): Promise<Furnished> {
  const as = (name: string): MedGuardClient => {
    const { seed } = developmentIdentity({ origin: `http://${started.canisters.frontend}.localhost`, name })
    return createClient({ identity: Ed25519KeyIdentity.generate(seed), network: developmentNetwork(started.network) })
  }
  const [patient, doctor] = [as('johanna'), as('dr-solberg')]
  const share = async (terms: Pick<NewShare, 'scope' | 'rights'>, days: bigint) => {
    const startNs = BigInt(Date.now()) * 1_000_000n
    const period = { startNs, endNs: startNs + days * NS_PER_DAY }
    return must(await patient.share({ ...terms, ...period, grantee: doctor.principal, purpose: 'TREAT' })).grantId
  }
  const writingId = await share(
    { scope: { categories: ['summary', 'labs', 'medicines'] }, rights: ['list', 'open', 'write'] },
    2n,
  )
  await share({ scope: { categories: ['vitals'] }, rights: ['list', 'open', 'write'] }, 30n)
  const endedId = await share({ scope: { categories: ['imaging'] }, rights: ['list', 'open'] }, 7n)
  must(await patient.revoke(endedId))
  const periods = { periodNs: 7n * NS_PER_DAY, expiresNs: BigInt(Date.now()) * 1_000_000n + 14n * NS_PER_DAY }
  const wanted = { categories: ['imaging', 'vitals'], rights: ['list', 'open'], purpose: 'TREAT' } as const
  must(await doctor.requestAccess({ patient: patient.principal, ...wanted, ...periods }))
  const link = async (passcode: string | null) => {
    const content = { summaryOf: ['summary', 'labs', 'medicines'] } as const
    return must(await patient.makeLink({ label: 'For the trip', content, endNs: periods.expiresNs, passcode }))
  }
  const over = await link(null)
  must(await patient.endLink(over.linkId))
  const [summary, withPasscode] = [await link(null), await link('428613')]
  await furnishCouncil(as)
  return {
    writingId,
    endedId,
    links: { summary: summary.link, withPasscode: withPasscode.link, over: over.link },
    devices: await furnishDevices(patient),
  }
}

/** Two acts that await a second vote: one that the member who is looked at has voted for, and one that she has not. */
async function furnishCouncil(as: (name: string) => MedGuardClient): Promise<void> {
  const [administrator, [first, second]] = [as('admin-kirkenes'), DEMO_COUNCIL]
  must(await administrator.enrol())
  const { orgId } = must(await administrator.registerOrganisation({ name: 'Kirkenes Clinic', kind: 'practice' }))
  const untilNs = BigInt(Date.now()) * 1_000_000n + 365n * NS_PER_DAY
  must(await as(second).propose({ kind: 'verify', orgId, untilNs }))
  must(await as(first).propose({ kind: 'setPolicy', invitationRequired: true }))
}

/** One that crossed a limit and left a gap, one that is well, and those that send nothing: paused, removed, and not yet begun. */
async function furnishDevices(patient: MedGuardClient): Promise<Furnished['devices']> {
  const limit = { code: '8867-4', unit: '/min', below: 45, above: 120, holdMinutes: 0, replaces: null }
  must(await patient.sayAlert({ of: 'me' }, 'vitals', { kind: 'threshold', ...limit }))
  const added = async (name: string, kind: string, batches: readonly (readonly Reading[])[]): Promise<string> => {
    const { code, device } = must(await patient.addDevice({ name, kind, category: 'vitals' }))
    const pairing = readPairing(code)
    const posting = await openDevice({ pairing, store: inMemory(), road: callRoad(pairing, identityOf(pairing, null)) })
    for (const readings of batches) {
      await posting.keep(readings)
      await sendAll(posting)
    }
    return device.deviceId
  }
  const nowMs = Date.now()
  const band = await added('Band at night', 'pulse', [
    ...halfHours(pulses(nowMs - DAY_MS, 60)),
    ...halfHours(pulses(nowMs - 4 * 60 * MINUTE_MS, 48)),
  ])
  const cuff = await added(
    'Cuff in the kitchen',
    'blood pressure',
    pressures(nowMs).map((one) => [one]),
  )
  const paused = await added('Watch', '', [pulses(nowMs - 9 * DAY_MS, 12)])
  must(await patient.pauseDevice(paused))
  const removed = await added('Old meter', 'pulse', [pulses(nowMs - 30 * DAY_MS, 6)])
  must(await patient.removeDevice(removed))
  const silent = await added('Scale', 'weight', [])
  return { band, cuff, paused, removed, silent }
}

/** Every five minutes, without those of an hour, and one beyond the limit. */
const pulses = (startMs: number, count: number): Reading[] =>
  Array.from({ length: count }, (_, i) => i)
    .filter((i) => i < 20 || i >= 32)
    .map((i) =>
      readingOf({
        timeMs: startMs + i * 5 * MINUTE_MS,
        value: i === 40 ? 134 : 58 + ((i * 7) % 17),
        code: '8867-4',
        unit: '/min',
        device: 'Band',
      }),
    )

const halfHours = (readings: readonly Reading[]): Reading[][] =>
  Array.from({ length: Math.ceil(readings.length / 6) }, (_, i) => readings.slice(i * 6, i * 6 + 6))

const pressures = (nowMs: number): Reading[] =>
  Array.from({ length: 14 }, (_, i) =>
    readingOf({
      timeMs: nowMs - (13 - i) * DAY_MS - 20 * MINUTE_MS,
      code: BLOOD_PRESSURE,
      unit: 'mm[Hg]',
      components: [
        { code: SYSTOLIC.units[0].loinc, value: 126 + ((i * 5) % 16) },
        { code: DIASTOLIC.units[0].loinc, value: 78 + ((i * 3) % 11) },
      ],
      device: 'Cuff',
    }),
  )

function inMemory(): DeviceStore {
  const files = new Map<string, Uint8Array>()
  return {
    read: async (name) => files.get(name) ?? null,
    write: async (name, bytes) => void files.set(name, bytes),
    remove: async (name) => void files.delete(name),
    names: async () => [...files.keys()],
  }
}
