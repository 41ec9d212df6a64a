import { createStore } from 'zustand/vanilla'
import { parseRoute, printRoute, type Route } from './routes.ts'

export interface RouterState {
  readonly route: Route
  /**
   * What the reader types into a search box. It belongs to the history entry, so that Back finds it again, and not to the address, which
   * browsers list and synchronise. The entry holds only a number: browsers write its state to disk, and whoever signs in next can go back to it.
   */
  readonly search: string
  readonly go: (route: Route, how?: 'push' | 'replace') => void
  readonly setSearch: (search: string) => void
  /** Drops what was searched for, in every history entry. */
  readonly forget: () => void
}

/** @param browser the window, or a stand-in with the same three parts. */
export function createRouter(browser: Pick<Window, 'location' | 'history' | 'addEventListener'>) {
  const searches = new Map<string, string>()
  const entry = () => entryOf(browser.history.state)
  const read = () => ({ route: parseRoute(browser.location.hash), search: searches.get(entry() ?? '') ?? '' })
  const store = createStore<RouterState>()((set) => ({
    ...read(),
    go(route, how = 'push') {
      const address = printRoute(route)
      if (how === 'push' && address !== browser.location.hash) browser.history.pushState(null, '', address)
      else browser.history.replaceState(browser.history.state, '', address)
      set(read())
    },
    setSearch(search) {
      const id = entry() ?? crypto.randomUUID()
      searches.set(id, search)
      browser.history.replaceState({ entry: id }, '', printRoute(store.getState().route))
      set({ search })
    },
    forget() {
      searches.clear()
      set({ search: '' })
    },
  }))
  browser.addEventListener('popstate', () => store.setState(read()))
  browser.addEventListener('hashchange', () => store.setState(read()))
  return store
}

function entryOf(state: unknown): string | null {
  const entry = typeof state === 'object' && state !== null && 'entry' in state ? state.entry : null
  return typeof entry === 'string' ? entry : null
}
