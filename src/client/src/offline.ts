import type { Category } from '@medguard/protocol'
import type { Add } from './adding.ts'
import type { RecordAddress } from './api-records.ts'
import type { OpenedRecord, Progress, RecordSummary } from './api.ts'
import type { DeviceMemory, DeviceMethods } from './device-api.ts'
import { createKeeping } from './keeping.ts'
import { isUnanswered } from './outcome.ts'
import { createPuttingOff } from './putting-off.ts'
import type { Session } from './session.ts'

/** What works without a network: records that are kept on the device, and new ones that wait. */
export function createOffline(options: {
  readonly session: Session
  readonly memory: DeviceMemory | null
  readonly isOffline: () => boolean
  readonly open: (address: RecordAddress, progress?: Progress) => Promise<OpenedRecord>
  readonly add: Add
  /** Lists a category of one's own anew. */
  readonly ownOf: (category: Category) => Promise<readonly RecordSummary[]>
}) {
  const { session, memory, isOffline, open, add, ownOf } = options
  const { opened, forget, methods: keeping } = createKeeping({ session, memory, open })
  const methods: DeviceMethods = { ...keeping, ...createPuttingOff({ session, memory, add, ownOf }) }
  return {
    methods,
    forget,
    /** Over the network; where nobody answers, as it is kept. */
    async orKept(address: RecordAddress, ask: () => Promise<OpenedRecord>): Promise<OpenedRecord> {
      const known = isOffline() ? await opened(address) : null
      if (known !== null) return known
      try {
        return await ask()
      } catch (error) {
        const kept = isUnanswered(error) ? await opened(address) : null
        if (kept === null) throw error
        return kept
      }
    },
  }
}
