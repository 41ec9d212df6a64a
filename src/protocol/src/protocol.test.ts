import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  auditService,
  ByteReader,
  ByteWriter,
  compareCompartments,
  consentService,
  decodeArg,
  decodeDetail,
  decodeGrant,
  decodeHeaderRow,
  decodeWrapRow,
  decodeLeafInput,
  decodeRet,
  DETAIL_BYTES_MAX,
  detailFields,
  encodeArg,
  encodeDetail,
  encodeGrant,
  encodeHeaderRow,
  encodeWrapRow,
  encodeLeafInput,
  encodeRet,
  EVENT,
  eventName,
  fromHex,
  GRANT_COMPARTMENTS_MAX,
  GRANT_EXCLUDED_MAX,
  idsInDetail,
  Principal,
  recordsService,
  refusalOf,
  refuse,
  toHex,
} from './index.ts'

test('a vector of numbers comes back as the array that its type says', () => {
  const indices = { Ok: [7n, (1n << 64n) - 1n] }
  expect(decodeRet(auditService.append, encodeRet(auditService.append, indices))).toEqual(indices)
  expect(decodeRet(auditService.append, encodeRet(auditService.append, { Ok: [] }))).toEqual({ Ok: [] })
})

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const compartment = fc.record({ compartmentKind: fc.constantFrom(1, 2), cid: bytes(16) })
const grant = fc.record({
  grantId: bytes(16),
  patientId: bytes(16),
  grantee: fc.uint8Array({ minLength: 1, maxLength: 29 }),
  rights: fc.integer({ min: 0, max: 255 }),
  purpose: fc.integer({ min: 0, max: 255 }),
  startNs: u64,
  endNs: u64,
  agreementHash: bytes(32),
  compartments: fc.array(compartment, { minLength: 1, maxLength: 9 }),
  terms: fc.option(
    fc.record({
      roles: fc.nat(255),
      namesSensitive: fc.boolean(),
      categories: fc.nat(255),
      fromDay: fc.nat(0xffff_ffff),
      untilDay: fc.nat(0xffff_ffff),
      excluded: fc.array(fc.uint8Array({ minLength: 1, maxLength: 29 }), { maxLength: GRANT_EXCLUDED_MAX }),
    }),
  ),
})

describe('canonical grants', () => {
  test('decode to what was encoded, byte for byte', () => {
    fc.assert(
      fc.property(grant, (value) => {
        const encoded = encodeGrant(value)
        const decoded = decodeGrant(encoded)
        expect(decoded).not.toBeNull()
        expect(decoded).toEqual(value)
        if (decoded !== null) expect(toHex(encodeGrant(decoded))).toBe(toHex(encoded))
      }),
    )
  })
  test('the largest grant and its detail fit a leaf detail', () => {
    const largest = fc.sample(grant, 1)[0]!
    const compartments = Array.from({ length: GRANT_COMPARTMENTS_MAX }, () => ({
      compartmentKind: 1,
      cid: new Uint8Array(16),
    }))
    const fields = detailFields.grant({ grant: encodeGrant({ ...largest, compartments, terms: null }) })
    const head = {
      event: EVENT.grant,
      source: 1,
      sourceSeq: 1n,
      eventTimeNs: 1n,
      requestId: new Uint8Array(16),
      purpose: 1,
    }
    expect(encodeDetail(head, fields).length).toBeLessThanOrEqual(DETAIL_BYTES_MAX)
  })
  test('truncated, extended and arbitrary bytes are no grant', () => {
    fc.assert(
      fc.property(grant, fc.nat(400), (value, cut) => {
        const encoded = encodeGrant(value)
        expect(decodeGrant(encoded.subarray(0, Math.min(cut, encoded.length - 1)))).toBeNull()
        expect(decodeGrant(new Uint8Array([...encoded, 0]))).toBeNull()
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 112 }), (junk) => {
        expect(decodeGrant(junk)).toBeNull()
      }),
    )
  })
  test('compartments have one order', () => {
    fc.assert(
      fc.property(compartment, compartment, (a, b) => {
        expect(Math.sign(compareCompartments(a, b))).toBe(-Math.sign(compareCompartments(b, a)) + 0)
      }),
    )
  })
})

