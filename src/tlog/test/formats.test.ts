import { Cbor, reconstruct, type HashTree, lookup_path, LookupPathStatus } from '@dfinity/agent'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  certifiedRoot,
  configNodeHash,
  decodeLeaf,
  decodeTreeHead,
  encodeLeaf,
  encodeTreeHead,
  leafBlinding,
  leafHash,
  logIdOf,
  logWitness,
  readLogWitness,
} from '../src/index.ts'
import { emptyNodeHash, forkHash, labeledHash, leafNodeHash } from '../src/certified-tree.ts'
import { hex, readVectors, run, sha256 } from './slow-tree.ts'

const vectors = readVectors('keys-section-23.json') as { leaf: { bytes: string; blinding: string; leafHash: string } }
const labelNode = (text: string, node: Uint8Array) => labeledHash(sha256, ascii(text), node)
const leafNode = (text: string) => leafNodeHash(sha256, ascii(text))
const forkNode = (a: Uint8Array, b: Uint8Array) => forkHash(sha256, a, b)
const sized = (n: number) => fc.uint8Array({ minLength: n, maxLength: n })
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('log leaf', () => {
  const leaf = {
    index: 5,
    timeNs: 1767225600000000000n,
    event: 0x31,
    flags: 0,
    patientId: run(0x10, 16),
    patientSeq: 2,
    previousLeafHash: new Uint8Array(32),
    blinding: leafBlinding(sha256, run(0x40, 32), 5),
    actor: Uint8Array.of(4),
    objectId: run(0x50, 16),
    versionOrEpoch: 3,
    compartmentKind: 1,
    detailHash: run(0x60, 32),
  }

  test('bytes, blinding and hash are those of the design', () => {
    expect(hex(leaf.blinding)).toBe(vectors.leaf.blinding)
    expect(hex(encodeLeaf(leaf))).toBe(vectors.leaf.bytes)
    expect(hex(leafHash(sha256, encodeLeaf(leaf)))).toBe(vectors.leaf.leafHash)
    expect(decodeLeaf(encodeLeaf(leaf))).toEqual({ ok: true, value: leaf })
  })

  test('every leaf comes back as it went in', () => {
    const leaves = fc.record({
      index: fc.maxSafeNat(),
      timeNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      event: fc.nat(255),
      flags: fc.nat(255),
      patientId: sized(16),
      patientSeq: fc.maxSafeNat(),
      previousLeafHash: sized(32),
      blinding: sized(16),
      actor: fc.uint8Array({ maxLength: 29 }),
      objectId: sized(16),
      versionOrEpoch: fc.nat(0xffffffff),
      compartmentKind: fc.nat(255),
      detailHash: sized(32),
    })
    fc.assert(
      fc.property(leaves, (any) => {
        expect(decodeLeaf(encodeLeaf(any))).toEqual({ ok: true, value: any })
      }),
    )
  })

  test('decoding accepts nothing that encoding would not make', () => {
    const bytes = encodeLeaf(leaf)
    fc.assert(
      fc.property(fc.nat(179), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = bytes.slice()
        changed[at]! ^= mask
        const decoded = decodeLeaf(changed)
        expect(!decoded.ok || hex(encodeLeaf(decoded.value)) === hex(changed)).toBe(true)
      }),
    )
    expect(decodeLeaf(bytes.subarray(1))).toEqual({ ok: false, reason: 'WrongLength' })
    expect(decodeLeaf(new Uint8Array(180))).toEqual({ ok: false, reason: 'WrongTag' })
    const padded = bytes.slice()
    padded[120] = 1
    expect(decodeLeaf(padded)).toEqual({ ok: false, reason: 'ReservedNotZero' })
    padded[96] = 30
    expect(decodeLeaf(padded)).toEqual({ ok: false, reason: 'OutOfRange' })
  })

  test('a field of the wrong size is refused', () => {
    expect(() => encodeLeaf({ ...leaf, actor: new Uint8Array(30) })).toThrow(RangeError)
    expect(() => encodeLeaf({ ...leaf, patientId: new Uint8Array(15) })).toThrow(RangeError)
    expect(() => encodeLeaf({ ...leaf, event: 256 })).toThrow(RangeError)
    expect(() => encodeLeaf({ ...leaf, timeNs: -1n })).toThrow(RangeError)
    expect(() => encodeLeaf({ ...leaf, index: 2 ** 53 })).toThrow(RangeError)
    expect(() => leafBlinding(sha256, new Uint8Array(31), 0)).toThrow(RangeError)
  })
})

