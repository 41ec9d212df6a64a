import { useSyncExternalStore } from 'react'

/** The width at which `shell.css` turns the bottom bar into a rail. */
const WIDE = '(min-width: 56em)'

function subscribe(tell: () => void) {
  const query = window.matchMedia(WIDE)
  query.addEventListener('change', tell)
  return () => query.removeEventListener('change', tell)
}
export const useIsWide = () => useSyncExternalStore(subscribe, () => window.matchMedia(WIDE).matches)
