import { createContext, use, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { StoreApi } from 'zustand/vanilla'
import type { SeatMemory } from '../sign-in/seats.ts'
import type { SessionState } from '../sign-in/session-store.ts'
import type { IdleWatch } from '../sign-in/idle-watch.ts'
import type { Config } from '../config.ts'
import type { DraftKeeper } from './draft-keeper.ts'
import type { Loadable, LoadableStore } from './loadable.ts'
import type { RouterState } from './router.ts'
import type { OwnServices, Services } from './services.ts'
import type { TaskStore } from './task.ts'
import type { LinkInbox } from '../links/link-inbox.ts'
import type { InstallOffer } from '../offline/install-offer.ts'
import type { SharedFilesStore } from '../offline/shared-files.ts'
import type { ShellLink } from '../offline/shell-link.ts'
import type { Unsaved } from './unsaved.ts'

export interface Page {
  readonly config: Config
  readonly router: StoreApi<RouterState>
  readonly session: StoreApi<SessionState>
  readonly idle: IdleWatch
  readonly drafts: DraftKeeper
  readonly seats: SeatMemory
  readonly unsaved: Unsaved
  readonly shell: ShellLink
  readonly install: InstallOffer
  readonly shared: SharedFilesStore
  /** The link that was opened here. */
  readonly given: StoreApi<LinkInbox>
}

export const PageContext = createContext<Page | null>(null)
export const ServicesContext = createContext<Services | null>(null)

/** The signed-in person's own, also while somebody else's record is open. */
export const OwnContext = createContext<OwnServices | null>(null)

export function usePage(): Page {
  const page = use(PageContext)
  if (page === null) throw new TypeError('used outside the page')
  return page
}
/** Only below the sign-in: everything there is about whose record is open. */
export function useServices(): Services {
  const services = use(ServicesContext)
  if (services === null) throw new TypeError('used while signed out')
  return services
}
export function useOwn(): OwnServices {
  const own = use(OwnContext)
  if (own === null) throw new TypeError('used while signed out')
  return own
}
export const useRouter = () => useStore(usePage().router)

/** Shows a store's value, and asks for it when nobody has yet. */
export function useLoadable<T>(store: LoadableStore<T>): Loadable<T> & { readonly load: () => void } {
  const { view, load } = useStore(store)
  useEffect(() => store.getState().ensure(), [store])
  return { ...view, load: () => void load() }
}

/** The value of a store where it is there already; null otherwise, without asking. */
export function useKnown<T>(store: LoadableStore<T>): T | null {
  return useStore(store, ({ view }) => (view.status === 'ready' ? view.value : null))
}

/** The value of a store where it could be had, asking for it once. */
export function useIfAny<T>(store: LoadableStore<T>): T | null {
  useEffect(() => store.getState().ensure(), [store])
  return useKnown(store)
}

/** Asks anew whenever the page appears; what was there before stays until the answer comes. */
export function useFresh<T>(store: LoadableStore<T>): Loadable<T> & { readonly load: () => void } {
  const { view, load } = useStore(store)
  useEffect(() => void store.getState().load(), [store])
  return { ...view, load: () => void load() }
}

/** Milliseconds since 1970, looked at every `everyMs`: for "2 hours left". */
export function useNow(everyMs = 30_000): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return nowMs
}

/** Leaving a page that says "done" is reading it: coming back starts anew. */
export function useForgetDone<A, T>(store: TaskStore<A, T>) {
  useEffect(
    () => () => {
      const { task, reset } = store.getState()
      if (task.status === 'done') reset()
    },
    [store],
  )
}