describe('tree head and certified tree', () => {
  const head = { logId: logIdOf(sha256, run(0, 10)), size: 77, root: run(0x20, 32), timeNs: 1767225600000000000n }
  const configNode = configNodeHash(sha256, run(0x70, 32))

  test('a head is 68 bytes in the stated order', () => {
    const bytes = encodeTreeHead(head)
    expect(hex(bytes)).toBe(
      `4d475431${hex(sha256(new Uint8Array([...ascii('medguard/log/1'), ...run(0, 10)])).slice(0, 16))}` +
        `000000000000004d${hex(head.root)}18867251edfa0000`,
    )
    expect(decodeTreeHead(bytes)).toEqual({ ok: true, value: head })
    expect(decodeTreeHead(bytes.subarray(0, 67))).toEqual({ ok: false, reason: 'WrongLength' })
    expect(decodeTreeHead(new Uint8Array(68))).toEqual({ ok: false, reason: 'WrongTag' })
  })

  test('the example tree of the interface specification has its published root', () => {
    // Interface specification, "Certificate encoding", "Example".
    const a = labelNode(
      'a',
      forkNode(forkNode(labelNode('x', leafNode('hello')), emptyNodeHash(sha256)), labelNode('y', leafNode('world'))),
    )
    const root = forkNode(
      forkNode(a, labelNode('b', leafNode('good'))),
      forkNode(labelNode('c', emptyNodeHash(sha256)), labelNode('d', leafNode('morning'))),
    )
    expect(hex(root)).toBe('eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0')
  })

  test('the agent library reads the witness and computes the same root', async () => {
    const bytes = encodeTreeHead(head)
    const witness = logWitness(configNode, bytes)
    expect(witness.length).toBe(119)
    const tree: HashTree = Cbor.decode(witness)
    expect(hex(await reconstruct(tree))).toBe(hex(certifiedRoot(sha256, configNode, bytes)))
    const found = lookup_path(['log'], tree)
    expect(found.status === LookupPathStatus.Found && hex(found.value)).toBe(hex(bytes))
  })

  test('reading a witness gives the root to compare and the head', () => {
    const bytes = encodeTreeHead(head)
    const root = certifiedRoot(sha256, configNode, bytes)
    const witness = logWitness(configNode, bytes)
    expect(readLogWitness(sha256, witness)).toEqual({ root, treeHead: head, treeHeadBytes: bytes })
    expect(readLogWitness(sha256, witness.subarray(3))?.root).toEqual(root)
  })

  test('a changed witness gives another root or nothing at all', () => {
    const bytes = encodeTreeHead(head)
    const root = hex(certifiedRoot(sha256, configNode, bytes))
    const witness = logWitness(configNode, bytes)
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 118 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = witness.slice()
        changed[at]! ^= mask
        const read = readLogWitness(sha256, changed)
        expect(read === null || hex(read.root) !== root).toBe(true)
      }),
      { numRuns: 500 },
    )
    expect(readLogWitness(sha256, Uint8Array.from([...witness, 0]))).toBeNull()
    expect(readLogWitness(sha256, witness.subarray(0, 118))).toBeNull()
  })

  test('reading never throws, and refuses deep trees and two logs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
        expect(readLogWitness(sha256, any)).toBeNull()
      }),
    )
    const deep = new Uint8Array(4000)
    for (let i = 0; i < deep.length; i += 2) deep.set([0x83, 1], i)
    expect(readLogWitness(sha256, deep)).toBeNull()
    const log = logWitness(configNode, encodeTreeHead(head)).subarray(3 + 2 + 36)
    expect(readLogWitness(sha256, Uint8Array.from([0x83, 1, ...log, ...log]))).toBeNull()
    expect(readLogWitness(sha256, undefined as never)).toBeNull()
  })
})
