import { createHash } from 'node:crypto'
import { encodeValue, httpService, IDL } from '@medguard/protocol'
import { describe, expect, test } from 'vitest'
import { httpResponseEncoder, readHttpRequest } from './http-codec.ts'
import { problem } from './problem.ts'
import { uncertified, UNCERTIFIED_ROOT } from './uncertified.ts'

const read = (bytes: Uint8Array) => readHttpRequest(bytes, new Set(['host', 'signature']))
const HEADERS: [string, string][] = [
  ['Host', 'a.localhost'],
  ['accept', '*/*'],
  ['x-a-name-longer-than-any-that-is-read', 'x'.repeat(300)],
  ['SIGNATURE', 'sig=:AA==:'],
]
const REQUEST = { method: 'POST', url: '/a?b', headers: HEADERS, body: Uint8Array.of(1, 2, 3) }
const READ = {
  method: 'POST',
  url: '/a?b',
  body: REQUEST.body,
  fields: new Map([
    ['host', 'a.localhost'],
    ['signature', 'sig=:AA==:'],
  ]),
  isRepeated: false,
}
const Pair = IDL.Tuple(IDL.Text, IDL.Text)
const fieldsOfRequest = { method: IDL.Text, url: IDL.Text, headers: IDL.Vec(Pair), body: IDL.Vec(IDL.Nat8) }
const encode = (type: IDL.Type, value: object) => new Uint8Array(IDL.encode([type], [value]))

describe('a request', () => {
  test('is read from what our own contract writes', () => {
    const bytes = encodeValue(httpService.http_request_update.arg, REQUEST)
    expect(read(bytes)).toEqual(READ)
  })

  test('is read with what gateways send beside it, and in another order of types', () => {
    const more = IDL.Record({ ...fieldsOfRequest, certificate_version: IDL.Opt(IDL.Nat16), later: IDL.Opt(IDL.Text) })
    expect(read(encode(more, { ...REQUEST, certificate_version: [2], later: ['x'] }))).toEqual(READ)
    // A table with the record first, as the network's own gateway writes it.
    const own = encodeValue(httpService.http_request_update.arg, REQUEST)
    const ids = ['efd6e402', 'e1edeb4a', 'a2f5ed8804', 'c6a4a19806'] // url, method, body, headers
    const [url, method, body, headers] = ids
    const head = `4449444c046c04${url}71${method}71${body}01${headers}026d7b6d036c02007101710100`
    const bytes = Buffer.concat([Buffer.from(head, 'hex'), own.subarray(41)])
    expect(read(new Uint8Array(bytes))).toEqual(READ)
  })

  test('says that a field came twice, and only of those that are read', () => {
    const twice = (name: string) => {
      const headers = [...HEADERS, [name, 'again'] as [string, string]]
      const decoded = read(encodeValue(httpService.http_request_update.arg, { ...REQUEST, headers }))
      return decoded?.isRepeated
    }
    expect([twice('host'), twice('Signature'), twice('accept')]).toEqual([true, true, false])
  })

  test('has at most 48 fields, whoever describes it', () => {
    const many = (count: number) => ({ ...REQUEST, headers: Array.from({ length: count }, () => ['a', 'b']) })
    const strange = IDL.Record({ ...fieldsOfRequest, certificate_version: IDL.Opt(IDL.Nat16) })
    for (const [count, isRead] of [
      [48, true],
      [49, false],
      [3000, false],
    ] as const) {
      const own = read(encode(IDL.Record(fieldsOfRequest), many(count)))
      const other = read(encode(strange, { ...many(count), certificate_version: [] }))
      expect([own !== null, other !== null], String(count)).toEqual([isRead, isRead])
    }
  })

  test('that is cut off, or goes on, is refused', () => {
    const bytes = encodeValue(httpService.http_request_update.arg, REQUEST)
    for (let length = 0; length < bytes.length; length++)
      expect(read(bytes.subarray(0, length)), String(length)).toBeNull()
    expect(read(Uint8Array.of(...bytes, 0))).toBeNull()
  })
})

test('a response is what the contract says', () => {
  const response = problem(429, 'Busy', {}, [['retry-after', '2']])
  const type = httpService.http_request.ret.idl
  const [decoded] = IDL.decode([type], httpResponseEncoder.encode(response))
  expect(decoded).toMatchObject({ status_code: 429, upgrade: [], headers: response.fields })
  expect(Buffer.from((decoded as unknown as { body: Uint8Array }).body).toString()).toBe(
    '{"type":"about:blank","title":"Too Many Requests","status":429,"code":"Busy"}',
  )
  const asked = httpResponseEncoder.encode({ ...response, upgrade: true })
  expect(IDL.decode([type], asked)).toMatchObject([{ upgrade: [true] }])
  expect(asked).toEqual(
    encodeValue(httpService.http_request.ret, {
      status_code: 429,
      upgrade: [true],
      headers: response.fields.map(([name, value]): [string, string] => [name, value]),
      body: response.body,
    }),
  )
})

test('what is certified is that nothing is', () => {
  const sha256 = (...parts: (string | Uint8Array)[]) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return new Uint8Array(hash.digest())
  }
  const domain = (name: string) => Buffer.from([name.length, ...Buffer.from(name)])
  const labelled = (label: string | Uint8Array, tree: Uint8Array) => sha256(domain('ic-hashtree-labeled'), label, tree)
  const expression = sha256('default_certification(ValidationArgs{no_certification:Empty{}})')
  const root = labelled('http_expr', labelled('<*>', labelled(expression, sha256(domain('ic-hashtree-leaf')))))
  expect(UNCERTIFIED_ROOT).toEqual(root)
  const { fields } = uncertified(problem(404, 'path'), Uint8Array.of(1, 2, 3))
  const proof = Object.fromEntries(fields)['ic-certificate'] ?? ''
  const tree = Buffer.from(/tree=:([^:]*):/.exec(proof)?.[1] ?? '', 'base64')
  expect(tree.includes(Buffer.from(expression))).toBe(true)
  expect(proof).toContain('certificate=:AQID:')
})
