/**
 * A flow is what one message started: the first run and every run after an `await`. The host runs one flow at a time and each run ends with
 * all of its ready promises, so "the current flow" is well defined everywhere. It only works because no flow awaits a promise of
 * another: a reply goes to the message that is running, so such a flow could never answer its own caller.
 */
export interface Flow {
  readonly cleanups: (() => void)[]
}

let current: Flow | null = null

export function enterFlow(flow: Flow | null = { cleanups: [] }): void {
  current = flow
}
export const currentFlow = (): Flow | null => current

/**
 * Runs `release` if this flow traps after an `await`: the trap undoes that run only, so a lock taken before it would stay taken for ever.
 * `release` must not throw and cannot answer anybody. After a normal end it does not run.
 */
export function onTrap(release: () => void): void {
  current?.cleanups.push(release)
}

/** Called by the host's cleanup callback, where a second trap would undo even this. */
export function cleanUp(flow: Flow | null): void {
  for (const release of flow?.cleanups ?? []) {
    try {
      release()
    } catch {
      // Nothing may leave a cleanup callback: the other releases still have to run.
    }
  }
}
