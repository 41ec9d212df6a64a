import { Principal } from '@dfinity/principal'
import type { Reject } from '../contracts.ts'
import type { GenesisCanister } from '../native/index.ts'
import {
  addHistory,
  type Canister,
  DEFAULT_SETTINGS,
  idOf,
  type Key,
  keyOf,
  missingCycles,
  newCanister,
  newConsumption,
  newQueryStats,
  type Settings,
} from '../state-machine/canister.ts'
import { trimLogs } from '../state-machine/execution.ts'
import { EMPTY_REPLY, settleStop } from '../state-machine/contexts.ts'
import { canistersOn, homeOf, nextCanisterId, subnetById } from '../state-machine/homes.ts'
import { installCode, uninstallCode } from '../state-machine/install.ts'
import { notFound, principalText, reject, Refusal } from '../state-machine/rejects.ts'
import { forgetCanister } from '../state-machine/saved-state.ts'
import { addDeadline, nextTime, respond, touch, touchFacts, type World } from '../state-machine/world.ts'
import { canisterNumberOf, holds } from '../subnets/index.ts'
import { CREATE_CANISTER_CYCLES, DEFAULT_CANISTER_CYCLES } from '../system-api/prices.ts'
import { representationHash } from '../certificates/index.ts'
import { canisterAt, historyOrigin, isSelf, type ManagementCall } from './call.ts'
import {
  type CanisterIdArgs,
  type CreateCanisterArgs,
  encodeResult,
  type ProvisionalCreateArgs,
  RESULTS,
  type TopUpArgs,
  type UpdateSettingsArgs,
} from './candid.ts'
import { changedSettings } from './settings.ts'

const STOP_TIMEOUT_NS = 300_000_000_000n

export function createCanister(world: World, call: ManagementCall, args: CreateCanisterArgs): Uint8Array {
  requireOwnSubnet(world, call)
  if (call.cycles < CREATE_CANISTER_CYCLES) {
    throw new Refusal(
      'IC0403',
      `Creating a canister requires a fee of ${CREATE_CANISTER_CYCLES} that is deducted from the canister's initial balance but only ${call.cycles} cycles were received with the create_canister request.`,
    )
  }
  const settings = firstSettings(call, args)
  const reply = create(world, call, nextId(world, call), settings, call.cycles - CREATE_CANISTER_CYCLES, args)
  call.cycles = 0n
  return reply
}

export function provisionalCreate(world: World, call: ManagementCall, args: ProvisionalCreateArgs): Uint8Array {
  const settings = firstSettings(call, args)
  const [specified] = args.specified_id
  const key = specified === undefined ? nextId(world, call) : specifiedId(world, call, specified)
  return create(world, call, key, settings, args.amount[0] ?? DEFAULT_CANISTER_CYCLES, args)
}

function firstSettings(call: ManagementCall, args: CreateCanisterArgs): Settings {
  return changedSettings({ ...DEFAULT_SETTINGS, controllers: [call.caller] }, args.settings[0])
}

const environmentHash = ({ environment }: Settings): Uint8Array =>
  representationHash(new Map(environment.map(({ name, value }) => [name, value])))

/** Cores for compute allocations, as a subnet of the network has them to give. */
const COMPUTE_PERCENT_MAX = 300n

/** @throws Refusal for an allocation that the subnet or the canister's cycles cannot bear. */
function requireAllocations(
  world: World,
  canister: Canister,
  wanted: Settings,
  { computeAllocation, memoryAllocation }: Pick<Settings, 'computeAllocation' | 'memoryAllocation'>,
): void {
  const others = canistersOn(world, homeOf(world, canister.id)).filter((other) => other !== canister)
  const taken = others.reduce((sum, { settings }) => sum + settings.computeAllocation, 0n)
  if (taken + wanted.computeAllocation > COMPUTE_PERCENT_MAX) {
    throw new Refusal(
      'IC0101',
      `Canister requested a compute allocation of ${wanted.computeAllocation}% which cannot be satisfied because the Subnet's remaining compute capacity is ${COMPUTE_PERCENT_MAX - taken}%.`,
    )
  }
  const missing = missingCycles({ ...canister, settings: wanted }, 0n)
  if (missing === 0n) return
  const more = `due to insufficient cycles. At least ${missing} additional cycles are required.`
  if (wanted.computeAllocation > computeAllocation) {
    throw new Refusal('IC0530', `Cannot increase compute allocation to ${wanted.computeAllocation} ${more}`)
  }
  if (wanted.memoryAllocation > memoryAllocation) {
    throw new Refusal('IC0531', `Cannot increase memory allocation to ${wanted.memoryAllocation} ${more}`)
  }
}

/** A canister creates others on its own subnet; only those of the root subnet, such as ledgers, on any. @throws Refusal (IC0406) */
function requireOwnSubnet(world: World, { caller, fromCanister, subnetId }: ManagementCall): void {
  const home = homeOf(world, caller)
  if (!fromCanister || home === subnetById(world, subnetId) || home === world.options.topology[0]) return
  throw new Refusal(
    'IC0406',
    `Canister ${principalText(caller)} cannot create a canister on another subnet than its own.`,
  )
}

/** @throws Refusal (IC0102) */
function nextId(world: World, { subnetId }: ManagementCall): Key {
  const subnet = subnetById(world, subnetId)
  const id = nextCanisterId(world, subnet)
  if (id !== null) return keyOf(id)
  throw new Refusal('IC0102', `The subnet ${principalText(subnet.id)} has no canister id left.`)
}

