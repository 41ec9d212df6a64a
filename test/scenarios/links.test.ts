import {
  LINK_BYTES_MAX,
  LINK_END,
  LINK_FILE_LIFE_NS,
  LINK_OPENINGS_PER_HOUR,
  LINKS_LIVE_MAX,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  POWER,
  refusalOf,
} from '@medguard/protocol'
import {
  developmentNetwork,
  type LinkOpened,
  openLinkByCall,
  openLinkByHttps,
  type Outcome,
  readLink,
  type SmartLink,
} from '@medguard/client'
import { SHLViewer } from 'kill-the-clipboard'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Arg, type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { gatewayOf, type HttpAnswer } from './gateway.fixture.ts'
import { newLink, PASSCODE, passcodeOf, someJwe } from './links.fixture.ts'
import { appointTo } from './people.fixture.ts'
import { eventsOf, trailOf } from './trail.ts'
import { enrol } from './ward.ts'

// C22, user request 6: a copy of chosen records for somebody without an account. Over plain HTTPS through the gateway, by a client that has the link and nothing of ours.

let clinic: Clinic
let patient: Person
let patientId: Uint8Array
let send: ReturnType<typeof gatewayOf>['send']
let authority = ''
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  patientId = (await enrol(clinic, patient.principal)).patientId
  ;({ send, authority } = gatewayOf(clinic, 'records'))
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}
const inNs = async (ns: bigint) => (await clinic.nowNs()) + ns
const ask = (path: string, body: unknown, method = 'POST'): Promise<HttpAnswer> =>
  send({
    method,
    path,
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    headers: { 'content-type': 'application/json', origin: 'https://viewer.example' },
  })
const open = (path: string, passcode: string | null = PASSCODE, more: object = {}) =>
  ask(path, { recipient: 'Dr Who', ...(passcode === null ? {} : { passcode }), ...more })
async function made(more: Partial<Arg<'records', 'makeLink'>> = {}, forNs = NS_PER_DAY) {
  const link = newLink(await inNs(forNs), { origin: `http://${authority}`, ...more })
  await clinic.ok(patient.principal, 'records', 'makeLink', link.arg)
  return { ...link, end: () => endIt(link.linkId) }
}
const endIt = (linkId: Uint8Array) =>
  clinic.ok(patient.principal, 'records', 'endLink', { patientId: [], linkId, requestId: freshId() })
const viewOf = async (linkId: Uint8Array) => {
  const views = await clinic.ok(patient.principal, 'records', 'links', { patientId: [] })
  return views.find((each) => Buffer.from(each.linkId).equals(linkId))
}
/** Lines about links since the last look, oldest first. */
let seen = 0
const lines = async () => {
  await clinic.advance(NS_PER_MINUTE)
  const all = await trailOf(clinic, patient.principal, patientId)
  const fresh = eventsOf(all, seen)
  seen = all.length
  return fresh.filter((event) => /link|keyWithheld/.test(event))
}

