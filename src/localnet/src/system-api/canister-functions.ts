import { liquid } from './call-functions.ts'
import { amount, long, offsets, type SystemFunction, words } from './define.ts'
import { calledTrap, contractViolation } from './execution-trap.ts'
import type { Host } from './host.ts'
import { narrow } from './message-functions.ts'
import {
  ALL_MODES,
  ANY_MODE,
  BURNING,
  CERTIFYING,
  PAYING,
  REPLICATED,
  ROOT_KEY,
  SETTING_TIMER,
  WITH_CERTIFICATE,
} from './modes.ts'
import { SUBNET_NODES } from './prices.ts'
import { stableAccessLimit } from './stable-memory.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** What a log record counts for beside its content: index and time. */
export const LOG_RECORD_BYTES = 16
/** rkp4c-7iaaa-aaaaa-aaaca-cai */
const CYCLES_MINTER = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 4, 1, 1)
const CERTIFIED_DATA_BYTES_MAX = 32
/** Longer than any reject message; a canister can name gigabytes here. */
const TRAP_MESSAGE_BYTES_MAX = 16 * 1024
const PRINCIPAL_BYTES_MAX = 29
const ENVIRONMENT_NAME_BYTES_MAX = 128
const LOG_OUT_OF_BOUNDS = encoder.encode('(debug_print message out of memory bounds)')

/** The canister's own facts: identity, cycles, time, certified data. */
const FACTS: readonly SystemFunction[] = [
  words('canister_self_size', 0, 'i32', ANY_MODE, ({ run }) => run.canister.id.length),
  words('canister_self_copy', 3, null, ANY_MODE, (host, address = 0, offset = 0, size = 0) => {
    host.copyOut('canister_self_copy', host.run.canister.id, address, offset, size)
  }),
  words('subnet_self_size', 0, 'i32', ANY_MODE, ({ run }) => run.canister.subnetId.length),
  words('subnet_self_copy', 3, null, ANY_MODE, (host, address = 0, offset = 0, size = 0) => {
    host.copyOut('subnet_self_copy', host.run.canister.subnetId, address, offset, size)
  }),
  words('subnet_self_node_count', 0, 'i32', ANY_MODE, () => SUBNET_NODES),
  words('root_key_size', 0, 'i32', ROOT_KEY, ({ run }) => run.canister.rootKeyDer.length),
  words('root_key_copy', 3, null, ROOT_KEY, (host, address = 0, offset = 0, size = 0) => {
    host.copyOut('root_key_copy', host.run.canister.rootKeyDer, address, offset, size)
  }),
  words('canister_status', 0, 'i32', ANY_MODE, ({ run }) => run.canister.statusCode),
  words('canister_version', 0, 'i64', ANY_MODE, ({ run }) => run.canister.version),
  words('canister_cycle_balance128', 1, null, ANY_MODE, (host, target = 0) => {
    host.writeU128('canister_cycle_balance128', target, host.run.balance)
  }),
  words('canister_cycle_balance', 0, 'i64', ANY_MODE, ({ run }) => narrow('canister_cycle_balance', run.balance)),
  words('canister_liquid_cycle_balance128', 1, null, ANY_MODE, (host, target = 0) => {
    host.writeU128('canister_liquid_cycle_balance128', target, liquid(host.run))
  }),
  amount('cycles_burn128', true, BURNING, (host, cycles, target) => {
    const burned = cycles < liquid(host.run) ? cycles : liquid(host.run)
    host.run.balance -= burned
    host.run.burned += burned
    host.writeU128('cycles_burn128', target, burned)
  }),
  amount('mint_cycles128', true, PAYING, (host, cycles, target) => {
    const { run } = host
    if (Buffer.compare(run.canister.id, CYCLES_MINTER) !== 0) {
      throw contractViolation(
        'ic0.mint_cycles128 cannot be executed on a canister other than the Cycles Minting Canister',
      )
    }
    run.balance += cycles
    host.writeU128('mint_cycles128', target, cycles)
  }),
  words('time', 0, 'i64', ANY_MODE, ({ run }) => run.timeNs),
  long('global_timer_set', 'i64', SETTING_TIMER, ({ run }, timestampNs) => {
    const previous = run.globalTimerNs
    run.globalTimerNs = timestampNs
    return previous
  }),
  words('performance_counter', 1, 'i64', ALL_MODES, performanceCounter, 200),
  words(
    'is_controller',
    2,
    'i32',
    ALL_MODES,
    (host, source = 0, size = 0) => {
      if (size > PRINCIPAL_BYTES_MAX) {
        throw contractViolation(`ic0.is_controller: a principal of ${size} bytes is too long`)
      }
      const principal = host.readHeap('is_controller', source, size)
      return host.run.canister.controllers.some((controller) => Buffer.compare(controller, principal) === 0) ? 1 : 0
    },
    1000,
  ),
  words('in_replicated_execution', 0, 'i32', ALL_MODES, ({ run }) => ((run.mode & REPLICATED) === 0 ? 0 : 1)),
  words('certified_data_set', 2, null, CERTIFYING, (host, source = 0, size = 0) => {
    if (size > CERTIFIED_DATA_BYTES_MAX) {
      throw contractViolation(`ic0.certified_data_set: ${size} bytes are more than ${CERTIFIED_DATA_BYTES_MAX}`)
    }
    host.run.certifiedData = host.readHeap('certified_data_set', source, size)
  }),
  words('data_certificate_present', 0, 'i32', ANY_MODE, ({ run }) => (run.certificate === null ? 0 : 1)),
  words('data_certificate_size', 0, 'i32', WITH_CERTIFICATE, (host) => certificate(host).length),
  words('data_certificate_copy', 3, null, WITH_CERTIFICATE, (host, address = 0, offset = 0, size = 0) => {
    host.copyOut('data_certificate_copy', certificate(host), address, offset, size)
  }),
]

