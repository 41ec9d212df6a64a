// Reading the state tree: interface specification, "Request: Read state", "The system state tree", "Certification"; cases after the
// group "read state" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import { program, rejectCall, reply, say, trap, universalWasm } from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Path, readCertificate, type Tree, verify } from './certificate.fixture.ts'
import { ed25519 } from './keys.fixture.ts'
import { encodeArgument, idFromText, textOfId } from './management.fixture.ts'
import { withMetadata } from './modules.fixture.ts'
import { bytesIn, certificateOf, fieldsOf, openReplica, refusalOf, type Replica, replyOf } from './replica.fixture.ts'
import {
  anonymous,
  delegate,
  envelope,
  equal,
  fromCbor,
  fromHex,
  fromLeb128,
  hashOfMap,
  identityOf,
  MANAGEMENT,
  nowNs,
  SECOND_NS,
  sha256,
  toCbor,
  utf8,
} from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
let other: Uint8Array
let empty: Uint8Array
const wasm = universalWasm()
const nowhere = fromHex('00000000001fffff0101')
const stranger = identityOf(ed25519())
beforeAll(async () => {
  ic = await openReplica({ verify: 'each' })
  canister = await ic.deploy(wasm)
  other = await ic.deploy(wasm)
  empty = await ic.create()
})
afterAll(() => ic.close())

const hello = program(say('hello'), reply)
const read = async (paths: readonly Path[], options = {}) => certificateOf(await ic.readState(paths, options))
const about = (id: Uint8Array, ...rest: readonly (Uint8Array | string)[]) => ['canister', id, ...rest]

/** Sends a call and waits for its end. @returns the request id. */
async function called(arg: Uint8Array, as = ic.owner): Promise<Uint8Array> {
  const content = ic.callContent(canister, arg, { as })
  await ic.submit(content, { as })
  return hashOfMap(content)
}

describe('every certificate', () => {
  test('tells the time, asked for or not', async () => {
    for (const paths of [[], [['time']], [['subnet']]]) {
      const found = (await read(paths)).lookup(['time'])
      if (typeof found !== 'object') throw new Error('no time')
      const age = nowNs() - fromLeb128(found.found)
      expect(age > -60n * SECOND_NS && age < 60n * SECOND_NS).toBe(true)
    }
  })

  test('shows nothing that was not asked for', async () => {
    const leaves = (tree: Tree): number =>
      tree.kind === 'fork'
        ? leaves(tree.left) + leaves(tree.right)
        : tree.kind === 'labeled'
          ? leaves(tree.tree)
          : Number(tree.kind === 'leaf')
    expect(leaves((await read([['time']])).tree)).toBe(1)
    expect(leaves((await read([about(canister, 'module_hash')], { at: canister })).tree)).toBe(2)
  })

  test.each([2, 3] as const)('is the same by both versions: %d', async (version) => {
    const options = { at: canister, version }
    expect((await read([about(canister, 'module_hash')], options)).lookup(about(canister, 'module_hash'))).toEqual({
      found: sha256(wasm),
    })
  })

  test('is refused by the agent when a bit of it changed, or for another network', async () => {
    const body = { request_type: 'read_state', sender: Uint8Array.of(4), ingress_expiry: nowNs(), paths: [] }
    const answer = await ic.post(`/api/v3/canister/${textOfId(canister)}/read_state`, toCbor({ content: body }))
    const bytes = bytesIn(fieldsOf(answer), 'certificate')
    await verify(bytes, ic.rootKey, canister)
    const signature = Buffer.from(bytes).indexOf(readCertificate(bytes).signature)
    const spoilt = Uint8Array.from(bytes, (byte, index) => (index === signature + 20 ? byte ^ 1 : byte))
    await expect(verify(spoilt, ic.rootKey, canister)).rejects.toThrow(/signature|Signature|key|point/)
    const foreign = Uint8Array.from(ic.rootKey, (byte, index) => (index === 100 ? byte ^ 1 : byte))
    await expect(verify(bytes, foreign, canister)).rejects.toThrow(/signature|Signature|key|point/)
  })
})

