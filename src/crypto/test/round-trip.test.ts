import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type CompartmentKeys,
  createBodyOpener,
  decodeManifest,
  decodeWrap,
  encodeManifest,
  isHeaderBlob,
  newRecordSecret,
  openBody,
  openHead,
  padmeLength,
  planBody,
  printBody,
  type RecordSecret,
  resumeBody,
  resumeTagOf,
  sealBody,
  type SealedBody,
  sealedChunkBytes,
  sourceOf,
  unwrapHeaderSecret,
  unwrapRecordKey,
} from '../src/index.ts'
import { cipherRootOf, chunkHash } from '../src/cipher-root.ts'
import { headerFromJson } from '../src/header.ts'
import {
  compartment,
  expectFault,
  hex,
  keysOf,
  place,
  readVectors,
  run,
  sha256Hex,
  storeRecord,
  unhex,
} from './fixture.ts'

let keys: CompartmentKeys
beforeAll(async () => {
  keys = await keysOf()
})

const patterned = (length: number, seed: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 131 + seed) & 255)

async function openAll(record: Awaited<ReturnType<typeof storeRecord>>) {
  const head = await openHead(await unwrapHeaderSecret(keys, place, record.wraps.listWrap), place, record.head)
  return { head, key: await unwrapRecordKey(keys, place, record.wraps.openWrap) }
}

describe('what is sealed opens', () => {
  test('at the edges: nothing, one byte, around a chunk, several chunks', async () => {
    for (const length of [0, 1, 2, 65_535, 65_536, 65_537, 131_072, 4 * 65_536 + 3]) {
      const body = patterned(length, length)
      const record = await storeRecord(keys, body)
      const { head, key } = await openAll(record)
      expect(record.chunks.length).toBe(head.manifest.chunkCount)
      expect(await openBody(key, head, record.chunks)).toEqual(body)
      expect(isHeaderBlob(record.head.header)).toBe(true)
      expect(record.head.header.length).toBe(564)
    }
  })

  test('heads that are opened all at once are each their own, whatever their length', async () => {
    const records = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const at = { ...place, recordId: run(i, 16) }
        const title = `${i} `.repeat(1 + (i % 4) * 400)
        return { at, title, stored: await storeRecord(keys, patterned(i, i), 16, { place: at, header: { title } }) }
      }),
    )
    const opened = await Promise.all(
      records.map(async ({ at, stored: { wraps, head } }) =>
        openHead(await unwrapHeaderSecret(keys, at, wraps.listWrap), at, head),
      ),
    )
    expect(opened.map(({ header }) => header.title)).toEqual(records.map(({ title }) => title))
  })

  test('for any length up to several chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(300_000), fc.nat(255), async (length, seed) => {
        const body = patterned(length, seed)
        const record = await storeRecord(keys, body)
        const { head, key } = await openAll(record)
        expect(Buffer.compare(await openBody(key, head, record.chunks), body)).toBe(0)
      }),
      { numRuns: 25 },
    )
  })

  test('from a file read chunk by chunk, as from memory', async () => {
    const body = patterned(200_000, 1)
    const secret = newRecordSecret()
    const sealed = await sealBody({ secret, place, body: new Blob([body]), chunkLog2: 16 })
    const lengths: number[] = []
    for await (const { index, bytes } of sealed.chunks) {
      expect(bytes.length).toBe(sealedChunkBytes(sealed, index))
      lengths.push(bytes.length)
    }
    expect(lengths.reduce((sum, n) => sum + n - 16, 0)).toBe(padmeLength(200_000))
    expect((await sealed.cipherRoot()).length).toBe(32)
  })

  test('when chunks arrive out of order', async () => {
    const body = patterned(150_000, 3)
    const record = await storeRecord(keys, body)
    const { head, key } = await openAll(record)
    const opener = await createBodyOpener(key, head)
    const parts: Uint8Array[] = []
    for (const index of [2, 0]) parts[index] = await opener.openChunk(index, record.chunks[index]!)
    await expectFault('TruncatedBody', () => opener.finish())
    parts[1] = await opener.openChunk(1, record.chunks[1]!)
    await opener.finish()
    expect(Uint8Array.from(Buffer.concat(parts)).slice(0, body.length)).toEqual(body)
  })

  test('with zeros as padding and nothing else', async () => {
    const body = patterned(10, 3)
    const header = { bodyBytes: 9, bodySha256: sha256Hex(body.subarray(0, 9)) }
    const opened = async (content: Uint8Array) => {
      const record = await storeRecord(keys, content, 16, { header })
      const { head, key } = await openAll(record)
      return openBody(key, head, record.chunks)
    }
    await expectFault('CommitmentMismatch', () => opened(body))
    body[9] = 0
    expect(await opened(body)).toEqual(body.subarray(0, 9))
  })

  test('with every header field, in any script', async () => {
    const header = {
      title: 'Blutbild 血液検査 🩸',
      clinicalDate: '2026-02-03',
      author: 'Labor Süd',
      subject: 'Zoë',
      fileName: 'a b.txt',
      codes: [
        { system: 'http://loinc.org', code: '58410-2', display: 'CBC' },
        { system: 'x', code: 'y' },
      ],
      links: [{ recordId: 'ab'.repeat(16), version: 2, relation: 'replaces' }],
    }
    const { head } = await openAll(await storeRecord(keys, patterned(5, 1), 16, { header }))
    expect(head.header).toMatchObject(header)
  })
})

