/**
 * A flow is what one message started: the first run and every run after an `await`. The host runs one flow at a time and each run ends with
 * all of its ready promises, so "the current flow" is well defined everywhere. It only works because no flow awaits a promise of
 * another: a reply goes to the message that is running, so such a flow could never answer its own caller.
 *
 * It is the list of what to release if it traps.
 */
export type Flow = (() => void)[]

/** Null until the message at hand needs one: an object for each message would cost 3 k instructions. */
let current: Flow | null = null

/** First thing in every message. */
export function beginMessage(): void {
  current = null
}
/** First thing in every run after an `await`. */
export function enterFlow(flow: Flow): void {
  current = flow
}
export const currentFlow = (): Flow => (current ??= [])

/**
 * Runs `release` if this flow traps after an `await`: the trap undoes that run only, so a lock taken before it would stay taken for ever.
 * `release` must not throw and cannot answer anybody. After a normal end it does not run.
 *
 * @returns forgets `release`. Call it when the lock is given back and the flow goes on: the next holder's lock is none of its business.
 */
export function onTrap(release: () => void): () => void {
  const flow = currentFlow()
  flow.push(release)
  return () => {
    const at = flow.lastIndexOf(release)
    if (at >= 0) flow.splice(at, 1)
  }
}

/** Called by the host's cleanup callback, where a second trap would undo even this. */
export function cleanUp(flow: Flow): void {
  for (const release of flow) {
    try {
      release()
    } catch {
      // Nothing may leave a cleanup callback: the other releases still have to run.
    }
  }
}
