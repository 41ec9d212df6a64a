import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { Principal } from '@medguard/protocol'
import { nodeHash } from '@medguard/tlog'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

import { buildCanister } from '../../../scripts/build-canisters.ts'
import { openSmallNet, type SmallNet } from '../../../test/canisters/small-net.fixture.ts'
import { foldHashes, sameBytes, sha256 } from './index.ts'

// Each function in both forms: the native one in a real module on localnet, and the one for everywhere else in Node.

interface Vectors {
  readonly short: readonly { readonly message: string; readonly digest: string }[]
  readonly long: Vectors['short']
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/nist-sha256.json', import.meta.url), 'utf8'),
) as Vectors

let net: SmallNet
let probe: Principal
beforeAll(async () => {
  const { wasm } = await buildCanister('native-probe', { entry: 'test/canisters/native-probe.ts' })
  net = openSmallNet()
  probe = net.create()
  net.install(probe, wasm)
})

const native = (method: string, ...parts: Uint8Array[]) =>
  net.call(probe, method, new Uint8Array(Buffer.concat(parts))).reply
const openssl = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytesOf = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2_654_435_761) >>> 11) & 0xff)

describe.each([
  ['the native function', (bytes: Uint8Array) => native('hash', bytes)],
  ['the script', sha256],
] as const)('SHA-256 by %s', (_name, hash) => {
  test('gives the published digests of short and long messages', () => {
    const all = [...vectors.short, ...vectors.long]
    expect(all.map(({ message }) => hex(hash(Buffer.from(message, 'hex'))))).toEqual(all.map(({ digest }) => digest))
  })

  test('agrees with OpenSSL where a part of a long message ends', () => {
    for (const length of [65_471, 65_472, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1_000_000]) {
      const bytes = bytesOf(length)
      expect(hex(hash(bytes)), `${length} bytes`).toBe(hex(openssl(bytes)))
    }
  })

  test('agrees with OpenSSL on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        expect(hex(hash(bytes))).toBe(hex(openssl(bytes)))
      }),
      { numRuns: 50 },
    )
  })
})

test('the native function agrees with OpenSSL at every length from 0 to 300', () => {
  const bytes = bytesOf(300)
  const digests = native('hashPrefixes', bytes)
  for (let i = 0; i <= 300; i++) {
    expect(hex(digests.subarray(32 * i, 32 * i + 32)), `${i} bytes`).toBe(hex(openssl(bytes.subarray(0, i))))
  }
})

