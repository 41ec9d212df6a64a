/** The first signal asks the program to finish what it does; the second ends the process at once. `now` stops listening. */
export function nextSignal(): { readonly signal: Promise<null>; readonly now: () => void } {
  const names = ['SIGINT', 'SIGTERM'] as const
  const heard = new AbortController()
  const now = () => {
    for (const name of names) process.off(name, onSignal)
    heard.abort()
  }
  const onSignal = () => {
    now()
    for (const name of names) process.once(name, () => process.exit(130))
  }
  for (const name of names) process.once(name, onSignal)
  return { signal: new Promise((resolve) => heard.signal.addEventListener('abort', () => resolve(null))), now }
}
