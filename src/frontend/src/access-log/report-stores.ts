import type { LogEvidence, MedGuardClient } from '@medguard/client'
import { createTask } from '../app/task.ts'
import { filterOf, type LogChoice } from './log-choice.ts'

/** What the reader wants done about an entry they do not recognise. */
export interface Steps {
  /** Share code to block, if wanted. */
  readonly block: string | null
  /** Share to stop, if wanted. */
  readonly grantId: string | null
}

/** @param onDone also after a refusal: part of it may have been done. */
export function createReportStores(client: MedGuardClient, onDone: () => void) {
  return {
    /** Both end access, and both may be asked for twice: what broke off is done again as a whole. */
    acting: createTask<Steps, Steps>(async (steps) => {
      const { block, grantId } = steps
      try {
        if (grantId !== null) {
          const stopped = await client.revoke(grantId)
          if (stopped.kind === 'refused') return stopped
        }
        if (block !== null) {
          const blocked = await client.changeRules({ kind: 'block', whom: block })
          if (blocked.kind === 'refused') return blocked
        }
        return { kind: 'done', value: steps }
      } finally {
        if (block !== null || grantId !== null) onDone()
      }
    }),
    proving: createTask<LogChoice, LogEvidence>((choice) => {
      const filter = filterOf(choice)
      return client.logEvidence(filter === null ? {} : { filter })
    }),
  }
}
export type ReportStores = ReturnType<typeof createReportStores>
