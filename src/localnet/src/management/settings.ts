import { Principal } from '@dfinity/principal'
import type { Settings, Visibility } from '../state-machine/canister.ts'
import { Refusal } from '../state-machine/rejects.ts'
import type { SettingsArgs, VisibilityValue } from './candid.ts'

const CONTROLLERS_MAX = 10
const VARIABLES_MAX = 20
const VARIABLE_BYTES_MAX = 128
const VIEWERS_MAX = 10
const LOG_BYTES_MIN = 4096n
const LOG_BYTES_MAX = 2n * 1024n * 1024n
const HEAP_LIMIT_MAX = 1n << 48n
const U128_MAX = (1n << 128n) - 1n
const U64_MAX = (1n << 64n) - 1n

/** The settings with what `args` names replaced. @throws Refusal for values out of range. */
export function changedSettings(current: Settings, args: SettingsArgs | undefined): Settings {
  if (args === undefined) return current
  const controllers = args.controllers[0]?.map((principal) => principal.toUint8Array())
  if (controllers !== undefined && controllers.length > CONTROLLERS_MAX) {
    throw new Refusal(
      'IC0408',
      `Error decoding candid: the number of controllers exceeds maximum allowed ${CONTROLLERS_MAX}`,
    )
  }
  return {
    controllers: controllers === undefined ? current.controllers : distinct(controllers),
    computeAllocation: bounded('compute_allocation', args.compute_allocation, 100n) ?? current.computeAllocation,
    memoryAllocation: bounded('memory_allocation', args.memory_allocation, U64_MAX) ?? current.memoryAllocation,
    freezingThreshold: bounded('freezing_threshold', args.freezing_threshold, U64_MAX) ?? current.freezingThreshold,
    reservedCyclesLimit:
      bounded('reserved_cycles_limit', args.reserved_cycles_limit, U128_MAX) ?? current.reservedCyclesLimit,
    minimumIncomingCallCycles:
      bounded('minimum_incoming_canister_call_cycles', args.minimum_incoming_canister_call_cycles, U128_MAX) ??
      current.minimumIncomingCallCycles,
    wasmMemoryLimit: bounded('wasm_memory_limit', args.wasm_memory_limit, HEAP_LIMIT_MAX) ?? current.wasmMemoryLimit,
    logMemoryLimit: logLimit(args.log_memory_limit[0]) ?? current.logMemoryLimit,
    wasmMemoryThreshold:
      bounded('wasm_memory_threshold', args.wasm_memory_threshold, HEAP_LIMIT_MAX) ?? current.wasmMemoryThreshold,
    logVisibility: visibility(args.log_visibility[0]) ?? current.logVisibility,
    snapshotVisibility: visibility(args.snapshot_visibility[0]) ?? current.snapshotVisibility,
    statusVisibility: visibility(args.status_visibility[0]) ?? current.statusVisibility,
    environment: checkedVariables(args.environment_variables[0]) ?? current.environment,
  }
}

export function visibilityValue(visibility: Visibility): VisibilityValue {
  switch (visibility.kind) {
    case 'controllers':
      return { controllers: null }
    case 'public':
      return { public: null }
    case 'viewers':
      return { allowed_viewers: visibility.viewers.map((viewer) => Principal.fromUint8Array(viewer)) }
  }
}

function visibility(value: VisibilityValue | undefined): Visibility | undefined {
  if (value === undefined) return undefined
  if ('controllers' in value) return { kind: 'controllers' }
  if ('public' in value) return { kind: 'public' }
  if (value.allowed_viewers.length > VIEWERS_MAX) {
    throw new Refusal('IC0408', `Error decoding candid: the number of viewers exceeds maximum allowed ${VIEWERS_MAX}`)
  }
  return { kind: 'viewers', viewers: value.allowed_viewers.map((viewer) => viewer.toUint8Array()) }
}

function bounded(name: string, value: [] | [bigint], max: bigint): bigint | undefined {
  const [given] = value
  if (given !== undefined && given > max) {
    throw new Refusal('IC0504', `Could not validate the settings: ${name} ${given} is larger than ${max}`)
  }
  return given
}

function logLimit(bytes: bigint | undefined): bigint | undefined {
  if (bytes === undefined || bytes === 0n) return bytes
  if (bytes < LOG_BYTES_MIN) {
    throw new Refusal(
      'IC0406',
      `The canister log memory limit ${bytes} is too low. It must be at least ${LOG_BYTES_MIN}.`,
    )
  }
  if (bytes > LOG_BYTES_MAX) {
    throw new Refusal(
      'IC0406',
      `The canister log memory limit ${bytes} is too high. It must be at most ${LOG_BYTES_MAX}.`,
    )
  }
  return bytes
}

function distinct(principals: readonly Uint8Array[]): readonly Uint8Array[] {
  return principals.filter(
    (principal, index) => principals.findIndex((other) => Buffer.compare(principal, other) === 0) === index,
  )
}

function checkedVariables(
  variables: { name: string; value: string }[] | undefined,
): Settings['environment'] | undefined {
  if (variables === undefined) return undefined
  const refuse = (why: string) => new Refusal('IC0408', `Invalid environment variables: ${why}`)
  if (variables.length > VARIABLES_MAX) throw refuse(`there are ${variables.length}, more than ${VARIABLES_MAX}`)
  if (new Set(variables.map(({ name }) => name)).size !== variables.length) throw refuse('a name stands twice')
  for (const { name, value } of variables) {
    if (Buffer.byteLength(name) > VARIABLE_BYTES_MAX || Buffer.byteLength(value) > VARIABLE_BYTES_MAX) {
      throw refuse(`names and values have at most ${VARIABLE_BYTES_MAX} bytes`)
    }
  }
  return variables.map(({ name, value }) => ({ name, value }))
}
