import { compartmentKeyInput, encodeManifest, type Manifest } from '@medguard/crypto/verify'
import {
  BYTES_PER_ACCOUNT_MAX,
  BYTES_STORED_MAX,
  CHUNK_TAG_BYTES,
  COMPARTMENT_KIND,
  OPEN_UPLOADS_MAX,
  RECORDS_PER_ACCOUNT_MAX,
  refuse,
  BYTES_ANNOUNCED_UNDER_GRANT_MAX,
  BYTES_OF_OWNER_ALONE,
  BYTES_UNDER_GRANT_MAX,
  RECORDS_OF_OWNER_ALONE,
  RECORDS_UNDER_GRANT_MAX,
} from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Upload } from './codec.ts'
import { hasDouble, readCommit, refuseRoom, wrapEpoch, wrongBody } from './rules.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const PATIENT = id(100)
const badInput = (field: string, code: string) => ({ refusal: refuse.badInput(field, code) })

describe('sizes of a body', () => {
  const body = (chunkLog2: number, plaintextBytes: number) => {
    const chunkCount = Math.max(1, Math.ceil(plaintextBytes / 2 ** chunkLog2))
    return { chunkCount, chunkLog2, sizeBytes: BigInt(plaintextBytes + chunkCount * CHUNK_TAG_BYTES) }
  }
  test('fit together for every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 20 }), fc.nat(60_000_000), (chunkLog2, plaintextBytes) => {
        expect(wrongBody(body(chunkLog2, plaintextBytes))).toBeNull()
      }),
    )
  })
  test('are taken for exactly the chunk count that the length has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 20 }),
        fc.nat(5_000_000),
        fc.integer({ min: 1, max: 90 }),
        (log2, n, count) => {
          const { chunkCount } = body(log2, n)
          const refused = wrongBody({
            chunkLog2: log2,
            chunkCount: count,
            sizeBytes: BigInt(n + count * CHUNK_TAG_BYTES),
          })
          expect(refused === null).toBe(count === chunkCount)
        },
      ),
    )
  })
  test.each<[what: string, change: Partial<ReturnType<typeof body>>, field: string]>([
    ['chunks too small', { chunkLog2: 15 }, 'chunkLog2'],
    ['chunks too large', { chunkLog2: 21 }, 'chunkLog2'],
    ['no chunk', { chunkCount: 0 }, 'chunkCount'],
    ['too many chunks', { chunkCount: 1025 }, 'chunkCount'],
    ['no bytes', { sizeBytes: 0n }, 'sizeBytes'],
    ['more bytes than there are chunks for', { sizeBytes: (1n << 64n) - 1n }, 'sizeBytes'],
  ])('are refused with %s', (_, change, field) => {
    expect(wrongBody({ ...body(20, 3_000_000), ...change })).toEqual(refuse.badInput(field, 'range'))
  })
  test('end at one gibibyte', () => {
    expect(wrongBody(body(20, 2 ** 30))).toBeNull()
    expect(wrongBody(body(20, 2 ** 30 + 1))).not.toBeNull()
  })
})

test('room ends at each quota, and not before', () => {
  const empty = { versions: 0, sizeBytes: 0n }
  const used = { openUploads: 0, ofPatient: empty, storedBytes: 0n, underGrant: null }
  expect(refuseRoom(1n, used)).toBeNull()
  expect(refuseRoom(1n, { ...used, openUploads: OPEN_UPLOADS_MAX - 1 })).toBeNull()
  expect(refuseRoom(1n, { ...used, openUploads: OPEN_UPLOADS_MAX })).toEqual(refuse.full)
  const versions = (n: number) => refuseRoom(1n, { ...used, ofPatient: { ...empty, versions: n } })
  expect([versions(RECORDS_PER_ACCOUNT_MAX - 1), versions(RECORDS_PER_ACCOUNT_MAX)]).toEqual([null, refuse.full])
  const ofPatient = { ...empty, sizeBytes: BYTES_PER_ACCOUNT_MAX - 5n }
  expect([refuseRoom(5n, { ...used, ofPatient }), refuseRoom(6n, { ...used, ofPatient })]).toEqual([null, refuse.full])
  const storedBytes = BYTES_STORED_MAX - 5n
  expect([refuseRoom(5n, { ...used, storedBytes }), refuseRoom(6n, { ...used, storedBytes })]).toEqual([
    null,
    refuse.full,
  ])
})

