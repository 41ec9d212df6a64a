import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  encodeDeviceBatch,
  NS_PER_HOUR,
  NS_PER_SECOND,
  refuse,
  type Result,
  SIGNATURE_ALGORITHM,
} from '@medguard/protocol'
import { createBuckets, type HttpRequest, type HttpResponse, memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type DeviceRequest,
  digestOf,
  partsOf,
  type RequestParts,
  type SignedRequest,
  signedRequest,
  signParts,
} from '../../../test/second-implementation/signed-request.ts'
import { createDeviceChecks, type DeviceChecks } from './device-checks.ts'
import { type Answered, createDeviceHttp, type DeviceKey } from './device-http.ts'

// Every line of the table of bad requests (reliability.md, section 3, "device HTTP"), before anything is stored.

const ED25519 = generateKeyPairSync('ed25519')
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rawOf = (key: KeyObject, size: number) => new Uint8Array(key.export({ type: 'spki', format: 'der' })).slice(-size)
const principal = new Uint8Array(29).fill(2)
const DEVICES: readonly (readonly [Uint8Array, DeviceKey])[] = [
  [
    new Uint8Array(16).fill(0xa1),
    { algorithm: SIGNATURE_ALGORITHM.ed25519, publicKey: rawOf(ED25519.publicKey, 32), principal },
  ],
  [
    new Uint8Array(16).fill(0xb2),
    { algorithm: SIGNATURE_ALGORITHM.p256, publicKey: rawOf(P256.publicKey, 65), principal },
  ],
]
const [[deviceId], [otherId]] = DEVICES as [(typeof DEVICES)[0], (typeof DEVICES)[0]]
const STRANGER = new Uint8Array(16).fill(0xcc)

const AUTHORITY = 'rdmx6-jaaaa-aaaaa-aaadq-cai.localhost:4943'
const START_NS = 1_800_000_000n * NS_PER_SECOND

let now: bigint
let outcome: Result<Answered>
let posts: number
let checks: DeviceChecks
let http: ReturnType<typeof createDeviceHttp>
beforeEach(() => {
  now = START_NS
  outcome = { Ok: { told: { position: 4 }, isCounted: true } }
  posts = 0
  checks = createDeviceChecks(createBuckets(memoryMap()), () => now)
  http = createDeviceHttp({
    nowNs: () => now,
    keyOf: (id) => DEVICES.find(([each]) => Buffer.compare(each, id) === 0)?.[1],
    checks: {
      take: (id) => checks.take(id),
      takeRepeat: (id) => checks.takeRepeat(id),
    },
    post: () => {
      posts++
      return Promise.resolve(outcome)
    },
    info: () => Promise.resolve(outcome),
  })
})

const batchOf = (id: Uint8Array, seq: number, size = 40): Uint8Array =>
  encodeDeviceBatch({
    deviceId: id,
    seq,
    manifest: new Uint8Array(268),
    listWrap: new Uint8Array(92),
    openWrap: new Uint8Array(92),
    capsule: null,
    header: new Uint8Array(64),
    body: new Uint8Array(size),
  })
const seconds = () => Number(now / NS_PER_SECOND)
const requestOf = (change: Partial<DeviceRequest> = {}): DeviceRequest => ({
  key: ED25519.privateKey,
  deviceId,
  authority: AUTHORITY,
  body: batchOf(change.deviceId ?? deviceId, 7),
  nonce: '7',
  nowSeconds: seconds(),
  ...change,
})
/** As a gateway hands it on. */
function received({ method, path, body, headers }: SignedRequest, twice: readonly string[] = []): HttpRequest {
  const fields = new Map(Object.entries(headers).filter(([name]) => http.fields.includes(name)))
  return { method, url: path, body, fields, isRepeated: twice.length > 0 }
}
async function told(request: HttpRequest): Promise<{ status: number; body: unknown; fields: HttpResponse['fields'] }> {
  const { status, body, fields } = await http.update(request)
  return { status, body: JSON.parse(Buffer.from(body).toString()), fields }
}
const send = (signed: SignedRequest) => told(received(signed))
/** A request that is wrong in one place, and signed as it is. */
const wrong = (change: (parts: RequestParts) => Partial<RequestParts>, request = requestOf()): SignedRequest => {
  const parts = partsOf(request)
  return signParts({ ...parts, ...change(parts) }, request.key)
}

