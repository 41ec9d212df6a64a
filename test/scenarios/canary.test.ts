import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MedGuardClient, Outcome } from '@medguard/client'
import { fromHex, NS_PER_DAY } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findMarkers, type Marker, plantedWord, secretMarker, textMarker } from '../product/markers.ts'
import { CANISTER_NAMES, type Clinic, openClinic } from './clinic.ts'
import { recordTraffic } from './recorded-traffic.ts'
import { keysFor, type Reach, seal } from './sealed-record.ts'
import { spyOnSecrets } from './secret-spy.ts'
import { categoryOf } from './ward.ts'

// I11: the whole road is walked while everything outside the two devices is recorded, and nothing secret is found in it.

const PLANTED = ['title', 'file name', 'content', 'subject', 'date'] as const
const word = Object.fromEntries(PLANTED.map((name) => [name, plantedWord(name)])) as Record<
  (typeof PLANTED)[number],
  string
>
const CONTROL = plantedWord('control')

let clinic: Clinic
let stateDir: string
const traffic = recordTraffic()
const spy = spyOnSecrets()
const printed: string[] = []
let places: readonly (readonly [where: string, bytes: Uint8Array])[] = []
let publicIds: Marker[] = []

beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation(
      (...parts: unknown[]) => void printed.push(parts.map(String).join(' ')),
    )
  stateDir = mkdtempSync(join(tmpdir(), 'medguard-canary-'))
  clinic = await openClinic({ stateDir })
  const recordId = await walkTheRoad()
  const { reach } = await storeUnsealed()
  publicIds = [
    { name: 'record id', bytes: fromHex(recordId) ?? new Uint8Array() },
    { name: 'patient id', bytes: reach.patientId },
  ]
  places = [
    ['the HTTP traffic', traffic.bytes()],
    ['what was printed', Buffer.from(printed.join('\n'))],
    ...(await Promise.all(CANISTER_NAMES.map(memoryOf))).flat(),
    ...filesUnder(stateDir).map((file) => [file, readFileSync(file)] as const),
  ]
}, 240_000)
afterAll(async () => {
  await clinic.close()
  traffic.restore()
  spy.restore()
  vi.restoreAllMocks()
  rmSync(stateDir, { recursive: true, force: true })
})

describe('what the recording holds', () => {
  test('is all of it: three heaps, three stable memories, the disk and the traffic', () => {
    const names = places.map(([where]) => where)
    for (const canister of CANISTER_NAMES)
      expect(names).toEqual(expect.arrayContaining([`the heap of ${canister}`, `the stable memory of ${canister}`]))
    expect(names.filter((name) => name.startsWith(stateDir)).length).toBeGreaterThan(0)
    expect(traffic.exchanges()).toBeGreaterThan(30)
    for (const [where, bytes] of places)
      if (where !== 'what was printed') expect(bytes.length, where).toBeGreaterThan(0)
  })

  test('shows what is public, so the search can see', () => {
    const found = places.flatMap(([where, bytes]) => findMarkers(where, bytes, publicIds))
    for (const where of ['the HTTP traffic', 'the stable memory of records', 'the stable memory of audit'])
      expect(found).toEqual(expect.arrayContaining([`record id in ${where}`, `patient id in ${where}`]))
  })

  test('shows what somebody stores without sealing it, in traffic, memory and on disk', () => {
    const found = places.flatMap(([where, bytes]) => findMarkers(where, bytes, textMarker('control', CONTROL)))
    expect(found).toEqual(
      expect.arrayContaining(['control in the HTTP traffic', 'control in the stable memory of records']),
    )
    expect(found.some((where) => where.includes(stateDir))).toBe(true)
  })

  test('was made while secrets of every kind passed through the devices', () => {
    const kinds = new Set(spy.secrets().map(({ name }) => name))
    expect([...kinds].toSorted()).toEqual(
      [
        'AES key medguard/1/body',
        'AES key medguard/1/capsule-wrap',
        'AES key medguard/1/kek-capsule',
        'AES key medguard/1/kek-list',
        'AES key medguard/1/kek-open',
        'AES key medguard/1/kek-search',
        'AES key that was computed here',
        'header secret',
        'record secret',
        'transport secret',
        'vetKey',
      ].toSorted(),
    )
  })
})

test('no key of them can be got back from the platform that holds it (A19)', () => {
  expect(spy.extractable()).toEqual([])
})

