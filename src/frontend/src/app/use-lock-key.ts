import { useEffect } from 'react'
import { useStore } from 'zustand'
import { usePage } from './context.ts'

/** As `aria-keyshortcuts` names it. */
export const LOCK_KEY = 'Alt+L'

/** Locks from anywhere on the page by one press: whoever is called away from a computer has no time to look for a button. */
export function useLockKey() {
  const { session } = usePage()
  const leave = useStore(session, (state) => state.leave)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // By its place on the keyboard: with Alt some keyboards write another letter.
      if (event.code !== 'KeyL' || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      void leave('idle')
    }
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [leave])
}
