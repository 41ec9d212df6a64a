import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DETAIL_BYTES_MAX } from './limits.ts'
import { decodeFields, encodeFields, FIELDS, orgIdInDetail } from './log-fields.ts'
import { DETAIL_HEAD_BYTES, detailFields, EVENT, type EventName } from './log.ts'

const EVENTS = Object.keys(EVENT) as EventName[]
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const arbitraryOf: Record<string, fc.Arbitrary<unknown>> = {
  id: bytes(16),
  hash: bytes(32),
  principal: fc.uint8Array({ maxLength: 29 }),
  u8: fc.integer({ min: 0, max: 255 }),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  u64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
}
const valuesOf = (event: EventName) =>
  fc.record(Object.fromEntries(Object.entries(FIELDS[event]).map(([name, type]) => [name, arbitraryOf[type]!])))

describe('the fields of every event', () => {
  test.each(EVENTS)('%s: are read as they were written, and fit a detail', (event) => {
    fc.assert(
      fc.property(valuesOf(event), (values) => {
        const encoded = encodeFields(event, values)
        expect(decodeFields(event, encoded)).toEqual(values)
        expect(encoded.length).toBeLessThanOrEqual(DETAIL_BYTES_MAX - DETAIL_HEAD_BYTES)
      }),
      { numRuns: 20 },
    )
  })
  test.each(EVENTS)('%s: whatever bytes stand there, reading ends well', (event) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        decodeFields(event, junk)
        orgIdInDetail(event, junk)
      }),
      { numRuns: 50 },
    )
  })
  test('are zeros where they are left out', () => {
    expect(encodeFields('epochBump', {})).toEqual(new Uint8Array(32))
    expect(decodeFields('blocked', encodeFields('blocked', {}))).toMatchObject({ principal: new Uint8Array(0) })
  })
  test('of another length are a bug', () => {
    expect(() => encodeFields('epochBump', { cid: new Uint8Array(15) })).toThrow('16 bytes')
    expect(() => encodeFields('blocked', { principal: new Uint8Array(30) })).toThrow('29 bytes')
  })
})

test('what is written straight down is written as the layout says', () => {
  const id = (n: number) => new Uint8Array(16).fill(n)
  const hash = new Uint8Array(32).fill(9)
  const [grantId, orgId, cid] = [id(1), id(2), id(3)]
  const same: readonly (readonly [EventName, Uint8Array, object])[] = [
    ['enrol', detailFields.enrol({ accountId: id(4) }), { accountId: id(4) }],
    ['revoke', detailFields.revoke({ grantId, endNs: 7n }), { grantId, endNs: 7n }],
    ['copyWithdrawn', detailFields.copyWithdrawn({ grantId, endNs: 7n }), { grantId, endNs: 7n }],
    ['epochBump', detailFields.epochBump({ cid, grantId }), { cid, grantId }],
    [
      'keyDerive',
      detailFields.keyDerive({ grantId, orgId, transportKeyHash: hash, cid }),
      { grantId, orgId, transportKeyHash: hash, cid },
    ],
    [
      'keyWithheld',
      detailFields.outcome({ leafIndex: 5n, grantId, reason: 3, orgId }),
      { leafIndex: 5n, grantId, reason: 3, orgId },
    ],
    [
      'refused',
      detailFields.refused({ method: 1, refusal: 2, grantId, orgId }),
      { method: 1, refusal: 2, grantId, orgId },
    ],
    [
      'open',
      detailFields.listOrOpen({ manifestHash: hash, grantId, orgId, cid }),
      { manifestHash: hash, grantId, orgId, cid },
    ],
    ['recordAdd', detailFields.recordAdd({ manifestHash: hash, cid, seq: 6 }), { manifestHash: hash, cid, seq: 6 }],
    ['shareWraps', detailFields.shareWraps({ grantId, firstSeq: 1, count: 2 }), { grantId, firstSeq: 1, count: 2 }],
    ['configuration', detailFields.configuration({ configHash: hash }), { configHash: hash }],
    ['upgrade', detailFields.upgrade({ canisterVersion: 8n }), { canisterVersion: 8n }],
  ]
  for (const [event, written, values] of same) expect(decodeFields(event, written), event).toEqual(values)
})

test('the organisation of an act is found where there is one', () => {
  const orgId = new Uint8Array(16).fill(5)
  for (const event of EVENTS)
    expect(orgIdInDetail(event, encodeFields(event, { orgId })), event).toEqual('orgId' in FIELDS[event] ? orgId : null)
  expect(orgIdInDetail('open', encodeFields('open', {}))).toBeNull()
})
