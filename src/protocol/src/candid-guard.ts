import type { GuardCode } from './candid-opcodes.ts'
import { CandidWire } from './candid-wire.ts'

/**
 * Looks at Candid bytes before anything decodes them. The decoder trusts lengths, walks vectors of zero-size values and drops unknown
 * fields only after building them: twelve bytes can cost it billions of instructions (reliability.md, section 3). The guard reads types and
 * values by what stands on the wire, once, in at most `stepsMax` steps, and never looks inside a blob.
 *
 * @see Candid specification, "Binary Format"
 *
 * @param argumentCount How many arguments there have to be.
 * @param stepsMax Types, fields, vector elements and values that may be visited.
 * @returns null for bytes that are safe to decode; whether they have the right type is the decoder's question.
 */
export function guardCandid(bytes: Uint8Array, argumentCount: number, stepsMax?: number): GuardCode | null {
  const wire = new CandidWire(bytes, stepsMax)
  return wire.readTypes() && wire.passArguments(argumentCount) ? null : wire.code
}
