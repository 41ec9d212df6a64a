import { AuthClient, IdbStorage, KEY_STORAGE_DELEGATION, KEY_STORAGE_KEY } from '@dfinity/auth-client'
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity } from '@dfinity/identity'
import { createClient, type MedGuardClient } from '@medguard/client'
import { msOf } from '../app/dates.ts'
import type { Config } from '../config.ts'
import { createHeadMemory } from './head-memory.ts'

// Everything the page knows of Internet Identity. The session key is a non-extractable one in the browser's database; it and its delegation
// are all that outlives a reload.

/** Decision 37. */
const SESSION_NS = 8n * 3_600_000_000_000n

export interface SignedIn {
  readonly client: MedGuardClient
  readonly principal: string
  /** When the delegation ends, milliseconds since 1970. */
  readonly endsAtMs: number
}
export type SignInAnswer =
  | { readonly kind: 'signedIn'; readonly signedIn: SignedIn }
  | { readonly kind: 'closed' | 'failed' }

export interface Session {
  /** The session of before a reload, if it still holds. */
  restore(): Promise<SignedIn | null>
  /** Opens the sign-in window; call it straight from a click, or the browser blocks it. */
  signIn(): Promise<SignInAnswer>
  /** Forgets session key and delegation on this device. */
  signOut(): Promise<void>
}

/**
 * The library would share one stored key among all tabs and take it for its own for ever; a tab that signs out makes a new one, and the next
 * sign-in of another tab would be kept with a key it was not given to. So every tab has a key of its own, stored with its delegation.
 */
export async function createSession(config: Config): Promise<Session> {
  const storage = new IdbStorage()
  const fresh = async () => {
    const key = await ECDSAKeyIdentity.generate() // not extractable
    const auth = await AuthClient.create({ identity: key, storage, idleOptions: { disableIdle: true } })
    return { key, auth }
  }
  const kept = await keptIdentity(storage)
  let now = await fresh()

  const signedIn = (identity: DelegationIdentity): SignedIn | null => {
    const ends = identity.getDelegation().delegations.map(({ delegation }) => msOf(delegation.expiration))
    const endsAtMs = Math.min(...ends)
    if (endsAtMs <= Date.now()) return null
    const client = createClient({ identity, network: config.network, headMemory: createHeadMemory(localStorage) })
    return { client, principal: identity.getPrincipal().toText(), endsAtMs }
  }
  const enter = async (): Promise<SignInAnswer> => {
    const { auth, key } = now
    const identity = auth.getIdentity()
    const entered = identity instanceof DelegationIdentity ? signedIn(identity) : null
    if (entered === null) return { kind: 'failed' }
    await storage.set(KEY_STORAGE_KEY, key.getKeyPair()) // the library has stored the delegation
    return { kind: 'signedIn', signedIn: entered }
  }

  return {
    restore: () => Promise.resolve(kept === null ? null : signedIn(kept)),
    signIn: () =>
      new Promise((resolve, reject) => {
        now.auth
          .login({
            identityProvider: config.identityProvider,
            maxTimeToLive: SESSION_NS,
            allowPinAuthentication: false,
            ...(config.derivationOrigin !== undefined && { derivationOrigin: config.derivationOrigin }),
            onSuccess: () => void enter().then(resolve, reject),
            onError: (error) => resolve({ kind: error === 'UserInterrupt' ? 'closed' : 'failed' }),
          })
          .catch(reject)
      }),
    async signOut() {
      await now.auth.logout()
      now = await fresh() // the old one would go on using a session key that is no longer stored
    },
  }
}

/** The session of before a reload; null when there is none, when it cannot be read, or when its key and delegation do not belong together. */
async function keptIdentity(storage: IdbStorage): Promise<DelegationIdentity | null> {
  const pair = await storage.get<CryptoKeyPair>(KEY_STORAGE_KEY)
  const chain = await storage.get(KEY_STORAGE_DELEGATION)
  if (pair === null || chain === null) return null
  try {
    const key = await ECDSAKeyIdentity.fromKeyPair(pair)
    const delegation = DelegationChain.fromJSON(chain)
    const signedFor = delegation.delegations.at(-1)?.delegation.pubkey
    const isPair = String(signedFor) === String(new Uint8Array(key.getPublicKey().toDer()))
    return isPair ? DelegationIdentity.fromDelegation(key, delegation) : null
  } catch {
    return null // of an older version of the library: signing in replaces it
  }
}
