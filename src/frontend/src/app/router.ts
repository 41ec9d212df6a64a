import { createStore } from 'zustand/vanilla'
import { HOME, parsePlace, type Place, printPlace, type Route } from './routes.ts'

export interface RouterState {
  readonly route: Route
  /** Patient id of whose record is open; null for one's own. It stays until somebody switches. */
  readonly ward: string | null
  /**
   * What the reader types into a search box. It belongs to the history entry, so that Back finds it again, and not to the address, which
   * browsers list and synchronise. The entry holds only a number: browsers write its state to disk, and whoever signs in next can go back to it.
   */
  readonly search: string
  readonly go: (route: Route, how?: 'push' | 'replace') => void
  /** Opens another record, at its start. */
  readonly switchTo: (ward: string | null, how?: 'push' | 'replace') => void
  readonly setSearch: (search: string) => void
  /** Drops what was searched for, in every history entry. */
  readonly forget: () => void
}

/** @param browser the window, or a stand-in with the same three parts. */
export function createRouter(browser: Pick<Window, 'location' | 'history' | 'addEventListener'>) {
  const searches = new Map<string, string>()
  const entry = () => entryOf(browser.history.state)
  const read = () => ({ ...parsePlace(browser.location.hash), search: searches.get(entry() ?? '') ?? '' })
  const to = (place: Place, how: 'push' | 'replace' = 'push') => {
    const address = printPlace(place)
    if (how === 'push' && address !== browser.location.hash) browser.history.pushState(null, '', address)
    else browser.history.replaceState(browser.history.state, '', address)
    store.setState(read())
  }
  const store = createStore<RouterState>()((set) => ({
    ...read(),
    go: (route, how) => to({ route, ward: store.getState().ward }, how),
    switchTo(ward, how) {
      searches.clear() // what was searched for in one record is nothing to another
      to({ route: HOME, ward }, how)
    },
    setSearch(search) {
      const id = entry() ?? crypto.randomUUID()
      searches.set(id, search)
      browser.history.replaceState({ entry: id }, '', printPlace(store.getState()))
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