describe('sealing', () => {
  test('draws a new salt each time, so that two passes share no ciphertext', async () => {
    const secret = newRecordSecret()
    const make = async () => {
      const sealed = await sealBody({ secret, place, body: patterned(10, 0), chunkLog2: 16 })
      for await (const chunk of sealed.chunks) return { salt: hex(sealed.streamSalt), chunk: hex(chunk.bytes) }
      throw new Error('no chunk')
    }
    const [a, b] = [await make(), await make()]
    expect(a.salt).not.toBe(b.salt)
    expect(a.chunk).not.toBe(b.chunk)
  })

  test('gives its chunks once, and the root only after the last', async () => {
    const sealed = await sealBody({ secret: newRecordSecret(), place, body: patterned(70_000, 0), chunkLog2: 16 })
    for await (const chunk of sealed.chunks) {
      if (chunk.index === 0) await expect(sealed.cipherRoot()).rejects.toThrow('not every chunk')
    }
    expect((await sealed.cipherRoot()).length).toBe(32)
  })

  test('refuses a header too long for its padding, or for another length than the body', async () => {
    const body = patterned(3, 0)
    await expect(storeRecord(keys, body, 16, { header: { title: 'x'.repeat(17_000) } })).rejects.toThrow(RangeError)
    await expect(storeRecord(keys, body, 16, { header: { bodyBytes: 99 } })).rejects.toThrow(RangeError)
    await expectFault('BadFormat', () => storeRecord(keys, body, 16, { header: { bodySha256: 'no' } }))
    await expect(sealBody({ secret: newRecordSecret(), place, body, chunkLog2: 15 })).rejects.toThrow(RangeError)
  })
})

describe('a pass of sealing that broke off', () => {
  const body = patterned(200_000, 9)
  const begin = async () => {
    const secret = newRecordSecret()
    const print = await printBody(sourceOf(body), 16)
    const sealed = await sealBody({ secret, place, body, chunkLog2: 16, print })
    const { streamSalt } = sealed
    return { secret, sealed, begun: { streamSalt, resumeTag: await resumeTagOf(secret, place, print) } }
  }
  const chunksOf = async (sealed: SealedBody) => {
    const chunks: string[] = []
    for await (const { bytes } of sealed.chunks) chunks.push(hex(bytes))
    return chunks
  }

  test('gives the same chunks when it is taken up again with the same content', async () => {
    const { secret, sealed, begun } = await begin()
    const print = await printBody(sourceOf(new Blob([body])), 16)
    expect(print.bodySha256).toBe(sha256Hex(body))
    const again = await resumeBody({ secret, place, body: new Blob([body]), chunkLog2: 16, print }, begun)
    expect(await chunksOf(again)).toEqual(await chunksOf(sealed))
    expect(await again.cipherRoot()).toEqual(await sealed.cipherRoot())
  })

  test('is not taken up with another content, secret, place, size or salt', async () => {
    const { secret, begun } = await begin()
    const other = body.slice()
    other[199_999] = 1
    const resume = async (content: Uint8Array, with_: { secret?: RecordSecret; version?: number } = {}) =>
      resumeBody(
        {
          secret: with_.secret ?? secret,
          place: { ...place, version: with_.version ?? place.version },
          body: content,
          chunkLog2: 16,
          print: await printBody(sourceOf(content), 16),
        },
        begun,
      )
    await resume(body)
    await expectFault('SourceChanged', () => resume(other))
    await expectFault('SourceChanged', () => resume(body.subarray(0, 199_999)))
    await expectFault('SourceChanged', () => resume(body, { secret: newRecordSecret() }))
    await expectFault('SourceChanged', () => resume(body, { version: 9 }))
  })

  test('seals no chunk that changed after it was read the first time', async () => {
    const changing = body.slice()
    const print = await printBody(sourceOf(changing), 16)
    const sealed = await sealBody({ secret: newRecordSecret(), place, body: changing, chunkLog2: 16, print })
    const seen: number[] = []
    await expectFault('SourceChanged', async () => {
      for await (const { index } of sealed.chunks) {
        seen.push(index)
        changing[150_000] = 1
      }
    })
    expect(seen).toEqual([0, 1])
  })

  test('stops where a source has less than it said', async () => {
    const source = {
      sizeBytes: body.length,
      read: async (start: number, end: number) => body.slice(start, Math.min(end, 70_000)),
    }
    await expectFault('SourceChanged', () => printBody(source, 16))
  })
})