describe('whoever has the link', () => {
  test('and its passcode gets what it shows, after a line in the log; the patient sees who says they were', async () => {
    await lines()
    const { path, linkId, arg, end } = await made()
    const [{ jwe } = { jwe: new Uint8Array() }] = arg.files
    const { status, json, headers } = await open(path)
    expect([status, json]).toEqual([
      200,
      { files: [{ contentType: 'application/fhir+json', embedded: new TextDecoder().decode(jwe) }] },
    ])
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    })
    expect(await viewOf(linkId)).toMatchObject({
      openings: 1,
      attemptsLeft: 10,
      ended: [],
      lastOpenings: [{ recipient: 'Dr Who' }],
    })
    expect(await lines()).toEqual(['linkMade', 'linkOpened'])
    await end()
  })

  test('gets a file by an address of its own where it is not to be embedded, which lives a quarter of an hour and cannot be made up', async () => {
    const files = [0, 1].map((contentType) => ({ contentType, jwe: someJwe(2000 + contentType) }))
    const { path, end } = await made({ files })
    const { json } = await open(path, PASSCODE, { embeddedLengthMax: 2000 })
    const { files: told } = json as { files: { contentType: string; embedded?: string; location?: string }[] }
    expect(told.map((file) => Object.keys(file).join())).toEqual(['contentType,location', 'contentType,location'])
    const [first = '', second = ''] = told.map(({ location = '' }) => new URL(location).pathname)
    expect(told[0]?.location).toMatch(/^http:\/\//)
    const got = await ask(second, '', 'GET')
    expect([got.status, got.headers['content-type'], got.headers['access-control-allow-origin']]).toEqual([
      200,
      'application/jose',
      '*',
    ])
    expect(got.text).toBe(new TextDecoder().decode(files[1]?.jwe))
    const [, until = ''] = /\/0-(\d+)-/.exec(first) ?? []
    for (const wrong of [
      first.replace('/0-', '/1-'),
      first.replace(until, String(Number(until) + 3600)),
      `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`,
    ])
      expect((await ask(wrong, '', 'GET')).status).toBe(404)
    await clinic.advance(LINK_FILE_LIFE_NS)
    expect((await ask(first, '', 'GET')).status).toBe(404)
    const again = (await open(path, PASSCODE, { embeddedLengthMax: 1 })).json as { files: { location: string }[] }
    const fresh = new URL(again.files[0]?.location ?? '').pathname
    expect((await ask(fresh, '', 'GET')).status).toBe(200)
    await end()
    expect((await ask(fresh, '', 'GET')).status).toBe(404)
  })

  test('may ask from a page of any origin', async () => {
    const { path, end } = await made({ passcode: [] })
    const preflight = await ask(path, '', 'OPTIONS')
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*'])
    expect(preflight.headers['access-control-allow-headers']).toContain('content-type')
    expect((await open(path, null)).status).toBe(200)
    await end()
    for (const answer of [await open(path, null), await ask(path, '{', 'POST'), await ask(path, '', 'GET')])
      expect(answer.headers['access-control-allow-origin']).toBe('*')
  })
})

describe('wrong passcodes', () => {
  test('are counted exactly, twenty at once: ten are told what is left, then the link is over', async () => {
    await lines()
    const { path, linkId } = await made({ passcode: [passcodeOf(PASSCODE, 10)] })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => open(path, `wrong ${i}`)))
    const told = answers.map(({ status, json }) => (status === 401 ? json : status))
    const left = (n: number) => ({ remainingAttempts: n })
    expect(told.filter((each) => each === 404)).toHaveLength(10)
    for (let n = 0; n < 10; n++) expect(told).toContainEqual(left(n))
    expect((await open(path)).status).toBe(404)
    expect(await viewOf(linkId)).toMatchObject({ attemptsLeft: 0, ended: [{ why: LINK_END.wrongPasscodes }] })
    const logged = await lines()
    expect(logged.filter((event) => event === 'linkPasscodeWrong')).toHaveLength(10)
    expect(logged.at(0)).toBe('linkMade')
    expect(logged.at(-1)).toBe('linkEnded')
  })

  test('count for the whole life of the link; none at all is no try', async () => {
    const { path, linkId, end } = await made({ passcode: [passcodeOf(PASSCODE, 3)] })
    expect((await open(path, null)).json).toEqual({ remainingAttempts: 3 })
    expect((await open(path, '1')).json).toEqual({ remainingAttempts: 2 })
    expect((await open(path)).status).toBe(200)
    await clinic.advance(NS_PER_HOUR)
    expect((await open(path, '1')).json).toEqual({ remainingAttempts: 1 })
    expect(await viewOf(linkId)).toMatchObject({ attemptsLeft: 1, attemptsMax: 3, openings: 1 })
    await end()
  })
})

