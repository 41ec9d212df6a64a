// Web addresses of canisters and certified responses, version 2: HTTP gateway protocol specification, "Canister resolution", "Response
// verification". The canister here certifies by hand, so that each part can be wrong on its own; the cases are our own.
import { IDL } from '@dfinity/candid'
import {
  certify,
  clear,
  onHttpRequest,
  onHttpUpdate,
  program,
  reply,
  say,
  sayCertificate,
  sendReply,
  trap,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTree, rootHash } from './certificate.fixture.ts'
import { textOfId } from './management.fixture.ts'
import { openReplica, type Replica, replyOf } from './replica.fixture.ts'
import { concat, type Fields, hashOfMap, sha256, toCbor, utf8, type Value } from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  canister = await ic.deploy(universalWasm({ http: true }))
})
afterAll(() => ic.close())

const ResponseType = IDL.Record({
  status_code: IDL.Nat16,
  headers: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text)),
  body: IDL.Vec(IDL.Nat8),
  upgrade: IDL.Opt(IDL.Bool),
})
const encoded = (status: number, headers: readonly [string, string][], body: string, upgrade: [] | [boolean] = []) =>
  IDL.encode([ResponseType], [{ status_code: status, headers, body: utf8(body), upgrade }])

const CERTIFIED = (headers: readonly string[]) =>
  `default_certification(ValidationArgs{certification:Certification{no_request_certification:Empty{},response_certification:ResponseCertification{certified_response_headers:ResponseHeaderList{headers:[${headers.map((name) => `"${name}"`).join(',')}]}}}})`
const UNCERTIFIED = 'default_certification(ValidationArgs{no_certification:Empty{}})'

interface Page {
  readonly path: readonly string[]
  readonly status: number
  readonly headers: readonly [string, string][]
  readonly body: string
  readonly expression: string
}
const page: Page = {
  path: ['http_expr', 'page', '<$>'],
  status: 200,
  headers: [['content-type', 'text/plain']],
  body: 'certified',
  expression: CERTIFIED(['content-type']),
}

/** Hash of the response as it is certified. */
function responseHash({ status, headers, body, expression }: Page): Uint8Array {
  const map: Record<string, Fields[string]> = { ':ic-cert-status': status, 'ic-certificateexpression': expression }
  for (const [name, value] of headers) map[name] = value
  return sha256(concat(hashOfMap(map), sha256(utf8(body))))
}

/** The tree that says: under this path, this expression and this response. */
function treeOf(certified: Page): Value {
  const leaf: Value = [3, new Uint8Array(0)]
  const under = (labels: readonly Uint8Array[]): Value =>
    labels.reduceRight<Value>((tree, label) => [2, label, tree], leaf)
  const expression = sha256(utf8(certified.expression))
  const rest =
    certified.expression === UNCERTIFIED ? [expression] : [expression, new Uint8Array(0), responseHash(certified)]
  return under([...certified.path.map((part) => utf8(part)), ...rest])
}

/** Makes the canister certify one page, and answer with another, which is the same unless told. */
async function serve(
  certified: Page,
  answered: Page = certified,
  { leaveOut = false, path = certified.path } = {},
): Promise<void> {
  const tree = treeOf(certified)
  replyOf(await ic.update(canister, program(clear, say(rootHash(readTree(tree))), certify, sendReply)))
  const certificate = replyOf(await ic.query(canister, program(sayCertificate, reply))).subarray(1)
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const header = `certificate=:${base64(certificate)}:, tree=:${base64(toCbor(tree))}:, version=2, expr_path=:${base64(toCbor([...path]))}:`
  const proof: [string, string][] = [['IC-CertificateExpression', answered.expression]]
  if (!leaveOut) proof.push(['IC-Certificate', header])
  const response = encoded(answered.status, [...answered.headers, ...proof], answered.body)
  replyOf(await ic.update(canister, program(onHttpRequest(program(clear, say(response), reply)), sendReply)))
}

