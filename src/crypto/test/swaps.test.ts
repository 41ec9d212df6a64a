import { beforeAll, describe, expect, test } from 'vitest'
import {
  type CompartmentKeys,
  decodeManifest,
  encodeManifest,
  openBody,
  openHead,
  rewrapRecord,
  unwrapHeaderSecret,
  unwrapRecordKey,
  wrapRecord,
  newRecordSecret,
  expectDecoded,
  sha256,
} from '../src/index.ts'
import { headerSecretOf } from '../src/secrets.ts'
import { compartment, expectFault, flipped, keysOf, place, run, storeRecord } from './fixture.ts'

const body = Uint8Array.from({ length: 3 * 65_536 + 17 }, (_, i) => (i * 31) & 255)
let keys: CompartmentKeys
let stored: Awaited<ReturnType<typeof storeRecord>>

beforeAll(async () => {
  keys = await keysOf()
  stored = await storeRecord(keys, body)
})

const headOf = async (record = stored) =>
  openHead(await unwrapHeaderSecret(keys, place, record.wraps.listWrap), place, record.head)
const keyOf = (record = stored) => unwrapRecordKey(keys, place, record.wraps.openWrap)

describe('a wrap moved elsewhere', () => {
  test('opens nothing for another record or version', async () => {
    const elsewhere = [
      { ...place, recordId: run(0x51, 16) },
      { ...place, version: 4 },
    ]
    for (const other of elsewhere) {
      await expectFault('Tampered', () => unwrapRecordKey(keys, other, stored.wraps.openWrap))
      await expectFault('Tampered', () => unwrapHeaderSecret(keys, other, stored.wraps.listWrap))
    }
  })

  test('opens nothing in another compartment, kind, or patient', async () => {
    await expectFault('Tampered', async () =>
      unwrapRecordKey(await keysOf({ compartmentId: run(0x31, 16) }), place, stored.wraps.openWrap),
    )
    await expectFault('Tampered', async () =>
      unwrapRecordKey(await keysOf({ compartmentKind: 2 }), place, stored.wraps.openWrap),
    )
    const patientId = run(0x11, 16)
    await expectFault('Tampered', async () =>
      unwrapRecordKey(await keysOf({ patientId }), { ...place, patientId }, stored.wraps.openWrap),
    )
    await expectFault('WrongPlace', () => unwrapRecordKey(keys, { ...place, patientId }, stored.wraps.openWrap))
  })

  test('opens nothing in a place the same key is claimed for: the place is authenticated, not only the key', async () => {
    const claims = [
      { ...compartment, compartmentId: run(0x31, 16) },
      { ...compartment, compartmentKind: 2 },
    ]
    for (const claim of claims) {
      await expectFault('Tampered', () => unwrapRecordKey({ ...keys, place: claim }, place, stored.wraps.openWrap))
    }
    const patientId = run(0x11, 16)
    const claimed = { ...keys, place: { ...compartment, patientId } }
    await expectFault('Tampered', () => unwrapRecordKey(claimed, { ...place, patientId }, stored.wraps.openWrap))
  })

  test('opens nothing under the key of another epoch, however the epoch is written', async () => {
    const later = await keysOf({ epoch: 8 })
    await expectFault('WrongKey', () => unwrapRecordKey(later, place, stored.wraps.openWrap))
    const relabelled = stored.wraps.openWrap.slice()
    relabelled[11] = 8
    await expectFault('Tampered', () => unwrapRecordKey(later, place, relabelled))
    const claimed = { ...keys, place: { ...compartment, epoch: 8 } }
    await expectFault('Tampered', () => unwrapRecordKey(claimed, place, relabelled))
  })

  test('opens nothing in the other tier, however the type is written', async () => {
    await expectFault('WrongPlace', () => unwrapRecordKey(keys, place, stored.wraps.listWrap))
    await expectFault('WrongPlace', () => unwrapHeaderSecret(keys, place, stored.wraps.openWrap))
    const relabelled = stored.wraps.listWrap.slice()
    relabelled[4] = 2
    await expectFault('Tampered', () => unwrapRecordKey(keys, place, relabelled))
    await expectFault('Tampered', () => unwrapRecordKey({ ...keys, openKek: keys.listKek as never }, place, relabelled))
  })

  test('opens nothing after any single byte was changed', async () => {
    for (let at = 12; at < 72; at++) {
      await expectFault('Tampered', () => unwrapRecordKey(keys, place, flipped(stored.wraps.openWrap, at)))
    }
  })

  test('reserved algorithms and other bytes are refused by name', async () => {
    const capsule = stored.wraps.openWrap.slice()
    capsule[5] = 3
    // Step 0: what comes before it is an id, of a capsule that these keys are not a step of.
    const underCapsule = new Uint8Array([...capsule, ...run(0, 16), 0, 0, 0, 0])
    await expectFault('WrongKey', () => unwrapRecordKey(keys, place, underCapsule))
    await expectFault('BadFormat', () => unwrapRecordKey(keys, place, capsule))
    capsule.set([3, 1], 4)
    await expectFault('WrongPlace', () => unwrapRecordKey(keys, place, capsule))
    capsule.set([2, 2], 4)
    await expectFault('UnsupportedAlgorithm', () => unwrapRecordKey(keys, place, capsule))
    await expectFault('BadFormat', () => unwrapRecordKey(keys, place, new Uint8Array(72)))
    await expectFault('BadFormat', () => unwrapRecordKey(keys, place, stored.wraps.openWrap.subarray(0, 71)))
    await expectFault('BadFormat', () => unwrapRecordKey(keys, place, new Uint8Array([...stored.wraps.openWrap, 0])))
    await expectFault('BadFormat', () => unwrapRecordKey(keys, place, flipped(stored.wraps.openWrap, 6)))
  })
})