describe('a link that is over', () => {
  test.each([
    ['its patient stopped it', LINK_END.stopped],
    ['its time is over', LINK_END.expired],
  ] as const)('answers as one that never was, and its content is gone: %s', async (_, why) => {
    const { path, linkId, end } = await made({ files: [{ contentType: 0, jwe: someJwe(50_000) }] }, NS_PER_HOUR)
    const before = await clinic.ok(patient.principal, 'records', 'usage', { patientId: [] })
    if (why === LINK_END.stopped) await end()
    else await clinic.advance(NS_PER_HOUR)
    const answer = await open(path)
    const never = await open(newLink(0n).path)
    expect([answer.status, answer.text]).toEqual([404, never.text])
    expect(await viewOf(linkId)).toMatchObject({ ended: [{ why }] })
    const after = await clinic.ok(patient.principal, 'records', 'usage', { patientId: [] })
    expect(before.sizeBytes - after.sizeBytes).toBeGreaterThan(50_000n)
    await end()
  })

  test('loses its content also if nobody ever asks', async () => {
    await made({}, NS_PER_HOUR)
    await lines()
    await clinic.advance(3n * NS_PER_HOUR)
    expect(await lines()).toEqual(['linkEnded'])
  })

  test('is over when whoever made it in the patient’s place may show nothing any more', async () => {
    const carer = clinic.person('carer').principal
    await enrol(clinic, carer)
    await appointTo(clinic, patient.principal, carer, { powers: POWER.read | POWER.share, forNs: NS_PER_DAY })
    const { arg, path, linkId } = newLink(await inNs(NS_PER_HOUR), { patientId: [patientId] })
    const late = newLink(await inNs(30n * NS_PER_DAY), { patientId: [patientId] })
    expect(kindOf(await clinic.call(carer, 'records', 'makeLink', late.arg))).toBe('BadInput')
    await clinic.ok(carer, 'records', 'makeLink', arg)
    expect((await open(path)).status).toBe(200)
    const dismissal = { patientId: [] as [], representative: carer, requestId: freshId() }
    await clinic.ok(patient.principal, 'records', 'dismiss', dismissal)
    expect((await open(path)).status).toBe(404)
    expect(await viewOf(linkId)).toMatchObject({ ended: [{ why: LINK_END.giverLeft }] })
  })

  test('rests while all sharing is paused, and wrong passcodes do not count then', async () => {
    const { path, linkId, end } = await made()
    const change = (change: { pause: null } | { resume: null }) =>
      clinic.ok(patient.principal, 'records', 'changeRules', { patientId: [], change, requestId: freshId() })
    await change({ pause: null })
    expect([(await open(path)).status, (await open(path, '1')).status]).toEqual([404, 404])
    await change({ resume: null })
    expect(await viewOf(linkId)).toMatchObject({ attemptsLeft: 10, openings: 0 })
    expect((await open(path)).status).toBe(200)
    await end()
  })

  test('goes with its patient’s vault', async () => {
    const leaver = clinic.person('leaver').principal
    const { patientId: own } = await enrol(clinic, leaver)
    const { arg, path } = newLink(await inNs(NS_PER_DAY))
    await clinic.ok(leaver, 'records', 'makeLink', arg)
    await clinic.ok(leaver, 'consent', 'eraseBegin', { patientId: own, requestId: freshId() })
    for (let isDone = false; !isDone;)
      ({ isDone } = await clinic.ok(leaver, 'records', 'erase', { patientId: own, requestId: freshId() }))
    expect((await open(path)).status).toBe(404)
  })
})

describe('nothing leaves without a trace', () => {
  test('while the log is away nothing opens: 503, and when to come again', async () => {
    const { path, linkId, end } = await made()
    await lines()
    await clinic.stop('audit')
    const answer = await open(path)
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '60'])
    await clinic.start('audit')
    await clinic.advance(10n * NS_PER_MINUTE)
    expect(await viewOf(linkId)).toMatchObject({ openings: 0 })
    // The line was numbered before the log could answer; the one behind it says that nothing was given out.
    expect(await lines()).toEqual(['linkOpened', 'keyWithheld'])
    expect((await open(path)).status).toBe(200)
    await end()
  })

  test('a link is opened so often an hour: 429 beyond, and another link is none the worse', async () => {
    const { path, end } = await made({ passcode: [] })
    const other = await made({ passcode: [] })
    for (let i = 0; i < LINK_OPENINGS_PER_HOUR; i++) expect((await open(path, null)).status).toBe(200)
    const over = await open(path, null)
    expect([over.status, over.json]).toMatchObject([429, { code: 'Busy' }])
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0)
    expect((await open(other.path, null)).status).toBe(200)
    await end()
    await other.end()
  })
})

