import { createStore } from 'zustand/vanilla'

// Asks whether MedGuard may go to the home screen, once it has proved useful: after the second thing that was done, and never again after a No (ux.md 14).

/** As Chromium has it; not in the standard. */
export interface InstallPrompt extends Event {
  prompt(): Promise<unknown>
}
export interface InstallState {
  /** The browser would install it if asked. */
  readonly isPossible: boolean
  /** Now is a good time to ask. */
  readonly isOffered: boolean
}

const KEY = 'medguard.install'
const DECLINED = 'no'
const TASKS_BEFORE = 2
/** What counts as having done something: methods of the client that somebody asked for and that change something. */
const TASKS: ReadonlySet<string> = new Set(['add', 'amend', 'annotate', 'share', 'revoke', 'setProfile'])

/** What is stored tells about this device: how many of the first two things were done, or that the answer was no. */
export function createInstallOffer(
  page: Pick<Window, 'addEventListener'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
) {
  let prompt: InstallPrompt | null = null
  const store = createStore<InstallState>()(() => ({ isPossible: false, isOffered: false }))
  const done = () => Number(storage.getItem(KEY) ?? 0) // not a number once declined, and so never enough
  const look = () =>
    store.setState({ isPossible: prompt !== null, isOffered: prompt !== null && done() >= TASKS_BEFORE })
  page.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault() // asked when it suits the reader
    prompt = event as InstallPrompt
    look()
  })
  page.addEventListener('appinstalled', () => {
    prompt = null
    look()
  })
  return {
    store,
    /** The client has done something. @param isShared a computer that others use too keeps nothing and is offered nothing. */
    did(method: string, isShared: boolean): void {
      if (isShared || !TASKS.has(method) || !(done() < TASKS_BEFORE)) return
      storage.setItem(KEY, String(done() + 1))
      look()
    },
    /** Straight from a click: the browser asks its own question. */
    async install(): Promise<void> {
      const asked = prompt
      prompt = null // good for one time
      look()
      await asked?.prompt()
    },
    decline(): void {
      storage.setItem(KEY, DECLINED)
      look()
    },
  }
}
export type InstallOffer = ReturnType<typeof createInstallOffer>
