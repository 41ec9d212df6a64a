import { setTimeout } from 'node:timers/promises'

// Programs of an institution that write, in a process of their own: what the network computes does not hold up their clocks.

export interface LoadAsked {
  readonly url: string
  readonly token: string
  readonly count: number
  /** At a time, each after the other's answer; null for `everyMs`. */
  readonly atOnce: number | null
  /** Sent when it is due, whatever is still unanswered; waits are counted from then. */
  readonly everyMs: number
  /** What is created, with `NUMBER` for which. */
  readonly text: string
}
export interface LoadTold {
  readonly tookMs: number
  readonly waitsMs: readonly number[]
  /** Of answers other than 201. */
  readonly refused: readonly string[]
}

process.once('message', (asked: LoadAsked) => {
  void load(asked).then((told) => process.send?.(told, () => process.disconnect()))
})

async function load({ url, token, count, atOnce, everyMs, text }: LoadAsked): Promise<LoadTold> {
  const waitsMs: number[] = []
  const refused: string[] = []
  const create = async (number: number, dueMs: number): Promise<void> => {
    const answer = await fetch(`${url}/fhir/Observation`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: text.replace('NUMBER', String(number)),
    })
    const said = await answer.text()
    waitsMs.push(performance.now() - dueMs)
    if (answer.status !== 201) refused.push(said)
  }
  await create(0, performance.now())
  waitsMs.length = 0
  const startMs = performance.now()
  let next = 0
  if (atOnce === null) {
    const sent: Promise<void>[] = []
    for (let n = 0; n < count; n++) {
      const dueMs = startMs + n * everyMs
      if (dueMs > performance.now()) await setTimeout(dueMs - performance.now())
      sent.push(create(n, dueMs))
    }
    await Promise.all(sent)
  } else {
    const one = async (): Promise<void> => {
      for (let n = next++; n < count; n = next++) await create(n, performance.now())
    }
    await Promise.all(Array.from({ length: atOnce }, one))
  }
  return { tookMs: performance.now() - startMs, waitsMs, refused }
}
