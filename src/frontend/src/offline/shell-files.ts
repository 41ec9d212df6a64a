// The files of the page that a device keeps, so that the page starts without a network. What the service worker gives out is exactly what was built: bytes are
// compared with the hashes in the worker's own file each time, and headers come from that file too. The page's origin can write to the browser's cache, so what is
// in there is nobody's word.

/** One file of the built page. */
export interface ShellFile {
  /** From the root of the page, beginning with `/`. */
  readonly path: string
  /** Hexadecimal, of its bytes as they are served. */
  readonly sha256: string
  /** Index into `ShellList.headers`. */
  readonly headers: number
  /** Kept from the start; others are kept once they were needed. */
  readonly isShell: boolean
  /** Large, and needed by those alone who ask for what it does: kept once it was needed, never ahead of that. */
  readonly isAsked: boolean
}

/** What `scripts/service-worker.ts` writes into the worker. Without files: a build that keeps nothing and clears what an earlier one kept. */
export interface ShellList {
  /** Names the build: part of the SHA-256 over all its files. */
  readonly version: string
  /** Stands in a header for the origin of a page that learns it only where it is served: a development build. */
  readonly site: string
  readonly files: readonly ShellFile[]
  /** Lower-case names. */
  readonly headers: readonly Readonly<Record<string, string>>[]
}

export const DOCUMENT = '/index.html'
const CACHE_PREFIX = 'medguard-shell-'
export const cacheNameOf = ({ version }: Pick<ShellList, 'version'>): string => CACHE_PREFIX + version
export const isShellCache = (name: string): boolean => name.startsWith(CACHE_PREFIX)

export interface ShellParts {
  readonly origin: string
  /** The cache of this build. */
  readonly cache: () => Promise<Pick<Cache, 'match' | 'put'>>
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
}

export function createShell({ site, files, headers }: ShellList, { origin, cache, fetch }: ShellParts) {
  const known = new Map(files.map((file) => [file.path, file]))

  const answerWith = (bytes: ArrayBuffer, file: ShellFile): Response => {
    const own = Object.entries(headers[file.headers] ?? {})
    return new Response(bytes, { headers: own.map(([name, value]) => [name, value.replaceAll(site, origin)]) })
  }
  /** Bytes of a file if they are what was built; null otherwise. */
  const sound = async (file: ShellFile, response: Response | undefined): Promise<ArrayBuffer | null> => {
    if (response === undefined || !response.ok) return null
    const bytes = await response.arrayBuffer()
    return hexOf(await crypto.subtle.digest('SHA-256', bytes)) === file.sha256 ? bytes : null
  }
  const kept = async (file: ShellFile): Promise<Response | null> => {
    const bytes = await sound(file, await (await cache()).match(origin + file.path))
    return bytes === null ? null : answerWith(bytes, file)
  }
  /** @throws TypeError when it cannot be had, or is not what was built. */
  const fetched = async (file: ShellFile): Promise<Response> => {
    // A file with its hash in the name may come from the browser's own cache; the document must not.
    const how = file.path.startsWith('/assets/') ? 'default' : 'no-cache'
    const response = await fetch(file.path, { cache: how, credentials: 'omit', redirect: 'error', mode: 'same-origin' })
    const bytes = await sound(file, response)
    if (bytes === null) throw new TypeError(`${file.path} is not the file of this build`)
    await (await cache()).put(origin + file.path, answerWith(bytes, file))
    return answerWith(bytes, file)
  }

  return {
    has: (path: string): boolean => known.has(path),
    /** Keeps the shell, whole or not at all: who calls this gives the cache up when it throws. */
    async keepShell(): Promise<void> {
      await Promise.all(files.filter(({ isShell }) => isShell).map(fetched))
    },
    /** Keeps the other files as well, for records that are read offline, but what has to be asked for. One after the other: nobody waits for it. */
    async keepAll(): Promise<void> {
      for (const file of files) if (!file.isAsked && (await kept(file)) === null) await fetched(file)
    },
    /** The kept file, else the network's. Null for what is no file of this build. @throws TypeError when there is neither. */
    async file(path: string): Promise<Response | null> {
      const file = known.get(path)
      return file === undefined ? null : ((await kept(file)) ?? fetched(file))
    },
    /** The document as it is kept; null when it is not. */
    async document(): Promise<Response | null> {
      const file = known.get(DOCUMENT)
      return file === undefined ? null : kept(file)
    },
  }
}

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
