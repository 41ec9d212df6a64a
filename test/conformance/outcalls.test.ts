// HTTP outcalls and the transform context: interface specification, `http_request`, "Overview of imports" (TQ). A replica elsewhere cannot
// reach a server of this machine, so all of it runs only on the localnet that the suite starts; the cases are our own.
import { createServer, type Server } from 'node:http'
import { IDL } from '@dfinity/candid'
import {
  clear,
  invoke,
  onTransform,
  program,
  reply,
  say,
  sayArgument,
  sayCaller,
  sendReply,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeResult, HttpResponse, idOf } from './management.fixture.ts'
import { openReplica, type Outcome, type Replica, replyOf, text } from './replica.fixture.ts'
import { utf8 } from './request.fixture.ts'
import { isAllowed, NAMES, probe } from './system-api.fixture.ts'
import { manageThrough } from './through-canister.fixture.ts'

const isElsewhere = process.env['MEDGUARD_CONFORMANCE_URL'] !== undefined

describe.skipIf(isElsewhere)('an HTTP outcall', () => {
  let ic: Replica
  let canister: Uint8Array
  let server: Server
  let url: string
  let seen = 0
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen += 1
      response.setHeader('x-method', request.method ?? '')
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end(request.url === '/large' ? 'x'.repeat(100_000) : 'from the world')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    ic = await openReplica({ outcalls: { loopback: true } })
    canister = await ic.deploy(universalWasm(), { environment_variables: [{ name: 'A', value: 'B' }] })
  })
  afterAll(async () => {
    await ic.close()
    server.close()
  })

  const outcall = (more: object = {}, cycles = 100_000_000_000n): Promise<Outcome> =>
    manageThrough(
      ic,
      canister,
      'http_request',
      { url, method: { get: null }, headers: [], max_response_bytes: [10_000n], ...more },
      cycles,
    )
  const transform = () => ({ function: [idOf(canister), 'transform'], context: utf8('the context') })
  interface Response {
    readonly status: bigint
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly body: Uint8Array
  }
  const responseOf = (outcome: Outcome) => decodeResult('http_request', replyOf(outcome)) as Response
  const transformed = (body: string) => IDL.encode([HttpResponse], [{ status: 299n, headers: [], body: utf8(body) }])

  test('brings status, headers and body', async () => {
    const response = responseOf(await outcall())
    expect([response.status, text(response.body)]).toEqual([200n, 'from the world'])
    expect(response.headers).toContainEqual({ name: 'x-method', value: 'GET' })
    expect(responseOf(await outcall({ url: `${url}/missing` })).status).toBe(404n)
    expect(responseOf(await outcall({ method: { post: null }, body: [utf8('x')] })).headers).toContainEqual({
      name: 'x-method',
      value: 'POST',
    })
  })

  test.each<[string, object, bigint]>([
    ['without its fee', {}, 1000n],
    ['with more than it wants to read', { url: 'URL/large' }, 100_000_000_000n],
    ['to no address', { url: 'nowhere' }, 100_000_000_000n],
    ['in the clear to the world', { url: 'http://example.org' }, 100_000_000_000n],
    [
      'with 65 headers',
      { headers: Array.from({ length: 65 }, (_, index) => ({ name: `h${index}`, value: 'x' })) },
      100_000_000_000n,
    ],
    ['with a limit beyond two million bytes', { max_response_bytes: [2_000_001n] }, 100_000_000_000n],
  ])('%s is rejected', async (_what, more, cycles) => {
    const given = 'url' in more && typeof more.url === 'string' ? { ...more, url: more.url.replace('URL', url) } : more
    expect((await outcall(given, cycles)).kind).toBe('reject')
  })

  test('is transformed by a query of the canister, which the management canister calls', async () => {
    const asked = seen
    replyOf(
      await ic.update(canister, program(onTransform(program(clear, say(transformed('changed')), reply)), sendReply)),
    )
    const response = responseOf(await outcall({ transform: [transform()] }))
    expect([response.status, text(response.body)]).toEqual([299n, 'changed'])
    expect(seen).toBe(asked + 1)
    // Says in its trap who called it, and with what.
    replyOf(
      await ic.update(
        canister,
        program(
          onTransform(program(clear, say('<'), sayCaller, say('>'), sayArgument, invoke('trap', 65_536, 200))),
          sendReply,
        ),
      ),
    )
    const told = await outcall({ transform: [transform()] })
    expect(told.kind === 'reject' && told.message).toMatch(/<>DIDL[^]*the context/)
  })

  test('lets its transform use what the System API allows there', async () => {
    const verdicts: string[] = []
    for (const name of NAMES) {
      const ending =
        name === 'msg_reply' || name === 'msg_reject' ? program() : program(clear, say(transformed('x')), reply)
      replyOf(await ic.update(canister, program(onTransform(program(probe(name, 'TQ'), ending)), sendReply)))
      const outcome = await outcall({ transform: [transform()] })
      const isRefused = outcome.kind === 'reject' && outcome.message.includes(`"ic0_${name}" cannot be executed`)
      verdicts.push(`${name} ${isRefused ? 'traps' : 'works'}`)
      // What works ends well; these three answer, or trap, in a way of their own.
      if (!isRefused && !['msg_reply', 'msg_reject', 'trap'].includes(name))
        expect([name, outcome.kind]).toEqual([name, 'reply'])
    }
    expect(verdicts).toEqual(NAMES.map((name) => `${name} ${isAllowed(name, 'TQ') ? 'works' : 'traps'}`))
  })
})