describe('padding', () => {
  test('lengths follow Padmé: small ones stay, larger ones lose low bits', () => {
    // 9 has ⌊log2⌋ 3, of which 2 bits are kept below the leading one; 1 000 001 keeps 5 of 19.
    const known: [number, number][] = [
      [0, 0],
      [1, 1],
      [2, 2],
      [8, 8],
      [9, 10],
      [15, 16],
      [100, 104],
      [1_000_001, 1_015_808],
    ]
    for (const [size, padded] of known) expect(padmeLength(size)).toBe(padded)
  })

  test('never shortens, costs at most 12 percent and is stable', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (size) => {
        const padded = padmeLength(size)
        expect(padded).toBeGreaterThanOrEqual(size)
        expect(padded).toBeLessThanOrEqual(size * 1.12 + 1)
        expect(padmeLength(padded)).toBe(padded)
      }),
    )
    expect(planBody(0, 16)).toEqual({ chunkLog2: 16, chunkCount: 1, paddedBytes: 0 })
    expect(() => planBody(2 ** 33, 16)).toThrow(RangeError)
    expect(() => padmeLength(-1)).toThrow(RangeError)
  })
})

test('the cipher root is the tree of RFC 6962', async () => {
  const { published } = readVectors('rfc6962.json') as { published: { leaves: string[]; roots: string[] } }
  const hashes = published.leaves.map((leaf) => chunkHash(unhex(leaf)))
  for (let size = 0; size <= hashes.length; size++) {
    expect(hex(await cipherRootOf(hashes.slice(0, size)))).toBe(published.roots[size])
  }
})

describe('decoders of what strangers send', () => {
  const manifest = {
    chunkLog2: 20,
    isAuthorSigned: false,
    recordId: run(1, 16),
    version: 1,
    patientId: run(2, 16),
    homeCompartmentKind: 1,
    homeCompartmentId: compartment.compartmentId,
    chunkCount: 3,
    paddedBytes: 3 * 2 ** 20,
    streamSalt: run(3, 32),
    openCommitment: run(4, 32),
    listCommitment: run(5, 32),
    cipherRoot: run(6, 32),
    previousManifestHash: new Uint8Array(32),
    headerHash: run(7, 32),
  }
  const bytes = encodeManifest(manifest)

  test('a manifest comes back as it went in', () => {
    expect(bytes.length).toBe(268)
    expect(decodeManifest(bytes)).toEqual({ ok: true, value: manifest })
  })

  test('a manifest decoder accepts exactly what the encoder makes', () => {
    fc.assert(
      fc.property(fc.nat(267), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = bytes.slice()
        changed[at]! ^= mask
        const decoded = decodeManifest(changed)
        expect(!decoded.ok || hex(encodeManifest(decoded.value)) === hex(changed)).toBe(true)
      }),
    )
  })

  test.each([
    [4, 2, 'UnknownSuite'],
    [0, 0x4e, 'BadFormat'],
    [5, 15, 'BadFormat'],
    [5, 21, 'BadFormat'],
    [6, 1, 'BadFormat'],
    [7, 2, 'BadFormat'],
    [27, 0, 'BadFormat'],
    [44, 0, 'BadFormat'],
    [44, 5, 'BadFormat'],
    [62, 1, 'BadFormat'],
    [67, 0, 'BadFormat'],
    [67, 4, 'BadFormat'],
    [64, 255, 'BadFormat'],
    [68, 255, 'BadFormat'],
  ])('a manifest with byte %i set to %i is refused as %s', (at, value, code) => {
    const changed = bytes.slice()
    changed[at] = value
    expect(decodeManifest(changed)).toMatchObject({ ok: false, code })
  })

  test('a manifest that no decoder would take is not made', () => {
    expect(() => encodeManifest({ ...manifest, chunkCount: 2 })).toThrow(RangeError)
    expect(() => encodeManifest({ ...manifest, version: 0 })).toThrow(RangeError)
    expect(() => encodeManifest({ ...manifest, recordId: run(0, 15) })).toThrow(RangeError)
    expect(() => encodeManifest({ ...manifest, version: 2 ** 32 })).toThrow(RangeError)
  })

  test('random bytes never raise an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(decodeManifest(any).ok || decodeWrap(any).ok || isHeaderBlob(any)).toBe(false)
      }),
    )
  })

  test('header JSON of a hostile author is taken field by field', async () => {
    const good = { title: 't', mediaType: 'm', bodyBytes: 0, bodySha256: '0'.repeat(64) }
    expect(headerFromJson(JSON.stringify({ ...good, later: { a: 1 } }))).toEqual(good)
    expect(Object.getPrototypeOf(headerFromJson(`{"__proto__":{"x":1},${JSON.stringify(good).slice(1)}`))).toBe(
      Object.prototype,
    )
    const bad = [
      '',
      'null',
      '[]',
      '1',
      JSON.stringify({ ...good, title: 1 }),
      JSON.stringify({ ...good, bodyBytes: -1 }),
      JSON.stringify({ ...good, bodyBytes: 1.5 }),
      JSON.stringify({ ...good, codes: {} }),
      JSON.stringify({ ...good, codes: [1] }),
      JSON.stringify({ ...good, links: [{ recordId: 'x', version: 1, relation: 'r' }] }),
      JSON.stringify({ ...good, author: null }),
    ]
    for (const json of bad) await expectFault('BadFormat', () => headerFromJson(json))
  })
})
