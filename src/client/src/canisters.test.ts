import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  AgentError,
  AnonymousIdentity,
  Cbor,
  CertifiedRejectErrorCode,
  HttpAgent,
  MissingSignatureErrorCode,
  QuerySignatureVerificationFailedErrorCode,
  RejectError,
  type RequestId,
  TrustError,
} from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { startLocalnet } from '@medguard/localnet'
import {
  auditService,
  consentService,
  encodeRet,
  IDL,
  type Method,
  Principal,
  recordsService,
  type Service,
} from '@medguard/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Fault } from './api.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { connect, replyOf } from './canisters.ts'
import { developmentNetwork } from './development.ts'
import { faultOf } from './fault-of.ts'

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'done'
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
}

describe('a reply', () => {
  const services: Readonly<Record<string, Service>> = { consentService, recordsService, auditService }
  const methods = Object.entries(services).flatMap(([service, each]) =>
    Object.entries(each).map(([name, method]) => [`${service}.${name}`, method] as const),
  )
  test.each(methods)('of %s passes the guard when it is a refusal', (_, method) => {
    const refused = { Err: { BadInput: { field: 'of', code: 'length' } } }
    expect(replyOf(method, encodeRet(method as Method<never, unknown>, refused))).toEqual(refused)
  })

  test('of the largest page there is passes the guard', () => {
    const blob = new Uint8Array(16)
    const entry = {
      leaf: new Uint8Array(180),
      detail: new Uint8Array(512),
      proof: Array.from({ length: 53 }, () => new Uint8Array(32)),
    }
    const head = { treeHead: blob, witness: blob, certificate: [blob] as [Uint8Array] }
    const page = { Ok: { total: 50n, entries: Array.from({ length: 50 }, () => entry), head } }
    expect(replyOf(auditService.leaves as Method<unknown, unknown>, encodeRet(auditService.leaves, page))).toEqual(page)
    const compartments = Array.from({ length: 20 }, () => ({
      compartmentKind: 1,
      cid: blob,
      category: 1,
      minEpoch: 1,
      currentEpoch: 1,
      isDerived: [true] as [boolean],
    }))
    const somebody = Principal.anonymous()
    const grant = {
      grantId: blob,
      patientId: blob,
      patient: somebody,
      grantee: somebody,
      rights: 3,
      purpose: 1,
      startNs: 1n,
      endNs: 2n,
      agreementHash: blob,
      status: { active: null },
      endedNs: [] as [],
      compartments,
      terms: [] as [],
      bar: [] as [],
    }
    const grants = { Ok: { total: 50, grants: Array.from({ length: 50 }, () => grant) } }
    expect(
      replyOf(consentService.grantsGiven as Method<unknown, unknown>, encodeRet(consentService.grantsGiven, grants)),
    ).toEqual(grants)
  })

  test('that would be a million empty things is refused before it is read', () => {
    // A vector of a million records without fields, in 19 bytes: the library alone makes an object of each.
    const bomb = new Uint8Array([68, 73, 68, 76, 2, 109, 1, 108, 0, 1, 0, 0xc0, 0x84, 0x3d])
    expect(() => replyOf(auditService.head as Method<unknown, unknown>, bomb)).toThrow(/refused before it was read/)
    expect(codeOf(() => replyOf(auditService.head as Method<unknown, unknown>, bomb))).toBe('BadReply')
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['no Candid', new TextEncoder().encode('<html>502</html>')],
    ['of another type', new Uint8Array(IDL.encode([IDL.Text], ['x']))],
    ['two values', new Uint8Array(IDL.encode([IDL.Nat8, IDL.Nat8], [1, 2]))],
  ])('that is %s is a bad reply', (_, bytes) => {
    expect(codeOf(() => replyOf(auditService.head as Method<unknown, unknown>, bytes))).toBe('BadReply')
  })
})

