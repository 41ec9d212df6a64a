/**
 * The first signal asks the program to finish what it does. `now` stops listening.
 *
 * @param second what the next one does: ends the process at once, or nothing, for a program whose starter signals as well.
 */
export function nextSignal(second: 'exit' | 'ignore' = 'exit'): {
  readonly signal: Promise<null>
  readonly now: () => void
} {
  const names = ['SIGINT', 'SIGTERM'] as const
  const heard = new AbortController()
  const now = () => {
    for (const name of names) process.off(name, onSignal)
    heard.abort()
  }
  const onSignal = () => {
    now()
    for (const name of names) process.on(name, () => (second === 'exit' ? process.exit(130) : undefined))
  }
  for (const name of names) process.once(name, onSignal)
  return { signal: new Promise((resolve) => heard.signal.addEventListener('abort', () => resolve(null))), now }
}
