import { createStore } from 'zustand/vanilla'
import type { ShellAnswers, ShellQuestion } from './shell-messages.ts'

// The page's end of the service worker.

/** `newer`: a newer page is ready and waits. `replaced`: it was taken up in another tab, and this one still runs the older. */
export interface ShellState {
  readonly update: 'none' | 'newer' | 'replaced'
  /** The page starts without a network from now on. */
  readonly isKept: boolean
}

const LOOK_EVERY_MS = 3_600_000
const ANSWER_WAIT_MS = 30_000

export interface ShellLinkParts {
  readonly register: () => Promise<ServiceWorkerRegistration>
  /** Undefined where the browser has no service workers. */
  readonly workers: Pick<ServiceWorkerContainer, 'controller' | 'addEventListener'> | undefined
  /** Path of the script with which this page began: each build has its own. */
  readonly entry: string
  readonly reload: () => void
  readonly setTimer: (work: () => void, ms: number) => () => void
}

export function createShellLink({ register, workers, entry, reload, setTimer }: ShellLinkParts) {
  const store = createStore<ShellState>()(() => ({ update: 'none', isKept: false }))
  let registration: ServiceWorkerRegistration | null = null
  let isReloading = false

  /** Null where no answer comes: a worker of another version, or one that was ended. */
  const ask = <Q extends ShellQuestion>(of: ServiceWorker, question: Q): Promise<ShellAnswers[Q['ask']] | null> =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      const settle = (answer: ShellAnswers[Q['ask']] | null) => {
        cancel()
        port1.close()
        resolve(answer)
      }
      const cancel = setTimer(() => settle(null), ANSWER_WAIT_MS)
      port1.addEventListener('message', (event: MessageEvent<ShellAnswers[Q['ask']] | null>) => settle(event.data))
      port1.start()
      of.postMessage(question, [port2])
    })

  const lookAtWaiting = async (waiting: ServiceWorker) => {
    if ((await ask(waiting, { ask: 'isNewer', entry })) === true) store.setState({ update: 'newer' })
  }
  const follow = (installing: ServiceWorker) =>
    installing.addEventListener('statechange', () => {
      if (installing.state === 'installed' && registration?.active !== null) void lookAtWaiting(installing)
      if (installing.state === 'activated') store.setState({ isKept: true })
    })
  const lookAgain = () => {
    registration?.update().catch(() => {}) // offline: the next time
    setTimer(lookAgain, LOOK_EVERY_MS)
  }

  return {
    store,
    /** Without service workers everything but starting offline is as ever. */
    async start(): Promise<void> {
      if (workers === undefined) return
      let before = workers.controller
      const taken = async (controller: ServiceWorker) => {
        // This tab knew already that what waited was newer.
        if (store.getState().update === 'newer') return store.setState({ update: 'replaced' })
        if ((await ask(controller, { ask: 'isNewer', entry })) === true) store.setState({ update: 'replaced' })
      }
      workers.addEventListener('controllerchange', () => {
        if (isReloading) return reload()
        const { controller } = workers
        if (before !== null && controller !== null) void taken(controller)
        before = controller
      })
      try {
        registration = await register()
        const { installing, waiting, active } = registration
        if (active !== null) store.setState({ isKept: true })
        if (installing !== null) follow(installing)
        if (waiting !== null && active !== null) void lookAtWaiting(waiting)
        registration.addEventListener('updatefound', () => {
          const next = registration?.installing
          if (next) follow(next)
        })
        setTimer(lookAgain, LOOK_EVERY_MS)
      } catch {
        // None in this browser or this window: the page needs the network, as any other.
      }
    },
    /** Straight from a click, and only while nothing would be lost. */
    update(): void {
      const waiting = registration?.waiting
      if (!waiting) return reload()
      isReloading = true
      void ask(waiting, { ask: 'takeOver' })
    },
    /** What another app has shared with this one; null where there is nothing. */
    async shared(): Promise<readonly File[] | null> {
      const controller = workers?.controller
      return controller ? ask(controller, { ask: 'shared' }) : null
    },
    /** Keeps the files as well that only some records need. @returns whether they are kept now. */
    async keepAll(): Promise<boolean> {
      const active = registration?.active
      return active ? (await ask(active, { ask: 'keepAll' })) === true : false
    },
  }
}
export type ShellLink = ReturnType<typeof createShellLink>
