/**
 * How a command to the native functions is laid out. JavaScript hands the network's `certified_data_set` one buffer of exactly this size,
 * which the network itself would refuse; the build puts a function of ours in between (scripts/canister/native-wat.ts).
 *
 *     0    digest of 32 bytes, or a truth value in the first byte: the answer. Between two parts of a long message: the hash so far
 *     32   command u32, little-endian: count * 16 + operation
 *     36   bits of the whole message: low u32, high u32; only for `finish`
 *     64   one block for the native side; the answer of `hash512`
 *     128  data; room for padding behind it
 */
/** Answer of `room`. */
export const HEAP_PAGES_AT = 4
export const COMMAND_AT = 32
export const BITS_AT = 36
export const BLOCK_AT = 64
export const DATA_AT = 128
export const DATA_BYTES = 65_536
export const SCRATCH_BYTES = DATA_AT + DATA_BYTES + 128
/** Where the second half of the data begins: `equal` compares it with the first. */
export const SECOND_AT = DATA_AT + DATA_BYTES / 2

export const OPERATION = {
  /** SHA-256 of `count` bytes. */
  hash: 1,
  /** The first `count` bytes of a longer message, whole blocks. */
  begin: 2,
  /** The next `count` bytes, whole blocks. */
  absorb: 3,
  /** The last `count` bytes. */
  finish: 4,
  /** `count` hashes of 32 bytes: from the right, each becomes H(1 || it || the one behind it). */
  fold: 5,
  /** Whether `count` bytes of both halves are the same. */
  equal: 6,
  /** Asks the network for a timer message as soon as may be. */
  wake: 7,
  /** Whether `count` pages of stable memory are there beyond what maps have, asked for now if need be; and how many pages the heap has. */
  room: 8,
  /** SHA-512 of `count` bytes. */
  hash512: 9,
  /** Programs over a field, for the lowest `count` bits of two scalars (curves/layout.ts). */
  ladder: 10,
} as const