test('is signed as the vector of docs/crypto.md says', () => {
  const counting = (start: number, length: number) => Uint8Array.from({ length }, (_, i) => (start + i) & 0xff)
  const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 1)])
  const body = encodeDeviceBatch({
    deviceId: counting(0x10, 16),
    seq: 0x01020304,
    manifest: counting(0x20, 268),
    listWrap: counting(0x30, 92),
    openWrap: counting(0x40, 92),
    capsule: null,
    header: counting(0x60, 564),
    body: counting(0x70, 1_040),
  })
  const { headers } = signedRequest({
    key: createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' }),
    deviceId: counting(0x10, 16),
    authority: 'rdmx6-jaaaa-aaaaa-aaadq-cai.icp0.io',
    body,
    nonce: String(0x01020304),
    nowSeconds: 1_800_000_000,
  })
  const documented = readFileSync(new URL('../../../docs/crypto.md', import.meta.url), 'utf8')
  for (const name of ['content-digest', 'signature-input', 'signature'])
    expect(documented).toContain(`\n${name}: ${headers[name]}\n`)
})

describe('a request that is right', () => {
  test.each([
    ['Ed25519', ED25519.privateKey, deviceId],
    ['P-256', P256.privateKey, otherId],
  ] as const)('is posted, signed with %s', async (_, key, id) => {
    const { status, body, fields } = await send(signedRequest(requestOf({ key, deviceId: id })))
    expect([status, body, posts]).toEqual([200, { position: 4 }, 1])
    expect(Object.fromEntries(fields)).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
  })

  test('asks how the device stands', async () => {
    const { body: _, ...asking } = requestOf({ nonce: 'abc-1_2' })
    expect(await send(signedRequest(asking))).toMatchObject({ status: 200, body: { position: 4 } })
    expect(posts).toBe(0)
  })

  test('may come with a query that nobody signs, and components in another order', async () => {
    const signed = wrong(({ components }) => ({ components: components.toReversed() }))
    expect(await send({ ...signed, path: `${signed.path}?canisterId=rdmx6-jaaaa-aaaaa-aaadq-cai` })).toMatchObject({
      status: 200,
    })
  })

  test('is asked for by the query, and what is none is answered there', () => {
    const signed = received(signedRequest(requestOf()))
    expect(http.query(signed)).toMatchObject({ upgrade: true })
    const direct = (change: Partial<HttpRequest>) => {
      const { status, upgrade, fields } = http.query({ ...signed, ...change })
      return [status, upgrade, Object.fromEntries(fields)['allow']]
    }
    expect(direct({ url: '/' })).toEqual([404, undefined, undefined])
    expect(direct({ url: '/devices' })).toEqual([404, undefined, undefined])
    expect(direct({ url: signed.url.toUpperCase() })).toEqual([404, undefined, undefined])
    expect(direct({ url: `${signed.url}/more` })).toEqual([404, undefined, undefined])
    expect(direct({ method: 'GET' })).toEqual([405, undefined, 'POST'])
    expect(direct({ method: 'PUT' })).toEqual([405, undefined, 'POST'])
    expect(direct({ method: 'POST', url: signed.url.replace('/readings', '') })).toEqual([405, undefined, 'GET'])
    expect(direct({ body: new Uint8Array(16_385) })).toEqual([413, undefined, undefined])
  })
})

