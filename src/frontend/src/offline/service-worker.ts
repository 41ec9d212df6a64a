import { cacheNameOf, createShell, DOCUMENT, isShellCache, type ShellList } from './shell-files.ts'
import { questionOf, SHARE_PATH, SHARED_QUERY, type ShellAnswers, type ShellQuestion } from './shell-messages.ts'

// Starts the page without a network, tells when a newer one is there, and takes what another app shares. It keeps files of the page and nothing else: no answer of
// a canister passes through it, and what is shared stays in its memory until the page takes it, once.

/** Put there by `scripts/service-worker.ts`. */
declare const SHELL_LIST: ShellList

/** As far as it is used here; the compiler's own description of service workers does not go with that of pages. */
interface LateEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends LateEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface WorkerScope {
  readonly location: Location
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly unknown[]>
    claim(): Promise<void>
  }
  readonly registration: { unregister(): Promise<boolean> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', act: (event: LateEvent) => void): void
  addEventListener(type: 'fetch', act: (event: FetchEvent) => void): void
  addEventListener(type: 'message', act: (event: LateEvent & MessageEvent<unknown>) => void): void
}

/** How long somebody waits for a network that does not answer before the kept page starts. */
const DOCUMENT_WAIT_MS = 4_000

const scope = self as unknown as WorkerScope
const { origin } = scope.location
const cacheName = cacheNameOf(SHELL_LIST)
const shell = createShell(SHELL_LIST, {
  origin,
  cache: () => caches.open(cacheName),
  fetch: (path, init) => fetch(path, init),
})
const isEmpty = SHELL_LIST.files.length === 0
let shared: readonly File[] | null = null

scope.addEventListener('install', (event) => {
  const install = async () => {
    if (isEmpty) return scope.skipWaiting()
    try {
      await shell.keepShell()
    } catch (error) {
      await caches.delete(cacheName)
      throw error // the one before stays, whole
    }
  }
  event.waitUntil(install())
})

scope.addEventListener('activate', (event) => {
  const activate = async () => {
    const names = (await caches.keys()).filter(isShellCache)
    await Promise.all(names.filter((name) => isEmpty || name !== cacheName).map((name) => caches.delete(name)))
    if (isEmpty) await scope.registration.unregister()
    else await scope.clients.claim()
  }
  event.waitUntil(activate())
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== origin || isEmpty) return
  if (request.method === 'POST' && url.pathname === SHARE_PATH && request.mode === 'navigate')
    event.respondWith(take(request))
  if (request.method !== 'GET') return
  if (request.mode === 'navigate') {
    if (url.pathname === '/' || url.pathname === DOCUMENT) event.respondWith(documentFor(request))
  } else if (shell.has(url.pathname)) {
    event.respondWith(shell.file(url.pathname).then((file) => file ?? Response.error()))
  }
})

/** The network's page, so that a newer one is there as soon as it can be; the kept one where that does not come. */
async function documentFor(request: Request): Promise<Response> {
  const kept = shell.document()
  const tooLong = new AbortController()
  const giveUp = async () => {
    if ((await kept) !== null) tooLong.abort() // without a sound one of ours, the network's is worth any wait
  }
  const timer = setTimeout(() => void giveUp(), DOCUMENT_WAIT_MS)
  try {
    const response = await fetch(request, { signal: tooLong.signal })
    if (response.ok || response.type === 'opaqueredirect') return response
    return (await kept) ?? response
  } catch {
    return (await kept) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}

/** Files that another app shares: in memory, and on to the page that asks for them. */
async function take(request: Request): Promise<Response> {
  const form = await request.formData()
  const files = form.getAll('files').filter((one) => one instanceof File)
  if (files.length > 0) shared = files
  return Response.redirect(`${origin}/${SHARED_QUERY}#/add`, 303)
}

scope.addEventListener('message', (event) => {
  const question = questionOf(event.data)
  const [port] = event.ports
  if (question === null || port === undefined) return
  const answer = async () => {
    const said = await answerTo(question).catch(() => null)
    port.postMessage(said)
  }
  event.waitUntil(answer())
})

async function answerTo(question: ShellQuestion): Promise<ShellAnswers[keyof ShellAnswers]> {
  switch (question.ask) {
    case 'isNewer': {
      const isNewer = !shell.has(question.entry)
      // The page came from the network before this worker did, and is of this build already.
      const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
      if (!isNewer && pages.length === 1) await scope.skipWaiting()
      return isNewer
    }
    case 'takeOver':
      await scope.skipWaiting()
      return null
    case 'keepAll':
      await shell.keepAll()
      return true
    case 'shared': {
      const files = shared
      shared = null
      return files
    }
  }
}
