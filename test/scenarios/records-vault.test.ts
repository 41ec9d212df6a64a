import { createHash } from 'node:crypto'
import { type CompartmentKeys, decodeManifest, unwrapRecordKey, wrapRecord } from '@medguard/crypto'
import {
  type Account,
  CHUNK_LOG2_MIN,
  COMPARTMENT_KIND,
  type CompartmentRef,
  decodeHeaderRow,
  HEADER_PAGE_MAX,
  LIST_WINDOW_NS,
  NS_PER_DAY,
  NS_PER_MINUTE,
  OPEN_UPLOADS_MAX,
  type Principal,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import { rootOfLeaves } from '@medguard/tlog'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { keysFor, placeOf, type Reach, seal, type SealedRecord, store, wholeOf } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// What is stored, listed, shared by record and given back; on the real modules.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

interface Vault {
  readonly patient: Principal
  readonly account: Account
  readonly labs: CompartmentRef
  readonly owned: Reach
  readonly keys: CompartmentKeys
}
async function vaultOf(name: string): Promise<Vault> {
  const patient = clinic.person(name).principal
  const account = await enrol(clinic, patient)
  const labs = categoryOf(account, 'labs')
  const owned = { patientId: account.patientId, compartment: labs, grantId: null }
  return { patient, account, labs, owned, keys: await keysFor(clinic, patient, owned) }
}
async function clinicianOf(name: string): Promise<Principal> {
  const { principal } = clinic.person(name)
  await enrol(clinic, principal)
  return principal
}
const period = async () => {
  const nowNs = await clinic.nowNs()
  return { startNs: nowNs, endNs: nowNs + NS_PER_DAY }
}
const list = (as: Principal, reach: Reach) =>
  clinic.call(as, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() })
const page = (as: Principal, reach: Reach, fromSeq: number, count: number) =>
  clinic.call(as, 'records', 'headers', { ...placeOf(reach), fromSeq, count })
const openOne = (as: Principal, reach: Reach, { recordId, version }: SealedRecord) =>
  clinic.call(as, 'records', 'open', { ...placeOf(reach), records: [{ recordId, version }], requestId: freshId() })
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

