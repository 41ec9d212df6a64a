import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'

/** Whether this device signs what it sends: a computer that others use too keeps nothing, nor any key to sign with. */
export function useSigns(): boolean {
  const { session } = usePage()
  return useStore(session, ({ view }) => view.status === 'signedIn' && !view.isShared)
}