describe('a header', () => {
  test('opens with the key of its list wrap and with the key of its open wrap', async () => {
    expect((await headOf()).header.title).toBe('Blood count')
    const secret = await headerSecretOf(await keyOf(), place)
    expect((await openHead(secret, place, stored.head)).header.bodyBytes).toBe(body.length)
  })

  test('does not open beside another manifest', async () => {
    const key = await unwrapHeaderSecret(keys, place, stored.wraps.listWrap)
    const other = await storeRecord(keys, body)
    await expectFault('Tampered', () =>
      openHead(key, place, { manifest: other.head.manifest, header: stored.head.header }),
    )
    const manifest = expectDecoded(decodeManifest(stored.head.manifest))
    const rewritten = encodeManifest({ ...manifest, isAuthorSigned: true })
    await expectFault('Tampered', () => openHead(key, place, { manifest: rewritten, header: stored.head.header }))
    const grafted = encodeManifest({
      ...expectDecoded(decodeManifest(other.head.manifest)),
      headerHash: manifest.headerHash,
    })
    await expectFault('CommitmentMismatch', () =>
      openHead(key, place, { manifest: grafted, header: stored.head.header }),
    )
  })

  test('does not open with the key of another record, or asked for as another', async () => {
    const other = await storeRecord(keys, body)
    const otherKey = await unwrapHeaderSecret(keys, place, other.wraps.listWrap)
    await expectFault('CommitmentMismatch', () => openHead(otherKey, place, stored.head))
    const key = await unwrapHeaderSecret(keys, place, stored.wraps.listWrap)
    await expectFault('WrongPlace', () => openHead(key, { ...place, version: 4 }, stored.head))
    await expectFault('WrongPlace', () => openHead(key, { ...place, patientId: run(1, 16) }, stored.head))
  })

  test('does not open when changed, even if the manifest names the changed bytes', async () => {
    const key = await unwrapHeaderSecret(keys, place, stored.wraps.listWrap)
    const manifest = expectDecoded(decodeManifest(stored.head.manifest))
    for (const at of [8, 24, 36, 100, stored.head.header.length - 1]) {
      const header = flipped(stored.head.header, at)
      await expectFault('Tampered', () => openHead(key, place, { manifest: stored.head.manifest, header }))
      const renamed = encodeManifest({ ...manifest, headerHash: await sha256(header) })
      await expectFault('Tampered', () => openHead(key, place, { manifest: renamed, header }))
    }
  })

  test('of an unknown suite or shape is refused by name', async () => {
    const key = await unwrapHeaderSecret(keys, place, stored.wraps.listWrap)
    const suite = stored.head.manifest.slice()
    suite[4] = 2
    await expectFault('UnknownSuite', () => openHead(key, place, { ...stored.head, manifest: suite }))
    const header = stored.head.header.slice()
    header[4] = 2
    await expectFault('UnknownSuite', () => openHead(key, place, { ...stored.head, header }))
    await expectFault('BadFormat', () => openHead(key, place, { ...stored.head, header: header.subarray(1) }))
    await expectFault('BadFormat', () =>
      openHead(key, place, { ...stored.head, header: flipped(stored.head.header, 5) }),
    )
  })
})

