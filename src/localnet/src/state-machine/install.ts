import { InvalidModule } from '../contracts.ts'
import { ExecutionTrap, trapOf } from '../system-api/execution-trap.ts'
import { MODE, type Mode } from '../system-api/modes.ts'
import { executionReserve, INSTRUCTION_LIMIT } from '../system-api/prices.ts'
import { newRun, type Run } from '../system-api/run.ts'
import { STABLE_BYTES_PER_MESSAGE, StableMemory } from '../system-api/stable-memory.ts'
import { addHistory, type Canister, type HistoryEntry, type Key, missingCycles } from './canister.ts'
import { abandonContexts } from './contexts.ts'
import {
  account,
  addLogs,
  commitMemory,
  enterWithFaults,
  growthTrap,
  heapLimitTrap,
  memoryLimitTrap,
  viewOf,
} from './execution.ts'
import { type Code, Instance } from './instance.ts'
import { outOfCycles, Refusal, trapReject } from './rejects.ts'
import { codeOf, nextTime, touchFacts, type World } from './world.ts'

export type InstallMode =
  | { readonly kind: 'install' | 'reinstall' }
  | { readonly kind: 'upgrade'; readonly skipPreUpgrade: boolean; readonly persistence: 'keep' | 'replace' | null }

export interface Installation {
  readonly mode: InstallMode
  readonly module: Uint8Array
  readonly arg: Uint8Array
  readonly caller: Uint8Array
  readonly origin: HistoryEntry['origin']
}

const KEEP_SECTION = 'enhanced-orthogonal-persistence'

/**
 * Installs, reinstalls or upgrades as one step: after any failure the canister is as it was, but for the cycles and the log.
 *
 * @throws Refusal
 */
export function installCode(
  world: World,
  canister: Canister,
  { mode, module, arg, caller, origin }: Installation,
): void {
  const previous = canister.instance
  if (mode.kind === 'install' && previous !== null) {
    throw new Refusal(
      'IC0514',
      `Canister ${canister.text} cannot be installed because the canister is not empty. Try installing with mode='reinstall' instead.`,
    )
  }
  if (mode.kind === 'upgrade' && previous === null) {
    throw new Refusal(
      'IC0537',
      `Error from Canister ${canister.text}: Attempted to upgrade a canister that contains no Wasm module.`,
    )
  }
  const code = compile(world, canister, module)
  const keepsHeap = mode.kind === 'upgrade' && checkPersistence(canister, previous, code, mode.persistence)
  const reserve = executionReserve(INSTRUCTION_LIMIT.install)
  const missing = missingCycles(canister, reserve)
  if (missing > 0n) {
    dropUnusedModules(world)
    const { errorCode, message } = outOfCycles(canister.text, missing)
    throw new Refusal(errorCode, message)
  }
  canister.cycles -= reserve

  const stable = mode.kind === 'upgrade' && previous !== null ? previous.stable : new StableMemory()
  const steps = new Steps(world, canister, caller, arg)
  try {
    if (mode.kind === 'upgrade' && previous !== null && !mode.skipPreUpgrade) {
      steps.run(previous, MODE.preUpgrade, 'canister_pre_upgrade', previous.entry('canister_pre_upgrade'))
    }
    const instance = steps.instantiate(code, stable)
    if (keepsHeap && previous !== null) instance.keepHeapOf(previous)
    canister.version += 1n
    try {
      const hook = mode.kind === 'upgrade' ? 'canister_post_upgrade' : 'canister_init'
      if (!keepsHeap) steps.run(instance, MODE.start, 'start', instance.start())
      steps.run(instance, MODE.init, hook, instance.entry(hook))
    } catch (error) {
      canister.version -= 1n
      throw error
    }
    adopt(canister, previous, instance, mode.kind)
    steps.settle(true)
  } catch (error) {
    previous?.rollback()
    steps.settle(false)
    touchFacts(world, canister)
    if (error instanceof ExecutionTrap) {
      const { errorCode, message } = trapReject(canister.text, error)
      throw new Refusal(errorCode, message)
    }
    throw error
  } finally {
    canister.cycles += reserve - steps.cost
    dropUnusedModules(world)
  }
  canister.lastInstalledNs = steps.timeNs
  addHistory(canister, {
    timestampNs: steps.timeNs,
    version: canister.version,
    origin,
    details: { kind: 'codeDeployment', mode: mode.kind, moduleHash: code.prepared.moduleHash },
  })
  touchFacts(world, canister)
}

/** Code, heap, stable memory, certified data, chunks, timer and logs go; open calls are rejected. */
export function uninstallCode(world: World, canister: Canister, origin: HistoryEntry['origin']): void {
  forgetMemory(canister)
  canister.instance = null
  canister.certifiedData = new Uint8Array(0)
  canister.globalTimerNs = 0n
  clearLogs(canister)
  for (const hash of canister.chunks.keys()) canister.unsaved.chunks.add(hash)
  canister.chunks.clear()
  abandonContexts(world, canister)
  canister.version += 1n
  addHistory(canister, {
    timestampNs: nextTime(world),
    version: canister.version,
    origin,
    details: { kind: 'codeUninstall' },
  })
  touchFacts(world, canister)
  dropUnusedModules(world)
}

export function dropUnusedModules(world: World): void {
  const used = new Set<Code>()
  const kept = new Set<Key>()
  for (const { instance, snapshots } of world.canisters.values()) {
    if (instance !== null) used.add(instance.code)
    for (const { moduleHash } of snapshots.values()) if (moduleHash !== null) kept.add(moduleHash)
  }
  for (const [hash, { code }] of world.modules) {
    if (used.has(code) || kept.has(hash)) continue
    world.modules.delete(hash)
    world.unsaved.modules.add(hash)
  }
}

