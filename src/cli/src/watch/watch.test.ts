import { Fault } from '@medguard/client'
import { openDevice, sendAll } from '@medguard/device'
import { readingOf, seenOf } from '@medguard/readings'
import { lookThrough } from '@medguard/client/alert-report'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Mailbox, openHook, openMailbox } from '../../../../test/product/mailbox.fixture.ts'
import { done, limit, type Reader, sharedReader } from '../../../../test/scenarios/care-team.fixture.ts'
import { type Clinic, openClinic, type Person } from '../../../../test/scenarios/clinic.ts'
import { memoryDisk, pairedDevice, wireOf } from '../../../../test/scenarios/device-sdk.fixture.ts'
import { deliverBy, Undelivered } from './channels.ts'
import { parseConfig } from './config.ts'
import type { WatchClient } from './following.ts'
import { readKept } from './ledger.ts'
import { standingOf, standingText } from './standing.ts'
import { createWatch, type WatchLine } from './watch.ts'

// User request 21: whoever is on duty is told by a process that is always on, through mail and webhooks of their own, and it is known when it does not work.

const MINUTE_NS = 60_000_000_000n
const SECRET = Buffer.alloc(32, 7)
const LINK = 'https://medguard.test/'
let clinic: Clinic
let patient: Person
let device: Awaited<ReturnType<typeof openDevice>>
let deviceId: string
let nurse: Reader
let doctor: Reader
let mailbox: Mailbox
let hook: Awaited<ReturnType<typeof openHook>>
let folder: string

beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  await patient.client.enrol()
  const paired = await pairedDevice(patient.client, 'Band of Jana')
  deviceId = paired.device.deviceId
  device = await openDevice({ pairing: paired.pairing, store: memoryDisk().store, road: wireOf(clinic, paired) })
  nurse = await sharedReader(clinic, patient, 'nurse')
  doctor = await sharedReader(clinic, patient, 'doctor')
  mailbox = await openMailbox()
  hook = await openHook()
  folder = mkdtempSync(join(tmpdir(), 'medguard-watch-'))
  await done(patient.client.sayAlert({ of: 'me' }, 'vitals', limit(120)))
  await done(patient.client.sayAlert({ of: 'me' }, 'vitals', { kind: 'expect', deviceId, everyMinutes: 0 }))
})
afterAll(async () => {
  await Promise.all([clinic.close(), mailbox.close(), hook.close()])
  rmSync(folder, { recursive: true, force: true })
})

const TEAM = () => [
  { who: nurse.principal, mail: 'nurse@clinic.test' },
  { who: doctor.principal, webhook: { url: hook.url, secret: `whsec_${SECRET.toString('base64')}` } },
]
/** A watch as the nurse, or as whoever else; it knows nothing that another one was told. */
function watching(name: string, more: object = {}, who = clinic.person('nurse')) {
  const file = { of: 'shared', people: TEAM(), link: LINK, mail: { ...mailbox.config, authority: 'ca.pem' }, ...more }
  writeFileSync(join(folder, 'ca.pem'), mailbox.authority)
  const config = parseConfig(JSON.stringify(file), { folder, resolveWho: (who) => who })
  const own = join(folder, name)
  const lines: WatchLine[] = []
  const parts = {
    owner: who.principal.toText(),
    config,
    deliver: deliverBy(config.server),
    folder: own,
    now: Date.now,
    log: (line: WatchLine) => void lines.push(line),
  }
  const again = (change: object = {}) => createWatch({ ...parts, client: who.newClient(), ...change })
  const started = again()
  return {
    folder: own,
    lines,
    parts,
    /** A look after so many seconds: what joined a letter box and a hook. */
    after: async (seconds: number, watch = started) => {
      await clinic.advance(BigInt(seconds) * 1_000_000_000n)
      const [letters, posts] = [mailbox.letters.length, hook.taken.length]
      await watch.round()
      return {
        letters: mailbox.letters.slice(letters),
        posts: hook.taken.slice(posts).map(({ body }) => JSON.parse(body) as Record<string, unknown>),
      }
    },
    again,
  }
}
async function posts(value: number): Promise<void> {
  await device.keep([readingOf({ device: 'Watch', code: '8867-4', unit: '/min', value, timeMs: Date.now() })])
  await sendAll(device)
}
/** A crossing of its own. */
async function crosses(value = 150): Promise<void> {
  await posts(80)
  await clinic.advance(MINUTE_NS)
  await posts(value)
}
async function listed({ client, vault }: Reader) {
  const records = await done(client.list(vault, ['vitals']))
  const at = { nowMs: Date.now(), listedMs: Date.now(), sending: null, readingsOf: () => null }
  const [kind] = lookThrough(
    records.map((record) => ({ ...record, category: 'vitals' })),
    at,
  )
  return { open: (kind?.alerts ?? []).filter(({ isOpen }) => isOpen), duty: kind?.state.duty ?? null, kind }
}
const say = ({ client, vault }: Reader, words: Parameters<typeof client.sayAlert>[2]) =>
  done(client.sayAlert(vault, 'vitals', words))