describe('nowhere outside the devices', () => {
  test.each(PLANTED)('is there the %s of a record', (name) => {
    expect(places.flatMap(([where, bytes]) => findMarkers(where, bytes, textMarker(name, word[name])))).toEqual([])
  })

  test('is there a key, or a secret that makes one', () => {
    const markers = spy.secrets().flatMap(({ name, bytes }) => secretMarker(name, bytes))
    expect(markers.length).toBeGreaterThan(0)
    expect(places.flatMap(([where, bytes]) => findMarkers(where, bytes, markers))).toEqual([])
  })

  test('is there the secret of a person’s identity', () => {
    const markers = ['patient', 'clinician'].flatMap((name) =>
      secretMarker(name, new Uint8Array(clinic.person(name).identity.getKeyPair().secretKey).slice(0, 32)),
    )
    expect(places.flatMap(([where, bytes]) => findMarkers(where, bytes, markers))).toEqual([])
  })
})

/** Enrol, store, list, open, share by category and by record, read as a recipient, log, revoke, be refused, sign in anew. */
async function walkTheRoad(): Promise<string> {
  const [patient, clinician] = [clinic.person('patient'), clinic.person('clinician')]
  done(await patient.client.enrol())
  done(await clinician.client.enrol())
  const record = {
    bytes: new TextEncoder().encode(`Haemoglobin 13.9 g/dL ${word.content}\n`.repeat(40_000)),
    title: `Blood count ${word.title}`,
    fileName: `${word['file name']}.txt`,
    mediaType: 'text/plain',
    category: 'labs',
    clinicalDate: '2026-11-21',
    subject: `${word.subject} ${word.date}`,
  } as const
  const { recordId, version } = done(await patient.client.add(record))
  const [listed] = done(await patient.client.list({ of: 'me' }, ['labs']))
  if (listed === undefined) throw new Error('the record is listed')
  expect(done(await patient.client.open(listed)).bytes).toEqual(record.bytes)

  const nowNs = await clinic.nowNs()
  const terms = { grantee: clinician.principal.toText(), rights: ['list', 'open'], purpose: 'TREAT' } as const
  const period = { startNs: nowNs, endNs: nowNs + NS_PER_DAY }
  const shares = [
    done(await patient.client.share({ ...terms, ...period, scope: { categories: ['labs'] } })),
    done(await patient.client.share({ ...terms, ...period, scope: { records: [{ recordId, version }] } })),
  ]
  for (const { grantId } of shares) {
    const [shared] = done(await clinician.client.list({ of: 'grant', grantId }))
    if (shared === undefined) throw new Error('the record is shared')
    expect(done(await clinician.client.open(shared)).bytes).toEqual(record.bytes)
  }
  done(await patient.client.log('patient'))
  done(await clinician.client.log('actor'))
  for (const { grantId } of shares) done(await patient.client.revoke(grantId))
  const refused = await clinician.client.list({ of: 'grant', grantId: shares[0]?.grantId ?? '' })
  expect(refused.kind).toBe('refused')
  patient.client.lock()
  const again: MedGuardClient = patient.newClient()
  done(await again.add({ ...record, title: `Second ${word.title}` }))
  expect(done(await again.list({ of: 'me' }, ['labs']))).toHaveLength(2)
  return recordId
}

/** The control: a chunk that was never sealed, sent through the same agent to the same canister. */
async function storeUnsealed(): Promise<{ reach: Reach }> {
  const patient = clinic.person('patient')
  const { account } = await clinic.ok(patient.principal, 'consent', 'whoAmI', null)
  const [own] = account
  if (own === undefined) throw new Error('the patient is enrolled')
  const reach = { patientId: new Uint8Array(own.patientId), compartment: categoryOf(own, 'other'), grantId: null }
  const body = new Uint8Array(8_000)
  const record = await seal(await keysFor(clinic, patient.principal, reach), reach, { body })
  const [chunk] = record.chunks
  if (chunk === undefined) throw new Error('the record has a chunk')
  // Again and again, since memories cut what they keep into pages.
  const bytes = Buffer.alloc(chunk.bytes.length, CONTROL)
  await clinic.ok(patient.principal, 'records', 'begin', record.begin)
  await clinic.overHttp(patient, 'records', 'putChunk', { ...chunk, bytes })
  return { reach }
}

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}

async function memoryOf(canister: (typeof CANISTER_NAMES)[number]) {
  const dump = await clinic.dump(canister)
  if (dump === null) throw new Error(`${canister} is empty`)
  // Neighbouring pages side by side, so that nothing hides across their border.
  const pages = dump.stable.toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes)
  return [
    [`the heap of ${canister}`, dump.heap],
    [`the stable memory of ${canister}`, Buffer.concat(pages)],
  ] as const
}

function filesUnder(path: string): string[] {
  return statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesUnder(join(path, name))) : [path]
}