describe('a list', () => {
  test('of more than a page is whole: its rows give the root that was certified', async () => {
    const vault = await vaultOf('long list')
    const stored: SealedRecord[] = []
    for (let i = 0; i < HEADER_PAGE_MAX + 3; i++)
      stored.push(await store(clinic, vault.patient, await seal(vault.keys, vault.owned, { title: `Number ${i}` })))
    const session = await clinic.ok(vault.patient, 'records', 'beginList', {
      ...placeOf(vault.owned),
      requestId: freshId(),
    })
    expect(session.count).toBe(stored.length)
    const rows: Uint8Array[] = []
    for (const count of [HEADER_PAGE_MAX, HEADER_PAGE_MAX]) {
      const { Ok = [] } = (await page(vault.patient, vault.owned, rows.length, count)) as { Ok?: Uint8Array[] }
      rows.push(...Ok.map((row) => new Uint8Array(row)))
    }
    const decoded = rows.map((row) => decodeHeaderRow(row))
    expect(decoded.map((row) => row?.seq)).toEqual(stored.map((_, i) => i))
    expect(decoded.map((row) => toHex(row?.recordId ?? freshId()))).toEqual(
      stored.map(({ recordId }) => toHex(recordId)),
    )
    const hashes = decoded.map((row) => sha256(row?.manifest ?? new Uint8Array()))
    expect(hashes.map(toHex)).toEqual(stored.map(({ manifestHash }) => toHex(manifestHash)))
    expect(toHex(rootOfLeaves(sha256, hashes))).toBe(toHex(session.root))
    expect(kindOf(await page(vault.patient, vault.owned, 0, HEADER_PAGE_MAX + 1))).toBe('BadInput')
    expect(await page(vault.patient, vault.owned, 0xffff_ffff, 5)).toEqual({ Ok: [] })
  })

  test('is paged for fifteen minutes and then asked for again', async () => {
    const vault = await vaultOf('window')
    await store(clinic, vault.patient, await seal(vault.keys, vault.owned))
    expect(kindOf(await page(vault.patient, vault.owned, 0, 10))).toBe('NotPermitted')
    const session = await list(vault.patient, vault.owned)
    expect(kindOf(session)).toBe('Ok')
    await clinic.advance(LIST_WINDOW_NS - NS_PER_MINUTE)
    expect(await page(vault.patient, vault.owned, 0, 10)).toMatchObject({ Ok: { length: 1 } })
    await clinic.advance(NS_PER_MINUTE)
    expect(kindOf(await page(vault.patient, vault.owned, 0, 10))).toBe('NotPermitted')
    await list(vault.patient, vault.owned)
    expect(kindOf(await page(vault.patient, vault.owned, 0, 10))).toBe('Ok')
  })

  test('shows each version where it was added, and a version never changes', async () => {
    const vault = await vaultOf('versions')
    const first = await store(clinic, vault.patient, await seal(vault.keys, vault.owned))
    const { recordId, manifestHash: previousManifestHash } = first
    const rows = async () => {
      await list(vault.patient, vault.owned)
      return (await page(vault.patient, vault.owned, 0, 10)) as { Ok?: Uint8Array[] }
    }
    const { Ok: [before] = [] } = await rows()
    const next = { recordId, version: 2, previousManifestHash }
    const second = await store(clinic, vault.patient, await seal(vault.keys, vault.owned, next))
    const { Ok = [] } = await rows()
    expect(Ok.map((row) => decodeHeaderRow(new Uint8Array(row))?.version)).toEqual([1, 2])
    expect(Ok[0]).toEqual(before) // manifest, header, wrap, depositor: byte for byte (A03)
    // Nothing stores over a version that is there, whoever asks and with whatever.
    const over = await seal(vault.keys, vault.owned, { recordId, version: 1, title: 'Another' })
    expect(kindOf(await clinic.call(vault.patient, 'records', 'begin', over.begin))).not.toBe('Ok')
    expect(kindOf(await clinic.call(vault.patient, 'records', 'commit', over.commit))).not.toBe('Ok')
    expect((await rows()).Ok).toEqual(Ok)
    for (const record of [first, second]) expect(kindOf(await openOne(vault.patient, vault.owned, record))).toBe('Ok')
    const begin = await clinic.call(vault.patient, 'records', 'begin', {
      ...second.begin,
      version: 4,
      requestId: freshId(),
    })
    expect(begin).toEqual({ Err: { Stale: { current: 2 } } })
    const { cid } = categoryOf(vault.account, 'imaging')
    const elsewhere = { ...second.begin, version: 3, cid, requestId: freshId() }
    expect(kindOf(await clinic.call(vault.patient, 'records', 'begin', elsewhere))).toBe('IdConflict')
  })

  test('comes in one message where its body is one chunk, and not where it is more', async () => {
    const vault = await vaultOf('in one message')
    const large = await seal(vault.keys, vault.owned, { body: new Uint8Array(70_000), chunkLog2: 16 })
    const [first] = large.chunks
    if (first === undefined || large.chunks.length < 2) throw new Error('a body of more than one chunk')
    const some = wholeOf({ ...large, chunks: [first] })
    const expected = { Err: { BadInput: { field: 'chunkCount', code: 'range' } } }
    expect(await clinic.call(vault.patient, 'records', 'store', some)).toEqual(expected)
    const short = { ...some, chunkCount: 1 }
    expect(kindOf(await clinic.call(vault.patient, 'records', 'store', short))).toBe('BadInput')
    expect((await clinic.ok(vault.patient, 'records', 'usage', { patientId: [] })).sizeBytes).toBe(0n)
    const small = wholeOf(await seal(vault.keys, vault.owned))
    const other = { ...small, bytes: small.bytes.map((byte) => byte ^ 1) }
    await clinic.ok(vault.patient, 'records', 'store', small)
    const at = { ...placeOf(vault.owned), recordId: small.recordId, version: 1, index: 0 }
    expect(await clinic.ok(vault.patient, 'records', 'chunk', at)).toEqual(small.bytes)
    expect(kindOf(await clinic.call(vault.patient, 'records', 'store', other))).toBe('IdConflict')
    const anew = { ...other, requestId: freshId() }
    expect(kindOf(await clinic.call(vault.patient, 'records', 'store', anew))).toBe('Ok') // stored before: the manifest stands for the body
    expect(await clinic.ok(vault.patient, 'records', 'chunk', at)).toEqual(small.bytes)
  })

  test('of two versions that race has one winner', async () => {
    const vault = await vaultOf('race')
    const writer = await clinicianOf('race clinician')
    const rights = RIGHT.list | RIGHT.open | RIGHT.write
    const grant = grantArg({ to: writer, compartments: [vault.labs], rights, ...(await period()) })
    const reach = { ...vault.owned, grantId: await give(clinic, vault.patient, grant) }
    const first = await store(clinic, vault.patient, await seal(vault.keys, vault.owned))
    const next = { recordId: first.recordId, version: 2, previousManifestHash: first.manifestHash }
    const [mine, theirs] = [await seal(vault.keys, vault.owned, next), await seal(vault.keys, reach, next)]
    for (const [as, record] of [
      [vault.patient, mine],
      [writer, theirs],
    ] as const) {
      await clinic.ok(as, 'records', 'begin', record.begin)
      for (const chunk of record.chunks) await clinic.ok(as, 'records', 'putChunk', chunk)
    }
    const answers = await Promise.all([
      clinic.call(vault.patient, 'records', 'commit', mine.commit),
      clinic.call(writer, 'records', 'commit', theirs.commit),
    ])
    expect(answers.map(kindOf).filter((kind) => kind === 'Ok')).toHaveLength(1)
    const session = await clinic.ok(vault.patient, 'records', 'beginList', {
      ...placeOf(vault.owned),
      requestId: freshId(),
    })
    expect(session.count).toBe(2)
  })
})

