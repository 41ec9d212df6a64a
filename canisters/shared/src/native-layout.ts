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
/** Length of the value that takes the place of another. */
export const SIZE_AT = 40
/** Of the map that is looked into: the id of its memory. */
export const MEMORY_AT = 44
export const BLOCK_AT = 64
export const DATA_AT = 128
export const DATA_BYTES = 65_536
/** Which buckets of stable memory a map's own ones are, as far as they were looked up: 256 of `(number << 8 | memory) + 1 u32 || bucket u32`. */
export const BUCKETS_AT = DATA_AT + DATA_BYTES + 128
/** The buffer of releases that looked nothing up: their bundles are built with today's functions where a release is taken back. */
export const FORMER_SCRATCH_BYTES = BUCKETS_AT
export const SCRATCH_BYTES = BUCKETS_AT + 2_048
/** Where the second half of the data begins: `equal` compares it with the first. */
export const SECOND_AT = DATA_AT + DATA_BYTES / 2

/** A look-up has its key where data begins; behind it what it works with, then the value. */
export const KEY_AT = DATA_AT
export const KEY_BYTES_MAX = 1_024
export const NODE_AT = KEY_AT + KEY_BYTES_MAX
export const CHILDREN_AT = NODE_AT + 1_024
export const CURSOR_AT = CHILDREN_AT + 128
export const TABLE_AT = CURSOR_AT + 128
export const SPARE_AT = TABLE_AT + 1_024
export const VALUE_AT = SPARE_AT + 1_024
export const VALUE_BYTES_MAX = DATA_AT + DATA_BYTES - VALUE_AT

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
  /** The value of a key of `count` bytes in a stable map. Its length is the answer: an i32, -1 for none, -2 where the host has to look. */
  lookUp: 11,
  /** Puts the value that lies ready behind a word in the place of another; -1 where there is none, or no room. */
  overwrite: 12,
  /** The canister's cycles, as 16 bytes. */
  cycles: 13,
} as const
