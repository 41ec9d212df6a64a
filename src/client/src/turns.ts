/**
 * Waits until what came to this thread before has had its turn: calls of others, a lock, answers of the network. To be awaited now and then by long work in
 * which nothing waits by itself, as nothing does for the platform's cryptography in Chromium's workers.
 *
 * A message is the last in its queue; `scheduler.yield` would go on before those that wait already, and a timer sleeps for milliseconds.
 */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(null)
  })
}
