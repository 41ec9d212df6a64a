import { createStore } from 'zustand/vanilla'

/** The link that somebody was given and opened here. In memory alone: it is a key. */
export interface LinkInbox {
  readonly text: string | null
  readonly put: (text: string | null) => void
}

const SCHEME = 'shlink:/'

/**
 * Takes a link out of the page's address, and out of the browser's history, before anything else looks at either: whoever sits at this computer next finds none.
 * @param browser the window, or a stand-in with the same three parts.
 */
export function createLinkInbox(browser: Pick<Window, 'location' | 'history' | 'addEventListener'>) {
  const take = (): string | null => {
    const { hash } = browser.location
    const at = hash.indexOf(SCHEME)
    if (at < 0) return null
    browser.history.replaceState(null, '', '#/link')
    return hash.slice(at)
  }
  const store = createStore<LinkInbox>()((set) => ({ text: take(), put: (text) => set({ text }) }))
  browser.addEventListener('hashchange', () => {
    const text = take()
    if (text !== null) store.setState({ text })
  })
  return store
}
