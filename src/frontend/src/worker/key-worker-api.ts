import type { LinkAsking, LinkOpened, Outcome, SmartLink } from '@medguard/client'

/** Somebody whose client is ready in the worker. */
export interface Entered {
  readonly principal: string
  /** When the delegation ends, milliseconds since 1970. */
  readonly endsAtMs: number
  /** Names of the client's methods. */
  readonly methods: readonly string[]
  /** This device keeps sealed pieces of somebody else. */
  readonly hasOthersData: boolean
}

/** All that crosses from the page into the worker that holds the keys. No method gives a key out. */
export interface KeyWorker {
  /** Answers once the worker holds the lock of its own name, which it loses only by ending: so the page sees it end. */
  hold(): Promise<void>
  /** Takes up the session that is kept on this device, if it still holds. */
  restore(): Promise<Entered | null>
  /** Makes the key of a new session. @returns its public half, DER. */
  newSessionKey(): Promise<Uint8Array>
  /**
   * Begins the session for which the last key was made, with a second key that lasts at most `lastsMs` and is good for our canisters only.
   *
   * @param delegation what the identity provider signed for it, as `DelegationChain.toJSON` writes it.
   * @param how.isKept whether it is kept on this device, to be taken up after a reload.
   * @returns null for what does not hold.
   */
  enter(delegation: string, how: { readonly lastsMs: number; readonly isKept: boolean }): Promise<Entered | null>
  /**
   * Lengthens the session by what the identity provider signed for the last key that was made: whoever works with the client goes on with it.
   *
   * @returns when it ends now: null for what does not hold, and for somebody else's sign-in, of which nothing is taken up.
   */
  extend(delegation: string, lastsMs: number): Promise<{ readonly endsAtMs: number | null; readonly isOthers: boolean }>
  /** Exchanges the session's key for one that ends within `lastsMs`, also where it is kept. @returns when it ends, milliseconds since 1970; null when nobody is signed in. */
  shorten(lastsMs: number): Promise<number | null>
  /** Takes up what is kept, where that is the same person's: another tab has shortened or lengthened the session. @returns as `shorten`. */
  follow(): Promise<number | null>
  /** Removes what this device keeps of anybody but who is signed in: words to search in, and what they were told. */
  removeSaved(): Promise<void>
  /**
   * Starts a recovery with a printed kit, for the signed-in principal to get the account in the end (keys.md 13.3). The kit signs here and is forgotten.
   *
   * @returns an outcome of null for a text that is no kit.
   */
  recoverWithKit(kit: string): Promise<{ readonly outcome: Outcome<RecoveryStarted> | null }>
  /** Opens somebody's link to our own canisters, for nobody in particular: no session is looked at. */
  openLink(link: SmartLink, asking: LinkAsking): Promise<LinkOpened>
  /**
   * Calls a method of the client.
   *
   * @param actsFor patient id for the client that acts in that patient's place; null for one's own.
   * @param args as `pack` leaves them.
   */
  call(actsFor: string | null, method: string, args: readonly unknown[]): Promise<unknown>
}

export interface RecoveryStarted {
  /** Share code of the account, which completing it asks for. */
  readonly home: string
  readonly readyNs: bigint
}
