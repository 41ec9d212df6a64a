import { IDL } from '@dfinity/candid'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  buildTree,
  concat,
  createCertifier,
  DEVELOPMENT_ROOT_SECRET,
  encodeTagged,
  type Leaf,
  representationHash,
  rootHash,
  sha256,
  utf8,
  witness,
} from '../certificates/index.ts'
import { builtInModule, type NativeCall, type NativeCanister } from '../native/index.ts'
import { openNetwork, START_NS } from '../state-machine/network.fixture.ts'
import { requestFromCanister, type Verify } from './canister-site.ts'
import { wholeOfRanges } from './range-response.ts'
import type { Header, SiteRequest, SiteResponse } from './site.ts'
import { verifiedResponse } from './verify-response.ts'

// A canister that gives a body of 10 bytes in ranges of at most 4, each certified: the first for requests that ask for no range, every
// other together with the range that was asked for.
const BODY = utf8('0123456789')
const PART_BYTES = 4
const STARTS = [0, 4, 8]
const PATH = [utf8('http_expr'), utf8('large'), utf8('<$>')]
const RESPONSE = `response_certification: ResponseCertification{certified_response_headers: ResponseHeaderList{headers: ["content-range"]}}`
const expressionFor = (start: number) => {
  const request =
    start === 0
      ? 'no_request_certification: Empty{}'
      : 'request_certification: RequestCertification{certified_request_headers: ["range"], certified_query_parameters: []}'
  return `default_certification(ValidationArgs{certification: Certification{${request}, ${RESPONSE}}})`
}

function partAt(start: number) {
  const body = BODY.subarray(start, start + PART_BYTES)
  const range = `bytes ${start}-${start + body.length - 1}/${BODY.length}`
  return {
    body,
    headers: [
      ['content-range', range],
      ['ic-certificateexpression', expressionFor(start)],
    ] as const,
  }
}

function leafAt(start: number): Leaf {
  const { body, headers } = partAt(start)
  const asked = [
    ['range', `bytes=${start}-`],
    [':ic-cert-method', 'GET'],
  ] as const
  const requestHash = start === 0 ? new Uint8Array() : sha256(representationHash(new Map(asked)), sha256())
  const fields = new Map<string, string | number>([...headers, [':ic-cert-status', 206]])
  const responseHash = sha256(concat(representationHash(fields), sha256(body)))
  return { path: [...PATH, sha256(utf8(expressionFor(start))), requestHash, responseHash], value: new Uint8Array() }
}

const tree = buildTree(STARTS.map(leafAt))
const HeaderField = IDL.Tuple(IDL.Text, IDL.Text)
const Request = IDL.Record({ url: IDL.Text, headers: IDL.Vec(HeaderField) })
const Response = IDL.Record({ status_code: IDL.Nat16, headers: IDL.Vec(HeaderField), body: IDL.Vec(IDL.Nat8) })

/** @param forge what is said of a part instead of the truth. */
const rangesCanister = (
  forge: (start: number, headers: Header[], body: Uint8Array) => [Header[], Uint8Array],
): NativeCanister => ({
  init: ({ setCertifiedData }) => setCertifiedData(rootHash(tree)),
  methods: {
    http_request: {
      kind: 'query',
      run({ arg, certificate }: NativeCall) {
        const [request] = IDL.decode([Request], new Uint8Array(arg)) as unknown as [{ headers: Header[] }]
        const asked = request.headers.find(([name]) => name === 'range')?.[1]
        const start = asked === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(asked)?.[1])
        const { body, headers } = partAt(start)
        const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
        const proof = [
          'version=2',
          `certificate=:${base64(certificate() ?? new Uint8Array())}:`,
          `tree=:${base64(encodeTagged(witness(tree, [PATH])))}:`,
          `expr_path=:${base64(encodeTagged(['http_expr', 'large', '<$>']))}:`,
        ].join(', ')
        const [forgedHeaders, forgedBody] = forge(start, [...headers, ['ic-certificate', proof]], body)
        return new Uint8Array(IDL.encode([Response], [{ status_code: 206, headers: forgedHeaders, body: forgedBody }]))
      },
    },
  },
})