function compile(world: World, canister: Canister, module: Uint8Array): Code {
  try {
    return codeOf(world, module).code
  } catch (error) {
    if (!(error instanceof InvalidModule)) throw error
    throw new Refusal(
      'IC0505',
      `Error from Canister ${canister.text}: Canister's Wasm module is not valid: ${error.message}`,
    )
  }
}

/** @returns whether the heap is kept. interface specification, "IC method `install_code`", `wasm_memory_persistence` */
function checkPersistence(
  canister: Canister,
  previous: Instance | null,
  next: Code,
  persistence: 'keep' | 'replace' | null,
): boolean {
  const has = (code: Code | undefined) =>
    code?.prepared.customSections.some(({ name, visibility }) => name === KEEP_SECTION && visibility === 'private') ??
    false
  const refuse = (why: string) => new Refusal('IC0505', `Error from Canister ${canister.text}: ${why}`)
  if (persistence === 'keep' && !has(next)) {
    throw refuse(
      'Missing upgrade option: The Wasm memory can only be kept by a module with enhanced orthogonal persistence.',
    )
  }
  if (persistence === null && has(previous?.code)) {
    throw refuse(
      'Missing upgrade option: Enhanced orthogonal persistence requires the `wasm_memory_persistence` upgrade option.',
    )
  }
  return persistence === 'keep'
}

function adopt(canister: Canister, previous: Instance | null, instance: Instance, mode: InstallMode['kind']): void {
  if (mode === 'reinstall' || mode === 'install') {
    forgetMemory(canister)
    if (mode === 'reinstall') clearLogs(canister)
    canister.certifiedData = new Uint8Array(0)
  } else if (previous !== null) instance.succeed(previous)
  canister.instance = instance
  canister.globalTimerNs = 0n
}

/** What is stored of heap and stable memory has to go, unless something new comes in its place. */
export function forgetMemory(canister: Canister): void {
  const { instance } = canister
  if (instance === null) return
  for (const page of instance.storedPages()) canister.unsaved.heap.add(page)
  for (const block of instance.stable.blocks.keys()) canister.unsaved.stable.add(block)
}

function clearLogs(canister: Canister): void {
  canister.logs = []
  canister.unsaved.logs = true
}

function instantiated(code: Code, stable: StableMemory): Instance {
  try {
    return new Instance(code, stable)
  } catch (error) {
    throw trapOf(error, false)
  }
}

/** The entry points of one installation share a budget, a time and their effects; those count all or not at all. */
class Steps {
  readonly timeNs: bigint
  cost = 0n
  readonly #world: World
  readonly #canister: Canister
  readonly #caller: Uint8Array
  readonly #arg: Uint8Array
  #used = 0
  #last: Instance | null = null
  #runs: { readonly run: Run; trap: ExecutionTrap | null }[] = []

  constructor(world: World, canister: Canister, caller: Uint8Array, arg: Uint8Array) {
    this.#world = world
    this.#canister = canister
    this.#caller = caller
    this.#arg = arg
    this.timeNs = nextTime(world)
  }

  /** @throws ExecutionTrap for data or elements outside the module's own memory and table, or too large a memory. */
  instantiate(code: Code, stable: StableMemory): Instance {
    const instance = instantiated(code, stable)
    const trap = heapLimitTrap(this.#canister, instance)
    if (trap !== null) throw trap
    return instance
  }

  /** @throws ExecutionTrap */
  run(instance: Instance, mode: Mode, entry: string, body: (() => void) | undefined): void {
    this.#last = instance
    if (body === undefined) return
    instance.renewTables()
    const canister = this.#canister
    const before = this.#runs.at(-1)?.run
    const run = newRun({
      mode,
      canister: viewOf(this.#world, canister),
      caller: this.#caller,
      timeNs: this.timeNs,
      data: this.#arg,
      instructionLimit: INSTRUCTION_LIMIT.install,
      stableBytesMax: STABLE_BYTES_PER_MESSAGE.install,
      balance: before?.balance ?? canister.cycles,
      // Installing clears the timer, whatever pre-upgrade has set.
      globalTimerNs: mode === MODE.preUpgrade ? canister.globalTimerNs : 0n,
      certifiedData: before?.certifiedData ?? null,
    })
    const budget = INSTRUCTION_LIMIT.install - this.#used
    const ended = enterWithFaults(this.#world, canister, instance, run, entry, budget, body)
    this.#used += ended.instructions
    const trap = ended.trap ?? memoryLimitTrap(canister, instance, run) ?? growthTrap(canister, instance, run)
    this.#runs.push({ run, trap })
    const cost = account(this.#world, canister, run, entry, ended.instructions, instance.stable.changedBlocks)
    this.cost += cost
    canister.consumed.instructions += cost
    if (trap !== null) throw trap
  }

  settle(succeeded: boolean): void {
    const canister = this.#canister
    const last = this.#runs.at(-1)?.run
    if (succeeded) {
      if (this.#last !== null) commitMemory(canister, this.#last)
      if (last !== undefined) {
        canister.cycles = last.balance
        for (const { run } of this.#runs) canister.consumed.burned += run.burned
        if (last.mode === MODE.init) canister.globalTimerNs = last.globalTimerNs
        if (last.certifiedData !== null) canister.certifiedData = last.certifiedData
      }
    }
    for (const { run, trap } of this.#runs) addLogs(canister, run, trap)
  }
}
