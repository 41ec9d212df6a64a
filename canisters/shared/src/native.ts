import type { HostFunctions } from 'azle'
import { host } from './host.ts'
import { BITS_AT, COMMAND_AT, SCRATCH_BYTES } from './native-layout.ts'

/**
 * How JavaScript reaches the native functions that the build splices into a module, 3 k instructions a time. The other side is
 * scripts/canister/native-wat.ts, the bytes between them are in native-layout.ts.
 */

declare global {
  /** The build puts `true` for this name in modules that it splices, and leaves out what is then never reached; nowhere else does it exist. */
  const MEDGUARD_SPLICED: true
}
/** False in Node and in a module of Azle's own builder: there the network would get the commands, and trap. */
export const isSpliced = typeof MEDGUARD_SPLICED !== 'undefined'

/** One buffer for all commands: nothing may come between filling it and reading the answer. */
export const scratch = new Uint8Array(isSpliced ? SCRATCH_BYTES : 0)
/** The first 32 bytes of it. To copy a view costs less than `slice`. */
export const scratchDigest = new Uint8Array(scratch.buffer, 0, isSpliced ? 32 : 0)
const COMMAND_WORD = COMMAND_AT / 4
const words = new Uint32Array(scratch.buffer)

/** Kept, since asking for it each time costs as much as a tenth of a look-up. */
let command: HostFunctions['certifiedDataSet'] | null = null
export function runNative(operation: number, count: number): void {
  words[COMMAND_WORD] = count * 16 + operation
  command ??= host().certifiedDataSet
  command(scratch)
}

/** @param bits Of a whole message, at most 2^53 - 1. */
export function setBits(bits: number): void {
  words[BITS_AT / 4] = bits
  words[BITS_AT / 4 + 1] = Math.floor(bits / 0x1_0000_0000)
}
