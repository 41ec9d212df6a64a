import { Fault, type LinkOpened, type MedGuardClient } from '@medguard/client'
import { transfer, wrap } from 'comlink'
import { keepErrorsWhole, pack } from './crossing.ts'
import type { Entered, KeyWorker } from './key-worker-api.ts'
import { startWorker } from './our-workers.ts'

// The page's end: it holds a worker and never a key.

/** The worker's methods; each throws a Fault `SessionEnded` when the worker ends before it answers. */
export interface KeyLink extends Omit<KeyWorker, 'hold'> {
  /** Ends the worker and with it every key, at once. */
  stop(): void
  readonly isStopped: () => boolean
}

let areErrorsWhole = false

/** @param onDeath told when the worker ends and nobody ended it: the browser took its memory away, or it broke. */
export function startKeyWorker(onDeath: () => void): KeyLink {
  if (!areErrorsWhole) keepErrorsWhole()
  areErrorsWhole = true
  const name = `medguard-keys-${crypto.randomUUID()}`
  const running = startWorker('keys', name)
  const worker = wrap<KeyWorker>(running)
  const watching = new AbortController()
  const underWay = new Set<(fault: Fault) => void>()
  let isStopped = false

  const stop = () => {
    if (isStopped) return
    isStopped = true
    watching.abort()
    running.terminate()
    for (const end of underWay) end(new Fault('SessionEnded', 'the worker has ended'))
    underWay.clear()
  }
  const died = () => {
    if (isStopped) return
    stop()
    onDeath()
  }
  /** Nothing of a worker that has ended answers any more; whoever waits is told. */
  const whileRunning = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (isStopped) return reject(new Fault('SessionEnded', 'the worker has ended'))
      underWay.add(reject)
      work()
        .then(resolve, reject)
        .finally(() => underWay.delete(reject))
    })

  running.addEventListener('error', died) // it did not load, or threw where nothing catches
  // The browser gives a lock to the next who asks when its holder ends, however that came about.
  void worker
    .hold()
    .then(() => navigator.locks.request(name, { signal: watching.signal }, died))
    .catch(() => {}) // stopped while waiting, which is what `watching` is for

  return {
    restore: () => whileRunning(() => worker.restore()),
    newSessionKey: () => whileRunning(() => worker.newSessionKey()),
    enter: (delegation, how) => whileRunning(() => worker.enter(delegation, how)),
    extend: (delegation, lastsMs) => whileRunning(() => worker.extend(delegation, lastsMs)),
    shorten: (lastsMs) => whileRunning(() => worker.shorten(lastsMs)),
    follow: () => whileRunning(() => worker.follow()),
    removeSaved: () => whileRunning(() => worker.removeSaved()),
    recoverWithKit: (kit) => whileRunning(() => worker.recoverWithKit(kit)),
    openLink: (link, asking) => whileRunning(async (): Promise<LinkOpened> => await worker.openLink(link, asking)),
    call: (actsFor, method, args) => {
      const { values, ports, close } = pack(args)
      return whileRunning(() => worker.call(actsFor, method, transfer(values, [...ports]))).finally(close)
    },
    stop,
    isStopped: () => isStopped,
  }
}

/** The client in the worker, as if it were here. Locking it ends the worker. */
export function clientAcross(link: KeyLink, entered: Entered, actsFor: string | null = null): MedGuardClient {
  const methods = entered.methods.map((name) => [name, (...args: readonly unknown[]) => link.call(actsFor, name, args)])
  // Each method by its name, as it is on the other side: nothing in the types can say so.
  return {
    ...(Object.fromEntries(methods) as MedGuardClient),
    principal: entered.principal,
    lock: () => link.stop(),
    actingFor: (patientId) => clientAcross(link, entered, patientId),
  }
}