describe('bad input', () => {
  test('of a viewer has an answer of its own each, and takes no try', async () => {
    const { path, linkId, end } = await made()
    const deep = `{"recipient":${'['.repeat(900)}${']'.repeat(900)}}`
    const cases: readonly (readonly [string, string, unknown, number, string])[] = [
      ['no JSON', 'POST', '{', 400, 'body'],
      ['no object', 'POST', '[]', 400, 'body'],
      ['too deep', 'POST', deep, 400, 'body'],
      ['no recipient', 'POST', { passcode: PASSCODE }, 400, 'recipient'],
      ['an empty recipient', 'POST', { recipient: '  ', passcode: PASSCODE }, 400, 'recipient'],
      ['a recipient that misleads', 'POST', { recipient: 'Dr\u202eWho', passcode: PASSCODE }, 400, 'recipient'],
      ['a passcode that is none', 'POST', { recipient: 'x', passcode: 7 }, 400, 'passcode'],
      ['a passcode without end', 'POST', { recipient: 'x', passcode: '1'.repeat(65) }, 400, 'passcode'],
      ['a length that is none', 'POST', { recipient: 'x', embeddedLengthMax: 'x' }, 400, 'embeddedLengthMax'],
      ['too much', 'POST', { recipient: 'x'.repeat(5000) }, 413, 'TooLarge'],
      ['another method', 'PUT', {}, 405, 'method'],
    ]
    for (const [what, method, body, status, code] of cases) {
      const answer = await ask(path, body, method)
      expect([what, answer.status, answer.json]).toMatchObject([what, status, { code }])
    }
    for (const wrong of [`${path}x`, `${path}/0`, '/links/', '/links/x', path.slice(0, -1)])
      expect((await ask(wrong, { recipient: 'x' })).status).toBe(404)
    expect(await viewOf(linkId)).toMatchObject({ attemptsLeft: 10, openings: 0 })
    await end()
  })

  test('of a maker is refused by its name', async () => {
    const endNs = await inNs(NS_PER_DAY)
    const [far, past] = [await inNs(400n * NS_PER_DAY), (await clinic.nowNs()) - 1n]
    const ofFiles = (jwe: string | Uint8Array, contentType = 0) => ({
      files: [{ contentType, jwe: typeof jwe === 'string' ? new TextEncoder().encode(jwe) : jwe }],
    })
    const cases: readonly (readonly [Partial<Arg<'records', 'makeLink'>>, string])[] = [
      [{ endNs: far }, 'BadInput endNs'],
      [{ endNs: past }, 'BadInput endNs'],
      [{ origin: 'javascript:alert(1)' }, 'BadInput origin'],
      [{ origin: 'https://a.example/x"' }, 'BadInput origin'],
      [{ label: new Uint8Array(1025) }, 'BadInput label'],
      [{ files: [] }, 'BadInput files'],
      [ofFiles('a.b.c'), 'BadInput files'],
      [ofFiles('a"..b.c.d'), 'BadInput files'],
      [ofFiles(someJwe(), 2), 'BadInput contentType'],
      [ofFiles(someJwe(LINK_BYTES_MAX)), 'TooLarge'],
      [{ passcode: [passcodeOf('1', 0)] }, 'BadInput attemptsMax'],
      [{ passcode: [passcodeOf('1', 101)] }, 'BadInput attemptsMax'],
    ]
    for (const [more, expected] of cases) {
      const answer = await clinic.call(patient.principal, 'records', 'makeLink', newLink(endNs, more).arg)
      const refusal = 'Err' in answer ? refusalOf(answer.Err) : null
      const field = refusal?.kind === 'BadInput' ? ` ${refusal.field}` : ''
      expect(`${kindOf(answer)}${field}`).toBe(expected)
    }
  })

  test('more than a patient may have at a time are refused, and the largest fits', async () => {
    const whole = clinic.person('whole').principal
    await enrol(clinic, whole)
    const endNs = await inNs(NS_PER_DAY)
    const largest = newLink(endNs, { files: [{ contentType: 0, jwe: someJwe(LINK_BYTES_MAX - 60) }] })
    const { parts } = await clinic.metered(() => clinic.ok(whole, 'records', 'makeLink', largest.arg))
    const millions = Math.max(...parts.map(({ instructions }) => Number(instructions) / 1e6))
    expect(millions).toBeLessThan(260)
    const { status, text } = await open(largest.path)
    expect(status).toBe(200)
    expect(text.length).toBeGreaterThan(LINK_BYTES_MAX - 1000)
    for (let i = 1; i < LINKS_LIVE_MAX; i++) await clinic.ok(whole, 'records', 'makeLink', newLink(endNs).arg)
    expect(kindOf(await clinic.call(whole, 'records', 'makeLink', newLink(endNs).arg))).toBe('Full')
  })

  test('costs the canister little, and a passcode that is tried not much more', async () => {
    const { path, end } = await made()
    const spent = async (work: () => Promise<HttpAnswer>) => {
      const { parts } = await clinic.metered(work)
      const own = parts.filter(({ entry }) => entry === 'http_request_update')
      return Number(own.reduce((sum, { instructions }) => sum + instructions, 0n)) / 1e6
    }
    const long = JSON.stringify({ recipient: 'x'.repeat(2000), passcode: 'y' })
    expect(await spent(() => ask(newLink(0n).path, long))).toBeLessThan(5)
    expect(await spent(() => ask(path, long.replace(',"passcode":"y"', '')))).toBeLessThan(20)
    expect(await spent(() => open(path, 'wrong'))).toBeLessThan(60)
    await end()
  })
})

