import {
  DEVICE_CHECKS_FREE_PER_HOUR,
  DEVICE_CHECKS_IN_ALL_PER_HOUR,
  DEVICE_CHECKS_PER_HOUR,
  DEVICE_REPEATS_PER_HOUR,
} from '@medguard/protocol'
import { BUDGET_TAG, type Buckets, budgetKey, giveBackToAll, takeFromAll } from '@medguard/shared'

const { deviceCheckFree, deviceCheck, deviceRepeat } = BUDGET_TAG
const NOBODY = new Uint8Array(0)

/**
 * How often signatures are checked in vain, at some 20 M instructions each. Who asks is nobody until the check is over, so what strangers send in a device's name is taken
 * from what that device has: a few checks that are its own whatever others do, and more while all together have not used up theirs. Who does not know a device's id
 * can use up neither. A right signature gives its check back: what it brings is counted as a post, or as a repeat.
 */
export function createDeviceChecks(buckets: Buckets, nowNs: () => bigint) {
  return {
    /** @returns gives the check back; null where there is none left. */
    take(deviceId: Uint8Array): (() => void) | null {
      const free = [{ key: budgetKey(deviceCheckFree, deviceId), perHour: DEVICE_CHECKS_FREE_PER_HOUR }]
      const shared = [
        { key: budgetKey(deviceCheck, deviceId), perHour: DEVICE_CHECKS_PER_HOUR },
        { key: budgetKey(deviceCheck, NOBODY), perHour: DEVICE_CHECKS_IN_ALL_PER_HOUR },
      ]
      const taken = [free, shared].find((budgets) => takeFromAll(buckets, budgets, nowNs()) === 0)
      return taken === undefined ? null : () => giveBackToAll(buckets, taken)
    },
    /** Of a right signature that brought nothing new. @returns 0, or the milliseconds to wait. */
    takeRepeat: (deviceId: Uint8Array): number =>
      buckets.take(budgetKey(deviceRepeat, deviceId), DEVICE_REPEATS_PER_HOUR, nowNs()),
  }
}
export type DeviceChecks = ReturnType<typeof createDeviceChecks>

/** Of a device that is forgotten. */
export const checkKeysOf = (deviceId: Uint8Array): Uint8Array[] =>
  [deviceCheckFree, deviceCheck, deviceRepeat].map((tag) => budgetKey(tag, deviceId))