describe('what the agent throws', () => {
  const rejected = (code: number, errorCode: string) =>
    RejectError.fromCode(new CertifiedRejectErrorCode(new Uint8Array(32) as RequestId, code, 'text', errorCode))
  test.each([
    ['a canister that trapped over a change', 5, 'IC0502', 'update', 'Uncertain'],
    ['a canister that trapped over a question', 5, 'IC0502', 'query', 'BadReply'],
    ['a canister that ran out of instructions over a change', 5, 'IC0522', 'update', 'Uncertain'],
    ['a canister that never replied', 5, 'IC0506', 'update', 'Uncertain'],
    ['a canister that is stopped', 5, 'IC0508', 'update', 'Unreachable'],
    ['a canister that is stopping', 5, 'IC0509', 'query', 'Unreachable'],
    ['a canister without cycles', 5, 'IC0207', 'update', 'Unreachable'],
    ['a canister that is not there', 3, 'IC0301', 'update', 'Unreachable'],
    ['a network that is busy', 2, 'IC0201', 'update', 'Unreachable'],
    ['a canister that takes other arguments', 4, 'IC0406', 'update', 'BadReply'],
  ] as const)('%s (%i, %s, %s) is %s', (_, code, errorCode, mode, expected) => {
    expect(faultOf(rejected(code, errorCode), mode).code).toBe(expected)
  })
  test('that no network is there is uncertain for a change only', () => {
    expect(faultOf(new TypeError('fetch failed'), 'update').code).toBe('Uncertain')
    expect(faultOf(new TypeError('fetch failed'), 'query').code).toBe('Unreachable')
  })
  test('that the keys of the network cannot be fetched is no forgery, and a wrong signature is one', () => {
    expect(faultOf(TrustError.fromCode(new MissingSignatureErrorCode()), 'query').code).toBe('Unreachable')
    const wrong = TrustError.fromCode(new QuerySignatureVerificationFailedErrorCode('node'))
    expect(faultOf(wrong, 'query').code).toBe('BadCertificate')
  })
})

describe('an answer over HTTP', () => {
  let close = () => {}
  afterEach(() => close())
  const serve = async (body: (write: (part: Uint8Array) => boolean) => void, status = 200): Promise<string> => {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/cbor' })
      body((part) => response.write(part))
      if (status !== 200) response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    close = () => {
      server.closeAllConnections()
      server.close()
    }
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  }
  test('that does not end is left after four mebibytes', async () => {
    const part = new Uint8Array(512 * 1024)
    const url = await serve((write) => {
      const more = () => {
        while (write(part));
      }
      more()
      const timer = setInterval(more, 1)
      const before = close
      close = () => (clearInterval(timer), before())
    })
    await expect(boundedFetch(url)).rejects.toThrow('more than 4194304 bytes')
    const agent = HttpAgent.createSync({ host: url, fetch: boundedFetch, retryTimes: 0 })
    const failed = await agent.status().catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(AgentError)
    expect(faultOf(failed, 'update').code).toBe('Uncertain')
  })
  test('that sends the request elsewhere is not followed', async () => {
    const url = await serve(() => {}, 307)
    await expect(boundedFetch(url, { method: 'POST', body: 'signed' })).rejects.toThrow(TypeError)
  })
  test('keeps its status, its address and its bytes', async () => {
    const url = await serve((write) => write(new Uint8Array([1, 2, 3])), 404)
    const response = await boundedFetch(url)
    expect([response.status, response.url, [...new Uint8Array(await response.arrayBuffer())]]).toEqual([
      404,
      url,
      [1, 2, 3],
    ])
  })
})

test('a bent answer is a forgery, also where the keys that would show it are held back; no answer at all is none', async () => {
  for (const way of ['group', 'warn', 'error'] as const) vi.spyOn(console, way).mockReturnValue() // the agent's own
  const node = Ed25519KeyIdentity.generate(createHash('sha256').update('localnet/1/node key').digest())
  const identity = node.getPrincipal().toUint8Array()
  const signatures = () => [{ timestamp: BigInt(Date.now()) * 1_000_000n, signature: new Uint8Array(64), identity }]
  const bent = () => Cbor.encode({ status: 'replied', reply: { arg: new Uint8Array([1]) }, signatures: signatures() })
  const localnet = await startLocalnet({ port: 0 })
  const between = { query: bent as (() => Uint8Array) | null, hasKeys: true }
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Uint8Array[] = []
    for await (const part of request) parts.push(part as Uint8Array)
    const { pathname } = new URL(request.url ?? '/', localnet.url)
    if (pathname.endsWith('/query')) return between.query === null ? request.destroy() : response.end(between.query())
    if (!between.hasKeys) return response.end('<html>')
    const headers = { 'content-type': 'application/cbor' }
    const answer = await fetch(new URL(pathname, localnet.url), { method: 'POST', headers, body: Buffer.concat(parts) })
    return response.end(Buffer.from(await answer.arrayBuffer()))
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const { consent } = connect(new AnonymousIdentity(), developmentNetwork(url), () => {})
    const asked = () => consent.changes(null).then(String, (error: unknown) => (error as Fault).code)
    expect(await asked()).toBe('BadCertificate') // and the agent has keys since
    between.hasKeys = false
    expect(await asked()).toBe('BadCertificate')
    between.query = () => new TextEncoder().encode('<html>')
    expect(await asked()).toBe('Unreachable')
    between.query = null
    expect(await asked()).toBe('Unreachable')
  } finally {
    server.closeAllConnections()
    server.close()
    await localnet.close()
  }
})