describe('a link that a client makes', () => {
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Haemoglobin' } }
  const added = async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(observation))
    const about = { fileName: null, mediaType: 'application/fhir+json', clinicalDate: null } as const
    return done(await patient.client.add({ ...about, bytes, title: 'Haemoglobin', category: 'labs' }))
  }
  const makes = async (passcode: string | null) => {
    const records = [await added()]
    const endNs = await inNs(7n * NS_PER_DAY)
    return done(await patient.client.makeLink({ label: 'For the trip', content: { records }, endNs, passcode }))
  }
  const read = (link: string): SmartLink => {
    const payload = readLink(link)
    if (typeof payload === 'string') throw new Error(payload)
    return payload
  }
  /** The gateway's names lead to this machine whatever a resolver says. */
  const viaGateway = async (url: string, how?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url)
    const body = typeof how?.body === 'string' ? how.body : ''
    const { status, text } = await ask(pathname, body, how?.method ?? 'GET')
    return new Response(text, { status })
  }

  test('opens in a viewer that is not ours, and its wrong passcode is told as the specification has it', async () => {
    const { link, linkId } = await makes('274318')
    const viewer = new SHLViewer({ shlinkURI: link, fetch: viaGateway })
    expect(viewer.shl).toMatchObject({ label: 'For the trip', flag: 'P', requiresPasscode: true })
    expect(viewer.shl.url.length).toBeLessThanOrEqual(128)
    await expect(viewer.resolveSHL({ recipient: 'Clinic', passcode: '1' })).rejects.toMatchObject({
      name: 'SHLInvalidPasscodeError',
    })
    for (const embeddedLengthMax of [undefined, 0]) {
      const asking = { recipient: 'Clinic', passcode: '274318' }
      const { fhirResources } = await viewer.resolveSHL(
        embeddedLengthMax === undefined ? asking : { ...asking, embeddedLengthMax },
      )
      expect(fhirResources).toMatchObject([
        { resourceType: 'Bundle', type: 'collection', entry: [{ resource: observation }] },
      ])
    }
    const [first] = done(await patient.client.links())
    expect(first).toMatchObject({
      linkId,
      label: 'For the trip',
      openings: 2,
      attemptsLeft: 9,
      lastOpenings: [{ saysTheyAre: 'Clinic' }, { saysTheyAre: 'Clinic' }],
    })
    done(await patient.client.endLink(linkId))
    await expect(viewer.resolveSHL({ recipient: 'Clinic', passcode: '274318' })).rejects.toMatchObject({
      name: 'SHLManifestNotFoundError',
    })
  })

  test('opens by call, without an account, and another device of its maker’s reads what it is called', async () => {
    const { link, linkId } = await makes(null)
    const network = developmentNetwork(clinic.localnet.url)
    const payload = read(`https://viewer.example/page#${link}`)
    expect(payload.url.startsWith(`http://${authority}/links/`)).toBe(true)
    const asking = { recipient: 'Aunt', passcode: null }
    const opened: LinkOpened = await openLinkByCall(network, payload, asking)
    if (opened.kind !== 'opened') throw new Error(opened.kind)
    expect(JSON.parse(new TextDecoder().decode(opened.files[0]?.bytes))).toMatchObject({
      entry: [{ resource: observation }],
    })
    const other = new Uint8Array(32).fill(9)
    expect(await openLinkByCall(network, { ...payload, key: other }, asking)).toEqual({ kind: 'damaged' })
    expect(await openLinkByCall(network, { ...payload, url: 'https://other.example/m' }, asking)).toEqual({
      kind: 'elsewhere',
      host: 'other.example',
    })
    const labels = done(await patient.newClient().links()).map(({ label }) => label)
    expect(labels[0]).toBe('For the trip')
    done(await patient.client.endLink(linkId))
    expect(await openLinkByCall(network, payload, asking)).toEqual({ kind: 'over' })
    expect(await openLinkByHttps({ ...payload, url: 'http://127.0.0.1:9/m' }, asking)).toEqual({ kind: 'unreachable' })
  })
})
