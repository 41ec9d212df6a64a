import { Fault, type MedGuardClient } from '@medguard/client'

type Method = (...args: unknown[]) => unknown

/** The same client, which tells when an answer says that the session is over: one place instead of one per page. */
export function guardClient(client: MedGuardClient, onSessionEnded: () => void): MedGuardClient {
  const watched =
    (method: Method): Method =>
    (...args) => {
      const answer = method(...args)
      if (!(answer instanceof Promise)) return answer
      return answer.catch((error: unknown) => {
        if (error instanceof Fault && error.code === 'SessionEnded') onSessionEnded()
        throw error
      })
    }
  const parts = Object.entries(client).map(([name, part]: [string, unknown]) => [
    name,
    typeof part === 'function' ? watched(part as Method) : part,
  ])
  // Each method by its name, as it was: nothing in the types can say so.
  return {
    ...(Object.fromEntries(parts) as MedGuardClient),
    actingFor: (patientId) => guardClient(client.actingFor(patientId), onSessionEnded),
  }
}
