import { encodeArg, httpService, IDL, NS_PER_SECOND, Principal, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { partsOf, type SignedRequest, signedRequest, signParts } from '../second-implementation/signed-request.ts'
import { bombsFor } from './candid-bombs.ts'
import { ALL_METHODS, type Clinic, freshId, openClinic, type Person } from './clinic.ts'
import { BOTH, changed, removed, sealerOf } from './devices.fixture.ts'
import type { HttpAnswer } from './gateway.fixture.ts'
import {
  type Algorithm,
  type HttpDevice,
  httpDevice,
  newDeviceKey,
  openRoad,
  type Road,
} from './https-device.fixture.ts'
import type { Reach } from './sealed-record.ts'
import { categoryOf, enrol } from './ward.ts'

// B09: plain HTTPS through the gateway, signed by something that has nothing of ours but docs/crypto.md.

let clinic: Clinic
let patient: Person
let reach: Reach
let road: Road
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  const account = await enrol(clinic, patient.principal)
  reach = { patientId: new Uint8Array(account.patientId), compartment: categoryOf(account, 'vitals'), grantId: null }
  road = openRoad(clinic)
})
afterAll(() => clinic.close())

const deviceOf = (algorithm: Algorithm) => {
  const { patientId, compartment } = reach
  return httpDevice(clinic, patient.principal, algorithm, { patientId, cid: new Uint8Array(compartment.cid) })
}
const post: Road['post'] = (...args) => road.post(...args)
const ask: Road['ask'] = (device) => road.ask(device)
const posting: Road['posting'] = (...args) => road.posting(...args)
const send: Road['send'] = (signed) => road.send(signed)

