import type { createAddOnce } from './adding.ts'
import type { RecordAddress } from './api-records.ts'
import type { OpenedRecord, Progress } from './api.ts'
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
  readonly addOnce: ReturnType<typeof createAddOnce>
}) {
  const { session, memory, isOffline, open, addOnce } = options
  const { opened, forget, methods: keeping } = createKeeping({ session, memory, open })
  const methods: DeviceMethods = { ...keeping, ...createPuttingOff({ session, memory, addOnce }) }
  return {
    methods,
    forget,
    /** Over the network; where nobody answers, as it is kept. @param asKept what is answered of the kept record. */
    orKept: async <T>(
      address: RecordAddress,
      ask: () => Promise<T>,
      asKept: (kept: OpenedRecord) => T | Promise<T>,
    ): Promise<T> => {
      const known = isOffline() ? await opened(address) : null
      if (known !== null) return asKept(known)
      try {
        return await ask()
      } catch (error) {
        const kept = isUnanswered(error) ? await opened(address) : null
        if (kept === null) throw error
        return asKept(kept)
      }
    },
  }
}