describe('leaf inputs and details', () => {
  const leaf = fc.record({
    event: fc.integer({ min: 0, max: 255 }),
    flags: fc.integer({ min: 0, max: 255 }),
    compartmentKind: fc.integer({ min: 0, max: 255 }),
    actor: fc.uint8Array({ maxLength: 29 }),
    patientId: bytes(16),
    objectId: bytes(16),
    versionOrEpoch: fc.integer({ min: 0, max: 0xffff_ffff }),
    detail: fc.uint8Array({ maxLength: DETAIL_BYTES_MAX }),
    auditKey: fc.option(bytes(32)),
  })
  test('decode to what was encoded', () => {
    fc.assert(
      fc.property(leaf, (value) => {
        expect(decodeLeafInput(encodeLeafInput(value))).toEqual(value)
      }),
    )
  })
  test('arbitrary bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (junk) => {
        const decoded = decodeLeafInput(junk)
        if (decoded !== null) expect(encodeLeafInput(decoded).length).toBe(junk.length)
        const detail = decodeDetail(junk)
        if (detail !== null) expect(toHex(encodeDetail(detail.head, detail.fields))).toBe(toHex(junk))
      }),
    )
  })
  test('name the grant and the compartment they speak of', () => {
    const id = (byte: number) => new Uint8Array(16).fill(byte)
    const orgId = new Uint8Array(16)
    const hash = new Uint8Array(32).fill(9)
    const named = [
      ['keyDerive', detailFields.keyDerive({ grantId: id(1), orgId, transportKeyHash: hash, cid: id(2) })],
      ['open', detailFields.listOrOpen({ manifestHash: hash, grantId: id(1), orgId, cid: id(2) })],
      ['epochBump', detailFields.epochBump({ cid: id(2), grantId: id(1) })],
    ] as const
    for (const [event, fields] of named) expect(idsInDetail(event, fields)).toEqual({ grantId: id(1), cid: id(2) })
    expect(idsInDetail('recordAdd', detailFields.recordAdd({ manifestHash: hash, cid: id(2), seq: 5 })).cid).toEqual(
      id(2),
    )
    expect(idsInDetail('revoke', detailFields.revoke({ grantId: id(1), endNs: 5n })).grantId).toEqual(id(1))
    const owner = detailFields.listOrOpen({ manifestHash: hash, grantId: orgId, orgId, cid: id(2) })
    expect(idsInDetail('open', owner).grantId).toBeNull()
    expect(idsInDetail('open', new Uint8Array(5))).toEqual({ grantId: null, cid: null })
  })
  test('event codes have one name each', () => {
    expect(new Set(Object.values(EVENT)).size).toBe(Object.values(EVENT).length)
    expect(eventName(0x31)).toBe('open')
    expect(eventName(0xee)).toBeNull()
  })
})

describe('bytes', () => {
  test('numbers survive at their ends', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(0xffff), fc.integer({ min: 0, max: 0xffff_ffff }), u64, (a, b, c, d) => {
        const reader = new ByteReader(new ByteWriter(15).u8(a).u16(b).u32(c).u64(d).done())
        expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([a, b, c, d])
        expect(reader.atEnd()).toBe(true)
      }),
    )
  })
  test('a writer that is not full is a bug', () => {
    expect(() => new ByteWriter(3).u16(1).done()).toThrow('wrote 2 of 3')
  })
  test('hexadecimal text is read strictly', () => {
    expect(fromHex('0aFf')).toEqual(new Uint8Array([10, 255]))
    for (const text of ['0', 'zz', ' 00', '0x00']) expect(fromHex(text)).toBeNull()
  })
  test('a header row decodes to what was encoded and to nothing when cut', () => {
    const row = fc.record({
      seq: fc.nat(),
      recordId: bytes(16),
      version: fc.nat(),
      manifest: bytes(268),
      listWrap: bytes(72),
      header: fc.integer({ min: 0, max: 2 }).chain((n) => bytes(564 + 256 * n)),
    })
    const underCapsule = bytes(92).map((wrap) => new Uint8Array([...ascii('MGW1'), 1, 3, ...wrap.subarray(6)]))
    const author = fc.uint8Array({ minLength: 1, maxLength: 29 })
    fc.assert(
      fc.property(row, underCapsule, author, (value, listWrap, author) => {
        for (const each of [value, { ...value, listWrap }, { ...value, listWrap, author }, { ...value, author }]) {
          const encoded = encodeHeaderRow(each)
          expect(decodeHeaderRow(encoded)).toEqual(each)
          const { seq, recordId, version, manifest } = each
          for (const openWrap of [value.listWrap, listWrap])
            expect(decodeWrapRow(encodeWrapRow(encoded, openWrap))).toEqual({
              seq,
              recordId,
              version,
              manifest,
              openWrap,
              listWrap: each.listWrap,
            })
        }
      }),
    )
    expect(decodeWrapRow(new Uint8Array(300))).toBeNull()
    expect(decodeHeaderRow(new Uint8Array(363))).toBeNull()
  })
})

describe('the contract', () => {
  test('an argument decodes to what was encoded', () => {
    const arg = {
      patientId: [] as [],
      grantId: new Uint8Array(16).fill(1),
      grantee: Principal.anonymous(),
      rights: 3,
      purpose: 1,
      startNs: 5n,
      endNs: (1n << 64n) - 1n,
      agreementHash: new Uint8Array(32),
      compartments: [{ compartmentKind: 1, cid: new Uint8Array(16) }],
      terms: [] as [],
      agreement: [] as [],
      answering: [] as [],
      requestId: new Uint8Array(16),
    }
    const decoded = decodeArg(consentService.grant, encodeArg(consentService.grant, arg))
    expect({ ...decoded, grantee: decoded.grantee.toText() }).toEqual({ ...arg, grantee: '2vxsx-fae' })
    expect(decodeArg(consentService.whoAmI, encodeArg(consentService.whoAmI, null))).toBeNull()
  })
  test('every method states how many bytes it looks at, and strangers get little', () => {
    for (const service of [consentService, recordsService, auditService])
      for (const method of Object.values(service)) expect(method.argBytesMax).toBeGreaterThan(0)
    expect(consentService.enrol.argBytesMax).toBeLessThanOrEqual(512)
  })
  test('a refusal keeps what the caller needs next', () => {
    expect(refusalOf(refuse.consentEnded(7n))).toEqual({ kind: 'ConsentEnded', endNs: 7n })
    expect(refusalOf(refuse.notPermitted)).toEqual({ kind: 'NotPermitted' })
    expect(refusalOf(refuse.badInput('endNs', 'order'))).toEqual({ kind: 'BadInput', field: 'endNs', code: 'order' })
  })
})
