// Cycles and instructions. local network facts 6.2 to 6.4; the replica's `subnet_config.rs` and `cycles_account_manager.rs`.

export const INSTRUCTION_LIMIT = {
  message: 40_000_000_000,
  query: 5_000_000_000,
  install: 300_000_000_000,
  inspect: 200_000_000,
} as const

/** Instructions added to a composite query for each call it makes. */
export const COMPOSITE_CALL_INSTRUCTIONS = 50_000_000

export const TRANSMISSION_INSTRUCTIONS_PER_BYTE = 50
export const DIRTY_PAGE_INSTRUCTIONS = 1_000

export const REQUEST_BYTES_MAX = 10 * 1024 * 1024
/** From one subnet to another. */
export const REQUEST_BYTES_ACROSS_MAX = 2 * 1024 * 1024
export const RESPONSE_BYTES_MAX = 2 * 1024 * 1024
export const QUERY_RESPONSE_BYTES_MAX = 3 * 1024 * 1024
export const INGRESS_BYTES_MAX = 2 * 1024 * 1024
export const QUEUE_MESSAGES_MAX = 500
export const BOUNDED_WAIT_SECONDS_MAX = 300

export const DEFAULT_CANISTER_CYCLES = 100_000_000_000_000n
export const CREATE_CANISTER_CYCLES = 500_000_000_000n
export const UPDATE_BASE_CYCLES = 5_000_000n
const INGRESS_CYCLES = 1_200_000n
const INGRESS_CYCLES_PER_BYTE = 2_000n
export const CALL_CYCLES = 260_000n
export const CALL_CYCLES_PER_BYTE = 1_000n
const STORAGE_CYCLES_PER_GIB_SECOND = 127_000

/** Set aside before a message runs: base fee and the whole instruction limit. What is left over comes back. */
export const executionReserve = (instructionLimit: number): bigint => UPDATE_BASE_CYCLES + BigInt(instructionLimit)

export const MAX_RESPONSE_CYCLES = CALL_CYCLES_PER_BYTE * BigInt(RESPONSE_BYTES_MAX)

/** What a call must find free: request, the longest response, and the callback with all its instructions. */
export const callReserve = (nameAndPayloadBytes: number): bigint =>
  CALL_CYCLES +
  CALL_CYCLES_PER_BYTE * BigInt(nameAndPayloadBytes) +
  MAX_RESPONSE_CYCLES +
  executionReserve(INSTRUCTION_LIMIT.message)

/** Work of the network itself, in instructions: snapshots, and the pieces they are read and written in. */
const SNAPSHOT_INSTRUCTIONS = 2_000_000_000n
const SNAPSHOT_DATA_INSTRUCTIONS = 127_000_000n
export const snapshotCycles = (bytes: number): bigint => UPDATE_BASE_CYCLES + SNAPSHOT_INSTRUCTIONS + BigInt(bytes)
export const snapshotDataCycles = (bytes: number): bigint =>
  UPDATE_BASE_CYCLES + SNAPSHOT_DATA_INSTRUCTIONS + BigInt(bytes)

export const ingressCycles = (bytes: number): bigint => INGRESS_CYCLES + INGRESS_CYCLES_PER_BYTE * BigInt(bytes)

export const idleCyclesPerDay = (memoryBytes: number): bigint =>
  BigInt(Math.ceil((memoryBytes / 1024 ** 3) * STORAGE_CYCLES_PER_GIB_SECOND * 86_400))

const COMPUTE_CYCLES_PER_PERCENT_SECOND = 10_000_000n
export const computeCyclesPerDay = (percent: bigint): bigint => percent * COMPUTE_CYCLES_PER_PERCENT_SECOND * 86_400n

/** Fee of one derivation or signature by key name. The key's own network decides the price; the local test key costs what the public one does. */
export const KEY_CYCLES: ReadonlyMap<string, bigint> = new Map([
  ['dfx_test_key', 10_000_000_000n],
  ['test_key_1', 10_000_000_000n],
  ['key_1', 26_153_846_153n],
])

/** Prices are those of an application subnet of this size. */
export const SUBNET_NODES = 13
export const httpRequestCycles = (requestBytes: number, maxResponseBytes: number): bigint =>
  (3_000_000n + 60_000n * BigInt(SUBNET_NODES) + 400n * BigInt(requestBytes) + 800n * BigInt(maxResponseBytes)) *
  BigInt(SUBNET_NODES)