const get = (path = '/page', options: RequestInit = {}) =>
  fetch(`${ic.url}${path}${path.includes('?') ? '&' : '?'}canisterId=${textOfId(canister)}`, options)

describe('a page', () => {
  test('that is certified is shown, with its certified headers', async () => {
    await serve(page)
    const answer = await get()
    expect([answer.status, await answer.text()]).toEqual([200, 'certified'])
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('under a wildcard is shown for every address below', async () => {
    await serve({ ...page, path: ['http_expr', 'page', '<*>'] })
    for (const path of ['/page', '/page/deeper', '/page/and/deeper?with=query']) {
      const answer = await get(path)
      expect([path, answer.status]).toEqual([path, 200])
    }
    expect((await get('/other')).status).toBe(500)
  })

  test('that certifies to certify nothing is shown', async () => {
    await serve({ ...page, expression: UNCERTIFIED, body: 'free' })
    expect(await (await get()).text()).toBe('free')
  })

  test('with another status is shown with it', async () => {
    await serve({ ...page, status: 404, body: 'no such page' })
    const answer = await get()
    expect([answer.status, await answer.text()]).toEqual([404, 'no such page'])
  })

  test('loses headers that are not certified', async () => {
    const extra: Page = { ...page, headers: [...page.headers, ['x-smuggled', '1']] }
    await serve(page, extra)
    const answer = await get()
    expect([answer.status, answer.headers.get('x-smuggled')]).toEqual([200, null])
  })

  test.each<[string, () => Promise<void>]>([
    ['whose body is another', () => serve(page, { ...page, body: 'forged' })],
    ['whose status is another', () => serve(page, { ...page, status: 201 })],
    ['whose certified header is another', () => serve(page, { ...page, headers: [['content-type', 'text/html']] })],
    ['whose expression is another', () => serve(page, { ...page, expression: UNCERTIFIED })],
    ['without its certificate', () => serve(page, page, { leaveOut: true })],
    ['certified for another address', () => serve({ ...page, path: ['http_expr', 'other', '<$>'] })],
    ['that claims another path than it certified', () => serve(page, page, { path: ['http_expr', '<*>'] })],
    [
      'certified, and then the canister certified something else',
      async () => {
        await serve(page)
        const response = await get()
        expect(response.status).toBe(200)
        await serve({ ...page, body: 'new' }, page)
      },
    ],
  ])('%s is not shown', async (_what, prepare) => {
    await prepare()
    const answer = await get()
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toMatch(/^(certified|forged|free|new)$/)
  })
})

describe('a canister', () => {
  const answering = async (body: Uint8Array, update = program(trap)) =>
    replyOf(await ic.update(canister, program(onHttpRequest(body), onHttpUpdate(update), sendReply)))

  test('may ask for its update to answer, which needs no certificate', async () => {
    const upgrade = program(clear, say(encoded(200, [], '', [true])), reply)
    await answering(upgrade, program(clear, say(encoded(201, [['x-by', 'update']], 'updated')), reply))
    const answer = await get('/form', { method: 'POST', body: 'x' })
    expect([answer.status, answer.headers.get('x-by'), await answer.text()]).toEqual([201, 'update', 'updated'])
  })

  test('that traps, rejects or says nothing useful is a bad gateway', async () => {
    await answering(program(trap))
    expect((await get()).status).toBe(502)
    await answering(program(clear, say('no Candid'), reply))
    expect((await get()).status).toBeGreaterThanOrEqual(500)
  })

  test('that is not there is not found, and a name that is no canister is a bad request', async () => {
    expect((await fetch(`${ic.url}/?canisterId=7jkta-eyaaa-aaaaq-aaarq-cai`)).status).toBe(404)
    expect((await fetch(`${ic.url}/?canisterId=nobody`)).status).toBe(400)
  })
})
