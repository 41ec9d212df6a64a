import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { OutcallRequest } from '../contracts.ts'
import { fetchOutcall } from './fetch.ts'
import { requestHeadersProblem, urlProblem } from './rules.ts'
import { selfSigned } from './self-signed.fixture.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function serve(answer: RequestListener, tls?: { key: string; cert: string }): Promise<number> {
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const never = new AbortController().signal
const request = (url: string, more: Partial<OutcallRequest> = {}): OutcallRequest => ({
  id: 1,
  url,
  method: 'GET',
  headers: [],
  body: null,
  maxResponseBytes: 2_000_000,
  copies: 1,
  ...more,
})
const fetch = (outcall: OutcallRequest, certificateAuthorities: string[] = []) =>
  fetchOutcall(outcall, { certificateAuthorities }, never)

describe('an outcall', () => {
  test('sends what it is told and hands on what comes back', async () => {
    let seen: IncomingMessage | undefined
    let body = ''
    const port = await serve((message, response) => {
      seen = message
      message.on('data', (part: Buffer) => (body += part.toString()))
      message.on('end', () => response.writeHead(404, { 'X-Thing': 'b' }).end('no'))
    })
    const headers = [
      { name: 'X-Thing', value: 'a' },
      { name: 'Content-Length', value: '1' },
    ]
    const result = await fetch(
      request(`http://127.0.0.1:${port}/p?q=1`, { method: 'POST', headers, body: Buffer.from('data') }),
    )
    expect(result).toMatchObject({ kind: 'response', status: 404, body: new Uint8Array(Buffer.from('no')) })
    expect(result.kind === 'response' ? result.headers : []).toContainEqual({ name: 'x-thing', value: 'b' })
    expect([seen?.method, seen?.url, body]).toEqual(['POST', '/p?q=1', 'data'])
    expect(seen?.headers).toMatchObject({ 'x-thing': 'a', 'user-agent': 'ic/1.0', 'content-length': '4' })
  })

  test('names its own user agent where it has one', async () => {
    let agent: string | undefined
    const port = await serve((message, response) => {
      agent = message.headers['user-agent']
      response.end()
    })
    await fetch(request(`http://127.0.0.1:${port}/`, { headers: [{ name: 'User-Agent', value: 'mine' }] }))
    expect(agent).toBe('mine')
  })

  test('does not follow a redirect', async () => {
    const port = await serve((_message, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    expect(await fetch(request(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'response', status: 302 })
  })

  test.each<[string, RequestListener]>([
    ['a body', (_message, response) => response.end(Buffer.alloc(1001))],
    ['headers', (_message, response) => response.writeHead(200, { big: 'x'.repeat(1001) }).end()],
  ])('ends when %s is larger than the caller allows', async (_, answer) => {
    const result = await fetch(request(`http://127.0.0.1:${await serve(answer)}/`, { maxResponseBytes: 1000 }))
    expect(result).toMatchObject({ kind: 'failed', code: 1 })
  })

  test('is refused an answer with too many or too long headers', async () => {
    const many = await serve((_message, response) => {
      for (let n = 0; n < 65; n++) response.setHeader(`h${n}`, '1')
      response.end()
    })
    expect(await fetch(request(`http://127.0.0.1:${many}/`))).toMatchObject({ kind: 'failed', code: 1 })
    const long = await serve((_message, response) => response.writeHead(200, { long: 'x'.repeat(8193) }).end())
    expect(await fetch(request(`http://127.0.0.1:${long}/`))).toMatchObject({ kind: 'failed', code: 1 })
  })

  test('to nobody, or to one who hangs up, may be made again', async () => {
    const port = await serve((message) => message.socket.destroy())
    expect(await fetch(request(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'failed', code: 2 })
    servers.splice(0)[0]?.close()
    expect(await fetch(request(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'failed', code: 2 })
  })

  test('over TLS trusts nobody it was not told to', async () => {
    const own = selfSigned()
    const port = await serve((_message, response) => response.end('safe'), own)
    const url = `https://localhost:${port}/`
    expect(await fetch(request(url))).toMatchObject({ kind: 'failed', code: 2 })
    expect(await fetch(request(url), [selfSigned().cert])).toMatchObject({ kind: 'failed', code: 2 })
    expect(await fetch(request(url), [own.cert])).toMatchObject({ kind: 'response', status: 200 })
  })
})

describe('the address of an outcall', () => {
  test.each([
    ['https://example.org/', null],
    ['HTTPS://example.org:8443/a?b#c', null],
    ['http://example.org/', 'url must start with https'],
    ['ftp://example.org/', 'url must start with https'],
    ['example.org', 'url is not valid'],
    ['https://user:secret@example.org/', 'url must not hold a user or a password'],
    [`https://example.org/${'x'.repeat(8192)}`, 'url is longer than 8192 bytes'],
  ])('%s', (url, problem) => {
    expect(urlProblem(url, false)).toBe(problem)
  })

  test.each(['http://127.0.0.1:1/', 'http://127.8.9.1/', 'http://localhost:80/', 'http://[::1]:8080/'])(
    '%s is this computer, and allowed only when told so',
    (url) => {
      expect(urlProblem(url, false)).toBe('url must start with https')
      expect(urlProblem(url, true)).toBeNull()
    },
  )

  test.each([
    'http://127.0.0.1.example.org/',
    'http://localhost.example.org/',
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'http://0.0.0.0/',
  ])('%s is not this computer', (url) => {
    expect(urlProblem(url, true)).toBe('url must start with https')
  })
})

test.each([
  ['a name that ends a line', [{ name: 'a\r\nb', value: '' }]],
  ['a value that ends a line', [{ name: 'a', value: 'x\r\ny: z' }]],
  ['no name', [{ name: '', value: '' }]],
  ['too long a value', [{ name: 'a', value: 'x'.repeat(8193) }]],
  ['too many', Array.from({ length: 65 }, (_, n) => ({ name: `h${n}`, value: '' }))],
  ['too much', Array.from({ length: 7 }, (_, n) => ({ name: `h${n}`, value: 'x'.repeat(7100) }))],
])('headers with %s are refused', (_, headers) => {
  expect(requestHeadersProblem(headers)).not.toBeNull()
})
