import type { MedGuardClient, Recipient } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'

/** Who stands behind share codes: each is asked for once, when something about it is shown. */
export function createRecipients(
  client: Pick<MedGuardClient, 'recipient'>,
): (code: string) => LoadableStore<Recipient> {
  const known = new Map<string, LoadableStore<Recipient>>()
  return (code) => {
    const store = known.get(code) ?? createLoadable(() => client.recipient(code))
    known.set(code, store)
    return store
  }
}
