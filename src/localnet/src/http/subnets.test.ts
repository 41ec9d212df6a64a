// A network of three subnets and the released agent, which checks every delegation, range and node signature itself.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CanisterStatus, Certificate, type HttpAgent, lookupResultToBuffer } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Cbor,
  type CborMap,
  decodeUntrusted,
  fromHex,
  isMap,
  lookupLeaf,
  type Path,
  readCertificate,
  treeFromCbor,
  utf8,
} from '../certificates/index.ts'
import { agentFor, deploy, managementFor, tallyActor } from '../host/deploy.fixture.ts'
import { tallyWasm } from '../host/tally.fixture.ts'
import { type Localnet, LOCALNET_ROOT_KEY, LOCALNET_SUBNET_ID, startLocalnet, StateFolderProblem } from '../index.ts'
import {
  certify,
  program,
  reply,
  say,
  sayCertificate,
  universalWasm,
} from '../state-machine/universal-canister.fixture.ts'
import { readCallEnvelope } from './envelope.ts'
import { send } from './raw-request.fixture.ts'
import { ed25519, envelope, type Fields } from './signed-request.fixture.ts'

const NAMES = ['root', 'first', 'second'] as const
type Name = (typeof NAMES)[number]
const SUBNETS = [{ kind: 'application' }, { kind: 'system' }] as const

let network: Localnet
let owner: HttpAgent
let folder: string
const tallies = new Map<Name, Principal>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'localnet-'))
  network = await startLocalnet({ port: 0, subnets: SUBNETS })
  owner = await agentFor(network, Ed25519KeyIdentity.generate())
  for (const name of NAMES) tallies.set(name, await deploy(owner, tallyWasm(), nearOf(name)))
})
afterAll(async () => {
  await network.close()
  rmSync(folder, { recursive: true, force: true })
})

const subnetOf = (name: Name, of = network) => {
  const subnet = of.subnets[NAMES.indexOf(name)]
  if (subnet === undefined) throw new Error(`there is no ${name} subnet`)
  return subnet
}
const nearOf = (name: Name, of = network) => Principal.fromText(subnetOf(name, of).canisterRanges[0]?.[0] ?? '')
const idOf = (name: Name) => Principal.fromText(subnetOf(name).id).toUint8Array()
const tallyOf = (name: Name): Principal => {
  const id = tallies.get(name)
  if (id === undefined) throw new Error(`there is no canister on the ${name} subnet`)
  return id
}

const expiry = () => BigInt(Date.now()) * 1_000_000n + 60_000_000_000n
async function post(path: string, body: Uint8Array): Promise<CborMap> {
  const answer = await send(network.port, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/cbor' },
    body,
  })
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return decodeUntrusted(new Uint8Array(answer.body)) as CborMap
}

const ask = (path: string, content: Fields) => post(path, envelope({ ingress_expiry: expiry(), ...content }, ed25519()))

function bytes(map: CborMap, key: string): Uint8Array {
  const value = map.get(key)
  if (!(value instanceof Uint8Array)) throw new Error(`there is no ${key}`)
  return value
}

interface Opened {
  readonly bytes: Uint8Array
  readonly leaf: (...path: readonly (string | Uint8Array)[]) => Uint8Array | undefined
  /** What the root subnet says about the subnet; null when nothing is said. */
  readonly delegation: { readonly subnetId: Uint8Array; readonly leaf: Opened['leaf'] } | null
}

function open(certificate: Uint8Array): Opened {
  const map = decodeUntrusted(certificate) as CborMap
  const delegation = map.get('delegation')
  const inner = isMap(delegation) ? open(bytes(delegation, 'certificate')) : null
  const tree = treeFromCbor(map.get('tree') as Cbor)
  return {
    bytes: certificate,
    leaf: (...path) =>
      lookupLeaf(
        tree,
        path.map((label) => (typeof label === 'string' ? utf8(label) : label)),
      ),
    delegation:
      isMap(delegation) && inner !== null ? { subnetId: bytes(delegation, 'subnet_id'), leaf: inner.leaf } : null,
  }
}

