import { Fault } from '@medguard/client'
import { CHUNK_LOG2_MIN, NS_PER_SECOND, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALL_METHODS, type Clinic, freshId, kindOf, methodOf, openClinic, type Person } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { BAD_TRANSPORT_KEYS, NO_POINTS } from './transport-keys.ts'
import { categoryOf, enrol } from './ward.ts'

// Stored or sent bytes that are not what their author made: nothing of them is shown.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

/** A patient of their own for each test, since a broken record stays where it is. */
async function patientNamed(name: string) {
  const person = clinic.person(name)
  const account = await enrol(clinic, person.principal)
  const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  return { person, reach, keys: await keysFor(clinic, person.principal, reach) }
}

const body = new TextEncoder().encode('Haemoglobin 13.9 g/dL\n'.repeat(10_000))

describe('a stored record that was changed by one bit', () => {
  const changes: readonly (readonly [what: string, change: (record: SealedRecord) => SealedRecord])[] = [
    ['in its first chunk', (record) => ({ ...record, chunks: withChunk(record, 0, flip) })],
    ['in its last chunk', (record) => ({ ...record, chunks: withChunk(record, record.chunks.length - 1, flip) })],
    [
      'in its open wrap',
      (record) => ({ ...record, commit: { ...record.commit, openWrap: flip(record.commit.openWrap) } }),
    ],
  ]
  test.each(changes)('%s is listed and does not open', async (what, change) => {
    const { person, reach, keys } = await patientNamed(what)
    await store(clinic, person.principal, change(await seal(keys, reach, { body, chunkLog2: CHUNK_LOG2_MIN })))
    expect(await faultOfOpening(person)).toBe('Tampered')
  })

  test('in its list wrap is not listed as if nothing were', async () => {
    const { person, reach, keys } = await patientNamed('list wrap')
    const record = await seal(keys, reach, { body })
    await store(clinic, person.principal, {
      ...record,
      commit: { ...record.commit, listWrap: flip(record.commit.listWrap) },
    })
    await expectDamaged(person)
  })

  test('in its header is refused or not listed', async () => {
    const { person, reach, keys } = await patientNamed('header')
    const record = await seal(keys, reach, { body })
    await clinic.ok(person.principal, 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await clinic.ok(person.principal, 'records', 'putChunk', chunk)
    const answer = await clinic.call(person.principal, 'records', 'commit', {
      ...record.commit,
      header: flip(record.commit.header),
    })
    if (kindOf(answer) === 'Ok') await expectDamaged(person)
    else expect(kindOf(answer)).toBe('BadInput')
  })

  test('by giving it the wraps of another one of the same patient does not open as either', async () => {
    const { person, reach, keys } = await patientNamed('swap')
    const [one, other] = [await seal(keys, reach, { title: 'One' }), await seal(keys, reach, { title: 'Other' })]
    const { openWrap } = other.commit
    await store(clinic, person.principal, { ...one, commit: { ...one.commit, openWrap } })
    expect(await faultOfOpening(person)).toBe('Tampered')
  })

  test('by exchanging two of its chunks does not open', async () => {
    const { person, reach, keys } = await patientNamed('chunks')
    const record = await seal(keys, reach, { body, chunkLog2: CHUNK_LOG2_MIN })
    const [first, second, ...rest] = record.chunks
    if (first === undefined || second === undefined) throw new Error('the body has several chunks')
    const chunks = [{ ...first, bytes: second.bytes }, { ...second, bytes: first.bytes }, ...rest]
    await store(clinic, person.principal, { ...record, chunks })
    expect(await faultOfOpening(person)).toBe('Tampered')
  })
})

describe('an upload that was cut short', () => {
  test('is not committed, is nowhere to be seen, and can be finished', async () => {
    const { person, reach, keys } = await patientNamed('cut short')
    const record = await seal(keys, reach, { body, chunkLog2: CHUNK_LOG2_MIN })
    const as = person.principal
    await clinic.ok(as, 'records', 'begin', record.begin)
    const [last, ...others] = record.chunks.toReversed()
    if (last === undefined) throw new Error('the body has chunks')
    for (const chunk of others) await clinic.ok(as, 'records', 'putChunk', chunk)
    expect(kindOf(await clinic.call(as, 'records', 'commit', record.commit))).toBe('BadInput')
    expect(await person.client.list({ of: 'me' }, ['labs'])).toEqual({ kind: 'done', value: [] })
    const asked = { ...placeOf(reach), recordId: record.recordId, version: 1, index: 0 }
    expect(kindOf(await clinic.call(as, 'records', 'chunk', asked))).toBe('NotPermitted')

    const { received } = await clinic.ok(as, 'records', 'begin', record.begin)
    expect(indexesIn(received)).toEqual(others.map(({ index }) => index).toSorted((a, b) => a - b))
    await clinic.ok(as, 'records', 'putChunk', last)
    await clinic.ok(as, 'records', 'commit', { ...record.commit, requestId: freshId() })
    expect(await openedText(person)).toBe(new TextDecoder().decode(body))
  })

  test('takes no chunk of another size, beyond its end, or under another version', async () => {
    const { person, reach, keys } = await patientNamed('chunk sizes')
    const record = await seal(keys, reach, { body, chunkLog2: CHUNK_LOG2_MIN })
    await clinic.ok(person.principal, 'records', 'begin', record.begin)
    const [chunk] = record.chunks
    if (chunk === undefined) throw new Error('the body has chunks')
    const wrong = [
      { ...chunk, bytes: chunk.bytes.slice(0, -1) },
      { ...chunk, bytes: new Uint8Array(chunk.bytes.length + 1) },
      { ...chunk, bytes: new Uint8Array() },
      { ...chunk, index: record.chunks.length },
      { ...chunk, index: 0xffff_ffff },
    ]
    for (const arg of wrong)
      expect(kindOf(await clinic.call(person.principal, 'records', 'putChunk', arg))).toBe('BadInput')
    const elsewhere = { ...chunk, version: 2 }
    expect(kindOf(await clinic.call(person.principal, 'records', 'putChunk', elsewhere))).toBe('NotPermitted')
  })

  test('commits no manifest that is not its own', async () => {
    const { person, reach, keys } = await patientNamed('manifests')
    const [record, other] = [await seal(keys, reach), await seal(keys, reach)]
    const as = person.principal
    await clinic.ok(as, 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await clinic.ok(as, 'records', 'putChunk', chunk)
    const wrong = [
      { ...record.commit, manifest: other.commit.manifest },
      { ...record.commit, manifest: flip(record.commit.manifest, 0) },
      { ...record.commit, openWrap: record.commit.listWrap },
      { ...record.commit, listWrap: record.commit.openWrap },
      { ...record.commit, header: new Uint8Array(20_000 - 900) },
    ]
    for (const arg of wrong) {
      const answer = await clinic.call(as, 'records', 'commit', { ...arg, requestId: freshId() })
      expect(['BadInput', 'TooLarge']).toContain(kindOf(answer))
    }
    await clinic.ok(as, 'records', 'commit', record.commit)
  })
})

describe('a transport key that would make the answer readable', () => {
  test.each(Object.entries(BAD_TRANSPORT_KEYS))(
    '%s is refused before anything is logged or derived',
    async (_, transportKey) => {
      const { person, reach } = await patientNamed('transport')
      const before = await clinic.ok(person.principal, 'audit', 'chainHead', { patientId: reach.patientId })
      const { value: answer, parts } = await clinic.metered(() =>
        clinic.call(person.principal, 'consent', 'deriveKey', deriveArg(reach, 1, transportKey)),
      )
      expect(answer).toMatchObject({ Err: { BadInput: { field: 'transportKey' } } })
      expect(parts.filter(({ canisterId }) => canisterId === clinic.ids.audit.toText())).toEqual([])
      const after = await clinic.ok(person.principal, 'audit', 'chainHead', { patientId: reach.patientId })
      expect(toHex(after.lastLeafHash)).toBe(toHex(before.lastLeafHash))
    },
  )
})

describe('a transport key that is no point of the group', () => {
  test.each(Object.entries(NO_POINTS))(
    '%s gets no key, and the log says that it failed',
    async (what, transportKey) => {
      const { person, reach } = await patientNamed(`no point: ${what}`)
      const answer = await clinic.call(person.principal, 'consent', 'deriveKey', deriveArg(reach, 1, transportKey))
      expect(kindOf(answer)).toBe('KeysUnavailable')
      await clinic.advance(NS_PER_SECOND)
      const lines = await trailOf(clinic, person.principal, reach.patientId)
      expect(eventsOf(lines).slice(-2)).toEqual(['keyDerive', 'keyFailed'])
    },
  )

  test('is asked for by one method, which looks at it', () => {
    const named = ALL_METHODS.filter(([canister, method]) =>
      methodOf(canister, method).arg.did.includes('transportKey'),
    )
    expect(named).toEqual([['consent', 'deriveKey']])
  })
})

async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    return `done: ${JSON.stringify(await work, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}`
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    expect(error.message).not.toContain('Haemoglobin')
    return error.code
  }
}

