import { createStore } from 'zustand/vanilla'
import type { SignedOutWhy } from '../sign-in/session-store.ts'
import type { AddDraft } from '../records/add-store.ts'
import type { FormDrafts } from '../forms/form-store.ts'
import type { AskDraft } from '../provider/asking.ts'
import type { UnsentDrafts } from '../provider/writing-stores.ts'
import type { ShareDraft } from '../sharing/share-draft.ts'

/** What somebody was writing. */
export interface Drafts {
  readonly add: AddDraft
  readonly share: ShareDraft
  readonly guided: FormDrafts['drafts']
  readonly asked: AskDraft
  readonly written: UnsentDrafts
}

/** Ends that nobody chose: what was being written is not lost with the session. */
const UNCHOSEN: ReadonlySet<SignedOutWhy> = new Set(['ended', 'stopped', 'other'])
export const KEPT_MS = 10 * 60_000

/**
 * Keeps what somebody was writing when their session ended by itself, in the memory of the page: until the same person is back, for ten minutes at most.
 * Whoever locks, signs out or has left the page alone leaves nothing; nor does anybody find what somebody else wrote.
 */
export function createDraftKeeper(setTimer: (work: () => void, ms: number) => () => void) {
  let written: { readonly read: () => Drafts | null } | null = null
  let kept: { readonly principal: string; readonly drafts: Drafts } | null = null
  let cancel = () => {}
  /** For the page to say so. */
  const has = createStore<{ readonly isKept: boolean }>()(() => ({ isKept: false }))
  const drop = () => {
    cancel()
    kept = null
    has.setState({ isKept: false })
  }
  return {
    has,
    /** Who is signed in writes here. @param read what there is to keep; null for nothing. */
    watch(read: () => Drafts | null): void {
      written = { read }
    },
    /** Whether there is anything to keep right now. */
    isWriting: (): boolean => (written?.read() ?? null) !== null,
    /** A session has ended. */
    settle(why: SignedOutWhy, principal: string): void {
      drop()
      const drafts = UNCHOSEN.has(why) ? (written?.read() ?? null) : null
      written = null
      if (drafts === null) return
      kept = { principal, drafts }
      has.setState({ isKept: true })
      cancel = setTimer(drop, KEPT_MS)
    },
    /** Somebody signs in: they get what they wrote, and nobody else ever does. */
    take(principal: string): Drafts | null {
      const drafts = kept?.principal === principal ? kept.drafts : null
      drop()
      return drafts
    },
  }
}
export type DraftKeeper = ReturnType<typeof createDraftKeeper>