describe('a body', () => {
  test('with chunks swapped, doubled or changed does not open', async () => {
    const [head, key] = [await headOf(), await keyOf()]
    const [a, b, c, d] = stored.chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    expect(await openBody(key, head, [a, b, c, d])).toEqual(body)
    await expectFault('Tampered', () => openBody(key, head, [b, a, c, d]))
    await expectFault('Tampered', () => openBody(key, head, [a, a, c, d]))
    await expectFault('Tampered', () => openBody(key, head, [a, b, flipped(c, 5), d]))
  })

  test('with its end missing does not open', async () => {
    const [head, key] = [await headOf(), await keyOf()]
    const [a, b, c, d] = stored.chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    await expectFault('TruncatedBody', () => openBody(key, head, [a, b, c]))
    await expectFault('TruncatedBody', () => openBody(key, head, []))
    await expectFault('TruncatedBody', () => openBody(key, head, [a, b, c, d.subarray(0, d.length - 1)]))
    await expectFault('TruncatedBody', () => openBody(key, head, [a, b, d]))
  })

  test('with something added does not open', async () => {
    const [head, key] = [await headOf(), await keyOf()]
    const [a, b, c, d] = stored.chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    await expectFault('TrailingData', () => openBody(key, head, [a, b, c, d, d]))
    await expectFault('TrailingData', () => openBody(key, head, [a, b, c, new Uint8Array([...d, 0])]))
    await expectFault('TrailingData', () => openBody(key, head, [a, b, c, a]))
  })

  test('shortened together with its manifest does not open, since a last chunk is marked', async () => {
    const head = await headOf()
    const [a, b] = stored.chunks as [Uint8Array, Uint8Array]
    const manifest = { ...head.manifest, chunkCount: 2, paddedBytes: 131_072 }
    await expectFault('Tampered', async () => openBody(await keyOf(), { ...head, manifest }, [a, b]))
  })

  test('does not open with the key of another record', async () => {
    const other = await storeRecord(keys, body)
    const head = await headOf()
    await expectFault('CommitmentMismatch', async () => openBody(await keyOf(other), head, stored.chunks))
  })

  test('whose author misstates root, length, padding or hash does not open', async () => {
    const lies = [
      { cipherRoot: run(0, 32) },
      { header: { bodyBytes: body.length + 1 } },
      { header: { bodyBytes: body.length - 1 } },
      { header: { bodySha256: '0'.repeat(64) } },
    ]
    for (const lie of lies) {
      const record = await storeRecord(keys, body, 16, lie)
      await expectFault('CommitmentMismatch', async () =>
        openBody(await keyOf(record), await headOf(record), record.chunks),
      )
    }
  })
})

describe('wrapping again', () => {
  const share = { compartmentKind: 2, compartmentId: run(0x60, 16), epoch: 1 }

  test('a shared record opens with the share’s keys alone', async () => {
    const to = await keysOf(share)
    const { manifest } = await headOf()
    const wraps = await rewrapRecord({ from: keys, to, place, manifest, openWrap: stored.wraps.openWrap })
    const head = await openHead(await unwrapHeaderSecret(to, place, wraps.listWrap), place, stored.head)
    expect(await openBody(await unwrapRecordKey(to, place, wraps.openWrap), head, stored.chunks)).toEqual(body)
    await expectFault('WrongKey', () => unwrapRecordKey(keys, place, wraps.openWrap))
  })

  test('a wrap of a secret the author did not commit to is not passed on', async () => {
    const to = await keysOf(share)
    const { manifest } = await headOf()
    const { openWrap } = await wrapRecord(keys, place, newRecordSecret())
    await expectFault('CommitmentMismatch', () => rewrapRecord({ from: keys, to, place, manifest, openWrap }))
    const listCommitment = run(0, 32)
    const spoilt = { ...manifest, listCommitment }
    await expectFault('CommitmentMismatch', () =>
      rewrapRecord({ from: keys, to, place, manifest: spoilt, openWrap: stored.wraps.openWrap }),
    )
    await expectFault('WrongPlace', () =>
      rewrapRecord({ from: keys, to, place: { ...place, version: 9 }, manifest, openWrap: stored.wraps.openWrap }),
    )
  })

  test('keys of one patient never wrap a record of another', async () => {
    const other = { ...place, patientId: run(0x11, 16) }
    await expect(wrapRecord(keys, other, newRecordSecret())).rejects.toThrow(RangeError)
  })
})