test('HMAC agrees with OpenSSL', () => {
  const [key, message] = [bytesOf(64), bytesOf(64, 7)]
  expect(hex(native('authenticate', key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'))
})

describe.each([
  ['the native function', (hashes: Uint8Array) => native('fold', hashes)],
  ['the script', foldHashes],
] as const)('a fold by %s', (_name, fold) => {
  test.each([1, 2, 3, 20, 53, 2_048])('joins %i hashes from the right, as RFC 6962 joins subtrees', (count) => {
    const hashes = bytesOf(32 * count)
    let joined = hashes.subarray(-32)
    const expected = [joined]
    for (let at = hashes.length - 64; at >= 0; at -= 32) {
      joined = new Uint8Array(nodeHash((bytes) => new Uint8Array(openssl(bytes)), hashes.subarray(at, at + 32), joined))
      expected.unshift(joined)
    }
    expect(hex(fold(hashes))).toBe(hex(Buffer.concat(expected)))
  })

  test.each([0, 31, 33, 32 * 2_049])('takes no %i bytes', (length) => {
    expect(() => fold(new Uint8Array(length))).toThrow(/1 to 2,048 hashes|trap/)
  })
})

describe.each([
  ['the native function', (a: Uint8Array, b: Uint8Array) => native('same', a, b)[0] === 1],
  ['the script', sameBytes],
] as const)('a comparison by %s', (_name, same) => {
  test.each([0, 1, 7, 8, 9, 31, 32_767, 32_768, 32_769, 65_536, 100_001])('finds one changed byte of %i', (length) => {
    const bytes = bytesOf(length)
    expect(same(bytes, bytes)).toBe(true)
    for (const at of new Set([0, 1, length >>> 1, length - 9, length - 1].filter((i) => i >= 0 && i < length))) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x80
      expect(same(bytes, changed), `byte ${at}`).toBe(false)
    }
  })
})

describe('a look-up in a stable map', () => {
  const u16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff)
  const put = (which: number, key: Uint8Array, value: Uint8Array) =>
    native('putRow', Uint8Array.of(which), u16(key.length), key, value)
  const look = (which: number, key: Uint8Array) => {
    const text = Buffer.from(native('rowBothWays', Uint8Array.of(which), key)).toString()
    const [own, theirs, sizeBytes, ownCost, theirCost] = text.split(' ')
    return { own, theirs, sizeBytes: Number(sizeBytes), ownCost: Number(ownCost), theirCost: Number(theirCost) }
  }
  const keyOf = (n: number) => bytesOf([0, 1, 5, 17, 46, 70, 400, 1_024, 1_025][n % 9] ?? 0, n)

  const valueOf = (n: number) => bytesOf([1, 40, 100, 1_000, 1_013, 5_000][n % 6] ?? 0, n)
  const largeOf = (n: number) => bytesOf(n % 10 === 7 ? 90_000 : 60_000, n)
  const largeKey = (n: number) => bytesOf(20, 1_000 + n)
  const told = (value: Uint8Array | undefined) => (value === undefined ? '-' : openssl(value).join())

  test('finds what the host finds: of any length, over pages, buckets and levels, also after rows went or were written over', () => {
    const rows = new Map<string, { which: number; key: Uint8Array; value: Uint8Array | undefined }>()
    const write = (which: number, key: Uint8Array, value?: Uint8Array) => {
      put(which, key, value ?? new Uint8Array(0))
      rows.set(`${which} ${hex(key)}`, { which, key, value })
    }
    // More than one bucket of 8 MiB, between those of another map.
    for (let n = 0; n < 200; n++) write(n % 10 === 9 ? 1 : 0, largeKey(n), largeOf(n))
    for (let n = 0; n < 400; n++) write(n % 2, keyOf(n), valueOf(n))
    for (let n = 0; n < 400; n += 5) write(n % 2, keyOf(n))
    // Most find a value of the same length there; some a longer one, a shorter one or none.
    for (let n = 0; n < 400; n += 3) write(n % 2, keyOf(n), valueOf(n + 6))
    for (let n = 0; n < 400; n += 7)
      write(n % 2, keyOf(n), bytesOf(Math.max(1, valueOf(n).length + (n % 9) - 4 + (n % 3) * 20), n))
    for (let n = 0; n < 200; n += 8) write(n % 10 === 9 ? 1 : 0, largeKey(n), largeOf(n + 10))
    expect(rows.size).toBeGreaterThan(500)
    for (const { which, key, value } of [...rows.values()].filter((_, i) => i % 4 === 0)) {
      const { own, theirs } = look(which, key)
      expect([own, theirs], `${which} ${hex(key)}`).toEqual([told(value), told(value)])
    }
  })

  test('finds nothing in another map, before the first key and behind the last', () => {
    for (const [which, key] of [
      [1, keyOf(2)],
      [0, new Uint8Array(0)],
      [0, Uint8Array.of(255, 255, 255)],
    ] as const) {
      const { own, theirs } = look(which, key)
      expect(own).toBe(theirs)
    }
    expect(look(1, keyOf(2)).own).toBe('-')
  })

  test('costs less than the host takes, which grows faster with what a map holds', () => {
    for (let n = 0; n < 300; n++) put(2, bytesOf(33, n), bytesOf(100, n))
    look(2, bytesOf(33, 8))
    const { ownCost, theirCost } = look(2, bytesOf(33, 7))
    expect(ownCost / theirCost).toBeLessThan(0.9)
  })
})

test('what is no command still goes to the network: it takes 32 bytes, and refuses more', () => {
  native('certify', bytesOf(32))
  expect(() => native('certify', bytesOf(33))).toThrow(/32/)
})

test('a call costs at most 45 k instructions, and a byte 90', () => {
  const cost = (length: number) => Number(Buffer.from(native('cost', bytesOf(length))).toString())
  cost(0) // the first call looks things up
  expect(cost(0)).toBeLessThan(45_000)
  for (const length of [60_000, 1_000_000]) expect((cost(length) - cost(0)) / length).toBeLessThan(90)
})