async function answers(who: Reader): Promise<void> {
  for (const alert of (await listed(who)).open) await say(who, seenOf(alert, Date.now()))
}

test('it says that it runs, and that something is to be looked at: to all where nobody is on duty, once, with nothing of the patient in it', async () => {
  const { after, folder: own } = watching('team')
  const first = await after(1)
  expect(first.letters.map(({ to, subject }) => [to, subject])).toEqual([
    ['nurse@clinic.test', 'MedGuard watch is running'],
  ])
  expect(first.posts).toMatchObject([{ kind: 'heartbeat' }])
  await crosses()
  const told = await after(1)
  expect(told.letters).toMatchObject([{ to: 'nurse@clinic.test', subject: 'MedGuard: something to look at' }])
  expect(told.posts).toMatchObject([{ type: 'medguard.watch', kind: 'look', count: 1, devices: [], link: LINK }])
  const [letter] = told.letters
  for (const text of [letter!.whole, hook.taken.at(-1)!.body]) {
    expect(text).toContain(LINK)
    expect(text).toContain('This is not a medical alarm')
    for (const secret of ['150', '8867', 'Band', 'vitals', patient.principal.toText(), deviceId])
      expect(text).not.toContain(secret)
  }
  for (const seconds of [5, 61, 3600]) expect(await after(seconds)).toEqual({ letters: [], posts: [] })
  expect(readFileSync(join(own, 'state.json'), 'utf8')).not.toContain('8867')
  expect(statSync(join(own, 'state.json')).mode & 0o777).toBe(0o600)
})