describe('of a canister', () => {
  test('anybody may read code hash, controllers and times', async () => {
    for (const as of [ic.owner, stranger, anonymous]) {
      const paths = ['module_hash', 'controllers', 'canister_creation_timestamp', 'last_install_timestamp'].map(
        (field) => about(canister, field),
      )
      const certificate = await read(paths, { as, at: canister })
      const value = (field: string) => {
        const found = certificate.lookup(about(canister, field))
        if (typeof found !== 'object') throw new Error(`${field} is ${found}`)
        return found.found
      }
      expect(value('module_hash')).toEqual(sha256(wasm))
      expect(fromCbor(value('controllers'))).toEqual([ic.owner.principal])
      const created = fromLeb128(value('canister_creation_timestamp'))
      const installed = fromLeb128(value('last_install_timestamp'))
      expect(created > 0n && created <= installed).toBe(true)
    }
  })

  test('without a module hash and time of installation are proven absent, and the controllers are there', async () => {
    const fields = ['module_hash', 'last_install_timestamp', 'controllers']
    const certificate = await read(
      fields.map((field) => about(empty, field)),
      { at: empty },
    )
    expect(certificate.lookup(about(empty, 'module_hash'))).toBe('absent')
    expect(certificate.lookup(about(empty, 'last_install_timestamp'))).toBe('absent')
    expect(certificate.lookup(about(empty, 'controllers'))).toHaveProperty('found')
  })

  test('several controllers and none are shown as they are', async () => {
    const controllers = [ic.owner.principal, stranger.principal]
    const [two, none] = [await ic.create({ controllers }), await ic.create({ controllers: [] })]
    const of = async (id: Uint8Array) => {
      const found = (await read([about(id, 'controllers')], { at: id })).lookup(about(id, 'controllers'))
      return typeof found === 'object' ? (fromCbor(found.found) as Uint8Array[]) : []
    }
    expect((await of(two)).map((id) => Buffer.from(id)).toSorted((a, b) => Buffer.compare(a, b))).toEqual(
      controllers.map((id) => Buffer.from(id)).toSorted((a, b) => Buffer.compare(a, b)),
    )
    expect(await of(none)).toEqual([])
  })

  test('that does not exist everything is proven absent', async () => {
    const certificate = await read([about(nowhere, 'controllers'), about(nowhere, 'metadata', 'x')], { at: nowhere })
    expect(certificate.lookup(about(nowhere, 'controllers'))).toBe('absent')
    expect(certificate.lookup(about(nowhere, 'metadata', 'x'))).toBe('absent')
  })

  test.each<[string, () => Path]>([
    ['certified data', () => about(canister, 'certified_data')],
    ['everything', () => about(canister)],
    ['all metadata', () => about(canister, 'metadata')],
    ['what does not exist', () => about(canister, 'balance')],
    ['more than a field', () => about(canister, 'module_hash', 'x')],
    ['another canister than the address names', () => about(other, 'module_hash')],
    ['all canisters', () => ['canister']],
  ])('%s can be read by nobody', async (_what, path) => {
    for (const as of [ic.owner, anonymous]) {
      for (const version of [2, 3] as const) {
        expect(refusalOf(await ic.readState([path()], { as, version, at: canister }))).toMatch(/^40[034] /)
        const beside = [['time'], path()]
        expect(refusalOf(await ic.readState(beside, { as, version, at: canister }))).toMatch(/^40[034] /)
      }
    }
  })
})

describe('metadata', () => {
  const sections: readonly [string, string][] = [
    ['icp:public open', 'for all'],
    ['icp:private closed', 'for controllers'],
    ['icp:public two words', 'space'],
    ['icp:public ☃', 'snow'],
    ['icp:public ', 'nameless'],
    ['other', 'not exposed'],
  ]
  let described: Uint8Array
  beforeAll(async () => {
    described = await ic.deploy(
      withMetadata(
        wasm,
        sections.map(([name, content]) => [name, utf8(content)]),
      ),
    )
  })
  const metadata = (name: string | Uint8Array, as = anonymous) =>
    ic.readState([about(described, 'metadata', name)], { as, at: described })

  test.each([
    ['open', 'for all'],
    ['two words', 'space'],
    ['☃', 'snow'],
    ['', 'nameless'],
  ])('in the public section "%s" is for everybody', async (name, content) => {
    for (const as of [anonymous, stranger, ic.owner]) {
      const found = certificateOf(await metadata(name, as)).lookup(about(described, 'metadata', name))
      expect(found).toEqual({ found: utf8(content) })
    }
  })

  test('in a private section is for controllers', async () => {
    expect(certificateOf(await metadata('closed', ic.owner)).lookup(about(described, 'metadata', 'closed'))).toEqual({
      found: utf8('for controllers'),
    })
    for (const as of [anonymous, stranger]) expect(refusalOf(await metadata('closed', as))).toMatch(/^403 /)
  })

  test('that is not there is proven absent', async () => {
    for (const name of ['missing', 'other', 'icp:public open', 'ope', 'open2']) {
      expect(certificateOf(await metadata(name)).lookup(about(described, 'metadata', name))).toBe('absent')
    }
    const certificate = await read([about(empty, 'metadata', 'open')], { at: empty })
    expect(certificate.lookup(about(empty, 'metadata', 'open'))).toBe('absent')
  })

  test('under a name that is not UTF-8 cannot be asked for', async () => {
    expect(refusalOf(await metadata(Uint8Array.of(0xff, 0xfe)))).toMatch(/^40[04] /)
  })
})

