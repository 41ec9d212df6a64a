import { AuthClient } from '@dfinity/auth-client'
import { DelegationIdentity } from '@dfinity/identity'
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

export async function createSession(config: Config): Promise<Session> {
  const freshAuth = () => AuthClient.create({ idleOptions: { disableIdle: true } })
  let auth = await freshAuth()

  const signedIn = (): SignedIn | null => {
    const identity = auth.getIdentity()
    if (!(identity instanceof DelegationIdentity)) return null
    const ends = identity.getDelegation().delegations.map(({ delegation }) => msOf(delegation.expiration))
    const endsAtMs = Math.min(...ends)
    if (endsAtMs <= Date.now()) return null
    const client = createClient({ identity, network: config.network, headMemory: createHeadMemory(localStorage) })
    return { client, principal: identity.getPrincipal().toText(), endsAtMs }
  }

  return {
    restore: () => Promise.resolve(signedIn()),
    signIn: () =>
      new Promise((resolve, reject) => {
        auth
          .login({
            identityProvider: config.identityProvider,
            maxTimeToLive: SESSION_NS,
            allowPinAuthentication: false,
            ...(config.derivationOrigin !== undefined && { derivationOrigin: config.derivationOrigin }),
            onSuccess: () => {
              const now = signedIn()
              resolve(now === null ? { kind: 'failed' } : { kind: 'signedIn', signedIn: now })
            },
            onError: (error) => resolve({ kind: error === 'UserInterrupt' ? 'closed' : 'failed' }),
          })
          .catch(reject)
      }),
    async signOut() {
      await auth.logout()
      auth = await freshAuth() // the old one would go on using a session key that is no longer stored
    },
  }
}
