import type { DoubtedEntry, DoubtWhy, LogEvidence, MedGuardClient } from '@medguard/client'
import { createTask } from '../app/task.ts'
import { filterOf, type LogChoice } from './log-choice.ts'

/** What the reader wants done about an entry they do not recognise. */
export interface Steps {
  /** Number of the entry. */
  readonly entry: string
  readonly why: DoubtWhy
  /** Share code to block, if wanted. */
  readonly block: string | null
  /** Share to stop, if wanted. */
  readonly grantId: string | null
}

/** @param onDone also after a refusal: part of it may have been done. @param onNoted of what this device has noted of the log's entries. */
export function createReportStores(
  client: MedGuardClient,
  onDone: () => void,
  onNoted: (doubts: readonly DoubtedEntry[]) => void = () => {},
) {
  return {
    /** Both end access, and both may be asked for twice: what broke off is done again as a whole. */
    acting: createTask<Steps, Steps>(async (steps) => {
      const { entry, why, block, grantId } = steps
      let [isStopped, isBlocked] = [false, false]
      try {
        if (grantId !== null) {
          const stopped = await client.revoke(grantId)
          if (stopped.kind === 'refused') return stopped
          isStopped = true
        }
        if (block !== null) {
          const blocked = await client.changeRules({ kind: 'block', whom: block })
          if (blocked.kind === 'refused') return blocked
          isBlocked = true
        }
        return { kind: 'done', value: steps }
      } finally {
        if (block !== null || grantId !== null) onDone()
        // What was ended is noted also where the rest was not.
        const noted = await client.noteDoubt({ entry, why, isStopped, isBlocked, atMs: Date.now() })
        if (noted.kind === 'done') onNoted(noted.value)
      }
    }),
    proving: createTask<LogChoice, LogEvidence>((choice) => {
      const filter = filterOf(choice)
      return client.logEvidence(filter === null ? {} : { filter })
    }),
  }
}
export type ReportStores = ReturnType<typeof createReportStores>