describe('the status of a request', () => {
  test('shows a reply to its sender, whole or in parts', async () => {
    const id = await called(hello)
    const all = await read([['request_status', id]], { at: canister })
    expect(all.lookup(['request_status', id, 'status'])).toEqual({ found: utf8('replied') })
    expect(all.lookup(['request_status', id, 'reply'])).toEqual({ found: utf8('hello') })
    for (const field of ['reject_code', 'reject_message', 'error_code']) {
      expect(all.lookup(['request_status', id, field])).toBe('absent')
    }
    const part = await read(
      [
        ['request_status', id, 'status'],
        ['request_status', id, 'reject_code'],
      ],
      { at: canister },
    )
    expect(part.lookup(['request_status', id, 'status'])).toEqual({ found: utf8('replied') })
    expect(part.lookup(['request_status', id, 'reject_code'])).toBe('absent')
    expect(part.lookup(['request_status', id, 'reply'])).not.toHaveProperty('found')
  })

  test('shows a reject with code, text and error code', async () => {
    for (const [arg, code, message, error] of [
      [program(say('not now'), rejectCall), 4, 'not now', 'IC0406'],
      [program(say('ouch'), trap), 5, 'ouch', 'IC0503'],
    ] as const) {
      const id = await called(arg)
      const certificate = await read([['request_status', id]], { at: canister })
      const value = (field: string) => certificate.lookup(['request_status', id, field])
      expect(value('status')).toEqual({ found: utf8('rejected') })
      expect(value('reject_code')).toEqual({ found: Uint8Array.of(code) })
      expect(value('error_code')).toEqual({ found: utf8(error) })
      expect(value('reply')).toBe('absent')
      const text = value('reject_message')
      expect(typeof text === 'object' ? Buffer.from(text.found).toString() : text).toContain(message)
    }
  })

  test('of a management call is read at the address that the call had', async () => {
    const arg = encodeArgument('start_canister', { canister_id: canister })
    const start = ic.callContent(MANAGEMENT, arg, { method: 'start_canister' })
    replyOf(await ic.submit(start, { at: canister }))
    const paths = [['request_status', hashOfMap(start), 'status']]
    expect((await read(paths, { at: canister })).lookup(paths[0] ?? [])).toEqual({ found: utf8('replied') })
    expect(refusalOf(await ic.readState(paths, { at: other }))).toMatch(/^40[034] /)
  })

  test('is for its sender alone', async () => {
    const id = await called(hello)
    for (const as of [stranger, anonymous]) {
      for (const rest of [[], ['status'], ['reply']]) {
        expect(refusalOf(await ic.readState([['request_status', id, ...rest]], { as, at: canister }))).toMatch(/^403 /)
        const mixed = [['time'], ['request_status', id, ...rest]]
        expect(refusalOf(await ic.readState(mixed, { as, at: canister }))).toMatch(/^403 /)
      }
    }
    const anybody = await called(hello, anonymous)
    expect(refusalOf(await ic.readState([['request_status', anybody]], { at: canister }))).toMatch(/^403 /)
  })

  test('is for whoever holds a delegation of the sender', async () => {
    const [root, session] = [ed25519(), ed25519()]
    const id = await called(hello, identityOf(root))
    const later = { expiration: nowNs() + 60n * SECOND_NS }
    const as = identityOf(session, { root, chain: [delegate(root, session, later)] })
    expect(
      (await read([['request_status', id]], { as, at: canister })).lookup(['request_status', id, 'reply']),
    ).toEqual({
      found: utf8('hello'),
    })
  })

  test('is read at the address of its canister', async () => {
    const id = await called(hello)
    expect(refusalOf(await ic.readState([['request_status', id]], { at: other }))).toMatch(/^40[034] /)
  })

  test.each([
    ['zeros', new Uint8Array(32)],
    ['ones', new Uint8Array(32).fill(255)],
    ['a hash', sha256(utf8('never sent'))],
  ])('of a request that nobody sent is proven absent: %s', async (_what, id) => {
    for (const as of [ic.owner, anonymous]) {
      const certificate = await read([['request_status', id]], { as, at: canister })
      expect(certificate.lookup(['request_status', id])).toBe('absent')
      expect(certificate.lookup(['request_status', id, 'status'])).toBe('absent')
    }
  })

  test.each([0, 1, 31, 33])('with an id of %d bytes cannot be asked for', async (size) => {
    expect(refusalOf(await ic.readState([['request_status', new Uint8Array(size)]], { at: canister }))).toMatch(
      /^40[04] /,
    )
  })

  test('is not read two at a time', async () => {
    const paths = [await called(hello), await called(hello)].map((id) => ['request_status', id])
    expect(refusalOf(await ic.readState(paths, { at: canister }))).toMatch(/^40[034] /)
  })

  test('is not listed', async () => {
    expect(refusalOf(await ic.readState([['request_status']], { at: canister }))).toMatch(/^40[04] /)
  })
})

