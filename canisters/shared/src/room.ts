import { CYCLES_RESERVE, refuse, type RefusalArm } from '@medguard/protocol'
import { cycleBalance } from './host.ts'
import { isSpliced, runNative, scratch } from './native.ts'
import { HEAP_PAGES_AT, OPERATION } from './native-layout.ts'

/**
 * Stable memory that is kept for ending access: eight steps of 8 MiB, in which maps grow. It is asked of the network ahead, so that no limit, neither
 * that of a canister nor that of its subnet, is met by what ends something: only by what begins, which is refused.
 */
export const RESERVE_PAGES = 1_024
/** 90 percent of 3 GiB, the network's default `wasm_memory_limit`. A heap never shrinks but by an upgrade. */
export const HEAP_PAGES_MAX = 44_236

/**
 * Whether there is room to begin something new (F18): 5 k instructions. The raw failure, a map that cannot grow, is a trap. In an update only: what is asked
 * for in a query is gone after it. Plain modules cannot tell, and say yes.
 */
export function hasRoom(): boolean {
  if (!isSpliced) return true
  runNative(OPERATION.room, RESERVE_PAGES)
  return scratch[0] === 1 && answer.getUint32(HEAP_PAGES_AT, true) <= HEAP_PAGES_MAX
}
const answer = new DataView(scratch.buffer)

/** The host makes a text of the number, and a number of the text: eight times as dear. */
function cyclesLeft(): bigint {
  if (!isSpliced) return cycleBalance()
  runNative(OPERATION.cycles, 0)
  const high = answer.getBigUint64(8, true)
  const low = answer.getBigUint64(0, true)
  return high === 0n ? low : (high << 64n) + low
}

/** Why nothing is begun now, whoever asks: cycles are below the reserve (I36, F10), or there is no room. Null to go on. */
export function refuseBeginning(): RefusalArm | null {
  if (cyclesLeft() < CYCLES_RESERVE) return refuse.lowCycles
  return hasRoom() ? null : refuse.full
}