describe('a request that is wrong whoever sent it is answered with what is wrong', () => {
  const replaced = (name: string, value: string | null) => (): SignedRequest => {
    const signed = signedRequest(requestOf())
    const { [name]: _, ...rest } = signed.headers
    return { ...signed, headers: value === null ? rest : { ...rest, [name]: value } }
  }
  const parameter = (change: Record<string, string | number>) => () =>
    wrong(({ parameters }) => ({ parameters: { ...parameters, ...change } }))
  const without = (name: string) => () =>
    wrong(({ parameters }) => {
      const { [name]: _, ...rest } = parameters
      return { parameters: rest }
    })
  const second = () => {
    const signed = signedRequest(requestOf())
    const { 'signature-input': input = '', signature = '' } = signed.headers
    const headers = {
      ...signed.headers,
      'signature-input': `${input}, ${input.replace('sig1', 'sig2')}`,
      signature: `${signature}, ${signature.replace('sig1', 'sig2')}`,
    }
    return { ...signed, headers }
  }
  const cases: readonly (readonly [string, () => SignedRequest, number, string])[] = [
    ['no signature', replaced('signature', null), 400, 'signature'],
    ['no signature input', replaced('signature-input', null), 400, 'signatureInput'],
    ['a second signature', second, 400, 'signatures'],
    ['labels that differ', replaced('signature', `sig2=:${Buffer.alloc(64).toString('base64')}:`), 400, 'signature'],
    ['a component missing', () => wrong(({ components }) => ({ components: components.slice(1) })), 400, 'components'],
    [
      'a component too many',
      () => wrong(({ components }) => ({ components: [...components, '@query'] })),
      400,
      'components',
    ],
    ['no digest', replaced('content-digest', null), 400, 'digest'],
    ['a digest of something else', () => wrong(() => ({ contentDigest: digestOf(new Uint8Array(3)) })), 400, 'digest'],
    ['a digest of another kind', () => wrong(() => ({ contentDigest: 'sha-512=:AA==:' })), 400, 'digest'],
    ['another body', () => ({ ...signedRequest(requestOf()), body: batchOf(deviceId, 7, 41) }), 400, 'digest'],
    ['another type', () => wrong(() => ({ contentType: 'application/json' })), 400, 'contentType'],
    ['no host', replaced('host', ''), 400, 'authority'],
    ['created long ago', parameter({ created: 1_799_999_699, expires: 1_799_999_759 }), 400, 'created'],
    ['created in the future', parameter({ created: 1_800_000_301, expires: 1_800_000_361 }), 400, 'created'],
    ['expires past', parameter({ created: 1_799_999_900, expires: 1_799_999_999 }), 410, 'Expired'],
    ['expires now', parameter({ created: 1_799_999_900, expires: 1_800_000_000 }), 410, 'Expired'],
    ['expires too far away', parameter({ expires: 1_800_000_301 }), 400, 'expires'],
    ...['created', 'expires', 'nonce', 'keyid', 'alg', 'tag'].map(
      (name) => [`no ${name}`, without(name), 400, name] as const,
    ),
    ['an algorithm that devices do not have', parameter({ alg: '"hmac-sha256"' }), 400, 'alg'],
    ['another tag', parameter({ tag: '"other"' }), 400, 'tag'],
    ['a key id that is none', parameter({ keyid: '"me"' }), 400, 'keyid'],
    ['the key id of another device', parameter({ keyid: `"${'b2'.repeat(16)}"` }), 400, 'keyid'],
    ['a nonce that is not the number', parameter({ nonce: '"8"' }), 400, 'nonce'],
    ['a body that is no batch', () => signedRequest(requestOf({ body: new Uint8Array(600) })), 400, 'batch'],
    ['no body', () => signedRequest(requestOf({ body: new Uint8Array(0) })), 400, 'batch'],
    [
      'a batch of another device',
      () => signedRequest(requestOf({ body: batchOf(new Uint8Array(16), 7) })),
      400,
      'deviceId',
    ],
    ['more than 16 KB', () => signedRequest(requestOf({ body: new Uint8Array(16_385) })), 413, 'TooLarge'],
  ]

  test.each(cases)('%s', async (_, make, status, code) => {
    const answer = await send(make())
    expect(answer).toMatchObject({ status, body: { type: 'about:blank', status, code } })
    expect(Object.fromEntries(answer.fields)['content-type']).toBe('application/problem+json')
    expect(posts).toBe(0)
  })

  test('the same field twice', async () => {
    expect(await told(received(signedRequest(requestOf()), ['signature']))).toMatchObject({
      status: 400,
      body: { code: 'fields' },
    })
  })

  test('a clock that is off is told the time', async () => {
    const late = await send(signedRequest(requestOf({ nowSeconds: seconds() - 4000 })))
    expect(late.body).toMatchObject({ code: 'created', timeMs: 1_800_000_000_000 })
  })

  test('five minutes either way are not too many', async () => {
    for (const off of [-300, 300]) {
      const signed = wrong(({ parameters }) => ({
        parameters: { ...parameters, created: seconds() + off, expires: seconds() + Math.max(off, 0) + 1 },
      }))
      const isLate = off < 0
      expect(await send(signed), String(off)).toMatchObject({ status: isLate ? 400 : 200 })
    }
  })
})