function specifiedId(world: World, { subnetId }: ManagementCall, id: Principal): Key {
  const bytes = id.toUint8Array()
  const key = keyOf(bytes)
  if (canisterNumberOf(bytes) === null || !holds(subnetById(world, subnetId), bytes)) {
    throw new Refusal(
      'IC0408',
      `The specified_id ${id.toText()} is invalid because it is not in the range of this subnet.`,
    )
  }
  if (world.canisters.has(key) || world.deletedIds.has(key)) {
    throw new Refusal('IC0408', `The specified_id ${id.toText()} is already in use.`)
  }
  return key
}

/** A canister of the network itself. It has no controllers, so that nobody can stop or change it. */
export function createGenesis(world: World, { canisterId, module, cycles }: GenesisCanister): void {
  const nobody = new Uint8Array(0)
  const origin = { kind: 'task' } as const
  const call: ManagementCall = { caller: nobody, fromCanister: false, origin, cycles: 0n, senderVersion: null }
  create(world, call, keyOf(canisterId), { ...DEFAULT_SETTINGS, controllers: [] }, cycles, {
    settings: [],
    sender_canister_version: [],
  })
  installCode(world, canisterAt(world, canisterId), {
    mode: { kind: 'install' },
    module,
    arg: nobody,
    caller: nobody,
    origin: historyOrigin(call),
  })
}

function create(
  world: World,
  call: ManagementCall,
  key: Key,
  settings: Settings,
  cycles: bigint,
  { settings: [given] }: CreateCanisterArgs,
): Uint8Array {
  const timeNs = nextTime(world)
  const canister = newCanister(idOf(key), {
    status: 'running',
    stops: [],
    version: 0n,
    cycles,
    certifiedData: new Uint8Array(0),
    globalTimerNs: 0n,
    lastHeartbeatNs: 0n,
    nextLogIndex: 0n,
    lowMemory: 'no',
    chargedNs: timeNs,
    consumed: newConsumption(),
    queryStats: newQueryStats(),
    createdNs: timeNs,
    lastInstalledNs: 0n,
    settings,
    history: [],
    totalChanges: 0n,
    snapshotsMade: 0,
  })
  requireAllocations(world, canister, settings, DEFAULT_SETTINGS)
  world.canisters.set(key, canister)
  addHistory(canister, {
    timestampNs: timeNs,
    version: 0n,
    origin: historyOrigin(call),
    details: {
      kind: 'creation',
      controllers: settings.controllers,
      ...(given?.environment_variables[0] === undefined ? {} : { environmentHash: environmentHash(settings) }),
    },
  })
  touchFacts(world, canister)
  return encodeResult(RESULTS.CanisterId, { canister_id: Principal.fromUint8Array(canister.id) })
}

export function topUp(world: World, _call: ManagementCall, args: TopUpArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  canister.cycles += args.amount
  touch(world, canister)
  return EMPTY_REPLY
}

export function depositCycles(world: World, call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  canister.cycles += call.cycles
  call.cycles = 0n
  touch(world, canister)
  return EMPTY_REPLY
}

export function updateSettings(world: World, call: ManagementCall, args: UpdateSettingsArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  const settings = changedSettings(canister.settings, args.settings)
  requireAllocations(world, canister, settings, canister.settings)
  canister.settings = settings
  trimLogs(canister)
  canister.version += 1n
  if (args.settings.controllers.length > 0) {
    addHistory(canister, {
      timestampNs: nextTime(world),
      version: canister.version,
      origin: historyOrigin(call),
      details: { kind: 'controllersChange', controllers: canister.settings.controllers },
    })
  }
  touchFacts(world, canister)
  return EMPTY_REPLY
}

export function startCanister(world: World, _call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  if (canister.status !== 'running') {
    answerStops(world, canister, reject('IC0511', `Canister ${canister.text}'s stop request was cancelled.`))
    canister.status = 'running'
    canister.version += 1n
    touch(world, canister)
  }
  return EMPTY_REPLY
}

/** @returns null when the answer comes later, after the last open call context. */
export function stopCanister(world: World, call: ManagementCall, args: CanisterIdArgs): Uint8Array | null {
  const canister = canisterAt(world, args.canister_id)
  if (canister.status === 'stopped') return EMPTY_REPLY
  if (canister.status === 'running') {
    canister.status = 'stopping'
    canister.version += 1n
  }
  const deadlineNs = nextTime(world) + STOP_TIMEOUT_NS
  canister.stops = [...canister.stops, { origin: call.origin, refund: call.cycles, deadlineNs }]
  addDeadline(world, { atNs: deadlineNs, canister: canister.key, callbackId: null })
  touch(world, canister)
  settleStop(world, canister)
  return null
}

export function deleteCanister(world: World, call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  if (isSelf(canister, call.caller)) throw new Refusal('IC0512', `Canister ${canister.text} cannot delete itself.`)
  if (canister.status !== 'stopped') {
    throw new Refusal('IC0510', `Canister ${canister.text} must be stopped before it is deleted.`)
  }
  uninstallCode(world, canister, historyOrigin(call))
  const gone = { kind: 'reject', reject: notFound(canister.text) } as const
  for (const [number, message] of canister.queue) {
    if (message.kind === 'call') respond(world, message.origin, gone, message.cycles)
    canister.unsaved.messages.add(number)
  }
  canister.queue.clear()
  forgetCanister(world, canister)
  return EMPTY_REPLY
}

function answerStops(world: World, canister: Canister, reason: Reject): void {
  for (const { origin, refund } of canister.stops) respond(world, origin, { kind: 'reject', reject: reason }, refund)
  canister.stops = []
}
