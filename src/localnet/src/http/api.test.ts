// The replica's interface by plain HTTP: what clients rarely send, and what they should not.
import type { HttpAgent } from '@dfinity/agent'
import { Certificate, lookupResultToBuffer } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cbor, type CborMap, decodeUntrusted, fromHex, type Path, utf8 } from '../certificates/index.ts'
import { agentFor, deploy, tallyActor } from '../host/deploy.fixture.ts'
import { tallyWasm } from '../host/tally.fixture.ts'
import { type Localnet, LOCALNET_SUBNET_ID, startLocalnet } from '../index.ts'
import { readCallEnvelope } from './envelope.ts'
import { type RawAnswer, send } from './raw-request.fixture.ts'
import { ed25519, envelope, type Fields, type Signer } from './signed-request.fixture.ts'

let network: Localnet
let owner: HttpAgent
let tally: Principal
beforeAll(async () => {
  network = await startLocalnet({ port: 0, callWaitMs: 0 })
  owner = await agentFor(network, Ed25519KeyIdentity.generate())
  tally = await deploy(owner, tallyWasm())
})
afterAll(() => network.close())

const cborType = { 'content-type': 'application/cbor' }
const expiry = () => BigInt(Date.now()) * 1_000_000n + 60_000_000_000n
const number = (n: number) => fromHex(`4449444c000179${Buffer.from(Uint32Array.of(n).buffer).toString('hex')}`)
const post = (path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = cborType) =>
  send(network.port, { method: 'POST', path, headers, body })
const fields = ({ body }: RawAnswer) => decodeUntrusted(new Uint8Array(body)) as CborMap

const callContent = (method: string, n: number): Fields => ({
  request_type: 'call',
  canister_id: tally.toUint8Array(),
  method_name: method,
  arg: number(n),
  ingress_expiry: expiry(),
})
const call = (version: number, body: Uint8Array) => post(`/api/v${version}/canister/${tally.toText()}/call`, body)
const readState = (paths: readonly Path[], signer: Signer | null, version = 2, id = tally.toText()) =>
  post(
    `/api/v${version}/canister/${id}/read_state`,
    envelope({ request_type: 'read_state', ingress_expiry: expiry(), paths }, signer),
  )

async function certificateOf(answer: RawAnswer): Promise<Certificate> {
  expect([answer.status, answer.status === 200 || answer.text]).toEqual([200, true])
  const certificate = fields(answer).get('certificate')
  if (!(certificate instanceof Uint8Array)) throw new Error('no certificate in the answer')
  return Certificate.create({
    certificate: new Uint8Array(certificate),
    rootKey: new Uint8Array(network.rootKey),
    canisterId: tally,
  })
}

async function statusOf(requestId: Uint8Array, signer: Signer | null): Promise<string> {
  const certificate = await certificateOf(await readState([[utf8('request_status'), requestId]], signer))
  const found = lookupResultToBuffer(certificate.lookup_path([utf8('request_status'), requestId, utf8('status')]))
  return found === undefined ? 'absent' : Buffer.from(found).toString('utf8')
}

describe('status', () => {
  test('it names the root key and is healthy', async () => {
    const status = fields(await send(network.port, { path: '/api/v2/status' }))
    expect(status.get('root_key')).toEqual(network.rootKey)
    expect(status.get('replica_health_status')).toBe('healthy')
  })
})

describe('calls', () => {
  test('v2 answers 202 with nothing in it, and the certificate follows', async () => {
    const signer = ed25519()
    const body = envelope(callContent('echo', 3), signer)
    const answer = await call(2, body)
    expect([answer.status, answer.body.length]).toEqual([202, 0])
    await expect.poll(() => statusOf(readCallEnvelope(body, 'call').requestId, signer)).toBe('replied')
  })

  test('v3 and v4 answer 202 when the call takes longer than they wait, and the call still ends', async () => {
    const signer = ed25519()
    const held = [3, 4].map((version) => ({ version, body: envelope({ ...callContent('hold', version) }, signer) }))
    for (const { version, body } of held) expect((await call(version, body)).status).toBe(202)
    for (const { body } of held)
      expect(await statusOf(readCallEnvelope(body, 'call').requestId, signer)).toBe('processing')
    await call(4, envelope(callContent('release', 0), signer))
    for (const { body } of held) {
      await expect.poll(() => statusOf(readCallEnvelope(body, 'call').requestId, signer)).toBe('replied')
    }
  })

  test('the same request sent again runs once', async () => {
    const body = envelope(callContent('mark', 77), ed25519())
    const answers = await Promise.all([call(2, body), call(3, body), call(4, body)])
    for (const { status } of answers) expect([200, 202]).toContain(status)
    const again = await call(4, body)
    expect(again.status).toBe(200)
    expect(fields(again).get('status')).toBe('replied')
    expect(await tallyActor(owner, tally).count(77)).toBe(1)
  })

  test('a refusal before anything ran says so, in the words of each version', async () => {
    const content = { ...callContent('mark', 1), canister_id: fromHex('00000000000000070101') }
    const path = (version: number) => `/api/v${version}/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/call`
    const old = fields(await post(path(2), envelope(content, null)))
    expect([old.get('reject_code'), old.get('status')]).toEqual([3, undefined])
    const current = fields(await post(path(4), envelope(content, null)))
    expect([current.get('reject_code'), current.get('status'), current.get('error_code')]).toEqual([
      3,
      'non_replicated_rejection',
      'IC0301',
    ])
  })

  test('the address must name the canister that the request is for', async () => {
    const answer = await post('/api/v4/canister/aaaaa-aa/call', envelope(callContent('mark', 1), null))
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('does not match the effective canister id'),
    ])
    const subnet = await post(`/api/v4/subnet/${LOCALNET_SUBNET_ID}/call`, envelope(callContent('mark', 1), null))
    expect([subnet.status, subnet.text]).toEqual([400, expect.stringContaining('create_canister')])
    const management = { ...callContent('stop_canister', 1), canister_id: new Uint8Array() }
    const nameless = await call(4, envelope(management, null))
    expect([nameless.status, nameless.text]).toEqual([400, expect.stringContaining('names no canister_id')])
  })

  test('a request too far in the future is refused with the words that clients look for', async () => {
    const answer = await call(3, envelope({ ...callContent('mark', 1), ingress_expiry: expiry() * 2n }, ed25519()))
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(/^Invalid request expiry: Specified ingress_expiry not within expected range: /)
  })

  test('an argument beyond the limit of the network is too large', async () => {
    const content = { ...callContent('echo', 1), arg: new Uint8Array(2 * 1024 * 1024 + 1) }
    expect((await call(4, envelope(content, null))).status).toBe(413)
  })
})