describe.each([1, 2] as const)('a device with a key of algorithm %i', (algorithm) => {
  let device: HttpDevice
  beforeAll(async () => {
    device = await deviceOf(algorithm)
  })

  test('posts a reading, which its patient opens; the same again gets the same answer, by whichever road', async () => {
    const sealer = await sealerOf(clinic, device)
    const readings = await sealer.seal(new TextEncoder().encode(`${algorithm}: 72 bpm`))
    const batch = sealer.of(0, readings)
    const first = await post(device, 0, batch)
    expect(first).toMatchObject({ status: 200, json: { manifestHash: expect.stringMatching(/^[0-9a-f]{64}$/) } })
    expect(first.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    await clinic.advance(NS_PER_SECOND)
    expect((await post(device, 0, batch)).text).toBe(first.text)
    const byCall = await clinic.ok(device.principal, 'records', 'depositReadings', { batch })
    expect({ ...byCall, manifestHash: toHex(byCall.manifestHash) }).toEqual(first.json)

    const client = patient.newClient()
    const listed = await client.list({ of: 'me' }, ['vitals'])
    if (listed.kind !== 'done') throw new Error(listed.refusal.kind)
    const posted = listed.value.filter(({ recordId }) => recordId === toHex(readings.recordId))
    expect(posted).toHaveLength(1)
    const [summary] = posted
    if (summary === undefined) throw new Error('what was posted is listed')
    const opened = await client.open(summary)
    if (opened.kind !== 'done') throw new Error(opened.refusal.kind)
    expect(new TextDecoder().decode(opened.value.bytes)).toBe(`${algorithm}: 72 bpm`)
  })

  test('is told how it stands', async () => {
    const { status, json } = await ask(device)
    expect([status, json]).toEqual([
      200,
      {
        state: 'active',
        patientId: toHex(device.patientId),
        cid: toHex(device.cid),
        epoch: 1,
        nextSeq: 1,
        timeMs: Number((await clinic.nowNs()) / 1_000_000n),
      },
    ])
  })

  test('pays no more than its ceiling, the first time after an upgrade too', async () => {
    await clinic.upgrade('records')
    const sealer = await sealerOf(clinic, device)
    const content = new Uint8Array(2500)
    for (const seq of [1, 2]) {
      const batch = await sealer.batch(seq, { content })
      expect(batch.length).toBeLessThan(4096)
      const signed = signedRequest(await posting(device, seq, batch))
      const { value, parts } = await clinic.metered(() => send(signed))
      expect(value.status).toBe(200)
      const millions = Number(parts.reduce((sum, { instructions }) => sum + instructions, 0n)) / 1e6
      expect(millions).toBeLessThan(60)
    }
  })
})

describe('what a device is refused', () => {
  let device: HttpDevice
  let sealer: Awaited<ReturnType<typeof sealerOf>>
  beforeAll(async () => {
    device = await deviceOf(1)
    sealer = await sealerOf(clinic, device)
    expect(await post(device, 0, await sealer.batch(0))).toMatchObject({ status: 200 })
  })

  test('another body under a number that is used: 409', async () => {
    const answer = await post(device, 0, await sealer.batch(0))
    expect(answer).toMatchObject({ status: 409, json: { title: 'Conflict', code: 'IdConflict' } })
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  test('a number that is over: 410', async () => {
    const late = await sealer.batch(1)
    for (const seq of [1_020, 2_040])
      expect(await post(device, seq, await sealer.batch(seq))).toMatchObject({ status: 200 })
    expect(await post(device, 1, late)).toMatchObject({ status: 410, json: { code: 'Expired', field: 'seq' } })
  })

  test('an epoch that is no more: 409 with the current one', async () => {
    const early = await sealerOf(clinic, device, 7)
    const { status, json } = await post(device, 2_041, await early.batch(2_041))
    expect([status, json]).toEqual([409, expect.objectContaining({ code: 'StaleEpoch', current: 1 })])
  })

  test('what its patient paused: 429, and when to come again', async () => {
    await changed(clinic, patient.principal, device, { pause: null })
    const batch = await sealer.batch(2_042)
    const answer = await post(device, 2_042, batch)
    expect(answer).toMatchObject({ status: 429, json: { code: 'Paused' } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(await ask(device)).toMatchObject({ status: 200, json: { state: 'paused' } })
    await changed(clinic, patient.principal, device, { resume: null })
    expect(await post(device, 2_042, batch)).toMatchObject({ status: 200 })
  })
})

describe('who nobody is', () => {
  /** Everything that reaches the sender but what the gateway adds of its own. */
  const visible = ({ status, text, headers }: HttpAnswer) => {
    const { date: _, 'x-request-id': __, ...rest } = headers
    return JSON.stringify([status, text, rest])
  }

  test('an unknown device, a removed one, a former key and another key get one answer, byte for byte', async () => {
    const gone = await deviceOf(1)
    const rotating = await deviceOf(1)
    const batches = [await (await sealerOf(clinic, gone)).batch(0), await (await sealerOf(clinic, rotating)).batch(0)]
    const [ofGone = new Uint8Array(), ofRotating = new Uint8Array()] = batches
    await removed(clinic, patient.principal, gone.deviceId)
    const next = newDeviceKey(2)
    for (const canister of BOTH)
      await clinic.ok(patient.principal, canister, 'rotateDevice', {
        patientId: [],
        deviceId: rotating.deviceId,
        requestId: freshId(),
        algorithm: 2,
        publicKey: next.publicKey,
      })
    const unknown = { ...gone, deviceId: freshId() }
    const ofUnknown = await (await sealerOf(clinic, unknown)).batch(0)
    const answers = [
      await post(unknown, 0, ofUnknown),
      await post(gone, 0, ofGone),
      await post(rotating, 0, ofRotating),
      await post({ ...rotating, key: newDeviceKey(2).key }, 0, ofRotating),
      await ask(unknown),
      await ask(gone),
    ]
    expect(answers[0]).toMatchObject({ status: 401, json: { code: 'NotPermitted' } })
    expect(new Set(answers.map(visible)).size).toBe(1)
    const now = { ...rotating, key: next.key, principal: next.principal }
    expect(await post(now, 0, ofRotating)).toMatchObject({ status: 200 })
  })

  test('costs little, unless a device of that id is there to be asked about', async () => {
    const unknown = { ...(await deviceOf(1)), deviceId: freshId() }
    const signed = signedRequest(await posting(unknown, 0, await (await sealerOf(clinic, unknown)).batch(0)))
    const { value, parts } = await clinic.metered(() => send(signed))
    expect(value.status).toBe(401)
    expect(Number(parts.reduce((sum, { instructions }) => sum + instructions, 0n)) / 1e6).toBeLessThan(5)
  })
})

describe('every bad request of the table, through the gateway', () => {
  test('gets its answer, and nothing is stored', async () => {
    const device = await deviceOf(2)
    const sealer = await sealerOf(clinic, device)
    const request = await posting(device, 0, await sealer.batch(0))
    const parts = partsOf(request)
    const { created } = parts.parameters as { created: number }
    const signed = (change: Partial<typeof parts>) => signParts({ ...parts, ...change }, device.key)
    const saying = (change: Record<string, string | number>) =>
      signed({ parameters: { ...parts.parameters, ...change } })
    const right = signedRequest(request)
    const with_ = (headers: Record<string, string>): SignedRequest => ({
      ...right,
      headers: { ...right.headers, ...headers },
    })
    const { 'signature-input': input = '', signature = '' } = right.headers
    const cases: readonly (readonly [string, SignedRequest, number, string])[] = [
      ['component missing', signed({ components: parts.components.slice(1) }), 400, 'components'],
      ['component too many', signed({ components: [...parts.components, '@query'] }), 400, 'components'],
      ['digest of another body', { ...right, body: await sealer.batch(0) }, 400, 'digest'],
      ['an algorithm that is not the registered one', saying({ alg: '"ed25519"' }), 401, 'NotPermitted'],
      ['an algorithm that nobody has', saying({ alg: '"hmac-sha256"' }), 400, 'alg'],
      ['key id of another device', saying({ keyid: `"${toHex(freshId())}"` }), 400, 'keyid'],
      ['created too early', saying({ created: created - 301, expires: created - 1 }), 400, 'created'],
      ['created too late', saying({ created: created + 301, expires: created + 302 }), 400, 'created'],
      ['expires past', saying({ created: created - 60, expires: created - 1 }), 410, 'Expired'],
      ['nonce of another batch', saying({ nonce: '"1"' }), 400, 'nonce'],
      ['another tag', saying({ tag: '"x"' }), 400, 'tag'],
      ['body of more than 16 KB', signed({ body: new Uint8Array(16_385) }), 413, 'TooLarge'],
      ['body of a megabyte', signed({ body: new Uint8Array(1_048_576) }), 413, 'TooLarge'],
      ['another method', { ...right, method: 'PUT' }, 405, 'method'],
      ['another path', { ...right, path: `${right.path}/x` }, 404, 'path'],
      ['signed for another path', { ...signed({ path: '/devices' }), path: right.path }, 401, 'NotPermitted'],
      ['signed for another method', { ...signed({ method: 'PUT' }), method: 'POST' }, 401, 'NotPermitted'],
      [
        'signed for another host',
        {
          ...signed({ authority: 'example.com' }),
          headers: { ...signed({ authority: 'example.com' }).headers, host: road.authority },
        },
        401,
        'NotPermitted',
      ],
      [
        'a second signature',
        with_({
          'signature-input': `${input}, ${input.replace('sig1', 'b')}`,
          signature: `${signature}, ${signature.replace('sig1', 'b')}`,
        }),
        400,
        'signatures',
      ],
      [
        'no signature',
        { ...right, headers: { host: road.authority, 'content-type': 'application/medguard-batch' } },
        400,
        'signature',
      ],
      ['another type', signed({ contentType: 'text/plain' }), 400, 'contentType'],
    ]
    for (const [what, request_, status, code] of cases) {
      const answer = await send(request_)
      expect([what, answer.status, answer.json]).toEqual([what, status, expect.objectContaining({ status, code })])
      expect(answer.headers['content-type'], what).toBe('application/problem+json')
    }
    expect(await ask(device)).toMatchObject({ status: 200, json: { nextSeq: 0 } })
    expect(await send(right)).toMatchObject({ status: 200 })
  })
})

describe('nobody in particular', () => {
  const update = httpService.http_request_update
  const good = { method: 'POST', url: `/devices/${'0'.repeat(32)}/readings`, headers: [], body: new Uint8Array(600) }
  const anonymous = Principal.anonymous()

  test('reaches the gateway’s update, and no other update of any canister (R16)', async () => {
    const records = clinic.ids.records
    expect(await clinic.send(anonymous, records, 'http_request_update', encodeArg(update, good))).toMatchObject({
      kind: 'reply',
    })
    const reached: string[] = []
    for (const [canister, method] of ALL_METHODS) {
      const answer = await clinic.send(anonymous, clinic.ids[canister], method, new Uint8Array([68, 73, 68, 76, 0, 0]))
      if (answer.kind === 'reply' || answer.reject.errorCode !== 'IC0406') reached.push(`${canister}.${method}`)
    }
    expect(reached).toEqual([])
    const tooLarge = encodeArg(update, { ...good, body: new Uint8Array(60_000) })
    expect(await clinic.send(anonymous, records, 'http_request_update', tooLarge)).toMatchObject({ kind: 'reject' })
  })

  test('makes it spend little, whatever they send', async () => {
    const type = update.arg.idl as IDL.RecordClass
    const many = (count: number, name: string) => ({
      ...good,
      headers: Array.from({ length: count }, () => [name, 'v']),
    })
    const more = IDL.Record({ ...Object.fromEntries(type._fields), certificate_version: IDL.Opt(IDL.Nat16) })
    const encode = (idl: IDL.Type, value: object) => new Uint8Array(IDL.encode([idl], [value]))
    const path = `/devices/${'0'.repeat(32)}/readings`
    const headers = (fields: Record<string, string>) => ({ ...good, url: path, headers: Object.entries(fields) })
    const bytes: readonly (readonly [string, Uint8Array])[] = [
      ...bombsFor(update, good).map(({ name, bytes: each }) => [name, each] as const),
      ['forty-eight fields', encode(type, many(48, 'signature'))],
      ['forty-eight fields and something else', encode(more, { ...many(48, 'Signature'), certificate_version: [2] })],
      ['as many fields as there is room for', encode(type, many(6_000, 'host'))],
      ['the same, strangely told', encode(more, { ...many(6_000, 'host'), certificate_version: [] })],
      ['a long address', encode(type, { ...good, url: `/devices/${'0'.repeat(4000)}` })],
      [
        'a long signature input',
        encode(type, headers({ signature: `a=:${'A'.repeat(86)}==:`, 'signature-input': `a=(${'"a" '.repeat(250)}` })),
      ],
      [
        'parameters without end',
        encode(type, headers({ signature: `a=:${'A'.repeat(86)}==:`, 'signature-input': `a=()${';a=1'.repeat(240)}` })),
      ],
      ['quotes', encode(type, headers({ signature: '"'.repeat(4000), 'signature-input': '"'.repeat(1000) }))],
    ]
    const wrong: string[] = []
    for (const [name, each] of bytes) {
      if (each.length > update.argBytesMax) continue
      const { value, parts } = await clinic.metered(() =>
        clinic.send(anonymous, clinic.ids.records, 'http_request_update', each),
      )
      const own = parts.filter(({ entry }) => entry === 'http_request_update')
      const millions = Number(own.reduce((sum, { instructions }) => sum + instructions, 0n)) / 1e6
      if (millions > 5) wrong.push(`${name}: ${millions} M`)
      if (value.kind === 'reject') wrong.push(`${name}: ${value.reject.message}`)
      else {
        const [answer] = IDL.decode([update.ret.idl], value.bytes) as unknown as { status_code: number }[]
        if (answer === undefined || answer.status_code < 400 || answer.status_code > 499)
          wrong.push(`${name}: ${answer?.status_code}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
