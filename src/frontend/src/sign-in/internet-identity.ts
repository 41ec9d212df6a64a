import type { SignedSession } from '../worker/key-worker-api.ts'

// Internet Identity's sign-in window and its messages (its specification, "Client authentication protocol"). The library that speaks them takes
// the session key and the network's client along into the page, which is to hold neither.

const LOOK_FOR_CLOSED_EVERY_MS = 500

export interface SignInRequest {
  /** Absolute URL of the sign-in window. */
  readonly identityProvider: string
  readonly derivationOrigin: string | undefined
  /** Nanoseconds. */
  readonly maxTimeToLive: bigint
  /** DER. */
  readonly sessionPublicKey: Promise<Uint8Array>
}
export type IdentityAnswer =
  | { readonly kind: 'signed'; readonly signed: SignedSession }
  | { readonly kind: 'closed' | 'failed' }

/** Opens the window; call it straight from a click, or the browser blocks it. @param over ends the waiting: asked again, another window takes over. */
export function askInternetIdentity(request: SignInRequest, over: AbortSignal): Promise<IdentityAnswer> {
  const address = new URL(request.identityProvider)
  address.hash = '#authorize'
  const opened = window.open(address, 'idpWindow')
  return new Promise((resolve) => {
    const end = (answer: IdentityAnswer) => {
      clearInterval(looking)
      window.removeEventListener('message', hear)
      opened?.close()
      resolve(answer)
    }
    const hear = (event: MessageEvent<unknown>) => {
      if (event.origin !== address.origin || event.source !== opened || opened === null) return
      switch (fieldOf(event.data, 'kind')) {
        case 'authorize-ready':
          request.sessionPublicKey.then(
            (sessionPublicKey) => opened.postMessage(wishOf(request, sessionPublicKey), address.origin),
            () => end({ kind: 'failed' }),
          )
          return
        case 'authorize-client-success': {
          const signed = signedOf(event.data)
          return end(signed === null ? { kind: 'failed' } : { kind: 'signed', signed })
        }
        case 'authorize-client-failure':
          return end({ kind: 'failed' })
        default:
      }
    }
    // A window that the browser kept from opening is not there to be closed: the page says what to do meanwhile.
    const looking = setInterval(() => opened?.closed === true && end({ kind: 'closed' }), LOOK_FOR_CLOSED_EVERY_MS)
    window.addEventListener('message', hear)
    over.addEventListener('abort', () => end({ kind: 'closed' }), { once: true })
  })
}

const wishOf = ({ maxTimeToLive, derivationOrigin }: SignInRequest, sessionPublicKey: Uint8Array) => ({
  kind: 'authorize-client',
  sessionPublicKey,
  maxTimeToLive,
  allowPinAuthentication: false,
  ...(derivationOrigin !== undefined && { derivationOrigin }),
})

/** Null for a message of another shape. What it says is checked against the session key by whoever holds that, and by the network. */
export function signedOf(message: unknown): SignedSession | null {
  const given = fieldOf(message, 'delegations')
  const userPublicKey = fieldOf(message, 'userPublicKey')
  if (!Array.isArray(given) || given.length === 0 || !(userPublicKey instanceof Uint8Array)) return null
  const delegations: SignedSession['delegations'][number][] = []
  for (const one of given as unknown[]) {
    const delegation = fieldOf(one, 'delegation')
    const [pubkey, expiration] = [fieldOf(delegation, 'pubkey'), fieldOf(delegation, 'expiration')]
    const signature = fieldOf(one, 'signature')
    if (!(pubkey instanceof Uint8Array) || !(signature instanceof Uint8Array) || typeof expiration !== 'bigint')
      return null
    if (fieldOf(delegation, 'targets') !== undefined) return null // signed over, and nothing that was asked for
    delegations.push({ delegation: { pubkey, expiration }, signature })
  }
  return { delegations, userPublicKey }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