describe('a grantee who may write', () => {
  test('adds to the vault in their own name, until the grant ends', async () => {
    const vault = await vaultOf('written to')
    const writer = await clinicianOf('writer')
    const reader = await clinicianOf('reader')
    const terms = { compartments: [vault.labs], ...(await period()) }
    const rights = RIGHT.list | RIGHT.open | RIGHT.write
    const writing = {
      ...vault.owned,
      grantId: await give(clinic, vault.patient, grantArg({ to: writer, rights, ...terms })),
    }
    const reading = { ...vault.owned, grantId: await give(clinic, vault.patient, grantArg({ to: reader, ...terms })) }
    const keys = await keysFor(clinic, writer, writing)
    const record = await store(clinic, writer, await seal(keys, writing))
    expect(kindOf(await openOne(vault.patient, vault.owned, record))).toBe('Ok')
    const added = (await trailOf(clinic, vault.patient, vault.account.patientId)).filter(
      ({ event }) => event === 'recordAdd',
    )
    expect(added.map(({ actor, objectId }) => [actor, objectId])).toEqual([[writer.toText(), toHex(record.recordId)]])

    const byReader = await seal(vault.keys, reading)
    expect(kindOf(await clinic.call(reader, 'records', 'begin', byReader.begin))).toBe('NotPermitted')

    const late = await seal(keys, writing)
    await clinic.ok(writer, 'records', 'begin', late.begin)
    await takeBack(clinic, vault.patient, writing.grantId)
    const [chunk] = late.chunks
    if (chunk === undefined) throw new Error('a body has a chunk')
    expect(kindOf(await clinic.call(writer, 'records', 'putChunk', chunk))).toBe('ConsentEnded')
    expect(kindOf(await clinic.call(writer, 'records', 'commit', late.commit))).toBe('ConsentEnded')
    expect(
      kindOf(await clinic.call(writer, 'records', 'abandon', { recordId: late.recordId, version: 1, uploadId: [] })),
    ).toBe('Ok')
  })
})

