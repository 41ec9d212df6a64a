import {
  ALERTS_MEDIA_TYPE,
  type AlertWords,
  alertsSaid,
  type MedGuardClient,
  newArchiveKey,
  type Outcome,
  type RecordSummary,
  type Right,
  type Vault,
} from '@medguard/client'
import { openDevice, sendAll } from '@medguard/device'
import { toHex } from '@medguard/protocol'
import {
  type Alert,
  alertsOf,
  alertStateOf,
  isOpen,
  type Piece,
  readingOf,
  seenOf,
  summaryFromJson,
} from '@medguard/readings'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, limit, type Reader, sharedReader } from './care-team.fixture.ts'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import { memoryDisk, pairedDevice, wireOf } from './device-sdk.fixture.ts'

// C20, B15: limits on readings, who has seen that one is crossed and who is on duty, as everybody who reads the readings sees it (docs/alerts.md).

let clinic: Clinic
let patient: Person
let device: Awaited<ReturnType<typeof openDevice>>
/** May read and add, and signs. */
let nurse: Reader
let doctor: Reader
const MINE: Vault = { of: 'me' }

beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  await patient.client.enrol()
  const paired = await pairedDevice(patient.client)
  device = await openDevice({ pairing: paired.pairing, store: memoryDisk().store, road: wireOf(clinic, paired) })
  nurse = await readerNamed('nurse')
  doctor = await readerNamed('doctor')
})
afterAll(() => clinic.close())

const refusalOf = async (answer: Promise<Outcome<unknown>>) => {
  const settled = await answer
  return settled.kind === 'refused' ? settled.refusal : null
}
const readerNamed = (
  name: string,
  rights?: Right[],
  scope?: Parameters<MedGuardClient['share']>[0]['scope'],
): Promise<Reader> => sharedReader(clinic, patient, name, rights, scope)

/** What somebody's page works out of a list, without opening anything. */
async function seenBy(client: MedGuardClient, vault: Vault) {
  const records = await done(client.list(vault, ['vitals']))
  const said = alertsSaid(records, 'vitals')
  const nowMs = Date.now()
  const state = alertStateOf(said, nowMs)
  const pieces = records.flatMap((record): Piece[] =>
    record.deviceId === undefined
      ? []
      : [
          {
            recordId: record.recordId,
            deviceId: record.deviceId,
            heardMs: Number((record.postedNs ?? 0n) / 1_000_000n),
            summary: summaryFromJson(record.readings),
            readings: null,
          },
        ],
  )
  const { alerts } = alertsOf(state, pieces, { sending: null, nowMs })
  return { state, alerts, said }
}
const everybody = () =>
  Promise.all([seenBy(patient.client, MINE), seenBy(nurse.client, nurse.vault), seenBy(doctor.client, doctor.vault)])
const mine = () => seenBy(patient.client, MINE)
const say = ({ client, vault }: Reader, words: AlertWords) => done(client.sayAlert(vault, 'vitals', words))
const idIn = ({ readings }: RecordSummary): string => String(readings?.['id'])
async function posts(value: number): Promise<void> {
  const timeMs = Date.now()
  await device.keep([readingOf({ device: 'Watch', code: '8867-4', unit: '/min', value, timeMs })])
  await sendAll(device)
}
const crossed = ({ alerts }: { readonly alerts: readonly Alert[] }) => alerts.filter(({ matter }) => matter === 'above')

