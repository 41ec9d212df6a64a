import { createStore } from 'zustand/vanilla'
import { parseRoute, printRoute, type Route } from './routes.ts'

export interface RouterState {
  readonly route: Route
  /**
   * What the reader types into a search box. It belongs to the history entry, so that Back finds it again, and not to the address, which
   * browsers list and synchronise.
   */
  readonly search: string
  readonly go: (route: Route, how?: 'push' | 'replace') => void
  readonly setSearch: (search: string) => void
}

/** @param browser the window, or a stand-in with the same three parts. */
export function createRouter(browser: Pick<Window, 'location' | 'history' | 'addEventListener'>) {
  const read = () => ({ route: parseRoute(browser.location.hash), search: searchOf(browser.history.state) })
  const store = createStore<RouterState>()((set) => ({
    ...read(),
    go(route, how = 'push') {
      const address = printRoute(route)
      if (how === 'push' && address !== browser.location.hash) browser.history.pushState(null, '', address)
      else browser.history.replaceState(browser.history.state, '', address)
      set(read())
    },
    setSearch(search) {
      browser.history.replaceState(search === '' ? null : { search }, '', printRoute(store.getState().route))
      set({ search })
    },
  }))
  browser.addEventListener('popstate', () => store.setState(read()))
  browser.addEventListener('hashchange', () => store.setState(read()))
  return store
}

function searchOf(state: unknown): string {
  const search = typeof state === 'object' && state !== null && 'search' in state ? state.search : ''
  return typeof search === 'string' ? search : ''
}
