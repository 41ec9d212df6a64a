import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DeviceBatch, decodeDeviceBatch, encodeDeviceBatch } from './device-batch.ts'
import { DEVICE_BATCH_BYTES_MAX } from './limits.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const batches: fc.Arbitrary<DeviceBatch> = fc.record({
  deviceId: bytes(16),
  seq: fc.integer({ min: 0, max: 0xffff_ffff }),
  manifest: bytes(268),
  listWrap: bytes(92),
  openWrap: bytes(92),
  capsule: fc.option(bytes(232)),
  header: fc.uint8Array({ maxLength: 1_100 }),
  body: fc.uint8Array({ minLength: 16, maxLength: 3_000 }),
})
/** Bytes that count up from a start: no two fields alike. */
const counting = (start: number, length: number) => Uint8Array.from({ length }, (_, i) => (start + i) & 0xff)
const FIXED: DeviceBatch = {
  deviceId: counting(0x10, 16),
  seq: 0x01020304,
  manifest: counting(0x20, 268),
  listWrap: counting(0x30, 92),
  openWrap: counting(0x40, 92),
  capsule: null,
  header: counting(0x60, 564),
  body: counting(0x70, 1_040),
}
const sha256 = (of: Uint8Array) => createHash('sha256').update(of).digest('hex')

describe('the batch of a device', () => {
  it('is what it was after a round trip, wherever the bytes lie', () => {
    fc.assert(
      fc.property(batches, fc.nat(9), (batch, before) => {
        const encoded = encodeDeviceBatch(batch)
        const within = new Uint8Array(before + encoded.length)
        within.set(encoded, before)
        expect(decodeDeviceBatch(within.subarray(before))).toEqual({ ok: true, value: batch })
      }),
    )
  })

  it('is one string of bytes: whatever decodes is encoded to itself', () => {
    const damaged = fc
      .tuple(batches, fc.nat(30), fc.nat(255), fc.integer({ min: -400, max: 4 }))
      .map(([batch, at, to, more]) => {
        const encoded = encodeDeviceBatch(batch)
        encoded[at] = to
        const cut = new Uint8Array(encoded.length + more)
        cut.set(encoded.subarray(0, cut.length))
        return cut
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 2_000 })), (any) => {
        const decoded = decodeDeviceBatch(any)
        if (decoded.ok) expect(encodeDeviceBatch(decoded.value)).toEqual(any)
      }),
      { numRuns: 500 },
    )
  })

  it('is laid out as the vectors of docs/crypto.md say', () => {
    const plain = encodeDeviceBatch(FIXED)
    expect(plain.length).toBe(480 + 564 + 1_040)
    expect(Buffer.from(plain.subarray(0, 30)).toString('hex')).toBe(
      '4d47523100000234101112131415161718191a1b1c1d1e1f010203042021',
    )
    expect(sha256(plain)).toBe('e2770b20410d37cbfb889c38bdb867148548b7363683a93c5cc17905207ababc')
    const withCapsule = encodeDeviceBatch({ ...FIXED, capsule: counting(0x50, 232) })
    expect([withCapsule.length, withCapsule[4], withCapsule[480], withCapsule[712]]).toEqual([
      plain.length + 232,
      1,
      0x50,
      0x60,
    ])
    expect(sha256(withCapsule)).toBe('bccc525208197484f44e7381a72d4a08c0321fb06a118e172c1c104340a84437')
  })

  const changed = (at: number, to: number) => {
    const encoded = encodeDeviceBatch(FIXED)
    encoded[at] = to
    return encoded
  }
  it.each([
    ['nothing', new Uint8Array(0), 'length'],
    ['less than the parts of fixed length', encodeDeviceBatch(FIXED).subarray(0, 479), 'length'],
    ['a body without room for its tag', encodeDeviceBatch(FIXED).subarray(0, 480 + 564 + 15), 'length'],
    ['a header longer than what follows', changed(6, 0xff), 'length'],
    ['more than a batch may have', new Uint8Array(DEVICE_BATCH_BYTES_MAX + 1), 'length'],
    ['another tag', changed(3, 0x32), 'tag'],
    ['an unknown flag', changed(4, 2), 'flags'],
    ['a reserved byte', changed(5, 1), 'flags'],
  ])('refuses %s', (_, encoded, code) => {
    expect(decodeDeviceBatch(encoded)).toEqual({ ok: false, code })
  })

  it('is as large as it may be and no larger', () => {
    const room = DEVICE_BATCH_BYTES_MAX - 480 - 564
    expect(encodeDeviceBatch({ ...FIXED, body: new Uint8Array(room) }).length).toBe(DEVICE_BATCH_BYTES_MAX)
    expect(() => encodeDeviceBatch({ ...FIXED, body: new Uint8Array(room + 1) })).toThrow(RangeError)
  })

  it.each<[string, Partial<DeviceBatch>]>([
    ['an id of another length', { deviceId: new Uint8Array(15) }],
    ['a manifest of another length', { manifest: new Uint8Array(267) }],
    ['a wrap under a key', { listWrap: new Uint8Array(72) }],
    ['the other wrap under a key', { openWrap: new Uint8Array(72) }],
    ['a capsule of another length', { capsule: new Uint8Array(231) }],
    ['a body without a tag', { body: new Uint8Array(15) }],
    ['a number below zero', { seq: -1 }],
    ['a number beyond four bytes', { seq: 2 ** 32 }],
    ['a broken number', { seq: 0.5 }],
  ])('is not made of %s', (_, wrong) => {
    expect(() => encodeDeviceBatch({ ...FIXED, ...wrong })).toThrow(RangeError)
  })
})
