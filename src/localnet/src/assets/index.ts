// Serves a built folder at a canister id, as the official asset canister would serve it there.
import { type Stats } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { hex, sha256 } from '../certificates/index.ts'
import { type Header, headerOf, type Site, type SiteRequest, type SiteResponse, textResponse } from '../http/index.ts'
import { contentTypeOf, isWorthCompressing } from './content-types.ts'

export { contentTypeOf, isWorthCompressing } from './content-types.ts'

export interface AssetsOptions {
  /** Folder with `index.html` in it. It may be built anew while it is served. */
  readonly folder: string
  /** Sent with every answer: the security headers are the caller's policy. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Values for the `ic_env` cookie beside the root key, by name, for instance `PUBLIC_CANISTER_ID:frontend`.
   * null sends no cookie. Read by `canister-env` of @dfinity/agent and @icp-sdk/core.
   */
  readonly environment: Readonly<Record<string, string>> | null
}

interface Asset {
  readonly stamp: string
  readonly body: Uint8Array
  readonly gzip: Uint8Array | null
  readonly etag: string
  readonly contentType: string
}

const FILE_BYTES_MAX = 64 * 1024 * 1024
const GZIP_BYTES_MIN = 1024
const compress = promisify(gzip)

/** Where Vite puts files with a content hash in the name, for instance `/assets/index-BxK3f9a_.js`: such a file never changes. */
const HASHED = /^\/assets\/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+(\.map)?$/

/** @param rootKeyDer 133 bytes, for the cookie. */
export function createAssets({ folder, headers, environment }: AssetsOptions, rootKeyDer: Uint8Array): Site {
  const loaded = new Map<string, Asset>()
  const fixed: readonly Header[] = Object.entries(headers)
  const cookie = environment === null ? null : environmentCookie(rootKeyDer, environment)

  async function load(path: string): Promise<Asset | null> {
    const file = await findFile(folder, path)
    if (file === null) return null
    const stamp = `${file.stats.mtimeMs} ${file.stats.size} ${file.stats.ino}`
    const known = loaded.get(file.path)
    if (known?.stamp === stamp) return known
    const body = new Uint8Array(await readFile(file.path))
    const contentType = contentTypeOf(file.path)
    const packed = body.length >= GZIP_BYTES_MIN && isWorthCompressing(contentType) ? await compress(body) : null
    const etag = `"${hex(sha256(body))}"`
    const asset = {
      stamp,
      body,
      contentType,
      etag,
      gzip: packed !== null && packed.length < body.length ? packed : null,
    }
    loaded.set(file.path, asset)
    return asset
  }

  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return textResponse(405, 'This site answers GET and HEAD.', [...fixed, ['allow', 'GET, HEAD']])
    }
    const path = decodePath(request.url)
    if (path === null) return textResponse(400, 'Malformed path.', fixed)
    const own = await load(path.endsWith('/') ? `${path}index.html` : path)
    const asset = own ?? (isPage(path) ? await load('/index.html') : null)
    if (asset === null) return textResponse(404, 'No such file.', [...fixed, ['cache-control', 'no-store']])
    return respond(request, path, asset)
  }

  function respond(request: SiteRequest, path: string, asset: Asset): SiteResponse {
    const isHtml = asset.contentType.startsWith('text/html')
    const isPacked = asset.gzip !== null && acceptsGzip(request)
    const etag = isPacked ? asset.etag.replace(/"$/, '-gzip"') : asset.etag
    const answer: Header[] = [
      ['content-type', asset.contentType],
      ['cache-control', !isHtml && HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'],
      ['etag', etag],
      ...fixed,
    ]
    if (asset.gzip !== null) answer.push(['vary', 'accept-encoding'])
    if (isHtml && cookie !== null) answer.push(['set-cookie', cookie])
    const asked = headerOf(request.headers, 'if-none-match')?.split(',') ?? []
    if (asked.some((tag) => tag.trim().replace(/^W\//, '') === etag))
      return { status: 304, headers: answer, body: new Uint8Array() }
    if (isPacked && asset.gzip !== null)
      return { status: 200, headers: [...answer, ['content-encoding', 'gzip']], body: asset.gzip }
    return { status: 200, headers: answer, body: asset.body }
  }
}

/** A path without an ending is a place inside the app, which the page itself resolves; a missing script stays missing. */
const isPage = (path: string): boolean => !/\.[A-Za-z0-9]+$/.test(path)

const acceptsGzip = ({ headers }: SiteRequest): boolean =>
  /(^|,)\s*gzip\s*(;\s*q=(1|0?\.0*[1-9])[0-9.]*\s*)?(,|$)/i.test(headerOf(headers, 'accept-encoding') ?? '')

function decodePath(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? '')
    const isOdd = !path.startsWith('/') || path.includes('\0') || path.includes('\\') || path.split('/').includes('..')
    return isOdd ? null : path
  } catch {
    return null
  }
}

/** @returns null when there is no such file inside the folder; a link that leads out of it counts as none. */
async function findFile(folder: string, path: string): Promise<{ path: string; stats: Stats } | null> {
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, path))
    if (!file.startsWith(root + sep)) return null
    const stats = await stat(file)
    return stats.isFile() && stats.size <= FILE_BYTES_MAX ? { path: file, stats } : null
  } catch {
    return null // not there, or not readable: the asker learns no more than that
  }
}

/** The official asset canister's cookie. Its reader splits at the first `=`, so the value is percent-encoded throughout. */
function environmentCookie(rootKeyDer: Uint8Array, environment: Readonly<Record<string, string>>): string {
  const pairs = [['ic_root_key', hex(rootKeyDer)], ...Object.entries(environment)]
  const value = pairs.map(([name, text]) => `${name}=${text}`).join('&')
  const encoded = encodeURIComponent(value).replace(/[-_.!~*'()]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
  return `ic_env=${encoded}; SameSite=Lax`
}