const STABLE_PRICE = 20

/** Stable memory, in its 64-bit form and in the legacy one that sees 4 GiB. */
const STABLE: readonly SystemFunction[] = [
  words('stable64_size', 0, 'i64', ALL_MODES, ({ stable }) => BigInt(stable.pages), STABLE_PRICE),
  offsets('stable64_grow', ['i64'], 'i64', ALL_MODES, ({ stable }, pages = 0) => BigInt(stable.grow(pages)), 100),
  offsets('stable64_write', ['i64', 'i64', 'i64'], null, ALL_MODES, stableWrite('stable64_write'), STABLE_PRICE),
  offsets('stable64_read', ['i64', 'i64', 'i64'], null, ALL_MODES, stableRead('stable64_read'), STABLE_PRICE),
  words(
    'stable_size',
    0,
    'i32',
    ALL_MODES,
    ({ stable }) => {
      stable.assertLegacy()
      return stable.pages
    },
    STABLE_PRICE,
  ),
  words('stable_grow', 1, 'i32', ALL_MODES, ({ stable }, pages = 0) => stable.growLegacy(pages), 100),
  words(
    'stable_write',
    3,
    null,
    ALL_MODES,
    (host, offset = 0, source = 0, size = 0) => {
      host.stable.assertLegacy()
      stableWrite('stable_write')(host, offset, source, size)
    },
    STABLE_PRICE,
  ),
  words(
    'stable_read',
    3,
    null,
    ALL_MODES,
    (host, target = 0, offset = 0, size = 0) => {
      host.stable.assertLegacy()
      stableRead('stable_read')(host, target, offset, size)
    },
    STABLE_PRICE,
  ),
]

const ENVIRONMENT: readonly SystemFunction[] = [
  words('env_var_count', 0, 'i32', ANY_MODE, ({ run }) => run.canister.environment.length),
  words(
    'env_var_name_size',
    1,
    'i32',
    ANY_MODE,
    (host, index = 0) => environmentName('env_var_name_size', host, index).length,
  ),
  words('env_var_name_copy', 4, null, ANY_MODE, (host, index = 0, address = 0, offset = 0, size = 0) => {
    host.copyOut('env_var_name_copy', environmentName('env_var_name_copy', host, index), address, offset, size)
  }),
  words('env_var_name_exists', 2, 'i32', ANY_MODE, (host, source = 0, size = 0) =>
    environmentValue('env_var_name_exists', host, source, size) === null ? 0 : 1,
  ),
  words(
    'env_var_value_size',
    2,
    'i32',
    ANY_MODE,
    (host, source = 0, size = 0) => knownValue('env_var_value_size', host, source, size).length,
  ),
  words('env_var_value_copy', 5, null, ANY_MODE, (host, source = 0, size = 0, address = 0, offset = 0, length = 0) => {
    host.copyOut('env_var_value_copy', knownValue('env_var_value_copy', host, source, size), address, offset, length)
  }),
]