async function readState(version: 2 | 3, address: string, paths: readonly Path[]): Promise<Opened> {
  return open(
    bytes(await ask(`/api/v${version}/${address}/read_state`, { request_type: 'read_state', paths }), 'certificate'),
  )
}

const checkedByAgent = (certificate: Uint8Array, canisterId: Principal) =>
  Certificate.create({
    certificate: new Uint8Array(certificate),
    rootKey: new Uint8Array(network.rootKey),
    canisterId,
  })

describe('the released agent', () => {
  test('the root key and the root subnet are those of every localnet', () => {
    expect(network.rootKey).toEqual(LOCALNET_ROOT_KEY)
    expect(network.subnets.map(({ kind }) => kind)).toEqual(['application', 'application', 'system'])
    expect(subnetOf('root').id).toBe(LOCALNET_SUBNET_ID)
    expect(new Set(network.subnets.map(({ id }) => id)).size).toBe(3)
  })

  test.each(NAMES)('a canister on the %s subnet is called and asked, answers verified', async (name) => {
    const actor = tallyActor(await agentFor(network), tallyOf(name))
    expect(await actor.mark(1)).toBe(1)
    expect(await actor.count(1)).toBe(1)
    await expect(actor.fail(1)).rejects.toThrow(/Reject code: 5[^]*IC0503/)
    const facts = await CanisterStatus.request({
      agent: owner,
      canisterId: tallyOf(name),
      paths: ['controllers', 'module_hash', 'time', 'subnet'],
    })
    expect(facts.get('controllers')).toEqual([await owner.getPrincipal()])
    expect(facts.get('subnet')).toMatchObject({ subnetId: subnetOf(name).id })
  })

  test.each(NAMES)(
    'a canister is created on the %s subnet by the address alone, with ids counting up',
    async (name) => {
      const create = managementFor(owner, nearOf(name))
      const ids = [await create.provisional_create_canister_with_cycles({ amount: [] })]
      ids.push(await create.provisional_create_canister_with_cycles({ amount: [] }))
      const [one = 0n, two = 0n] = ids.map(({ canister_id: id }) => Buffer.from(id.toUint8Array()).readBigUInt64BE())
      expect(two).toBe(one + 1n)
      const isIn = ({ canisterRanges }: Localnet['subnets'][number]) =>
        canisterRanges.some(([first, last]) => {
          const [from, to] = [first, last].map((id) =>
            Buffer.from(Principal.fromText(id).toUint8Array()).readBigUInt64BE(),
          )
          return (from ?? 0n) <= one && two <= (to ?? 0n)
        })
      expect(network.subnets.filter(isIn)).toEqual([subnetOf(name)])
    },
  )

  test('many calls on all subnets at once share signatures and all verify', async () => {
    const counts = await Promise.all(
      Array.from({ length: 30 }, (_, n) => tallyActor(owner, tallyOf(NAMES[n % 3] ?? 'root')).mark(9)),
    )
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => Math.floor(n / 3) + 1))
  })

  test('a certificate of one subnet says nothing about a canister of another', async () => {
    const { bytes: certificate } = await readState(2, `canister/${tallyOf('first').toText()}`, [[utf8('time')]])
    await checkedByAgent(certificate, tallyOf('first'))
    for (const name of ['second', 'root'] as const) {
      await expect(checkedByAgent(certificate, tallyOf(name))).rejects.toThrow(/does not include the canister/)
    }
  })

  test('certified data on another subnet comes with its delegation', async () => {
    const id = await deploy(owner, universalWasm(), nearOf('second'))
    await owner.call(id, { methodName: 'run', arg: program(say('certified'), certify, reply), effectiveCanisterId: id })
    const certificateFor = async (version: 2 | 3) => {
      const answer = await ask(`/api/v${version}/canister/${id.toText()}/query`, {
        request_type: 'query',
        canister_id: id.toUint8Array(),
        method_name: 'ask',
        arg: program(sayCertificate, reply),
      })
      const said = bytes(answer.get('reply') as CborMap, 'arg')
      expect(said[0]).toBe(1)
      return open(said.slice(1))
    }
    const old = await certificateFor(2)
    const verified = await checkedByAgent(old.bytes, id)
    const data = verified.lookup_path([utf8('canister'), id.toUint8Array(), utf8('certified_data')])
    expect(Buffer.from(lookupResultToBuffer(data) ?? []).toString()).toBe('certified')
    const current = await certificateFor(3)
    expect(current.delegation?.leaf('canister_ranges', idOf('second'), nearOf('second').toUint8Array())).toBeDefined()
    expect(readCertificate(current.bytes, network.rootKey, id.toUint8Array()).problem()).toBeNull()
  })
})

