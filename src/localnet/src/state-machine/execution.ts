import { dropCall } from '../system-api/call-functions.ts'
import { ExecutionTrap, trapOf } from '../system-api/execution-trap.ts'
import { LOG_RECORD_BYTES } from '../system-api/canister-functions.ts'
import { joined } from '../system-api/message-functions.ts'
import { MODE } from '../system-api/modes.ts'
import {
  DIRTY_PAGE_INSTRUCTIONS,
  executionReserve,
  TRANSMISSION_INSTRUCTIONS_PER_BYTE,
  UPDATE_BASE_CYCLES,
} from '../system-api/prices.ts'
import type { PlannedTrap } from '../system-api/host.ts'
import type { CanisterView, Run } from '../system-api/run.ts'
import { WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import { senderVersion } from '../management/sender-version.ts'
import { type Canister, freezingLimit, keyOf } from './canister.ts'
import { homeOf } from './homes.ts'
import type { Instance } from './instance.ts'
import { principalText } from './rejects.ts'
import { meter, touch, type World } from './world.ts'

export interface Ended {
  readonly trap: ExecutionTrap | null
  readonly instructions: number
}

const WASM32_HEAP_MAX = 1n << 32n
const STATUS_CODES = { running: 1, stopping: 2, stopped: 3 } as const
const encoder = new TextEncoder()

export function viewOf(world: World, canister: Canister): CanisterView {
  const { options } = world
  const { faults } = options
  return {
    ...(faults === undefined
      ? {}
      : {
          failsToEnqueue: (callee: Uint8Array, method: string) =>
            faults.failsToEnqueue({ canister: principalText(callee), method, from: canister.text }),
        }),
    id: canister.id,
    version: canister.version,
    statusCode: STATUS_CODES[canister.status],
    controllers: canister.settings.controllers,
    environment: canister.settings.environment,
    get freezingLimit() {
      return freezingLimit(canister)
    },
    subnetId: homeOf(world, canister.id).id,
    subnets: options.topology,
    rootKeyDer: options.rootKeyDer,
    vetKdKeyNames: options.vetKd.keyNames,
    logBytesMax: Number(canister.settings.logMemoryLimit),
    inFlightTo(callee) {
      const key = keyOf(callee)
      let count = 0
      for (const callback of canister.callbacks.values()) if (callback.callee === key) count++
      return count
    },
  }
}

/** Runs Wasm and says how it ended; heap and effects are as the run left them. */
export function enter(
  instance: Instance,
  run: Run,
  budget: number,
  body: () => void,
  planned: PlannedTrap | null = null,
): Ended {
  const { host } = instance
  host.begin(run, budget, planned)
  let trap: ExecutionTrap | null = null
  try {
    body()
  } catch (error) {
    try {
      trap = trapOf(error, host.isSpent())
    } catch (bug) {
      host.end()
      instance.rollback()
      throw bug
    }
  }
  const instructions = Math.min(budget, budget - host.remaining())
  host.end()
  return { trap, instructions }
}

/** Modes in which the heap must stay under the canister's `wasm_memory_limit`. */
const MEMORY_LIMITED = MODE.start | MODE.init | MODE.update | MODE.task

export function memoryLimitTrap(canister: Canister, instance: Instance, run: Run): ExecutionTrap | null {
  return (run.mode & MEMORY_LIMITED) === 0 ? null : heapLimitTrap(canister, instance)
}

export function heapLimitTrap(canister: Canister, instance: Instance): ExecutionTrap | null {
  const limit = Number(canister.settings.wasmMemoryLimit)
  if (limit === 0 || instance.heapBytes <= limit) return null
  return new ExecutionTrap(
    'IC0539',
    `Canister exceeded its current Wasm memory limit of ${limit} bytes. The limit can be increased with update_settings.`,
  )
}

/** Memory that the canister could not keep for its freezing threshold is not given to it. */
export function growthTrap(canister: Canister, instance: Instance, run: Run): ExecutionTrap | null {
  const grown =
    instance.heapBytes -
    instance.committedBytes +
    (instance.stable.pages - instance.stable.committedPages) * WASM_PAGE_BYTES
  if (grown <= 0) return null
  const missing = freezingLimit(canister, grown) - run.balance
  if (missing <= 0n) return null
  return new ExecutionTrap(
    'IC0532',
    `Canister cannot grow memory by ${grown} bytes due to insufficient cycles. At least ${missing} additional cycles are required.`,
  )
}

/** A canister that tells the management canister its version tells the true one. */
function versionTrap(canister: Canister, run: Run): ExecutionTrap | null {
  for (const { callee, method, payload, payloadBytes } of run.calls) {
    if (callee.length > 0) continue
    const told = senderVersion(method, joined(payload, payloadBytes))
    if (told === null || told === canister.version) continue
    return new ExecutionTrap(
      'IC0504',
      `Management canister call payload includes sender canister version ${told} that does not match the actual sender canister version ${canister.version}.`,
    )
  }
  return null
}

/** As `enter`, for entry points whose effects count: there things may go wrong on purpose. */
export function enterWithFaults(
  world: World,
  canister: Canister,
  instance: Instance,
  run: Run,
  entry: string,
  budget: number,
  body: () => void,
): Ended {
  const { faults } = world.options
  if (faults === undefined) return enter(instance, run, budget, body)
  const from = run.caller.length === 0 ? '' : principalText(run.caller)
  const at = { canister: canister.text, method: entry, from }
  instance.cap(faults.caps(canister.text))
  const ended = enter(instance, run, budget, body, faults.trap(at))
  faults.ran(at, { syscalls: instance.host.syscalls, instructions: ended.instructions })
  return ended
}

export interface Settled extends Ended {
  /** Cycles the run cost. */
  readonly cost: bigint
}

/**
 * Runs an entry point whose effects count: commits or rolls back memory, then cycles, certified data, timer, logs and meters. Calls
 * and answer of a run that ended well are left to the caller. `run.balance` must be the canister's balance.
 *
 * @param keepsMemory false for a query run replicated, whose memory is dropped.
 */
export function execute(
  world: World,
  canister: Canister,
  instance: Instance,
  run: Run,
  entry: string,
  body: () => void,
  keepsMemory = true,
): Settled {
  const ended = enterWithFaults(world, canister, instance, run, entry, run.instructionLimit, body)
  const trap =
    ended.trap ??
    memoryLimitTrap(canister, instance, run) ??
    growthTrap(canister, instance, run) ??
    versionTrap(canister, run)
  let dirty = instance.stable.changedBlocks
  if (trap !== null || !keepsMemory) dirty += instance.rollback()
  else dirty += commitMemory(canister, instance)
  const cost = account(world, canister, run, entry, ended.instructions, dirty)
  canister.consumed.instructions += cost
  if (trap === null) {
    dropCall(run)
    canister.cycles = run.balance
    canister.consumed.burned += run.burned
    if (keepsMemory) {
      canister.version += 1n
      canister.globalTimerNs = run.globalTimerNs
      if (run.certifiedData !== null) canister.certifiedData = run.certifiedData
    }
  }
  addLogs(canister, run, trap)
  touch(world, canister)
  return { trap, instructions: ended.instructions, cost }
}

/** @returns how many heap pages had changed. */
export function commitMemory(canister: Canister, instance: Instance): number {
  const pages = instance.commit()
  for (const page of pages) canister.unsaved.heap.add(page)
  for (const block of instance.stable.commit()) canister.unsaved.stable.add(block)
  noteLowMemory(canister, instance)
  return pages.length
}

/** interface specification, "On Low Wasm Memory": `wasm_memory_limit` less the heap falls below `wasm_memory_threshold`. */
function noteLowMemory(canister: Canister, instance: Instance): void {
  const { wasmMemoryLimit, wasmMemoryThreshold } = canister.settings
  const limit = wasmMemoryLimit === 0n ? WASM32_HEAP_MAX : wasmMemoryLimit
  const isLow = limit - BigInt(instance.heapBytes) < wasmMemoryThreshold
  if (!isLow) canister.lowMemory = 'no'
  else if (canister.lowMemory === 'no') canister.lowMemory = 'due'
}

/** Notes what a run took. @returns its price. */
export function account(
  world: World,
  canister: Canister,
  run: Run,
  entry: string,
  instructions: number,
  dirtyPages: number,
): bigint {
  const transmission = run.transmissionBytes * TRANSMISSION_INSTRUCTIONS_PER_BYTE
  const dirt = dirtyPages * DIRTY_PAGE_INSTRUCTIONS
  meter(world, {
    canisterId: canister.text,
    entry,
    instructions: BigInt(instructions),
    transmission: BigInt(transmission),
    dirtyPages: BigInt(dirt),
  })
  const price = UPDATE_BASE_CYCLES + BigInt(instructions + transmission + dirt)
  const reserve = executionReserve(run.instructionLimit)
  return price < reserve ? price : reserve
}

export function addLogs(canister: Canister, run: Run, trap: ExecutionTrap | null): void {
  const lines = trap === null ? run.logs : [...run.logs, encoder.encode(`[TRAP]: ${trap.message}`)]
  if (lines.length === 0) return
  const records = [...canister.logs]
  const limit = Number(canister.settings.logMemoryLimit)
  for (const line of lines) {
    records.push({ index: canister.nextLogIndex++, timestampNs: run.timeNs, content: line.slice(0, limit) })
  }
  canister.logs = records
  trimLogs(canister)
}

/** Keeps the newest logs that fit the canister's `log_memory_limit`. */
export function trimLogs(canister: Canister): void {
  const limit = Number(canister.settings.logMemoryLimit)
  let bytes = 0
  let first = canister.logs.length
  while (first > 0) {
    bytes += (canister.logs[first - 1]?.content.length ?? 0) + LOG_RECORD_BYTES
    if (bytes > limit) break
    first--
  }
  canister.logs = canister.logs.slice(first)
  canister.unsaved.logs = true
}
