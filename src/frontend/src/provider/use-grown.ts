import type { MedGuardClient, Share } from '@medguard/client'
import { useEffect, useState } from 'react'
import { settle } from '../app/loadable.ts'

const EVERY_MS = 10_000

/**
 * Ids of shares that have more than this page listed last. Asked of those that were looked at since the sign-in, and for a quarter of an hour after that: their
 * lists' length can be asked without looking at them, which would be in the patient's log. Of the others nobody asks, and nothing is said.
 */
export function useGrown(client: Pick<MedGuardClient, 'hasGrown'>, shares: readonly Share[]): ReadonlySet<string> {
  const [grown, setGrown] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    let isShown = true
    const look = async () => {
      const found = new Set<string>()
      for (const { grantId, state, bar } of shares) {
        if (state !== 'live' || bar !== null) continue
        const answer = await settle(() => client.hasGrown({ of: 'grant', grantId })) // a hint: one that does not come is none
        if (!isShown) return
        if (answer.kind === 'done' && answer.value) found.add(grantId)
      }
      setGrown(found)
    }
    void look()
    const timer = setInterval(() => void look(), EVERY_MS)
    return () => {
      isShown = false
      clearInterval(timer)
    }
  }, [client, shares])
  return grown
}