describe('certificates', () => {
  const shown = ({ delegation }: Opened, name: Name) => {
    const id = idOf(name)
    return {
      subnet: delegation?.subnetId,
      key: delegation?.leaf('subnet', id, 'public_key')?.length,
      kind: Buffer.from(delegation?.leaf('subnet', id, 'type') ?? []).toString(),
      flat: delegation?.leaf('subnet', id, 'canister_ranges') !== undefined,
      sharded: delegation?.leaf('canister_ranges', id, nearOf(name).toUint8Array()) !== undefined,
    }
  }
  const said = (name: Name, ranges: { flat: boolean; sharded: boolean }) => ({
    subnet: idOf(name),
    key: 133,
    kind: subnetOf(name).kind,
    ...ranges,
  })

  test.each(['first', 'second'] as const)(
    'each version keeps the ranges of the %s subnet in its place',
    async (name) => {
      const time = [[utf8('time')]]
      const canister = `canister/${tallyOf(name).toText()}`
      expect(shown(await readState(2, canister, time), name)).toEqual(said(name, { flat: true, sharded: false }))
      expect(shown(await readState(3, canister, time), name)).toEqual(said(name, { flat: false, sharded: true }))
      const subnet = `subnet/${subnetOf(name).id}`
      expect(shown(await readState(2, subnet, time), name)).toEqual(said(name, { flat: true, sharded: false }))
      expect(shown(await readState(3, subnet, time), name)).toEqual(said(name, { flat: false, sharded: false }))
      const called = async (version: 3 | 4) => {
        const content = { request_type: 'call', canister_id: tallyOf(name).toUint8Array(), method_name: 'mark' }
        const answer = await ask(`/api/v${version}/${canister}/call`, {
          ...content,
          arg: utf8('DIDL\0\x01\x79\0\0\0\0'),
        })
        return open(bytes(answer, 'certificate'))
      }
      expect(shown(await called(3), name)).toEqual(said(name, { flat: true, sharded: false }))
      const current = await called(4)
      expect(shown(current, name)).toEqual(said(name, { flat: false, sharded: true }))
      const problem = (of: Name) =>
        readCertificate(current.bytes, network.rootKey, tallyOf(of).toUint8Array()).problem()
      expect(problem(name)).toBeNull()
      expect(problem(name === 'first' ? 'second' : 'first')).toBe('the delegation is to a subnet without this canister')
    },
  )

  test('the root subnet needs no delegation', async () => {
    for (const version of [2, 3] as const) {
      const opened = await readState(version, `canister/${tallyOf('root').toText()}`, [[utf8('time')]])
      expect(opened.delegation).toBeNull()
    }
  })

  test.each(NAMES)('the %s subnet shows all subnets, and the nodes of its own', async (name) => {
    const { leaf } = await readState(2, `canister/${tallyOf(name).toText()}`, [[utf8('subnet')]])
    for (const other of NAMES) {
      const { kind } = subnetOf(other)
      expect(leaf('subnet', idOf(other), 'public_key')).toHaveLength(133)
      expect(Buffer.from(leaf('subnet', idOf(other), 'type') ?? []).toString()).toBe(kind)
      expect(leaf('subnet', idOf(other), 'canister_ranges')).toBeDefined()
    }
    const found = await CanisterStatus.request({ agent: owner, canisterId: tallyOf(name), paths: ['subnet'] })
    const { nodeKeys } = found.get('subnet') as { nodeKeys: Map<string, Uint8Array> }
    const nodes = [...nodeKeys].map(([node]) => Principal.fromText(node).toUint8Array())
    expect(nodes).toHaveLength(1)
    for (const other of NAMES) {
      const key = leaf('subnet', idOf(other), 'node', nodes[0] ?? new Uint8Array(), 'public_key')
      expect(key === undefined).toBe(other !== name)
    }
  })

  test('the ranges of a subnet are read at its own address only', async () => {
    const path = [utf8('canister_ranges'), idOf('first')]
    const { leaf } = await readState(3, `subnet/${subnetOf('first').id}`, [path])
    expect(leaf('canister_ranges', idOf('first'), nearOf('first').toUint8Array())).toBeDefined()
    await expect(readState(3, `subnet/${subnetOf('second').id}`, [path])).rejects.toThrow(/^404|404 /)
    const stranger = Principal.selfAuthenticating(new Uint8Array(3)).toText()
    await expect(readState(3, `subnet/${stranger}`, [path])).rejects.toThrow(/400 The address names a subnet/)
  })

  test('a request is known to the subnet that got it, and proven absent on the others', async () => {
    const signer = ed25519()
    const content: Fields = {
      request_type: 'call',
      canister_id: new Uint8Array(),
      method_name: 'provisional_create_canister_with_cycles',
      arg: fromHex('4449444c016c000100'),
      ingress_expiry: expiry(),
    }
    const create = envelope(content, signer)
    await post(`/api/v4/canister/${nearOf('first').toText()}/call`, create)
    const { requestId } = readCallEnvelope(create, 'call')
    const status = async (address: string) => {
      const path = [utf8('request_status'), requestId, utf8('status')]
      const content = { request_type: 'read_state', paths: [path], ingress_expiry: expiry() }
      const answer = await post(`/api/v2/canister/${address}/read_state`, envelope(content, signer))
      const found = open(bytes(answer, 'certificate')).leaf(...path)
      return found === undefined ? 'absent' : Buffer.from(found).toString()
    }
    expect(await status(nearOf('first').toText())).toBe('replied')
    expect(await status(nearOf('second').toText())).toBe('absent')
    expect(await status(nearOf('root').toText())).toBe('absent')
    // The management canister is everywhere, and so are its requests.
    expect(await status('aaaaa-aa')).toBe('replied')
  })
})