test('a webhook is signed as Standard Webhooks has it', () => {
  const { body, headers } = hook.taken.at(-1)!
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const wanted = createHmac('sha256', SECRET).update(signed).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${wanted}`)
})

describe('who is on duty', () => {
  test('is told alone, and whoever takes over is told of what nobody has answered', async () => {
    const { after } = watching('duty')
    await answers(doctor)
    expect((await after(1)).posts).toMatchObject([{ kind: 'heartbeat' }])
    const { kind } = await listed(nurse)
    const taken = await say(nurse, { kind: 'takeDuty', after: kind!.state.thresholds[0]!.id })
    await crosses()
    const told = await after(61)
    expect(told).toMatchObject({ letters: [{ to: 'nurse@clinic.test' }], posts: [] })
    const after_ = { after: String(taken.readings?.['id']) }
    const offered = await say(nurse, { kind: 'offerDuty', to: doctor.principal, ...after_ })
    await say(doctor, { kind: 'takeDuty', after: String(offered.readings?.['id']) })
    expect(await after(61)).toMatchObject({ letters: [], posts: [{ kind: 'look', isAgain: false }] })
    expect(await after(61)).toEqual({ letters: [], posts: [] })
  })

  test('and cannot be reached: the others are told, and it is seen that somebody was not', async () => {
    const { after, folder: own, lines } = watching('unreached')
    await after(61)
    await answers(doctor)
    await after(61)
    await crosses()
    hook.answer(500)
    expect((await after(61)).letters).toEqual([])
    expect(lines.at(-1)).toMatchObject({ event: 'notTold', why: 'answered 500' })
    expect((await after(1)).letters).toMatchObject([{ subject: 'MedGuard: something to look at' }])
    const standing = await standingOf(own, Date.now())
    expect(standing).toMatchObject({ isWell: false, open: 1, patients: 1, isBlind: false })
    expect(standingText(standing)).toContain('NOT REACHED, 1 tries (answered 500)')
    hook.answer(204)
    expect((await after(61)).posts).toMatchObject([{ kind: 'look' }])
    expect((await standingOf(own, Date.now())).channels.every(({ failures }) => failures === 0)).toBe(true)
  })

  test('and is none of the list: it is left to them where the file says so', async () => {
    const people = [{ who: nurse.principal, mail: 'alone@clinic.test' }]
    const leaves = watching('leaves', { people, others: 'leave' })
    expect((await leaves.after(1)).letters).toMatchObject([{ subject: 'MedGuard watch is running' }])
    expect((await leaves.after(61)).letters).toEqual([])
    expect((await watching('tells', { people }).after(1)).letters).toMatchObject([
      { subject: 'MedGuard: something to look at' },
      { subject: 'MedGuard watch is running' },
    ])
  })
})

test('it says so again until somebody answers, and once more when what was put off is due', async () => {
  const { after } = watching('again', { repeatMinutes: 15 })
  expect((await after(1)).posts).toMatchObject([{ kind: 'look', isAgain: false }, { kind: 'heartbeat' }])
  expect((await after(14 * 60)).posts).toEqual([])
  expect((await after(60)).posts).toMatchObject([{ kind: 'look', isAgain: true }])
  const [alert] = (await listed(doctor)).open
  await say(doctor, { kind: 'snooze', of: alert!.of, untilMs: Date.now() + 30 * 60_000 })
  for (const minutes of [2, 15]) expect((await after(minutes * 60)).posts).toEqual([])
  expect((await after(15 * 60)).posts).toMatchObject([{ kind: 'look', isAgain: false }])
  await answers(doctor)
  for (const minutes of [2, 16]) expect((await after(minutes * 60)).posts).toEqual([])
})

describe('ended at any moment and started again', () => {
  test('it tells nothing a second time, and what was sent and not noted under the same id', async () => {
    const { after, again, folder: own } = watching('killed')
    await after(1)
    await crosses()
    const untold = readFileSync(join(own, 'state.json'))
    const { posts: told } = await after(61)
    expect(told).toMatchObject([{ kind: 'look' }])
    expect((await after(61, again())).posts).toEqual([])
    const id = hook.taken.at(-1)!.headers['webhook-id']
    writeFileSync(join(own, 'state.json'), untold)
    expect((await after(1, again())).posts).toEqual(told)
    expect(hook.taken.at(-1)!.headers['webhook-id']).toBe(id)
    // Killed while it is being sent: nothing is noted, so it is sent after the next start.
    await answers(doctor)
    await after(61, again())
    await crosses()
    class Killed extends Error {}
    const dies = again({ deliver: () => Promise.reject(new Killed()) })
    await expect(after(61, dies)).rejects.toThrow(Killed)
    expect((await after(5, again())).posts).toMatchObject([{ kind: 'look' }])
  })

  test('under a clock that was set back since, it tells at once what it has not told', async () => {
    const { after, again, folder: own } = watching('set back')
    await after(1)
    await answers(doctor)
    const state = join(own, 'state.json')
    const kept = readKept(own)!
    const laterMs = Date.now() + 86_400_000
    const late = { deliveredMs: laterMs, failures: 3, failedMs: laterMs, toldMs: laterMs }
    for (const delivery of Object.values(kept.channels)) Object.assign(delivery, late)
    writeFileSync(state, JSON.stringify({ ...kept, savedMs: laterMs, readMs: laterMs }))
    await crosses()
    expect((await after(1, again())).posts.map(({ kind }) => kind)).toContain('look')
    expect(await standingOf(own, Date.now())).toMatchObject({ isBlind: false, open: 1 })
  })

  test('what it keeps and cannot read is said, not overwritten', () => {
    const { folder: own, again } = watching('damaged')
    again().save()
    writeFileSync(join(own, 'state.json'), '{"format":1}')
    expect(again).toThrow('is damaged')
    expect(() => readKept(own)).toThrow('is damaged')
  })
})

test('it says when it cannot see, and when it sees again', async () => {
  const { after, folder: own } = watching('blind')
  await after(1)
  await clinic.stop('records')
  for (const minutes of [2, 7]) expect((await after(minutes * 60)).letters).toEqual([])
  expect((await after(120)).letters).toMatchObject([{ subject: 'MedGuard watch cannot see' }])
  expect(await standingOf(own, Date.now())).toMatchObject({ isBlind: true, isWell: false })
  expect((await after(120)).letters).toEqual([])
  await clinic.start('records')
  expect((await after(120)).letters).toMatchObject([{ subject: 'MedGuard watch sees again' }])
  expect(await standingOf(own, Date.now())).toMatchObject({ isBlind: false })
})

test('a patient has a watch of their own, which may name the device and tells of one that is silent', async () => {
  const people = [{ who: patient.principal.toText(), mail: 'me@home.test', language: 'cs' }]
  const { after } = watching('own', { of: 'own', people, nameDevice: true }, patient)
  await answers(doctor)
  expect((await after(1)).letters).toHaveLength(1)
  await done(patient.client.sayAlert({ of: 'me' }, 'vitals', { kind: 'expect', deviceId, everyMinutes: 30 }))
  await posts(80)
  expect((await after(61)).letters).toEqual([])
  const [letter] = (await after(31 * 60)).letters
  expect(letter!.whole).toContain('Band of Jana')
})

test('it says when something is not shared with it any more', async () => {
  const { after } = watching('ended')
  await after(1)
  await done(patient.client.revoke(nurse.vault.grantId))
  const { letters } = await after(61)
  expect(letters.map(({ subject }) => subject)).toContain('MedGuard watch: something is not shared any more')
  expect((await after(61)).letters).toEqual([])
})

test('what cannot be asked keeps nothing else from being listed, and a list that is refused for good is one that ended', async () => {
  const who = clinic.person('doctor')
  const honest = who.newClient()
  let isDown = false
  let isRefused = false
  let more = 0n
  let asked = 0
  const client: WatchClient = {
    ...honest,
    changes: () =>
      isDown
        ? Promise.reject(new Fault('Unreachable', 'nobody answers'))
        : honest.changes().then((told) => told + more),
    list(vault, kinds) {
      asked++
      if (isRefused) return Promise.resolve({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
      return honest.list(vault, kinds)
    },
  }
  const { after, again, lines } = watching('in part', { blindMinutes: 60 }, who)
  const watch = again({ client })
  await answers(doctor)
  expect((await after(1, watch)).posts).toMatchObject([{ kind: 'heartbeat' }])
  await crosses()
  isDown = true
  expect((await after(16 * 60, watch)).posts).toMatchObject([{ kind: 'look' }])
  expect(lines).toContainEqual({ event: 'notRead', why: 'Unreachable' })
  isDown = false
  isRefused = true
  expect((await after(16 * 60, watch)).posts).toMatchObject([{ kind: 'ended' }])
  expect((await after(61, watch)).posts).toEqual([])
  for (let times = 0; times < 3; times++) await after(16 * 60, watch)
  const before = asked
  isRefused = false
  await after(61, watch)
  expect(asked).toBe(before)
  more = 1n // and it is asked for again as soon as something changed
  await after(61, watch)
  expect(asked).toBe(before + 1)
})

test('a list that does not hold is asked for more and more seldom, since each is a line in the patient’s log', async () => {
  const who = clinic.person('doctor')
  const honest = who.newClient()
  let isBent = true
  let asked = 0
  const list: WatchClient['list'] = (vault, kinds) => {
    asked++
    const code = (['ListIncomplete', 'BadReply', 'BadCertificate'] as const)[asked % 3] ?? 'Tampered'
    return isBent ? Promise.reject(new Fault(code, 'it does not hold')) : honest.list(vault, kinds)
  }
  const { after, again } = watching('bent', { blindMinutes: 60 }, who)
  const watch = again({ client: { ...honest, list } })
  for (let minute = 0; minute < 30; minute++) await after(60, watch)
  expect(asked).toBe(5) // in the minutes 0, 2, 6, 14 and 29
  isBent = false
  await after(15 * 60, watch)
  await after(60, watch)
  expect(asked).toBe(6)
})

test('a server that others answer for is told nothing', async () => {
  const { parts } = watching('stranger')
  const channel = parts.config.people[0]!.channels[0]!
  const message = { kind: 'look', id: 'x', count: 1, isAgain: false, isPartly: false, devices: [], link: null } as const
  const before = mailbox.letters.length
  await expect(deliverBy({ ...parts.config.server!, authority: null })(channel, message)).rejects.toThrow(Undelivered)
  await expect(deliverBy({ ...parts.config.server!, password: 'other' })(channel, message)).rejects.toThrow('EAUTH 535')
  mailbox.refuse(() => true)
  await expect(deliverBy(parts.config.server)(channel, message)).rejects.toThrow('EENVELOPE 550')
  mailbox.refuse(() => false)
  expect(mailbox.letters).toHaveLength(before)
})