let gateway: (headers?: Header[]) => Promise<SiteResponse>
function openGateway(forge: Parameters<typeof rangesCanister>[0] = (_, headers, body) => [headers, body]): void {
  const network = openNetwork(undefined, undefined, { natives: new Map([['ranges', rangesCanister(forge)]]) })
  const canisterId = network.install(builtInModule('ranges'))
  const { rootKeyDer } = createCertifier(DEVELOPMENT_ROOT_SECRET)
  const host = {
    query: (message: Parameters<typeof network.machine.query>[0]) => Promise.resolve(network.machine.query(message)),
    call: () => Promise.reject(new Error('no update here')),
    timeNs: () => Promise.resolve(START_NS),
  }
  const verify: Verify = (request, response) =>
    Promise.resolve(
      verifiedResponse({
        canisterId,
        request,
        response,
        rootKeyDer,
        nowNs: network.machine.timeNs(),
        facts: undefined,
      }),
    )
  gateway = (headers = []) => {
    const request: SiteRequest = { method: 'GET', url: '/large', headers, body: new Uint8Array() }
    return requestFromCanister(host, canisterId, request, verify)
  }
}
beforeEach(() => openGateway())

describe('a body in ranges', () => {
  test('is put together from certified parts and answered as a whole', async () => {
    const { status, headers, body } = await gateway()
    expect([status, Buffer.from(body).toString()]).toEqual([200, '0123456789'])
    expect(headers.map(([name]) => name)).not.toContain('content-range')
  })

  test('is one range for who asks for one', async () => {
    const { status, headers, body } = await gateway([['range', 'bytes=4-']])
    expect([status, Buffer.from(body).toString()]).toEqual([206, '4567'])
    expect(headers).toContainEqual(['content-range', 'bytes 4-7/10'])
  })

  test.each([0, 4, 8])('is refused when the part at %i was changed', async (changed) => {
    openGateway((start, headers, body) => [headers, start === changed ? utf8('x'.repeat(body.length)) : body])
    await expect(gateway()).rejects.toThrow('Response verification failed')
  })

  test('is refused when one certified part is given for another', async () => {
    openGateway((start, headers, body) => (start === 4 ? [headers.map(ofPart(8)), partAt(8).body] : [headers, body]))
    await expect(gateway()).rejects.toThrow('Response verification failed')

    function ofPart(start: number) {
      const other = new Map<string, string>(partAt(start).headers)
      return ([name, value]: Header): Header => [name, other.get(name) ?? value]
    }
  })
})

describe('ranges that do not fit', () => {
  const part = (range: string | null, text: string, status = 206): SiteResponse => ({
    status,
    headers: range === null ? [] : [['Content-Range', range]],
    body: utf8(text),
  })

  test.each([
    ['none', part(null, 'abcd')],
    ['no range', part('bytes', 'abcd')],
    ['another size', part('bytes 4-7/12', 'abcd')],
    ['a gap', part('bytes 5-8/10', 'abcd')],
    ['nothing new', part('bytes 0-3/10', 'abcd')],
    ['more than there is', part('bytes 4-10/10', 'abcdefg')],
    ['fewer bytes than said', part('bytes 4-7/10', 'abc')],
    ['the whole', part('bytes 4-7/10', 'abcd', 200)],
  ])('%s after the first end the answer', async (_, next) => {
    const first = part('bytes 0-3/10', '0123')
    await expect(wholeOfRanges(first, () => Promise.resolve(next))).rejects.toMatchObject({ status: 502 })
  })

  test('that overlap are cut where they meet', async () => {
    const first = part('bytes 0-3/10', '0123')
    const asked: string[] = []
    const whole = await wholeOfRanges(first, (range) => {
      asked.push(range)
      return Promise.resolve(part('bytes 2-9/10', '23456789'))
    })
    expect([Buffer.from(whole.body).toString(), asked]).toEqual(['0123456789', ['bytes=4-']])
  })
})
