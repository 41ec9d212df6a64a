import { createStore } from 'zustand/vanilla'
import { SHARED_QUERY } from './shell-messages.ts'

// Files that another app has shared with this one: from the service worker's memory into the page's, and from there into the form that adds a record. They are
// never written anywhere, and whoever shared nothing after all finds nothing later.

export interface SharedFiles {
  /** Null: nothing was shared, or it was taken. */
  readonly files: readonly File[] | null
  /** Something was shared, and did not arrive. */
  readonly isLost: boolean
  /** How many were shared last, taken or not. */
  readonly count: number
}

const NOTHING: SharedFiles = { files: null, isLost: false, count: 0 }
/** Time to sign in. */
const WAIT_MS = 10 * 60_000

export function createSharedFiles(parts: {
  readonly browser: Pick<Window, 'location' | 'history'>
  /** Asks the service worker, which gives them once. */
  readonly ask: () => Promise<readonly File[] | null>
  readonly setTimer: (work: () => void, ms: number) => () => void
}) {
  const store = createStore<SharedFiles>()(() => NOTHING)
  let cancel = () => {}
  const forget = () => {
    cancel()
    store.setState(NOTHING)
  }
  return {
    store,
    async start(): Promise<void> {
      const { location, history } = parts.browser
      if (location.search !== SHARED_QUERY) return
      history.replaceState(history.state, '', `${location.pathname}${location.hash}`)
      const files = await parts.ask()
      store.setState(files === null ? { ...NOTHING, isLost: true } : { files, isLost: false, count: files.length })
      cancel = parts.setTimer(forget, WAIT_MS)
    },
    /** For the form; what was taken is not given again. */
    take(): readonly File[] | null {
      const { files } = store.getState()
      cancel()
      store.setState({ files: null })
      return files
    },
    /** The form was left: what it said of files that it took is over. */
    leave(): void {
      if (store.getState().files === null) forget()
    },
    /** Also what it says of them: they are saved, given up, or nobody's any more. */
    forget,
  }
}
export type SharedFilesStore = ReturnType<typeof createSharedFiles>