test('others have a part of a vault each, and its owner some that is theirs alone', () => {
  const empty = { versions: 0, sizeBytes: 0n }
  const sender = {
    openUploads: 0,
    ofPatient: empty,
    storedBytes: 0n,
    underGrant: { stored: empty, versionsMax: RECORDS_UNDER_GRANT_MAX, announcedBytes: 0n },
  }
  const ask = (sizeBytes: bigint, change: Partial<typeof sender>) => refuseRoom(sizeBytes, { ...sender, ...change })
  expect(ask(1n, {})).toBeNull()
  const records = (versions: number) => ({ underGrant: { ...sender.underGrant, stored: { ...empty, versions } } })
  expect([ask(1n, records(RECORDS_UNDER_GRANT_MAX - 1)), ask(1n, records(RECORDS_UNDER_GRANT_MAX))]).toEqual([
    null,
    refuse.full,
  ])
  const bytes = {
    underGrant: {
      versionsMax: RECORDS_UNDER_GRANT_MAX,
      announcedBytes: 0n,
      stored: { ...empty, sizeBytes: BYTES_UNDER_GRANT_MAX - 5n },
    },
  }
  expect([ask(5n, bytes), ask(6n, bytes)]).toEqual([null, refuse.full])
  const announced = {
    underGrant: {
      stored: empty,
      versionsMax: RECORDS_UNDER_GRANT_MAX,
      announcedBytes: BYTES_ANNOUNCED_UNDER_GRANT_MAX - 5n,
    },
  }
  expect([ask(5n, announced), ask(6n, announced)]).toEqual([null, refuse.full])
  const owner = { underGrant: null }
  const versions = { ofPatient: { ...empty, versions: RECORDS_PER_ACCOUNT_MAX - RECORDS_OF_OWNER_ALONE } }
  expect([ask(1n, versions), refuseRoom(1n, { ...sender, ...versions, ...owner })]).toEqual([refuse.full, null])
  const vault = { ofPatient: { ...empty, sizeBytes: BYTES_PER_ACCOUNT_MAX - BYTES_OF_OWNER_ALONE - 5n } }
  expect([ask(5n, vault), ask(6n, vault)]).toEqual([null, refuse.full])
  expect(refuseRoom(6n, { ...sender, ...vault, ...owner })).toBeNull()
})