describe('what nobody has to be told apart', () => {
  /** Bytes of the whole answer. */
  const bytesOf = async (signed: SignedRequest) => JSON.stringify(await send(signed))
  const unknown = () => bytesOf(signedRequest(requestOf({ deviceId: STRANGER })))

  test('an unknown device, a wrong key, another algorithm, a changed request and a changed signature are one answer', async () => {
    const signed = signedRequest(requestOf())
    const { signature = '' } = signed.headers
    const same = await unknown()
    expect(JSON.parse(same)).toMatchObject({ status: 401, body: { code: 'NotPermitted' } })
    const others: readonly (readonly [string, SignedRequest])[] = [
      ['another key', signedRequest(requestOf({ key: generateKeyPairSync('ed25519').privateKey }))],
      ['another curve', signedRequest(requestOf({ key: P256.privateKey }))],
      ['another authority', { ...signed, headers: { ...signed.headers, host: 'example.com' } }],
      [
        'another path',
        {
          ...signParts({ ...partsOf(requestOf()), path: `/devices/${'a1'.repeat(16)}` }, ED25519.privateKey),
          path: signed.path,
        },
      ],
      [
        'another method',
        { ...signParts({ ...partsOf(requestOf()), method: 'PUT' }, ED25519.privateKey), method: 'POST' },
      ],
      [
        'another signature',
        {
          ...signed,
          headers: { ...signed.headers, signature: signature.replace('=:', '=:A').replace(/.==:$/, '==:') },
        },
      ],
      ['a signature of zeros', { ...signed, headers: { ...signed.headers, signature: `sig1=:${'A'.repeat(86)}==:` } }],
    ]
    for (const [what, other] of others) {
      const answer = await send(other)
      if (what === 'another signature' && answer.status === 400) continue // not base64 any more
      expect(JSON.stringify(answer), what).toBe(same)
    }
    expect(posts).toBe(0)
  })

  test('and so are too many wrong ones, which end nobody else', async () => {
    const forged = () => send(signedRequest(requestOf({ key: P256.privateKey })))
    const before = JSON.stringify(await forged())
    for (let i = 0; i < 70; i++) await forged()
    // No signature is looked at any more: also the right one waits.
    expect(JSON.stringify(await send(signedRequest(requestOf())))).toBe(before)
    expect(posts).toBe(0)
    const other = requestOf({ key: P256.privateKey, deviceId: otherId })
    expect(await send(signedRequest(other))).toMatchObject({ status: 200 })
    now += NS_PER_HOUR
    expect(await send(signedRequest(requestOf()))).toMatchObject({ status: 200 })
  })
})

test('one character changed anywhere in what was signed, and nothing is posted', async () => {
  const signed = signedRequest(requestOf())
  const changed = (text: string, at: number, to: string) => {
    const i = at % text.length
    return text.slice(0, i) + to + text.slice(i + 1)
  }
  const characters = fc.constantFrom('a', '0', 'A', '"', ' ', ',', ';', '=', '(', ')', ':', '/', '\n')
  const where = fc.constantFrom('signature', 'signature-input', 'content-digest', 'content-type', 'host')
  await fc.assert(
    fc.asyncProperty(where, fc.nat(), characters, async (name, at, to) => {
      checks = createDeviceChecks(createBuckets(memoryMap()), () => now)
      const before = signed.headers[name] ?? ''
      const after = changed(before, at, to)
      // An authority has no case, and the labels of the two fields are nobody's business as long as they are one.
      fc.pre(after.toLowerCase() !== before.toLowerCase())
      const { status } = await send({ ...signed, headers: { ...signed.headers, [name]: after } })
      expect([400, 401, 410]).toContain(status)
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const body = signed.body.map((byte, i) => (i === at % signed.body.length ? byte ^ by : byte))
      expect(await send({ ...signed, body })).toMatchObject({ status: 400, body: { code: 'digest' } })
    }),
  )
  expect(posts).toBe(0)
})

test('a device posts as often as it may: what is right is given back', async () => {
  for (let i = 0; i < 70; i++) expect(await send(signedRequest(requestOf()))).toMatchObject({ status: 200 })
})

test('whoever sends a good request again and again is told to wait, and then is nobody', async () => {
  outcome = { Ok: { told: { position: 4 }, isCounted: false } }
  const signed = signedRequest(requestOf())
  const statuses = new Map<number, number>()
  for (let i = 0; i < 597; i++) expect(checks.takeRepeat(deviceId)).toBe(0)
  for (let i = 0; i < 70; i++) {
    const { status } = await send(signed)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses]).toEqual([
    [200, 3],
    [429, 64],
    [401, 3],
  ])
})

test.each([
  [refuse.notPermitted, 401, {}],
  [refuse.badInput('manifest', 'format'), 400, { field: 'manifest', reason: 'format' }],
  [refuse.idConflict, 409, { code: 'IdConflict' }],
  [refuse.staleEpoch(3), 409, { code: 'StaleEpoch', current: 3 }],
  [refuse.tooLarge(9), 413, { maxBytes: 9 }],
  [refuse.busy(1500), 429, { code: 'Busy' }],
  [refuse.paused, 429, { code: 'Paused' }],
  [refuse.logUnavailable, 503, { code: 'LogUnavailable' }],
  [refuse.lowCycles, 503, { code: 'LowCycles' }],
  [refuse.full, 503, { code: 'Full' }],
] as const)('the refusal %o of a batch is status %i', async (arm, status, body) => {
  outcome = { Err: arm }
  const answer = await send(signedRequest(requestOf()))
  expect(answer).toMatchObject({ status, body })
  const waits = Object.fromEntries(answer.fields)['retry-after']
  expect(waits !== undefined && Number(waits) > 0).toBe(status === 429 || status === 503)
})
