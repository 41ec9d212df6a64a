// A canister asks a server on this computer, over the whole network: thread, storage and all.
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { randomBytes } from 'node:crypto'
import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import { afterEach, describe, expect, test } from 'vitest'
import { type Localnet, type OutcallOptions, OutcallsProblem, startLocalnet } from '../index.ts'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import { callingManagement, encode } from '../management/through-canister.fixture.ts'
import { selfSigned } from '../outcalls/self-signed.fixture.ts'
import { settingsOf } from '../state-machine/network.fixture.ts'
import { universalWasm } from '../state-machine/universal-canister.fixture.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  return (server.address() as AddressInfo).port
}

async function call(net: Localnet, canisterId: Uint8Array, method: string, arg: Uint8Array): Promise<Uint8Array> {
  const ingressExpiryNs = (await net.host.timeNs()) + 200_000_000_000n
  const message = { requestId: randomBytes(32), sender: Uint8Array.of(4), canisterId, method, arg, ingressExpiryNs }
  const answer = await net.host.call(message, 20_000)
  if (answer.kind === 'refused') throw new Error(answer.reject.message)
  const { state } = answer.request
  if (state.status === 'rejected') throw new Error(state.reject.message)
  if (state.status !== 'replied') throw new Error(state.status)
  return state.reply
}

/** A network with one universal canister. @returns a function that has it make an outcall. */
async function asking(outcalls?: OutcallOptions) {
  const net = await startLocalnet({ port: 0, ...(outcalls === undefined ? {} : { outcalls }) })
  closers.push(() => net.close())
  const management = new Uint8Array(0)
  const create = { amount: [], settings: [settingsOf({})], specified_id: [], sender_canister_version: [] }
  const made = await call(
    net,
    management,
    'provisional_create_canister_with_cycles',
    encode(ARGUMENTS.ProvisionalCreate, create),
  )
  const [{ canister_id: canister }] = IDL.decode([RESULTS.CanisterId], made) as unknown as [{ canister_id: Principal }]
  const install = { mode: { install: null }, canister_id: canister, wasm_module: universalWasm(), arg: [] }
  const arg = encode(ARGUMENTS.InstallCode, { ...install, sender_canister_version: [] })
  await call(net, management, 'install_code', arg)
  return async (url: string): Promise<string> => {
    const request = {
      url,
      max_response_bytes: [10_000n],
      method: { get: null },
      headers: [],
      body: [],
      transform: [],
      is_replicated: [],
    }
    const body = callingManagement('http_request', encode(ARGUMENTS.HttpRequest, request), 10n ** 12n)
    const reply = await call(net, canister.toUint8Array(), 'run', body)
    const [response] = IDL.decode([RESULTS.HttpResponse], reply) as unknown as [{ body: Uint8Array }]
    return Buffer.from(response.body).toString()
  }
}

describe('an HTTPS outcall', () => {
  test('reaches a server on this computer where that is allowed, once for each node', async () => {
    let asked = 0
    const port = await listening(
      createServer((_message, response) => {
        asked++
        response.sendDate = false
        response.end('hello')
      }),
    )
    const ask = await asking({ loopback: true, replication: 3 })
    expect(await ask(`http://localhost:${port}/`)).toBe('hello')
    expect(asked).toBe(3)
    const refusing = await asking()
    await expect(refusing(`http://localhost:${port}/`)).rejects.toThrow('url must start with https')
    expect(asked).toBe(3)
  })

  test('goes over TLS, to whom the network trusts', async () => {
    const own = selfSigned()
    const port = await listening(createTlsServer(own, (_message, response) => response.end('safe')))
    const ask = await asking({ certificateAuthorities: [own.cert] })
    expect(await ask(`https://localhost:${port}/`)).toBe('safe')
    const strict = await asking()
    await expect(strict(`https://localhost:${port}/`)).rejects.toThrow(/self[- ]signed/u)
  })

  test('fails where the nodes are told different things', async () => {
    let asked = 0
    const port = await listening(createServer((_message, response) => response.end(String(asked++))))
    const ask = await asking({ loopback: true, replication: 4 })
    await expect(ask(`http://127.0.0.1:${port}/`)).rejects.toThrow('No consensus')
  })

  test('is not set up with a replication that no subnet has', async () => {
    await expect(startLocalnet({ port: 0, outcalls: { replication: 0 } })).rejects.toThrow(OutcallsProblem)
  })
})