describe('a limit that the patient set', () => {
  let threshold: string
  test('is crossed for everybody who reads the readings, and seen by all once one of them says so', async () => {
    threshold = idIn(await done(patient.client.sayAlert(MINE, 'vitals', limit(120))))
    await posts(80)
    await posts(150)
    const [here, there, elsewhere] = await everybody()
    expect(here.state.thresholds).toMatchObject([{ id: threshold, by: patient.principal.toText(), isPatient: true }])
    for (const each of [here, there, elsewhere]) {
      expect(crossed(each)).toMatchObject([{ of: threshold, acknowledged: [], crossing: { worst: 150 } }])
      expect(crossed(each)[0]?.id).toBe(crossed(here)[0]?.id)
    }
    await say(nurse, seenOf(crossed(there)[0]!, Date.now()))
    for (const each of await everybody())
      expect(crossed(each)[0]?.acknowledged).toMatchObject([{ by: nurse.principal, isPatient: false }])
  })

  test('is crossed anew where a value was within it in between, and can be put off', async () => {
    await clinic.advance(60_000_000_000n)
    await posts(100)
    await clinic.advance(60_000_000_000n)
    await posts(140)
    expect(crossed(await mine()).map(isOpen)).toEqual([true, false])
    await say(doctor, { kind: 'snooze', of: threshold, untilMs: Date.now() + 600_000 })
    const put = crossed(await seenBy(nurse.client, nurse.vault))
    expect(put.some(isOpen)).toBe(false)
    expect(put[0]?.snoozed).toMatchObject({ by: doctor.principal })
    await clinic.advance(601_000_000_000n)
    expect(crossed(await mine()).map(isOpen)).toEqual([true, false])
  })

  test('is ended by the patient, and by nobody else; one that the nurse set by both', async () => {
    const theirs = idIn(await say(nurse, limit(180)))
    const thresholds = async () => (await mine()).state.thresholds.map(({ id }) => id)
    await say(nurse, { kind: 'end', of: threshold })
    await say(doctor, { kind: 'end', of: theirs })
    expect(await thresholds()).toEqual([threshold, theirs])
    await say(nurse, { kind: 'end', of: theirs })
    expect(await thresholds()).toEqual([threshold])
  })
})

test('who is on duty hands over, and keeps it until the other has taken it', async () => {
  const { state } = await mine()
  const duty = async () => (await mine()).state.duty
  expect(state.duty.who).toBeNull()
  await say(nurse, { kind: 'takeDuty', after: state.thresholds[0]!.id })
  const taken = await duty()
  expect(taken.who).toBe(nurse.principal)
  await say(doctor, { kind: 'takeDuty', after: taken.id })
  await say(nurse, { kind: 'offerDuty', after: taken.id, to: doctor.principal })
  const { duty: offered } = (await seenBy(doctor.client, doctor.vault)).state
  expect(offered).toMatchObject({ who: nurse.principal, offer: { to: doctor.principal, by: nurse.principal } })
  await say(doctor, { kind: 'takeDuty', after: offered.id })
  for (const each of await everybody()) expect(each.state.duty.who).toBe(doctor.principal)
})

test('what was said is there after the vault was put back elsewhere, and its owner answers there', async () => {
  const key = newArchiveKey()
  const parts: Uint8Array[] = []
  await done(patient.client.exportVault(key, async (part) => void parts.push(part)))
  const file = Uint8Array.from(Buffer.concat(parts))
  const anew = clinic.person('moved')
  await anew.client.enrol()
  const source = { sizeBytes: file.length, read: async (from: number, to: number) => file.slice(from, to) }
  await done(anew.client.importVault(key, source))
  const before = await mine()
  const after = await seenBy(anew.newClient(), MINE)
  const plain = ({ state }: typeof before) => ({
    limits: state.thresholds.map(({ id, by, above }) => [id, by, above]),
    seen: state.acknowledged.map(({ id, by }) => [id, by]),
    duty: state.duty.who,
  })
  expect(plain(after)).toEqual(plain(before))
  await done(anew.client.sayAlert(MINE, 'vitals', { kind: 'end', of: after.state.thresholds[0]!.id }))
  expect((await seenBy(anew.newClient(), MINE)).state.thresholds).toEqual([])
})

