// Where each function of the System API may be called: interface specification, "Overview of imports", its last column.
import { invoke, program, type Program, store, type SystemFunctionName } from '@medguard/localnet/universal-canister'

/** The letters of the specification; TQ, the transform of an HTTP outcall, is tried by `outcalls.test.ts`. */
export const CONTEXTS = ['I', 'G', 'U', 'RQ', 'NRQ', 'CQ', 'Ry', 'Rt', 'CRy', 'CRt', 'C', 'CC', 'F', 'T', 's'] as const
export type Context = (typeof CONTEXTS)[number] | 'TQ'

const EVERYWHERE = 'I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T'
const WITH_START = `${EVERYWHERE} s`
const ANSWERING = 'U RQ NRQ TQ CQ Ry Rt CRy CRt'
const CALLING = 'U CQ Ry Rt CRy CRt T'
const ABOUT_CALLER = 'U RQ NRQ CQ Ry Rt CRy CRt C CC F'
const ARGUMENT = 'I U RQ NRQ TQ CQ Ry CRy F'
const SPENDING = 'I G U RQ Ry Rt C T'

const NAME_AT = 1024
const ID_AT = 1040
/** Ten zero bytes: as a principal, the id of a canister that is not there. */
const newCall = invoke('call_new', ID_AT, 10, NAME_AT, 1, 0, 0, 0, 0)
const text = store(NAME_AT, 'A')

interface Row {
  readonly contexts: string
  /** Operands with which an allowed call succeeds. */
  readonly operands: readonly (number | bigint)[]
  /** What must have happened before. */
  readonly before?: Program
}
const row = (contexts: string, operands: readonly (number | bigint)[] = [], before: Program = program()): Row => ({
  contexts,
  operands,
  before,
})
/** `dst`, `offset`, `size`: nothing is copied, which is legal for whatever there is. */
const COPY = [0, 0, 0]

/** In a canister with the environment variable `A`. */
export const TABLE: Readonly<Record<SystemFunctionName, Row>> = {
  msg_arg_data_size: row(ARGUMENT),
  msg_arg_data_copy: row(ARGUMENT, COPY),
  msg_caller_size: row(EVERYWHERE),
  msg_caller_copy: row(EVERYWHERE, COPY),
  msg_caller_info_data_size: row(ABOUT_CALLER),
  msg_caller_info_data_copy: row(ABOUT_CALLER, COPY),
  msg_caller_info_signer_size: row(ABOUT_CALLER),
  msg_caller_info_signer_copy: row(ABOUT_CALLER, COPY),
  msg_reject_code: row('Ry Rt CRy CRt C'),
  msg_reject_msg_size: row('Rt CRt'),
  msg_reject_msg_copy: row('Rt CRt', COPY),
  msg_deadline: row('U RQ NRQ CQ Ry Rt CRy CRt'),
  msg_reply_data_append: row(ANSWERING, [0, 0]),
  msg_reply: row(ANSWERING),
  msg_reject: row(ANSWERING, [0, 0]),
  msg_cycles_available128: row('U RQ Rt Ry', [0]),
  msg_cycles_refunded128: row('Rt Ry', [0]),
  msg_cycles_accept128: row('U RQ Rt Ry', [0n, 0n, 0]),
  msg_cycles_available: row('U RQ Rt Ry'),
  msg_cycles_refunded: row('Rt Ry'),
  msg_cycles_accept: row('U RQ Rt Ry', [0n]),
  cycles_burn128: row(SPENDING, [0n, 0n, 0]),
  canister_self_size: row(EVERYWHERE),
  canister_self_copy: row(EVERYWHERE, COPY),
  canister_cycle_balance128: row(EVERYWHERE, [0]),
  canister_cycle_balance: row(EVERYWHERE),
  canister_liquid_cycle_balance128: row(EVERYWHERE, [0]),
  canister_status: row(EVERYWHERE),
  canister_version: row(EVERYWHERE),
  subnet_self_size: row(EVERYWHERE),
  subnet_self_copy: row(EVERYWHERE, COPY),
  msg_method_name_size: row('F'),
  msg_method_name_copy: row('F', COPY),
  accept_message: row('F'),
  call_new: row(CALLING, [ID_AT, 10, NAME_AT, 1, 0, 0, 0, 0], text),
  call_on_cleanup: row(CALLING, [0, 0], program(text, newCall)),
  call_data_append: row(CALLING, [0, 0], program(text, newCall)),
  call_with_best_effort_response: row(CALLING, [10], program(text, newCall)),
  call_cycles_add128: row('U Ry Rt T', [0n, 0n], program(text, newCall)),
  call_cycles_add: row('U Ry Rt T', [0n], program(text, newCall)),
  call_perform: row(CALLING, [], program(text, newCall)),
  stable_size: row(WITH_START),
  stable_grow: row(WITH_START, [0]),
  stable_write: row(WITH_START, [0, 0, 0]),
  stable_read: row(WITH_START, [0, 0, 0]),
  stable64_size: row(WITH_START),
  stable64_grow: row(WITH_START, [0n]),
  stable64_write: row(WITH_START, [0n, 0n, 0n]),
  stable64_read: row(WITH_START, [0n, 0n, 0n]),
  root_key_size: row(SPENDING),
  root_key_copy: row(SPENDING, COPY),
  certified_data_set: row('I G U Ry Rt T', [0, 0]),
  data_certificate_present: row(EVERYWHERE),
  data_certificate_size: row('NRQ CQ'),
  data_certificate_copy: row('NRQ CQ', COPY),
  time: row(EVERYWHERE),
  global_timer_set: row('I G U Ry Rt C T', [0n]),
  performance_counter: row(WITH_START, [0]),
  is_controller: row(WITH_START, [0, 0]),
  in_replicated_execution: row(WITH_START),
  cost_call: row(WITH_START, [0n, 0n, 0]),
  cost_create_canister: row(WITH_START, [0]),
  cost_http_request: row(WITH_START, [0n, 0n, 0]),
  cost_sign_with_ecdsa: row(WITH_START, [0, 0, 0, 0]),
  cost_sign_with_schnorr: row(WITH_START, [0, 0, 0, 0]),
  cost_vetkd_derive_key: row(WITH_START, [0, 0, 0, 0]),
  env_var_count: row(EVERYWHERE),
  env_var_name_size: row(EVERYWHERE, [0]),
  env_var_name_copy: row(EVERYWHERE, [0, 0, 0, 0]),
  env_var_name_exists: row(EVERYWHERE, [NAME_AT, 1], text),
  env_var_value_size: row(EVERYWHERE, [NAME_AT, 1], text),
  env_var_value_copy: row(EVERYWHERE, [NAME_AT, 1, 0, 0, 0], text),
  debug_print: row(WITH_START, [0, 0]),
  trap: row(WITH_START, [0, 0]),
}

export const NAMES = Object.keys(TABLE) as SystemFunctionName[]
export const isAllowed = (name: SystemFunctionName, context: Context): boolean =>
  TABLE[name].contexts.split(' ').includes(context)

/** Calls the function so that it succeeds wherever it is allowed. */
export function probe(name: SystemFunctionName, context: Context): Program {
  const { operands, before = program() } = TABLE[name]
  return program(isAllowed(name, context) ? before : program(), invoke(name, ...operands))
}
