import { Fault, type LogOf, type LogReport, type MedGuardClient, type Outcome } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { isTampering, problemOf } from '../app/problem.ts'

/**
 * The log with its verdict. A fault that speaks of forgery is a verdict, not an error to retry away: the reader gets the failed answer and no
 * entries. Whatever else keeps us from the log means that nothing can be told.
 */
export function createLogStore(client: Pick<MedGuardClient, 'log'>, of: LogOf): LoadableStore<LogReport> {
  return createLoadable(async (progress): Promise<Outcome<LogReport>> => {
    progress({ step: 'verifying' })
    try {
      return await client.log(of)
    } catch (error) {
      if (!(error instanceof Fault) || !isTampering(problemOf(error))) throw error
      const verification = { kind: 'failed', code: error.code, what: error.message } as const
      return { kind: 'done', value: { items: [], verification } }
    }
  })
}
