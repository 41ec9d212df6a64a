import { Fault, type MedGuardClient } from '@medguard/client'

type Method = (...args: unknown[]) => unknown

export interface ClientNews {
  readonly onSessionEnded: () => void
  /** A method did what it was asked. */
  readonly onDone: (method: string) => void
}

/** The same client, which tells when an answer says that the session is over, and what was done: one place instead of one per page. */
export function guardClient(client: MedGuardClient, news: ClientNews): MedGuardClient {
  const watched =
    (name: string, method: Method): Method =>
    (...args) => {
      const answer = method(...args)
      if (!(answer instanceof Promise)) return answer
      return answer.then(
        (outcome: unknown) => {
          if (isDone(outcome)) news.onDone(name)
          return outcome
        },
        (error: unknown) => {
          if (error instanceof Fault && error.code === 'SessionEnded') news.onSessionEnded()
          throw error
        },
      )
    }
  const parts = Object.entries(client).map(([name, part]: [string, unknown]) => [
    name,
    typeof part === 'function' ? watched(name, part as Method) : part,
  ])
  // Each method by its name, as it was: nothing in the types can say so.
  return {
    ...(Object.fromEntries(parts) as MedGuardClient),
    actingFor: (patientId) => guardClient(client.actingFor(patientId), news),
  }
}

const isDone = (outcome: unknown): boolean =>
  typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'done'
