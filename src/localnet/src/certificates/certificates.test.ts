import { Certificate, lookupResultToBuffer } from '@dfinity/agent'
import { Principal } from '@dfinity/principal'
import { describe, expect, test } from 'vitest'
import { fromHex, hex, utf8 } from './bytes.ts'
import { decodeUntrusted, encodeTagged, InvalidCbor } from './cbor.ts'
import { createCertifier } from './certifier.ts'
import { DEVELOPMENT_NODE_SEED, DEVELOPMENT_ROOT_SECRET } from './development-keys.ts'
import { buildTree, decodeTree, type HashTree, lookup, prune, rootHash } from './hash-tree.ts'
import { createNodeKey } from './node-key.ts'
import { representationHash } from './representation-hash.ts'
import { requestLeaves } from './state-tree.ts'

const path = (...labels: string[]) => labels.map(utf8)
const canisterId = fromHex('00000000000000000101')
const nowNs = () => BigInt(Date.now()) * 1_000_000n

/** Interface specification, "Certificate", the example tree. */
const leaf = (text: string): HashTree => [3, utf8(text)]
const label = (text: string, tree: HashTree): HashTree => [2, utf8(text), tree]
const example: HashTree = (() => {
  const a: HashTree = [1, [1, label('x', leaf('hello')), [0]], label('y', leaf('world'))]
  return [1, [1, label('a', a), label('b', leaf('good'))], [1, label('c', [0]), label('d', leaf('morning'))]]
})()

describe('hash trees', () => {
  test('the example tree of the interface specification has its published root hash', () => {
    expect(hex(rootHash(example))).toBe('eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0')
  })

  test('pruning keeps the root hash and the paths asked for', () => {
    const pruned = prune(example, [path('a', 'y'), path('d')])
    expect(hex(rootHash(pruned))).toBe(hex(rootHash(example)))
    expect(lookup(pruned, path('a', 'y'))).toEqual({ kind: 'found', tree: [3, utf8('world')] })
    expect(lookup(pruned, path('b')).kind).toBe('unknown')
    expect(lookup(pruned, path('e')).kind).toBe('absent')
  })

  test('a built tree proves the absence of everything it does not hold', () => {
    const tree = buildTree(['m', 'c', 'ca', 'x'].map((name) => ({ path: path(name, 'v'), value: utf8(name) })))
    for (const name of ['', 'a', 'cb', 'n', 'z']) expect(lookup(tree, path(name)).kind).toBe('absent')
    for (const name of ['m', 'c', 'ca', 'x']) expect(lookup(tree, path(name, 'v')).kind).toBe('found')
  })

  test('one path cannot hold two values or be a leaf and a branch', () => {
    const twice = [1, 2].map((value) => ({ path: path('a'), value: Uint8Array.of(value) }))
    expect(() => buildTree(twice)).toThrow(RangeError)
    expect(() => buildTree([...twice.slice(1), { path: path('a', 'b'), value: utf8('') }])).toThrow(RangeError)
  })

  test('trees survive encoding and foreign shapes are refused', () => {
    expect(hex(rootHash(decodeTree(encodeTagged(example))))).toBe(hex(rootHash(example)))
    for (const bad of [[5], [1, [0]], [4, utf8('short')], [2, 'text', [0]], 'x', [0, 0]]) {
      expect(() => decodeTree(encodeTagged(bad))).toThrow(RangeError)
    }
  })
})

describe('request ids', () => {
  test('the request id of the interface specification comes out', () => {
    const content = new Map<string, string | bigint | Uint8Array>([
      ['request_type', 'call'],
      ['sender', Uint8Array.of(4)],
      ['ingress_expiry', 1685570400000000000n],
      ['canister_id', fromHex('00000000000004d2')],
      ['method_name', 'hello'],
      ['arg', fromHex('4449444c00fd2a')],
    ])
    expect(hex(representationHash(content))).toBe('1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101')
  })
})

describe('CBOR from strangers', () => {
  test('what clients send is read back', () => {
    const value = new Map<string, unknown>([
      ['a', [1, 2n ** 63n, new Uint8Array(3)]],
      ['b', new Map([['c', 'd']])],
    ])
    expect(decodeUntrusted(encodeTagged(value))).toEqual(value)
  })

  test.each([
    ['nothing', ''],
    ['an array that promises more than there is', '9bffffffffffffffff'],
    ['a map with a key twice', 'a2616101616102'],
    ['a key that is a number', 'a10102'],
    ['a float', 'fb3ff199999999999a'],
    ['a tag inside', '81d9d9f700'],
    ['bytes after the end', '0000'],
    ['a string that ends too early', '45aa'],
    ['a lone break', 'ff'],
    ['nesting without end', '81'.repeat(100_000)],
  ])('%s is refused', (_what, bytes) => {
    expect(() => decodeUntrusted(fromHex(bytes))).toThrow(InvalidCbor)
  })

  test('a key named like a prototype stays a key', () => {
    const value = decodeUntrusted(encodeTagged(new Map([['__proto__', 1]])))
    expect(value).toEqual(new Map([['__proto__', 1]]))
  })
})