describe('of the subnet', () => {
  test.each([2, 3] as const)('keys, type, nodes and canister ranges are open to all, version %d', async (version) => {
    for (const kind of ['canister', 'subnet'] as const) {
      const at = kind === 'subnet' ? ic.subnetId : canister
      const certificate = await read([['subnet']], { as: anonymous, version, kind, at })
      const own = ['subnet', ic.subnetId]
      expect(certificate.lookup([...own, 'public_key'])).toEqual({ found: ic.rootKey })
      const type = certificate.lookup([...own, 'type'])
      expect(['application', 'system', 'verified_application']).toContain(
        typeof type === 'object' ? Buffer.from(type.found).toString() : type,
      )
      const ranges = certificate.lookup([...own, 'canister_ranges'])
      if (typeof ranges !== 'object') throw new Error('no ranges')
      const contains = (fromCbor(ranges.found) as [Uint8Array, Uint8Array][]).some(
        ([from, to]) => Buffer.compare(from, canister) <= 0 && Buffer.compare(canister, to) <= 0,
      )
      expect(contains).toBe(true)
      const nodes = certificate.labels([...own, 'node'])
      expect(nodes.length).toBeGreaterThan(0)
      for (const node of nodes) {
        const key = certificate.lookup([...own, 'node', node, 'public_key'])
        if (typeof key !== 'object') throw new Error('a node has a key')
        expect(equal(node, identityOf({ publicKeyDer: key.found, sign: (bytes) => bytes }).principal)).toBe(true)
      }
    }
  })

  test('the ranges in shards are read at the address of the subnet only', async () => {
    const path = ['canister_ranges', ic.subnetId]
    const certificate = await read([path], { kind: 'subnet', at: ic.subnetId })
    const [first] = certificate.labels(path)
    if (first === undefined) throw new Error('no shard')
    const shard = certificate.lookup([...path, first])
    const [range] = fromCbor(typeof shard === 'object' ? shard.found : new Uint8Array(0)) as [Uint8Array, Uint8Array][]
    expect(range?.[0]).toEqual(first)
    expect(refusalOf(await ic.readState([path], { at: canister }))).toMatch(/^40[034] /)
  })

  test('canisters and their requests are not read at its address', async () => {
    const options = { kind: 'subnet', at: ic.subnetId } as const
    expect(refusalOf(await ic.readState([about(canister, 'controllers')], options))).toMatch(/^40[034] /)
  })

  test('another is not there', async () => {
    const at = idFromText('tdb26-jop6k-aogll-7ltgs-eruif-6kk7m-qpktf-gdiqx-mxtrf-vb5e6-eqe')
    expect(refusalOf(await ic.readState([['time']], { kind: 'subnet', at }))).toMatch(/^40[04] /)
    const certificate = await read([['subnet', at]])
    expect(certificate.lookup(['subnet', at, 'public_key'])).toBe('absent')
  })

  test('the boundary nodes may be asked for', async () => {
    expect((await read([['api_boundary_nodes']])).lookup(['time'])).toHaveProperty('found')
  })
})

describe('a request for the state', () => {
  test.each<[string, readonly Path[]]>([
    ['the whole tree', [[]]],
    ['a branch that does not exist', [['messages']]],
    ['time with more behind it', [['time', 'x']]],
    ['1001 paths', Array.from({ length: 1001 }, () => ['time'])],
    ['a path of 128 labels', [Array.from({ length: 128 }, () => 'time')]],
  ])('for %s is refused', async (_what, paths) => {
    expect(refusalOf(await ic.readState(paths))).toMatch(/^4\d\d /)
  })

  test('for 1000 paths is answered', async () => {
    expect((await read(Array.from({ length: 1000 }, () => ['time']))).lookup(['time'])).toHaveProperty('found')
  })

  test('for no paths at all shows the time', async () => {
    expect((await read([])).labels([]).map((label) => Buffer.from(label).toString())).toEqual(['time'])
  })

  test('needs its paths', async () => {
    const content = { request_type: 'read_state', sender: Uint8Array.of(4), ingress_expiry: nowNs() }
    const answer = await ic.post(`/api/v3/canister/${textOfId(canister)}/read_state`, envelope(content, anonymous))
    expect(answer.status).toBe(400)
  })
})
