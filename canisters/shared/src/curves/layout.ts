/**
 * What the native ladder works on, within the data of a command (native-layout.ts): a field, two scalars, programs and registers. The other side is
 * scripts/canister/curve-wat.ts. All numbers are little-endian.
 *
 *     0     modulus of 32 bytes, odd
 *     32    minus its inverse modulo 2^32
 *     64    two scalars of 32 bytes
 *     128   programs: first operation u16, end u16, each
 *     256   operations: `STEP` u8, then the registers of result and operands
 *     4096  registers of 32 bytes
 */
export const MODULUS_AT = 0
export const INVERSE_AT = 32
export const SCALARS_AT = 64
export const STEPS_AT = 128
export const OPERATIONS_AT = 256
export const OPERATIONS_MAX = 900
export const REGISTERS_AT = 4_096
/** A power of two. */
export const REGISTERS = 64
export const CURVE_BYTES = REGISTERS_AT + 32 * REGISTERS

export const STEP = { multiply: 0, add: 1, subtract: 2 } as const
/** Which program runs when. `first`, `second` and `both` are for bits of the scalars. */
export const RUN = { before: 0, each: 1, first: 2, second: 3, both: 4, after: 5 } as const
