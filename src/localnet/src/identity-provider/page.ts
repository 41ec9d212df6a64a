// The sign-in window. Internet Identity specification, "Client authentication protocol". Runs in a browser, on its own origin.

interface Asked {
  readonly origin: string
  readonly derivationOrigin: string | null
  readonly sessionPublicKey: Uint8Array
  readonly maxTimeToLiveNs: bigint
}

const RECENT_KEY = 'recent names'
const RECENT_MAX = 8
const DEFAULT_TTL_NS = 1_800_000_000_000n // half an hour, as Internet Identity gives when the application does not say
const READY_EVERY_MS = 500

const opener: Window | null = window.opener as Window | null
let asked: Asked | null = null

const form = element('form', HTMLFormElement)
const nameField = element('name', HTMLInputElement)
const error = element('error', HTMLElement)
const status = element('status', HTMLElement)
const recent = element('recent', HTMLElement)

if (opener === null || location.hash !== '#authorize') {
  status.textContent = 'An application opens this window when you sign in there. You can close it.'
} else {
  window.addEventListener('message', receive)
  const announce = () => opener.postMessage({ kind: 'authorize-ready' }, '*')
  announce()
  // The application may start to listen a moment later. Saying it twice does no harm.
  const timer = setInterval(() => (asked === null ? announce() : clearInterval(timer)), READY_EVERY_MS)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void signIn(nameField.value)
})
element('cancel', HTMLButtonElement).addEventListener('click', () => {
  answer({ kind: 'authorize-client-failure', text: 'Sign-in was cancelled.' })
  finish('Sign-in was cancelled. You can close this window.')
})
element('forget', HTMLButtonElement).addEventListener('click', () => {
  localStorage.removeItem(RECENT_KEY)
  recent.hidden = true
  nameField.focus()
})

/** Everything in the message is the application's word, except its origin, which the browser vouches for. */
function receive({ source, origin, data }: MessageEvent<unknown>): void {
  if (source !== opener || asked !== null || !isRecord(data) || data['kind'] !== 'authorize-client') return
  const { sessionPublicKey, maxTimeToLive, derivationOrigin } = data
  if (!(sessionPublicKey instanceof Uint8Array)) return
  asked = {
    origin,
    derivationOrigin: typeof derivationOrigin === 'string' ? derivationOrigin : null,
    sessionPublicKey,
    maxTimeToLiveNs: typeof maxTimeToLive === 'bigint' && maxTimeToLive > 0n ? maxTimeToLive : DEFAULT_TTL_NS,
  }
  element('origin', HTMLElement).textContent = origin
  status.hidden = true
  form.hidden = false
  showRecent()
  nameField.focus()
}

async function signIn(name: string): Promise<void> {
  if (asked === null) return
  if (name.trim() === '') return show('Please enter a name.')
  const { origin, derivationOrigin, sessionPublicKey, maxTimeToLiveNs } = asked
  show('')
  setBusy(true)
  try {
    const response = await fetch('/sign', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        origin,
        derivationOrigin,
        name,
        sessionPublicKey: toHex(sessionPublicKey),
        maxTimeToLiveNs: maxTimeToLiveNs.toString(),
      }),
    })
    const signed = (await response.json()) as Record<'error' | 'userPublicKey' | 'expirationNs' | 'signature', string>
    if (!response.ok) return show(signed.error)
    remember(name.trim())
    const delegation = { pubkey: sessionPublicKey, expiration: BigInt(signed.expirationNs) }
    answer({
      kind: 'authorize-client-success',
      delegations: [{ delegation, signature: fromHex(signed.signature) }],
      userPublicKey: fromHex(signed.userPublicKey),
      authnMethod: 'passkey',
    })
    finish('You are signed in. You can close this window.')
  } catch {
    show('The network did not answer. Is it still running?')
  } finally {
    setBusy(false)
  }
}

function answer(message: unknown): void {
  if (asked !== null && opener !== null) opener.postMessage(message, asked.origin)
}

function finish(text: string): void {
  form.hidden = true
  recent.hidden = true
  status.textContent = text
  status.hidden = false
}

function show(problem: string): void {
  error.textContent = problem
  nameField.setAttribute('aria-invalid', String(problem !== ''))
  if (problem !== '') nameField.focus()
}

function setBusy(busy: boolean): void {
  for (const button of document.querySelectorAll('button')) button.disabled = busy
}

function showRecent(): void {
  const names = recentNames()
  const items = names.map((name) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = name
    button.addEventListener('click', () => void signIn(name))
    const item = document.createElement('li')
    item.append(button)
    return item
  })
  element('names', HTMLElement).replaceChildren(...items)
  recent.hidden = names.length === 0
}

function recentNames(): string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(RECENT_KEY) ?? '[]')
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string').slice(0, RECENT_MAX) : []
  } catch {
    return [] // the list is a convenience: one that cannot be read is an empty one
  }
}

function remember(name: string): void {
  const others = recentNames().filter((known) => known.toLowerCase() !== name.toLowerCase())
  try {
    localStorage.setItem(RECENT_KEY, JSON.stringify([name, ...others].slice(0, RECENT_MAX)))
  } catch {
    // A browser may refuse to keep anything; signing in does not depend on it.
  }
}

function element<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`)
  return found
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
