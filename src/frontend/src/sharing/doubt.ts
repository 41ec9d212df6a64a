import type { CouncilInfo, Recipient } from '@medguard/client'
import { createStore } from 'zustand/vanilla'

/** The code that the reader said they are sure of, in spite of what is said of it; null for none. */
export const createSure = () => createStore<{ readonly code: string | null }>()(() => ({ code: null }))

/**
 * Whether the reader has to say that they are sure before anything is shared with somebody (D04): a name looks like another one, or nobody vouches where a
 * council verifies. What is not known yet stops nobody, the canisters decide; and where nobody verifies anybody it says nothing about anybody.
 */
export function isDoubtful(recipient: Recipient | null, council: CouncilInfo | null): boolean {
  if (recipient === null) return false
  return recipient.looksLike.length > 0 || (!recipient.isVerified && council !== null && council.council !== null)
}
