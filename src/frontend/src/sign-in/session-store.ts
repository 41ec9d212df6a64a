import type { MedGuardClient } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type Seat, SEATS } from './seats.ts'
import type { Session, SignedIn } from './session.ts'

/**
 * `stopped`: the worker that held the keys has ended, and nobody ended it. `replaced`: somebody else has signed in in another tab. `other`: somebody else
 * signed in where the session was to be extended.
 */
export type SignedOutWhy = 'fresh' | 'signedOut' | 'idle' | 'ended' | 'stopped' | 'replaced' | 'other'
/** Ends of this tab alone: what is stored is not this tab's, or not to be touched. */
const HERE_ONLY: ReadonlySet<SignedOutWhy> = new Set(['stopped', 'replaced'])

export type SessionView =
  | { readonly status: 'starting' }
  | { readonly status: 'broken' }
  | {
      readonly status: 'signedOut'
      readonly why: SignedOutWhy
      readonly trouble: 'closed' | 'failed' | null
      readonly waiting: boolean
    }
  | (SignedIn & {
      readonly status: 'signedIn'
      /** Somebody else was signed in on this page before: nothing of theirs is kept, and this person is told. */
      readonly switched: boolean
      /** It lasts no longer than reading other people's records may (decision 37). */
      readonly isShort: boolean
    })

export interface SessionState {
  readonly view: SessionView
  /** What became of asking for more time. `waiting`: the window is open. */
  readonly extending: 'no' | 'waiting' | 'closed' | 'failed'
  readonly start: () => Promise<void>
  /** Straight from a click. */
  readonly signIn: (seat: Seat) => Promise<void>
  /** Fetches what `extend` needs, so that its window opens with the press. */
  readonly prepare: () => void
  /** Straight from a click: a new sign-in of the same person, under which everything on the page stays as it is. */
  readonly extend: (seat: Seat) => Promise<void>
  /** Whoever goes on to other people's records goes on with a session as short as these ask for. */
  readonly shorten: () => Promise<void>
  /** Another tab has shortened or lengthened the session that both have. */
  readonly follow: () => Promise<void>
  /** The one who signed in says that what is kept here of somebody else may go. */
  readonly removeOthersData: () => Promise<void>
  readonly leave: (why: Exclude<SignedOutWhy, 'fresh'>) => Promise<void>
}

export interface SessionParts {
  open(): Promise<Session>
  /** True when the reader had been idle too long before the page was (re)loaded: then a kept session is not taken up again. */
  wasIdle(): boolean
  /** Told of every sign-in, of every new end and of every end, and whose it is, so that other tabs follow. */
  said(what: 'signedIn' | 'newEnd' | SignedOutWhy, principal: string): void
}

const isShort = (endsAtMs: number) => endsAtMs - Date.now() <= SEATS.provider.lastsMs

export function createSessionStore(parts: SessionParts) {
  let session: Session | null = null
  let lastPrincipal: string | null = null
  let attempt = 0

  return createStore<SessionState>()((set, get) => {
    const enter = (signedIn: SignedIn) => {
      const switched = lastPrincipal !== null && lastPrincipal !== signedIn.principal
      lastPrincipal = signedIn.principal
      set({ view: { status: 'signedIn', ...signedIn, switched, isShort: isShort(signedIn.endsAtMs) } })
      parts.said('signedIn', signedIn.principal)
    }
    /** The same session, ending at another time; nothing where it has ended meanwhile. */
    const nowEnds = (of: MedGuardClient, endsAtMs: number | null) => {
      const { view } = get()
      if (endsAtMs === null || view.status !== 'signedIn' || view.client !== of) return
      set({ view: { ...view, endsAtMs, isShort: isShort(endsAtMs) }, extending: 'no' })
    }
    const signedOut = (why: SignedOutWhy, more: { trouble?: 'closed' | 'failed'; waiting?: boolean } = {}) =>
      set({
        view: { status: 'signedOut', why, trouble: more.trouble ?? null, waiting: more.waiting ?? false },
        extending: 'no',
      })

    return {
      view: { status: 'starting' },
      extending: 'no',
      async start() {
        try {
          session = await parts.open()
          const kept = await session.restore()
          if (kept !== null && !parts.wasIdle()) return enter(kept)
          if (kept !== null) await session.signOut()
          signedOut(kept === null ? 'fresh' : 'idle')
        } catch {
          set({ view: { status: 'broken' } }) // no database, no cryptography: an old or a locked-down browser
        }
      },
      async signIn(seat) {
        const { view } = get()
        if (session === null || view.status !== 'signedOut') return
        const mine = ++attempt
        signedOut(view.why, { waiting: true })
        const answer = await session.signIn(seat).catch(() => ({ kind: 'failed' as const }))
        if (mine !== attempt) return // pressed again, for instance because the window never came up
        if (answer.kind === 'signedIn') enter(answer.signedIn)
        else signedOut(view.why, { trouble: answer.kind })
      },
      prepare: () => session?.prepare(),
      async extend(seat) {
        const { view } = get()
        if (session === null || view.status !== 'signedIn') return
        const mine = ++attempt
        set({ extending: 'waiting' })
        const answer = await session.extend(seat).catch(() => ({ kind: 'failed' as const }))
        const now = get().view
        if (mine !== attempt || now.status !== 'signedIn' || now.client !== view.client) return // it ended meanwhile
        if (answer.kind === 'other') return await get().leave('other')
        if (answer.kind !== 'extended') return set({ extending: answer.kind })
        nowEnds(view.client, answer.endsAtMs)
        parts.said('newEnd', view.principal)
      },
      async shorten() {
        const { view } = get()
        if (session === null || view.status !== 'signedIn' || view.isShort) return
        try {
          nowEnds(view.client, await session.shorten(SEATS.provider.lastsMs))
          parts.said('newEnd', view.principal)
        } catch {
          await get().leave('ended') // a session that cannot be shortened reads nobody else's records
        }
      },
      async follow() {
        const { view } = get()
        if (session === null || view.status !== 'signedIn') return
        nowEnds(view.client, await session.follow().catch(() => null))
      },
      async removeOthersData() {
        const { view } = get()
        if (session === null || view.status !== 'signedIn') return
        await session.removeOthersData()
        const now = get().view
        if (now.status === 'signedIn' && now.client === view.client) set({ view: { ...now, hasOthersData: false } })
      },
      async leave(why) {
        const { view } = get()
        if (view.status !== 'signedIn') return
        view.client.lock()
        signedOut(why) // first what is on the screen, then what is stored
        parts.said(why, view.principal)
        if (!HERE_ONLY.has(why)) await session?.signOut()
      },
    }
  })
}
