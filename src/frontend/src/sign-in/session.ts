import { type MedGuardClient, NS_PER_MS, type Outcome } from '@medguard/client'
import type { Config } from '../config.ts'
import { expectDatabase, keptSession } from '../worker/device-store.ts'
import { clientAcross, type KeyLink, startKeyWorker } from '../worker/key-link.ts'
import type { Entered, RecoveryStarted } from '../worker/key-worker-api.ts'
import type { AskIdentity, IdentityAnswer } from './internet-identity.ts'
import { type Seat, SEATS } from './seats.ts'

// Signing in and out, as the page sees it. The session key and its delegation are made, kept and used in the worker; they are all that outlives a reload,
// and on a computer that others use too not even these.

export interface SignedIn {
  readonly client: MedGuardClient
  readonly principal: string
  /** When the delegation ends, milliseconds since 1970. */
  readonly endsAtMs: number
  /** On a computer that others use too: nothing of this sign-in is stored. */
  readonly isShared: boolean
  /** This device keeps something of somebody else, which has to go before this person's goes there. */
  readonly hasOthersData: boolean
  /** Starts to bring an account back by its printed kit, for this sign-in. Null for a text that is no kit. */
  readonly recoverWithKit: (kit: string) => Promise<Outcome<RecoveryStarted> | null>
}
export type SignInAnswer =
  | { readonly kind: 'signedIn'; readonly signedIn: SignedIn }
  | { readonly kind: 'closed' | 'failed' }

export type ExtendAnswer =
  | { readonly kind: 'extended'; readonly endsAtMs: number }
  /** `other`: somebody else signed in. Nothing of them is taken up, and the session is as it was. */
  | { readonly kind: 'other' | 'closed' | 'failed' }

export interface Session {
  /** The session of before a reload, if it still holds. */
  restore(): Promise<SignedIn | null>
  /** Opens the sign-in window; call it straight from a click, or the browser blocks it. Asked again, the one before is answered `closed`. */
  signIn(seat: Seat): Promise<SignInAnswer>
  /** Gets ready what `extend` needs at once when it is called. */
  prepare(): void
  /** As `signIn`, for the session that is there: it lasts on, and whatever works with its client goes on. */
  extend(seat: Seat): Promise<ExtendAnswer>
  /** Exchanges the key for one that ends within `lastsMs`, and forgets the one before. @returns when it ends; null when nobody is signed in. */
  shorten(lastsMs: number): Promise<number | null>
  /** Takes up the key that another tab stored when it shortened or lengthened this person's session. @returns as `shorten`. */
  follow(): Promise<number | null>
  /** Removes what this device keeps of somebody else. */
  removeOthersData(): Promise<void>
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
  const signedIn = (at: KeyLink, entered: Entered, isShared: boolean): SignedIn => ({
    client: clientAcross(at, entered),
    principal: entered.principal,
    endsAtMs: entered.endsAtMs,
    isShared,
    hasOthersData: entered.hasOthersData,
    recoverWithKit: async (kit) => (await at.recoverWithKit(kit)).outcome,
  })
  const signInWindow = () => import('./internet-identity.ts')
  let next: { readonly at: KeyLink; readonly ask: Promise<AskIdentity> } | null = null
  /** For the next sign-in: a key and what opens the window, both at hand before the click, since the browser does not wait long after it. */
  const prepared = (at: KeyLink): Promise<AskIdentity> => {
    if (next?.at === at) return next.ask
    const ask = Promise.all([signInWindow(), at.newSessionKey()]).then(([{ identityFor }, key]) => identityFor(key))
    ask.catch(() => (next = null)) // fetched again when somebody wants in
    next = { at, ask }
    return ask
  }

  /** Opens the window. @returns what was signed for the key of `at`. */
  const askFor = async (at: KeyLink, seat: Seat): Promise<IdentityAnswer> => {
    const { identityProvider, derivationOrigin } = config
    const maxTimeToLive = BigInt(SEATS[seat].lastsMs) * NS_PER_MS
    const ask = await prepared(at)
    const answer = await ask({ identityProvider, derivationOrigin, maxTimeToLive })
    if (answer.kind === 'signed') next = null // a key is good for one session
    return answer
  }

  return {
    async restore() {
      await expectDatabase() // without one nobody is offered a sign-in
      const at = running()
      if ((await keptSession.read()) === null) signInWindow().catch(() => {}) // beside the worker, which takes longer to come
      const entered = await at.restore()
      if (entered !== null) return signedIn(at, entered, false)
      await prepared(at).catch(() => {}) // whoever presses the button finds all at hand, or is told then what is not
      return null
    },
    async signIn(seat) {
      const at = running()
      const isShared = seat === 'shared'
      const answer = await askFor(at, seat)
      if (answer.kind !== 'signed') return answer
      const entered = await at.enter(answer.delegation, { lastsMs: SEATS[seat].lastsMs, isKept: !isShared })
      return entered === null ? { kind: 'failed' } : { kind: 'signedIn', signedIn: signedIn(at, entered, isShared) }
    },
    prepare: () => void prepared(link).catch(() => {}), // fetched again when somebody presses
    async extend(seat) {
      const at = link
      const answer = await askFor(at, seat)
      if (answer.kind !== 'signed') return answer
      const { endsAtMs, isOthers } = await at.extend(answer.delegation, SEATS[seat].lastsMs)
      if (isOthers) return { kind: 'other' }
      return endsAtMs === null ? { kind: 'failed' } : { kind: 'extended', endsAtMs }
    },
    shorten: (lastsMs) => link.shorten(lastsMs),
    follow: () => link.follow(),
    removeOthersData: () => link.removeSaved(),
    async signOut() {
      link.stop()
      await keptSession.forget()
      void prepared(running())
    },
  }
}