describe('certificates', () => {
  const certifier = createCertifier(DEVELOPMENT_ROOT_SECRET)

  test('root key, subnet id and node id are the same on every machine', () => {
    expect(hex(certifier.rootKeyDer)).toMatchInlineSnapshot(
      `"308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c0503020103610096a502b403a16e7c2b8119cd80d3a8018cd638ba9fcebf9c10b224cb07f02c69179bad75f54b8f74cfb1de7b15f8d9d210ce1188ee9cfb4b10ef04919e06a03d30d60174ed8aa527ce92c3bd040470e1d85897be8b9cd88e682e01263891d8db"`,
    )
    expect(Principal.fromUint8Array(certifier.subnetId).toText()).toMatchInlineSnapshot(
      `"v4ess-ioeql-f6tc4-xaqwn-rf527-taesg-dp5v2-yprdp-neypk-wxfyw-nqe"`,
    )
    expect(Principal.fromUint8Array(createNodeKey(DEVELOPMENT_NODE_SEED).nodeId).toText()).toMatchInlineSnapshot(
      `"7fvjv-ifbak-nddk4-rdysd-fncs7-uf63r-sqc2c-atra4-recur-awzyr-sqe"`,
    )
  })

  test('the released agent accepts a certificate and finds its leaves', async () => {
    const certified = utf8('thirty-two bytes of certified da')
    const bytes = certifier.certifyData({ canisterId, certifiedData: certified, timeNs: nowNs() })
    const certificate = await Certificate.create({
      certificate: bytes,
      rootKey: certifier.rootKeyDer,
      canisterId: Principal.fromUint8Array(canisterId),
    })
    const found = lookupResultToBuffer(certificate.lookup_path([utf8('canister'), canisterId, utf8('certified_data')]))
    expect(found).toEqual(certified)
    expect(certificate.lookup_path(path('request_status')).status).toBe('Absent')
  })

  test('a certificate signed by another root key is refused', async () => {
    const other = createCertifier(new Uint8Array(32).fill(7))
    const bytes = other.certificate([], nowNs())
    const check = Certificate.create({
      certificate: bytes,
      rootKey: certifier.rootKeyDer,
      canisterId: Principal.fromUint8Array(canisterId),
    })
    await expect(check).rejects.toThrow(/signature/i)
  })

  test('many call answers share one signature and each shows only its own', async () => {
    const ids = [1, 2, 3, 4, 5].map((fill) => new Uint8Array(32).fill(fill))
    const leaves = ids.flatMap((id) =>
      requestLeaves(id, {
        sender: Uint8Array.of(4),
        canisterId,
        effectiveCanisterId: canisterId,
        state: { status: 'replied', reply: id.subarray(0, 1) },
      }),
    )
    const made = certifier.certificates(
      leaves,
      ids.map((id) => [utf8('request_status'), id]),
      nowNs(),
    )
    for (const [index, bytes] of made.entries()) {
      const certificate = await Certificate.create({
        certificate: bytes,
        rootKey: certifier.rootKeyDer,
        canisterId: Principal.fromUint8Array(canisterId),
      })
      const id = ids[index]!
      const reply = lookupResultToBuffer(certificate.lookup_path([utf8('request_status'), id, utf8('reply')]))
      expect(reply).toEqual(id.subarray(0, 1))
      expect(certificate.lookup_path([utf8('request_status'), id, utf8('error_code')]).status).toBe('Absent')
      const other = ids[(index + 1) % ids.length]!
      expect(certificate.lookup_path([utf8('request_status'), other, utf8('reply')]).status).toBe('Unknown')
    }
  })

  test('a certificate of the same data is reused for a second and then made anew', () => {
    const timeNs = nowNs()
    const first = certifier.certificate([], timeNs)
    expect(certifier.certificate([], timeNs + 999_999_999n)).toBe(first)
    expect(certifier.certificate([], timeNs + 1_000_000_000n)).not.toEqual(first)
  })
})