describe('a commit', () => {
  const wrap = (type: number, epoch: number) => {
    const bytes = new Uint8Array(72).fill(7)
    bytes.set([0x4d, 0x47, 0x57, 0x31, type, 1, 0, 0, 0, 0, 0, epoch])
    return bytes
  }
  const wraps = { listWrap: wrap(1, 3), openWrap: wrap(2, 3) }
  const header = new Uint8Array(36 + 512 + 16)
  header.set([0x4d, 0x47, 0x48, 0x31, 1, 0, 0, 0])
  const manifest: Manifest = {
    chunkLog2: 20,
    isAuthorSigned: false,
    recordId: id(60),
    version: 2,
    patientId: PATIENT,
    homeCompartmentKind: COMPARTMENT_KIND.category,
    homeCompartmentId: id(1),
    chunkCount: 1,
    paddedBytes: 500,
    streamSalt: new Uint8Array(32),
    openCommitment: new Uint8Array(32),
    listCommitment: new Uint8Array(32),
    cipherRoot: new Uint8Array(32),
    previousManifestHash: new Uint8Array(32).fill(4),
    headerHash: new Uint8Array(32),
  }
  const upload: Upload = {
    bodyNo: 5n,
    chunkCount: 1,
    chunkLog2: 20,
    sizeBytes: 516n,
    patientId: PATIENT,
    compartmentKind: COMPARTMENT_KIND.category,
    cid: id(1),
    grantId: null,
    touchedNs: 0n,
    uploadId: null,
  }
  const facts = { id: { recordId: id(60), version: 2 }, upload, previous: new Uint8Array(32).fill(4) }
  const read = (change: Partial<Manifest>) =>
    readCommit({ ...wraps, header, author: [], manifest: encodeManifest({ ...manifest, ...change }) }, facts)

  test('is taken when everything in it is of its upload', () => {
    expect(read({})).toEqual({ epoch: 3, capsule: null })
  })
  test.each<[what: string, change: Partial<Manifest>, field: string]>([
    ['another record', { recordId: id(61) }, 'recordId'],
    ['another version', { version: 3 }, 'recordId'],
    ['another patient', { patientId: id(101) }, 'patientId'],
    ['another compartment', { homeCompartmentId: id(2) }, 'cid'],
    ['another kind of compartment', { homeCompartmentKind: COMPARTMENT_KIND.inbox }, 'cid'],
    ['another chunk size', { chunkLog2: 19 }, 'chunkCount'],
    ['another length', { paddedBytes: 501 }, 'chunkCount'],
    ['another history', { previousManifestHash: new Uint8Array(32) }, 'previousManifestHash'],
  ])('is refused with a manifest of %s', (_, change, field) => {
    expect(read(change)).toEqual(badInput(field, 'differs'))
  })
  test('begins a history with zeros', () => {
    const first = encodeManifest({ ...manifest, version: 1, previousManifestHash: new Uint8Array(32) })
    const firstFacts = { ...facts, id: { recordId: id(60), version: 1 }, previous: null }
    expect(readCommit({ ...wraps, header, author: [], manifest: first }, firstFacts)).toEqual({
      epoch: 3,
      capsule: null,
    })
  })
  test('is refused when manifest, header or wraps are not of their format', () => {
    const sound = { ...wraps, header, author: [] as [], manifest: encodeManifest(manifest) }
    expect(readCommit({ ...sound, manifest: compartmentKeyInputAsManifest() }, facts)).toEqual(
      badInput('manifest', 'format'),
    )
    expect(readCommit({ ...sound, header: header.subarray(1) }, facts)).toEqual(badInput('header', 'format'))
    expect(readCommit({ ...sound, listWrap: sound.openWrap }, facts)).toEqual(badInput('wraps', 'format'))
    expect(readCommit({ ...sound, openWrap: wrap(2, 4) }, facts)).toEqual(badInput('wraps', 'differs'))
    expect(readCommit({ ...sound, openWrap: wrap(2, 0) }, facts)).toEqual(badInput('wraps', 'format'))
  })
  test('brings a signature exactly where its manifest says so', () => {
    const author = { keyId: id(7), signature: new Uint8Array(64) }
    const sealed = { ...wraps, header, manifest: encodeManifest({ ...manifest, isAuthorSigned: true }) }
    expect(readCommit({ ...sealed, author: [author] }, facts)).toEqual({ epoch: 3, capsule: null })
    expect(readCommit({ ...sealed, author: [] }, facts)).toEqual(badInput('author', 'differs'))
    const unsigned = { ...sealed, manifest: encodeManifest(manifest) }
    expect(readCommit({ ...unsigned, author: [author] }, facts)).toEqual(badInput('author', 'differs'))
    for (const wrong of [
      { ...author, keyId: id(7).subarray(1) },
      { ...author, signature: new Uint8Array(63) },
    ])
      expect(readCommit({ ...sealed, author: [wrong] }, facts)).toEqual(badInput('author', 'length'))
  })
  test('never throws on bytes that somebody made up', () => {
    const junk = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(junk, junk, junk, junk, (manifestBytes, headerBytes, listWrap, openWrap) => {
        const answer = readCommit(
          { manifest: manifestBytes, header: headerBytes, listWrap, openWrap, author: [] },
          facts,
        )
        expect(answer).toHaveProperty('refusal')
        expect(wrapEpoch({ listWrap, openWrap })).toHaveProperty('refusal')
      }),
    )
  })
})

/** Right in length and nothing else. */
const compartmentKeyInputAsManifest = () => {
  const bytes = new Uint8Array(268)
  bytes.set(compartmentKeyInput({ patientId: PATIENT, compartmentKind: 1, compartmentId: id(1), epoch: 1 }))
  return bytes
}

test('the same version twice is a double, another version of the record is not', () => {
  const one = { recordId: id(1), version: 1 }
  expect(hasDouble([one, { ...one, version: 2 }, { ...one, recordId: id(2) }])).toBe(false)
  expect(hasDouble([one, { ...one, version: 2 }, { recordId: id(1), version: 1 }])).toBe(true)
})
