import type { MedGuardClient } from '@medguard/client'
import type { Config } from '../config.ts'
import { keptSession } from '../worker/device-store.ts'
import { clientAcross, type KeyLink, startKeyWorker } from '../worker/key-link.ts'
import type { Entered } from '../worker/key-worker-api.ts'
import { askInternetIdentity } from './internet-identity.ts'

// Signing in and out, as the page sees it. The session key and its delegation are made, kept and used in the worker; they are all that outlives a reload.

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

/** @param onDeath told when the worker ends and nobody ended it. Whoever was signed in is not any more. */
export function createSession(config: Config, onDeath: () => void): Session {
  let link = startKeyWorker(onDeath)
  /** One that was locked is gone with its keys; the next session gets its own. */
  const running = (): KeyLink => {
    if (link.isStopped()) link = startKeyWorker(onDeath)
    return link
  }
  const signedIn = (at: KeyLink, entered: Entered): SignedIn => ({
    client: clientAcross(at, entered),
    principal: entered.principal,
    endsAtMs: entered.endsAtMs,
  })
  let asking = new AbortController()

  return {
    async restore() {
      const at = running()
      const entered = await at.restore()
      return entered === null ? null : signedIn(at, entered)
    },
    async signIn() {
      asking.abort()
      asking = new AbortController()
      const at = running()
      const { identityProvider, derivationOrigin } = config
      const sessionPublicKey = at.newSessionKey()
      sessionPublicKey.catch(() => {}) // looked at when the window asks for it
      const answer = await askInternetIdentity(
        { identityProvider, derivationOrigin, maxTimeToLive: SESSION_NS, sessionPublicKey },
        asking.signal,
      )
      if (answer.kind !== 'signed') return answer
      const entered = await at.enter(answer.signed)
      return entered === null ? { kind: 'failed' } : { kind: 'signedIn', signedIn: signedIn(at, entered) }
    },
    async signOut() {
      link.stop()
      await keptSession.forget()
      running() // ready before the next sign-in asks
    },
  }
}