describe('nothing is silenced', () => {
  const forged = (words: AlertWords, by: string) => {
    const said = { ...words, id: toHex(crypto.getRandomValues(new Uint8Array(16))), by, atMs: Date.now() }
    const bytes = new TextEncoder().encode(JSON.stringify(said))
    const record = { title: 'Alerts', fileName: null, mediaType: ALERTS_MEDIA_TYPE, clinicalDate: null }
    return { ...record, bytes, category: 'vitals' as const, readings: said }
  }
  async function openAlert(): Promise<Alert> {
    await clinic.advance(60_000_000_000n)
    await posts(90)
    await clinic.advance(60_000_000_000n)
    await posts(170)
    return crossed(await mine()).find(isOpen)!
  }
  const stillOpen = async (alert: Alert) => {
    for (const each of [await mine(), await seenBy(doctor.client, doctor.vault)]) {
      const open = crossed(each).filter(isOpen)
      expect(open.map(({ id }) => id)).toContain(alert.id)
    }
  }

  test('by who may only add, under whatever name', async () => {
    const alert = await openAlert()
    const sender = await readerNamed('sender', ['write'])
    expect(await refusalOf(sender.client.sayAlert(sender.vault, 'vitals', seenOf(alert, Date.now())))).toMatchObject({
      kind: 'NotPermitted',
    })
    const { grantId } = sender.vault
    for (const by of [patient.principal.toText(), nurse.principal])
      await done(sender.client.deposit(grantId, forged(seenOf(alert, Date.now()), by)))
    await stillOpen(alert)
    // In their own name it is theirs; but what it would have to name, only a reader knows.
    const guess = { ...seenOf(alert, Date.now()), of: 'cd'.repeat(16) }
    await done(sender.client.deposit(grantId, forged(guess, sender.principal)))
    const own = idIn(await done(sender.client.deposit(grantId, forged(limit(300), sender.principal))))
    await done(sender.client.deposit(grantId, forged({ kind: 'takeDuty', after: own }, sender.principal)))
    await stillOpen(alert)
    expect((await mine()).state.duty.who).toBe(doctor.principal)
  })

  test('by a reader who does not sign, nor in the name of another', async () => {
    const alert = await openAlert()
    const quiet = await readerNamed('quiet')
    const unsigned = clinic.person('quiet').client
    expect(await refusalOf(unsigned.sayAlert(quiet.vault, 'vitals', seenOf(alert, Date.now())))).toMatchObject({
      kind: 'BadInput',
      field: 'author',
    })
    await done(unsigned.deposit(quiet.vault.grantId, forged(seenOf(alert, Date.now()), quiet.principal)))
    await done(quiet.client.deposit(quiet.vault.grantId, forged(seenOf(alert, Date.now()), patient.principal.toText())))
    await stillOpen(alert)
  })

  test('by what the patient takes in from the inbox, where it says to be of another', async () => {
    const alert = await openAlert()
    const bridge = await readerNamed('bridge', ['write'], { categories: [], inbox: true })
    expect(await refusalOf(bridge.client.sayAlert(bridge.vault, 'vitals', limit(1)))).toMatchObject({
      kind: 'NotPermitted',
    })
    const words = forged(seenOf(alert, Date.now()), patient.principal.toText())
    await done(bridge.client.deposit(bridge.vault.grantId, words))
    const { client } = patient
    const [waiting] = await done(client.inbox())
    await done(client.fileFromInbox(waiting!.recordId, 'vitals'))
    await stillOpen(alert)
  })

  test('by a device', async () => {
    const alert = await openAlert()
    const records = await done(patient.client.list(MINE, ['vitals']))
    const posted = records.find(({ deviceId }) => deviceId !== undefined)!
    const { readings } = forged(seenOf(alert, Date.now()), posted.depositedBy ?? '')
    expect(alertsSaid([{ ...posted, mediaType: ALERTS_MEDIA_TYPE, readings }], 'vitals')).toEqual([])
  })
})

test('a share that ends takes the answers with it: nothing more is said, and what was said stays', async () => {
  const before = await mine()
  await done(patient.client.revoke(nurse.vault.grantId))
  expect(await refusalOf(nurse.client.sayAlert(nurse.vault, 'vitals', limit(99)))).not.toBeNull()
  const after = await mine()
  expect(after.state.acknowledged.map(({ by }) => by)).toEqual(before.state.acknowledged.map(({ by }) => by))
})
