import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/global.css'
import '@mantine/core/styles/UnstyledButton.css'
import '@mantine/core/styles/Loader.css'
import '@mantine/core/styles/Button.css'
import '@mantine/core/styles/Input.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { createRoot } from 'react-dom/client'
import { useStore } from 'zustand'
import { App } from './app/App.tsx'
import type { Page } from './app/context.ts'
import { NoConfig, OlderPage } from './app/NoConfig.tsx'
import { createDraftKeeper } from './app/draft-keeper.ts'
import { createRouter } from './app/router.ts'
import { areaOf } from './app/routes.ts'
import { setTimer } from './app/services.ts'
import { theme } from './app/theme.ts'
import { createUnsaved } from './app/unsaved.ts'
import { isOlderThanBefore } from './app/version-floor.ts'
import { readConfig } from './config.ts'
import { createLinkInbox } from './links/link-inbox.ts'
import { createInstallOffer } from './offline/install-offer.ts'
import { createSharedFiles } from './offline/shared-files.ts'
import { createShellLink } from './offline/shell-link.ts'
import { createIdleWatch } from './sign-in/idle-watch.ts'
import { createSeatMemory, idleLimitMs } from './sign-in/seats.ts'
import { createSession } from './sign-in/session.ts'
import { createSessionStore } from './sign-in/session-store.ts'
import { registerServiceWorker } from './worker/our-workers.ts'
import { languageStore, startLanguage } from './words/language.ts'
// After those of the parts, which they have the last word over.
import './app/tokens.css'
import './app/elements.css'
import './app/shell.css'

// A file dropped beside its place would otherwise open instead of the page, and everything typed would be lost.
for (const event of ['dragover', 'drop'] as const) window.addEventListener(event, (drag) => drag.preventDefault())

const SHELL_START_MS = 1_000

/** Before anything else looks at the address. */
const given = createLinkInbox(window)
const config = readConfig(location)
const root = document.getElementById('root')
if (root === null) throw new TypeError('index.html has no #root')

/** Light or dark is kept in this browser, like the language. */
const colours = localStorageColorSchemeManager({ key: 'medguard.theme' })
const isOlder = config !== null && isOlderThanBefore(config.version, localStorage)
const page = config === null || isOlder ? null : assemble(config)
await startLanguage({ storage: localStorage, wanted: navigator.languages, root: document.documentElement })
// No StrictMode: its second run of every effect would list and open records twice, and each of these leaves an entry in the log.
createRoot(root).render(<Root />)

function Root() {
  useStore(languageStore) // in another language everything is drawn anew, and keeps its state
  return (
    // Global styles stay out of the page's head, as the policy demands: they are imported above (decision 38).
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colours}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      {isOlder ? <OlderPage /> : page === null ? <NoConfig /> : <App page={page} />}
    </MantineProvider>
  )
}

function assemble(config: NonNullable<ReturnType<typeof readConfig>>): Page {
  const idle = createIdleWatch(window, localStorage)
  const router = createRouter(window)
  const tabs = new BroadcastChannel('medguard')
  const drafts = createDraftKeeper(setTimer)
  const unsaved = createUnsaved(document, router, drafts)
  const install = createInstallOffer(window, localStorage)
  const shell = createShellLink({
    register: registerServiceWorker,
    workers: 'serviceWorker' in navigator ? navigator.serviceWorker : undefined,
    entry: new URL(import.meta.url).pathname,
    reload: () => location.reload(),
    setTimer,
  })
  const shared = createSharedFiles({ browser: window, ask: () => shell.shared(), setTimer })
  const session = createSessionStore({
    open: async () => createSession(config, () => void session.getState().leave('stopped')),
    // What is stored is of no shared computer.
    wasIdle: () => idle.idleMs() > idleLimitMs(areaOf(router.getState().route), false),
    said: (what, who) => {
      if (what === 'signedIn') {
        idle.touch()
        return tabs.postMessage({ signedIn: who })
      }
      if (what === 'newEnd') return tabs.postMessage(what)
      router.getState().forget()
      shared.forget()
      drafts.settle(what, who)
      if (!following && what !== 'stopped' && what !== 'replaced') tabs.postMessage(what)
    },
  })
  let following = false
  tabs.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.data === 'newEnd') return void session.getState().follow()
    const { view, leave } = session.getState()
    const who = signedInOf(event.data)
    // One person at a time on one device: what is stored is theirs now.
    if (who !== null && view.status === 'signedIn' && view.principal !== who) return void leave('replaced')
    const why = (['signedOut', 'idle', 'ended', 'other'] as const).find((known) => known === event.data)
    if (why === undefined) return
    following = true
    void session.getState().leave(why)
    following = false
  })
  void session.getState().start()
  void shared.start()
  // Once the first screen is there: what it fetches for the next start waits for that.
  setTimer(() => void shell.start(), SHELL_START_MS)
  return {
    config,
    router,
    session,
    idle,
    drafts,
    seats: createSeatMemory(localStorage),
    unsaved,
    install,
    shell,
    shared,
    given,
  }
}

function signedInOf(news: unknown): string | null {
  const who = typeof news === 'object' && news !== null && 'signedIn' in news ? news.signedIn : null
  return typeof who === 'string' ? who : null
}
