import { AuthClient, type AuthClientStorage, ERROR_USER_INTERRUPT, KEY_STORAGE_DELEGATION } from '@dfinity/auth-client'
import { PartialIdentity } from '@dfinity/identity'

// Internet Identity's own library opens its window and speaks its messages. Here it is given the public half of a key only, and keeps nothing: the key itself is
// made and stays in the worker (worker/key-worker.ts), which also stores what is signed for it. A piece of its own, fetched by who signs in.

export interface SignInRequest {
  /** Absolute URL of the sign-in window. */
  readonly identityProvider: string
  readonly derivationOrigin: string | undefined
  /** Nanoseconds. */
  readonly maxTimeToLive: bigint
}
export type IdentityAnswer =
  | {
      readonly kind: 'signed'
      /** As `DelegationChain.toJSON` writes it. Whoever holds the key checks that it is for that. */
      readonly delegation: string
    }
  | { readonly kind: 'closed' | 'failed' }
/** Opens the window: the browser allows it for a moment after a click. Asked again, another window takes over and the answer before is `closed`. */
export type AskIdentity = (request: SignInRequest) => Promise<IdentityAnswer>

/** @param sessionPublicKey DER. Good for one session. */
export async function identityFor(sessionPublicKey: Uint8Array): Promise<AskIdentity> {
  let signed: string | null = null
  const storage: AuthClientStorage = {
    get: async () => null,
    set: async (name, value) => {
      if (name === KEY_STORAGE_DELEGATION && typeof value === 'string') signed = value
    },
    remove: async () => {},
  }
  const client = await AuthClient.create({
    identity: new PartialIdentity({ toDer: () => sessionPublicKey }),
    storage,
    idleOptions: { disableIdle: true }, // idle-watch.ts, which also sees a reload
  })
  // The library tells the callbacks of an earlier window what happens to a later one: both ask who waits now.
  let end: (answer: IdentityAnswer) => void = () => {}
  return ({ derivationOrigin, ...request }) =>
    new Promise((resolve, reject) => {
      end({ kind: 'closed' })
      end = resolve
      client
        .login({
          ...request,
          ...(derivationOrigin !== undefined && { derivationOrigin }),
          allowPinAuthentication: false,
          onSuccess: () => end(signed === null ? { kind: 'failed' } : { kind: 'signed', delegation: signed }),
          onError: (error) => end({ kind: error === ERROR_USER_INTERRUPT ? 'closed' : 'failed' }),
        })
        .catch(reject)
    })
}
