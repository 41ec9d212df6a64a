// The built page as an asset canister should hold it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

import { contentTypeOf, isWorthCompressing } from './content-types.ts'
import { keptGzip } from './kept-gzip.ts'

import { appHeaders, ASSET_SETTINGS_FILE, type HeaderRule, headersInSettings, headersOf } from '../app-headers.ts'
import { UsageError } from '../project.ts'
import type { HeaderField } from './asset-canister.ts'

export interface PageFile {
  /** Path in addresses, from the root. */
  readonly key: string
  readonly contentType: string
  readonly headers: readonly HeaderField[]
  readonly encodings: readonly PageEncoding[]
}

export interface PageEncoding {
  readonly name: 'identity' | 'gzip'
  readonly content: Uint8Array
  /** 32 bytes. */
  readonly sha256: Uint8Array
}

const GZIP_BYTES_MIN = 1024
/** One commit names every file, and a call carries at most 2 MiB. */
const FILES_MAX = 500

/** Where Vite puts files with a content hash in the name: such a file never changes. */
const HASHED = /^\/assets\/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+(\.map)?$/

/**
 * @param rules which headers each file is to have.
 * @returns all files of a folder, in ascending order of their keys, but those whose names begin with a dot.
 * @throws UsageError for a folder without a page.
 */
export function readPage(folder: string, rules: readonly HeaderRule[]): PageFile[] {
  if (!existsSync(join(folder, 'index.html'))) throw new UsageError(`no page in ${folder}; npm run build:app builds it`)
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
  if (paths.length > FILES_MAX) throw new UsageError(`${folder} has more than ${FILES_MAX} files`)
  return paths
    .map((path) => pageFile(`/${relative(folder, path).split(sep).join('/')}`, readFileSync(path), rules))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

function pageFile(key: string, bytes: Uint8Array, rules: readonly HeaderRule[]): PageFile {
  const contentType = contentTypeOf(key)
  const content = new Uint8Array(bytes)
  const packed = content.length >= GZIP_BYTES_MIN && isWorthCompressing(contentType) ? keptGzip(content) : null
  const isPacked = packed !== null && packed.length < content.length
  const encodings = [encodingOf('identity', content), ...(isPacked ? [encodingOf('gzip', packed)] : [])]
  const isImmutable = HASHED.test(key) && !contentType.startsWith('text/html')
  const all = {
    ...headersOf(rules, key),
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(isPacked && { vary: 'accept-encoding' }),
  }
  return { key, contentType, encodings, headers: Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)) }
}

const encodingOf = (name: PageEncoding['name'], content: Uint8Array): PageEncoding => ({
  name,
  content,
  sha256: new Uint8Array(createHash('sha256').update(content).digest()),
})

/**
 * Security headers for a built page. A production build has brought its own; any other is for the development network.
 * @param site origin of the page there, which also answers its calls.
 * @throws UsageError for a settings file that is none of ours.
 */
export function headersForPage(
  folder: string,
  site: string,
  canisters: Parameters<typeof appHeaders>[1],
): readonly HeaderRule[] {
  const file = join(folder, ASSET_SETTINGS_FILE)
  if (!existsSync(file)) return appHeaders(site, canisters, 'http')
  const headers = headersInSettings(readFileSync(file, 'utf8'))
  if (headers === null) throw new UsageError(`${file} has no headers for every file; npm run build:app writes it`)
  return headers
}
