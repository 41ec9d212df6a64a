const TRIES = 25

/**
 * Sends two messages at once until the second overtakes the first's waiting. Which of them a busy machine delivers first is chance; what must hold
 * either way is for `attempt` to check.
 *
 * @param attempt gets a name of its own for each try. @returns whether the two met.
 */
export async function untilTheyMeet(name: string, attempt: (name: string) => Promise<boolean>): Promise<void> {
  for (let i = 0; i < TRIES; i++) if (await attempt(`${name} ${i}`)) return
  throw new Error('the second message never came between')
}