const SPEECH: readonly SystemFunction[] = [
  words('debug_print', 2, null, ALL_MODES, debugPrint, 100),
  words('trap', 2, null, ALL_MODES, (host, source = 0, size = 0) => {
    host.checkHeap('trap', source, size)
    host.charge(size)
    throw calledTrap(decoder.decode(host.heap.slice(source, source + Math.min(size, TRAP_MESSAGE_BYTES_MAX))))
  }),
]

export const CANISTER_FUNCTIONS: readonly SystemFunction[] = [...FACTS, ...STABLE, ...ENVIRONMENT, ...SPEECH]

function performanceCounter(host: Host, type = 0): bigint {
  const used = host.run.instructionLimit - host.remaining()
  if (type === 0) return BigInt(used)
  if (type === 1) return BigInt(used + host.run.contextInstructions)
  throw contractViolation(`ic0.performance_counter: there is no counter of type ${type}`)
}

function certificate({ run }: Host): Uint8Array {
  if (run.certificate === null) throw contractViolation('ic0.data_certificate: there is no certificate in this context')
  return run.certificate()
}

function stableWrite(name: string) {
  return (host: Host, offset = 0, source = 0, size = 0): void => {
    countStable(host, name, source, size)
    host.stable.write(offset, host.heap, source, size)
  }
}

function stableRead(name: string) {
  return (host: Host, target = 0, offset = 0, size = 0): void => {
    countStable(host, name, target, size)
    host.stable.read(offset, host.heap, target, size)
  }
}

function countStable(host: Host, name: string, address: number, size: number): void {
  host.checkHeap(name, address, size)
  host.charge(size)
  host.run.stableBytes += size
  if (host.run.stableBytes > host.run.stableBytesMax) throw stableAccessLimit()
}

function environmentName(name: string, host: Host, index: number): Uint8Array {
  const variable = host.run.canister.environment[index]
  if (variable === undefined) throw contractViolation(`ic0.${name}: there is no environment variable number ${index}`)
  return encoder.encode(variable.name)
}

function environmentValue(name: string, host: Host, source: number, size: number): Uint8Array | null {
  if (size > ENVIRONMENT_NAME_BYTES_MAX) {
    throw contractViolation(`ic0.${name}: a name of ${size} bytes is longer than ${ENVIRONMENT_NAME_BYTES_MAX}`)
  }
  const wanted = host.readText(name, source, size)
  const variable = host.run.canister.environment.find((candidate) => candidate.name === wanted)
  return variable === undefined ? null : encoder.encode(variable.value)
}

function knownValue(name: string, host: Host, source: number, size: number): Uint8Array {
  const value = environmentValue(name, host, source, size)
  if (value === null) throw contractViolation(`ic0.${name}: there is no environment variable of that name`)
  return value
}

/** Never traps: a bad address is logged as such. */
function debugPrint(host: Host, source = 0, size = 0): void {
  const { heap, run } = host
  const capacity = run.canister.logBytesMax
  host.charge(2 * Math.min(size, capacity) + 50 * Math.max(0, size - capacity))
  const inBounds = source + size <= heap.length
  const line = inBounds ? heap.slice(source, source + Math.min(size, capacity)) : LOG_OUT_OF_BOUNDS
  run.logs.push(line)
  run.logBytes += line.length + LOG_RECORD_BYTES
  // What no log can hold any more need not be remembered until the message ends.
  if (run.logBytes <= 2 * capacity + LOG_RECORD_BYTES) return
  while (run.logBytes > capacity && run.logs.length > 1)
    run.logBytes -= (run.logs.shift()?.length ?? 0) + LOG_RECORD_BYTES
}