/** One bad record says that it is one, opens as nothing, and takes nothing else with it. */
async function expectDamaged(person: Person): Promise<void> {
  const title = 'Stored after it'
  const fields = { fileName: null, mediaType: 'text/plain', category: 'labs', clinicalDate: null } as const
  await person.client.add({ ...fields, title, bytes: new Uint8Array(1) })
  const listed = await person.newClient().list({ of: 'me' }, ['labs'])
  expect(listed).toMatchObject({ kind: 'done', value: [{ isDamaged: true, sizeBytes: 0 }, { title }] })
  expect(await faultOfOpening(person)).toBe('Tampered')
}

async function faultOfOpening(person: Person): Promise<string> {
  const listed = await person.client.list({ of: 'me' }, ['labs'])
  if (listed.kind !== 'done' || listed.value[0] === undefined) throw new Error('the record is listed')
  return faultOf(person.client.open(listed.value[0]))
}

async function openedText(person: Person): Promise<string> {
  const listed = await person.client.list({ of: 'me' }, ['labs'])
  if (listed.kind !== 'done' || listed.value[0] === undefined) throw new Error('the record is listed')
  const opened = await person.client.open(listed.value[0])
  if (opened.kind !== 'done') throw new Error(`refused: ${opened.refusal.kind}`)
  return new TextDecoder().decode(opened.value.bytes)
}

function flip(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

const withChunk = (record: SealedRecord, at: number, change: (bytes: Uint8Array) => Uint8Array) =>
  record.chunks.map((chunk, i) => (i === at ? { ...chunk, bytes: change(chunk.bytes) } : chunk))

const indexesIn = (bits: Uint8Array): number[] =>
  [...bits].flatMap((byte, i) => [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => 8 * i + bit))
