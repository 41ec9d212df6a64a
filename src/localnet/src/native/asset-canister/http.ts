// Answers browsers' requests. Interface of the HTTP gateway protocol specification, behaviour of the official asset canister, and one
// thing more: a browser that has the content already is told so (304), with a certificate for just that.
import { Principal } from '@dfinity/principal'
import { fromHex, hex } from '../../certificates/index.ts'
import { type NativeCall, NativeTrap } from '../native-canister.ts'
import { certifiedTree, prove } from './certification.ts'
import type { ChunkArgs, HeaderField, HttpRequestArgs, HttpResponseValue, Opt } from './interface.ts'
import { FALLBACK_KEY, resolve } from './paths.ts'
import type { Asset, Encoding, Records } from './records.ts'
import { encodingsInOrder, etagOf, EXPRESSION_HEADER, NOT_FOUND, NOT_FOUND_BODY, responseOf } from './response.ts'

const CALLBACK = 'http_request_streaming_callback'

interface Found {
  readonly key: string
  readonly asset: Asset
}

export function httpRequest(call: NativeCall, records: Records, request: HttpRequestArgs): HttpResponseValue {
  const path = decodedPath(request.url)
  if (path === null) return plainResponse(400, 'failed to decode path')
  const found = resolve(records, path) ?? resolve(records, FALLBACK_KEY)
  if (found?.asset.allowRawAccess === false && isRaw(request)) return toCertified(call, request)
  const certificate = call.certificate()
  if (certificate === null) throw new NativeTrap('no data certificate available')
  // None asked for is the first there was; one from the future gets the latest we have.
  const version = (request.certificate_version[0] ?? 1) === 1 ? 1 : 2
  const { header, isExact } = prove(certifiedTree(records), path, certificate, version)
  const proof: HeaderField = ['IC-Certificate', header]
  const answering = isExact ? resolve(records, path) : resolve(records, FALLBACK_KEY)
  const encoding = answering === null ? undefined : chooseEncoding(answering.asset, request, version)
  if (answering === null || encoding === undefined) {
    const expression: HeaderField[] = version === 2 ? [[EXPRESSION_HEADER, NOT_FOUND.expression]] : []
    const headers: HeaderField[] = [...NOT_FOUND.headers, proof, ...expression]
    return { status_code: 404, headers, body: NOT_FOUND_BODY, upgrade: [], streaming_strategy: [] }
  }
  return okResponse(call, records, { request, answering, encoding, proof, version })
}

function okResponse(
  call: NativeCall,
  records: Records,
  {
    request,
    answering: { key, asset },
    encoding: [name, encoding],
    proof,
    version,
  }: {
    readonly request: HttpRequestArgs
    readonly answering: Found
    readonly encoding: readonly [name: string, encoding: Encoding]
    readonly proof: HeaderField
    readonly version: 1 | 2
  },
): HttpResponseValue {
  const { headers: certified, expression } = responseOf(key, asset, name, records.environment())
  const headers: HeaderField[] = [...certified, proof]
  if (version === 2) headers.push([EXPRESSION_HEADER, expression])
  // Version 1 certifies bodies alone, so it knows no answer without one.
  if (version === 2 && hasAlready(request, etagOf(encoding.sha256))) {
    return { status_code: 304, headers, body: new Uint8Array(), upgrade: [], streaming_strategy: [] }
  }
  const [token] = nextChunk({ key, content_encoding: name, index: 0n, sha256: [] }, encoding)
  const callback: [Principal, string] = [Principal.fromUint8Array(call.self), CALLBACK]
  return {
    status_code: 200,
    headers,
    body: chunkOf(records, encoding, 0n),
    upgrade: [],
    streaming_strategy: token === undefined ? [] : [{ Callback: { callback, token } }],
  }
}

/** The rest of a body that is larger than one answer, a chunk at a time. */
export function streamingCallback(
  records: Records,
  token: ChunkArgs,
): Opt<{ readonly body: Uint8Array; readonly token: Opt<ChunkArgs> }> {
  const encoding = encodingOf(records, token)
  return [{ body: chunkOf(records, encoding, token.index), token: nextChunk(token, encoding) }]
}

/** @throws NativeTrap when the asset changed since the asker was given its hash. */
export function encodingOf(records: Records, { key, content_encoding, sha256 }: ChunkArgs): Encoding {
  const found = resolve(records, key)
  if (found === null) throw new NativeTrap('asset not found')
  const encoding = Object.hasOwn(found.asset.encodings, content_encoding)
    ? found.asset.encodings[content_encoding]
    : undefined
  if (encoding === undefined) throw new NativeTrap('no such encoding')
  const [expected] = sha256
  if (expected === undefined) throw new NativeTrap('sha256 required')
  if (hex(Uint8Array.from(expected)) !== encoding.sha256) throw new NativeTrap('sha256 mismatch')
  return encoding
}

export function chunkOf(records: Records, { chunkIds }: Encoding, index: bigint): Uint8Array {
  const id = index < BigInt(chunkIds.length) ? chunkIds[Number(index)] : undefined
  const chunk = id === undefined ? null : records.chunk(id)
  if (chunk === null) throw new NativeTrap('chunk index out of bounds')
  return chunk
}

function nextChunk(token: ChunkArgs, { chunkIds, sha256 }: Encoding): Opt<ChunkArgs> {
  const index = token.index + 1n
  return index < BigInt(chunkIds.length) ? [{ ...token, index, sha256: [fromHex(sha256)] }] : []
}

/** The first that was asked for and exists, else the best there is. Version 1 certifies one encoding only. */
function chooseEncoding(
  asset: Asset,
  request: HttpRequestArgs,
  version: 1 | 2,
): readonly [name: string, encoding: Encoding] | undefined {
  const inOrder = encodingsInOrder(asset)
  const certified = version === 1 ? inOrder.slice(0, 1) : inOrder
  const name = listed(request, 'accept-encoding').find((asked) => certified.includes(asked)) ?? inOrder[0]
  const encoding = name === undefined ? undefined : asset.encodings[name]
  return name === undefined || encoding === undefined ? undefined : [name, encoding]
}

const hasAlready = (request: HttpRequestArgs, etag: string): boolean =>
  listed(request, 'if-none-match').some((one) => one.replace(/^W\//, '') === etag)

/** Items of a header that is a list, however often it was sent. */
function listed({ headers }: HttpRequestArgs, name: string): string[] {
  const values = headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  return values.flatMap((value) => value.split(',')).map((item) => item.trim())
}

/** Slashes in a row count as one: so reads the verifier, whose word browsers rely on. @returns null for what is no path. */
function decodedPath(url: string): string | null {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '').replace(/\/+/g, '/')
  } catch {
    return null
  }
}

const hostOf = ({ headers }: HttpRequestArgs): string =>
  headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? ''
const isRaw = (request: HttpRequestArgs): boolean => /\.raw\.(ic|localhost)/.test(hostOf(request))

/** An asset that must not be served uncertified is where certificates are checked. */
function toCertified({ self }: NativeCall, request: HttpRequestArgs): HttpResponseValue {
  const id = Principal.fromUint8Array(self).toText()
  const base = /\.raw\.(localhost(?::\d+)?)$/.exec(hostOf(request))?.[1]
  const location = base === undefined ? `https://${id}.icp0.io${request.url}` : `http://${id}.${base}${request.url}`
  return { ...plainResponse(308, ''), headers: [['location', location]] }
}

const plainResponse = (status_code: number, text: string): HttpResponseValue => ({
  status_code,
  headers: [],
  body: new TextEncoder().encode(text),
  upgrade: [],
  streaming_strategy: [],
})