describe('a share by record', () => {
  test('shows its records and no others, and leaves nothing when it ends', async () => {
    const vault = await vaultOf('sharer')
    const reader = await clinicianOf('share reader')
    const chosen = await store(clinic, vault.patient, await seal(vault.keys, vault.owned, { title: 'Chosen' }))
    const other = await store(clinic, vault.patient, await seal(vault.keys, vault.owned, { title: 'Other' }))
    const grantId = freshId()
    const compartment = { compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
    const grant = { ...grantArg({ to: reader, compartments: [compartment], ...(await period()) }), grantId }
    const [asOwner, asReader] = [
      { ...vault.owned, compartment },
      { ...vault.owned, compartment, grantId },
    ]
    const put = async (record: SealedRecord, keys: CompartmentKeys) => {
      const { recordId, version, secret } = record
      const place = { patientId: new Uint8Array(vault.account.patientId), recordId, version }
      return { recordId, version, ...(await wrapRecord(keys, place, secret)) }
    }
    const shareKeys = await keysFor(clinic, vault.patient, asOwner)
    const wrap = await put(chosen, shareKeys)
    const fill = (wraps: (typeof wrap)[]) =>
      clinic.call(vault.patient, 'records', 'putShareWraps', { grantId, wraps, capsule: [], requestId: freshId() })
    expect(kindOf(await fill([wrap]))).toBe('NotPermitted')
    await clinic.ok(vault.patient, 'records', 'grant', grant)
    expect(await fill([wrap])).toEqual({ Ok: { count: 1 } })
    expect(await fill([wrap])).toEqual({ Ok: { count: 1 } })
    expect(kindOf(await fill([await put(chosen, shareKeys)]))).toBe('IdConflict')
    expect(kindOf(await fill([{ ...wrap, recordId: freshId() }]))).toBe('NotPermitted')
    expect(kindOf(await list(reader, asReader))).toBe('NotPermitted')
    await clinic.ok(vault.patient, 'consent', 'grant', grant)

    const keys = await keysFor(clinic, reader, asReader)
    const session = await list(reader, asReader)
    expect(session).toMatchObject({ Ok: { count: 1 } })
    const { Ok = [] } = (await page(reader, asReader, 0, 10)) as { Ok?: Uint8Array[] }
    const row = decodeHeaderRow(new Uint8Array(Ok[0] ?? []))
    expect(toHex(row?.recordId ?? freshId())).toBe(toHex(chosen.recordId))
    expect(decodeManifest(row?.manifest ?? new Uint8Array())).toMatchObject({ value: { homeCompartmentKind: 1 } })
    const opened = await openOne(reader, asReader, chosen)
    if (!('Ok' in opened)) throw new Error(`the record opens, not ${kindOf(opened)}`)
    const place = { patientId: new Uint8Array(vault.account.patientId), recordId: chosen.recordId, version: 1 }
    await unwrapRecordKey(keys, place, new Uint8Array(opened.Ok.openWraps[0] ?? []))
    const chunk = (record: SealedRecord) =>
      clinic.call(reader, 'records', 'chunk', {
        ...placeOf(asReader),
        recordId: record.recordId,
        version: 1,
        index: 0,
      })
    expect(kindOf(await chunk(chosen))).toBe('Ok')
    expect([await openOne(reader, asReader, other), await chunk(other)].map(kindOf)).toEqual([
      'NotPermitted',
      'NotPermitted',
    ])
    expect(kindOf(await openOne(reader, { ...asReader, compartment: vault.labs }, chosen))).toBe('NotPermitted')

    const endNs = await takeBack(clinic, vault.patient, grantId)
    const ended = { Err: { ConsentEnded: { endNs: expect.any(BigInt) as bigint } } }
    expect([await list(reader, asReader), await openOne(reader, asReader, chosen)]).toEqual([ended, ended])
    expect(endNs).toBeGreaterThan(0n)
    expect(await list(vault.patient, asOwner)).toMatchObject({ Ok: { count: 0 } })
    expect(kindOf(await fill([wrap]))).toBe('NotPermitted')
    expect(kindOf(await openOne(vault.patient, vault.owned, chosen))).toBe('Ok')
    const events = eventsOf(await trailOf(clinic, vault.patient, vault.account.patientId))
    expect(events.filter((event) => event === 'shareWraps')).toHaveLength(1)
    expect(events).not.toContain('epochBump')
  })
})

describe('uploads', () => {
  test('that nobody continued for a day make room for others', async () => {
    const vault = await vaultOf('idle')
    const begun: SealedRecord[] = []
    for (let i = 0; i < OPEN_UPLOADS_MAX; i++) begun.push(await seal(vault.keys, vault.owned))
    for (const { begin } of begun) await clinic.ok(vault.patient, 'records', 'begin', begin)
    const [first, ...others] = begun
    const [chunk] = first?.chunks ?? []
    if (first === undefined || chunk === undefined) throw new Error('there are uploads')
    const more = await seal(vault.keys, vault.owned)
    const begin = () => clinic.call(vault.patient, 'records', 'begin', more.begin)
    await clinic.advance(NS_PER_DAY - NS_PER_MINUTE)
    await clinic.ok(vault.patient, 'records', 'putChunk', chunk)
    expect(kindOf(await begin())).toBe('Full')
    await clinic.advance(2n * NS_PER_MINUTE)
    expect(kindOf(await begin())).toBe('Ok')
    await clinic.ok(vault.patient, 'records', 'commit', first.commit)
    for (const { commit } of others)
      expect(kindOf(await clinic.call(vault.patient, 'records', 'commit', commit))).toBe('NotPermitted')
  })

  test('that are given up can be begun anew under the same id', async () => {
    const vault = await vaultOf('given up')
    const body = new Uint8Array(700_000).fill(5)
    const record = await seal(vault.keys, vault.owned, { body, chunkLog2: CHUNK_LOG2_MIN })
    await clinic.ok(vault.patient, 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await clinic.ok(vault.patient, 'records', 'putChunk', chunk)
    await clinic.ok(vault.patient, 'records', 'abandon', { recordId: record.recordId, version: 1, uploadId: [] })
    const { received } = await clinic.ok(vault.patient, 'records', 'begin', record.begin)
    expect([...received].every((byte) => byte === 0)).toBe(true)
    expect(kindOf(await clinic.call(vault.patient, 'records', 'commit', record.commit))).toBe('BadInput')
    for (const chunk of record.chunks.toReversed()) await clinic.ok(vault.patient, 'records', 'putChunk', chunk)
    await clinic.ok(vault.patient, 'records', 'commit', record.commit)
    await clinic.advance(NS_PER_MINUTE)
    const stored = await clinic.ok(vault.patient, 'records', 'chunk', {
      ...placeOf(vault.owned),
      recordId: record.recordId,
      version: 1,
      index: record.chunks.length - 1,
    })
    expect(toHex(sha256(new Uint8Array(stored)))).toBe(toHex(sha256(record.chunks.at(-1)?.bytes ?? new Uint8Array())))
  })

  test('of a whole mebibyte a chunk come back as they were', async () => {
    const vault = await vaultOf('large')
    const body = new Uint8Array(2_200_000).map((_, i) => (i * 7 + (i >>> 12)) & 0xff)
    const record = await store(clinic, vault.patient, await seal(vault.keys, vault.owned, { body }))
    expect(record.chunks.map(({ bytes }) => bytes.length)).toEqual([1_048_592, 1_048_592, expect.any(Number)])
    for (const { index, bytes } of record.chunks) {
      const asked = { ...placeOf(vault.owned), recordId: record.recordId, version: 1, index }
      const stored = await clinic.ok(vault.patient, 'records', 'chunk', asked)
      expect(toHex(sha256(new Uint8Array(stored)))).toBe(toHex(sha256(bytes)))
    }
    const beyond = { ...placeOf(vault.owned), recordId: record.recordId, version: 1, index: record.chunks.length }
    expect(kindOf(await clinic.call(vault.patient, 'records', 'chunk', beyond))).toBe('BadInput')
  })
})

describe('upgrading all three canisters', () => {
  test('keeps accounts, grants, epochs, lists, records, memories and what waits for the log', async () => {
    const vault = await vaultOf('upgraded')
    const reader = await clinicianOf('upgraded reader')
    const record = await store(clinic, vault.patient, await seal(vault.keys, vault.owned))
    const terms = { compartments: [vault.labs], ...(await period()) }
    const former = { ...vault.owned, grantId: await give(clinic, vault.patient, grantArg({ to: reader, ...terms })) }
    await keysFor(clinic, reader, former)
    await takeBack(clinic, vault.patient, former.grantId)
    const reach = { ...vault.owned, grantId: await give(clinic, vault.patient, grantArg({ to: reader, ...terms })) }
    const half = await seal(vault.keys, vault.owned, { body: new Uint8Array(200_000), chunkLog2: CHUNK_LOG2_MIN })
    await clinic.ok(vault.patient, 'records', 'begin', half.begin)
    const [chunk] = half.chunks
    if (chunk === undefined) throw new Error('a body has a chunk')
    await clinic.ok(vault.patient, 'records', 'putChunk', chunk)
    const asked = { ...placeOf(reach), requestId: freshId() }
    await clinic.ok(reader, 'records', 'beginList', asked)
    const facts = async () => ({
      account: await clinic.ok(vault.patient, 'consent', 'enrol', { requestId: freshId() }),
      given: await clinic.ok(vault.patient, 'consent', 'grantsGiven', { patientId: [], from: 0, count: 50 }),
      received: await clinic.ok(reader, 'consent', 'grantsReceived', { from: 0, count: 50 }),
      mirrored: await clinic.ok(vault.patient, 'records', 'grantsGiven', { patientId: [], from: 0, count: 50 }),
      changes: await clinic.ok(vault.patient, 'consent', 'changes', null),
      page: await page(reader, reach, 0, 10),
      upload: await clinic.ok(vault.patient, 'records', 'begin', half.begin),
      chain: await clinic.ok(vault.patient, 'audit', 'chainHead', { patientId: vault.account.patientId }),
    })
    const before = await facts()
    for (const canister of ['records', 'consent', 'audit'] as const) await clinic.upgrade(canister)
    expect(await facts()).toEqual(before)
    expect(before.account.compartments.map(({ currentEpoch }) => currentEpoch)).toContain(2)
    expect(before.chain.count).toBeGreaterThan(5n)

    expect(kindOf(await clinic.call(reader, 'records', 'beginList', asked))).toBe('AlreadyDone')
    expect(kindOf(await openOne(reader, reach, record))).toBe('Ok')
    expect(kindOf(await list(reader, former))).toBe('ConsentEnded')
    for (const each of half.chunks) await clinic.ok(vault.patient, 'records', 'putChunk', each)
    expect(await clinic.call(vault.patient, 'records', 'commit', half.commit)).toEqual({
      Err: { StaleEpoch: { current: 2 } },
    })
    const { chain } = await facts()
    expect(chain.count).toBeGreaterThan(before.chain.count)
  })
})