describe('reading the state', () => {
  test('the status of a request is for its sender alone', async () => {
    const signer = ed25519()
    const body = envelope(callContent('echo', 3), signer)
    await call(2, body)
    const { requestId } = readCallEnvelope(body, 'call')
    for (const stranger of [ed25519(), null]) {
      const answer = await readState([[utf8('request_status'), requestId, utf8('reply')]], stranger)
      expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('only be read by the sender')])
    }
  })

  test('a request that nobody made is proven absent', async () => {
    expect(await statusOf(new Uint8Array(32), null)).toBe('absent')
  })

  test.each<[string, Path]>([
    ['certified data', [utf8('canister'), fromHex('00000000000000000101'), utf8('certified_data')]],
    ['a canister as a whole', [utf8('canister')]],
    [
      'another canister than the address names',
      [utf8('canister'), fromHex('00000000000000070101'), utf8('controllers')],
    ],
    ['a path that does not exist', [utf8('messages')]],
    ['nothing', []],
    ['ranges on the canister address', [utf8('canister_ranges')]],
    ['a request id of another length', [utf8('request_status'), new Uint8Array(31)]],
  ])('%s cannot be read', async (_what, path) => {
    const answer = await readState([path], null)
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('Invalid path')])
  })

  test('two request ids cannot be asked for at once', async () => {
    const paths = [1, 2].map((fill) => [utf8('request_status'), new Uint8Array(32).fill(fill)])
    expect((await readState(paths, null)).status).toBe(400)
  })

  test.each([2, 3])('the subnet of version %d shows keys and ranges, on its own address too', async (version) => {
    const certificate = await certificateOf(await readState([[utf8('subnet')]], null, version))
    const subnet = Principal.fromText(LOCALNET_SUBNET_ID).toUint8Array()
    const key = lookupResultToBuffer(certificate.lookup_path([utf8('subnet'), subnet, utf8('public_key')]))
    expect(key).toEqual(new Uint8Array(network.rootKey))
    const paths: Cbor = [[utf8('canister_ranges'), subnet], [utf8('subnet')], [utf8('time')]]
    const body = envelope({ request_type: 'read_state', ingress_expiry: expiry(), paths }, null)
    await certificateOf(await post(`/api/v${version}/subnet/${LOCALNET_SUBNET_ID}/read_state`, body))
  })
})

describe('what is not the interface', () => {
  const path = () => `/api/v4/canister/${tally.toText()}/call`
  test('a browser may ask from anywhere', async () => {
    const answer = await send(network.port, { method: 'OPTIONS', path: path() })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers['access-control-allow-headers']).toContain('content-type')
    const problem = await post(path(), new Uint8Array())
    expect(problem.headers['access-control-allow-origin']).toBe('*')
  })

  test('another content type is refused', async () => {
    const answer = await post(path(), envelope(callContent('mark', 1), null), { 'content-type': 'application/json' })
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('expected application/cbor')])
  })

  test('a body beyond 4 MiB is refused, announced or not', async () => {
    const large = new Uint8Array(4 * 1024 * 1024 + 1)
    expect((await post(path(), large, { ...cborType, 'transfer-encoding': 'chunked' })).status).toBe(413)
    expect((await post(path(), large)).status).toBe(413)
  })

  test.each([
    ['GET', '/api/v4/canister/aaaaa-aa/call', 405],
    ['POST', '/api/v5/canister/aaaaa-aa/call', 404],
    ['POST', '/api/v4/canister/aaaaa-aa/query', 404],
    ['POST', '/api/v2/subnet/aaaaa-aa/call', 404],
    ['POST', '/api/v4/canister/nobody/call', 400],
    ['POST', '/api/v4/canister/%zz/call', 400],
    ['GET', '/api/v2/nothing', 404],
  ])('%s %s answers %d', async (method, path, status) => {
    expect((await send(network.port, { method, path, headers: cborType })).status).toBe(status)
  })
})