describe('a state folder', () => {
  test('keeps its subnets, and is not opened with others', async () => {
    const stateDir = join(folder, 'kept')
    const first = await startLocalnet({ port: 0, stateDir, subnets: SUBNETS })
    const agent = await agentFor(first, Ed25519KeyIdentity.generate())
    const id = await deploy(agent, tallyWasm(), nearOf('second', first))
    await tallyActor(agent, id).mark(3)
    await first.close()
    for (const subnets of [undefined, SUBNETS.slice(0, 1), SUBNETS.toReversed()]) {
      const other = startLocalnet({ port: 0, stateDir, ...(subnets === undefined ? {} : { subnets }) })
      await expect(other).rejects.toThrow(StateFolderProblem)
      await expect(other).rejects.toThrow(/Start it with the same, or clean it/)
    }
    const again = await startLocalnet({ port: 0, stateDir, subnets: SUBNETS })
    expect(await tallyActor(await agentFor(again), id).count(3)).toBe(1)
    const next = await deploy(
      await agentFor(again, Ed25519KeyIdentity.generate()),
      tallyWasm(),
      nearOf('second', again),
    )
    expect(next.compareTo(id)).toBe('gt')
    await again.close()
    const clean = await startLocalnet({ port: 0, stateDir, clean: true })
    expect(clean.subnets).toHaveLength(1)
    await clean.close()
    await (await startLocalnet({ port: 0, stateDir })).close()
  })

  test('that was made before there were subnets opens with the root subnet alone', async () => {
    const stateDir = join(folder, 'old')
    await (await startLocalnet({ port: 0, stateDir })).close()
    writeFileSync(join(stateDir, 'localnet.json'), '{"holds":"a localnet development network"}\n')
    await (await startLocalnet({ port: 0, stateDir })).close()
    await expect(startLocalnet({ port: 0, stateDir, subnets: SUBNETS })).rejects.toThrow(StateFolderProblem)
    writeFileSync(join(stateDir, 'localnet.json'), '{')
    await expect(startLocalnet({ port: 0, stateDir })).rejects.toThrow(/cannot be read/)
  })
})
