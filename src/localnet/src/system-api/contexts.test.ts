// The table of the interface specification, "Overview of imports", written down a second time and tried out: every function in every
// context, in modules that import it alone.
import { describe, expect, test } from 'vitest'
import { InvalidModule } from '../contracts.ts'
import { errorOf, messageOf, openNetwork, type TestNetwork } from '../state-machine/network.fixture.ts'
import { assemble } from '../state-machine/universal-canister.fixture.ts'
import { prepareModule } from '../wasm/index.ts'
import { ALLOWED_IMPORTS, SYSTEM_API } from './index.ts'

const EVERYWHERE = 'I G U RQ NRQ CQ Ry Rt C F T'
const EVERYWHERE_AND_START = `${EVERYWHERE} s`

/** Name → type, contexts. The transform context and the callbacks of composite queries are left to other tests. */
const TABLE: Readonly<Record<string, readonly [params: string, result: string, contexts: string]>> = {
  msg_arg_data_size: ['', 'i32', 'I U RQ NRQ CQ Ry F'],
  msg_arg_data_copy: ['i32 i32 i32', '', 'I U RQ NRQ CQ Ry F'],
  msg_caller_size: ['', 'i32', EVERYWHERE],
  msg_caller_copy: ['i32 i32 i32', '', EVERYWHERE],
  msg_caller_info_data_size: ['', 'i32', 'U RQ NRQ CQ Ry Rt C F'],
  msg_caller_info_data_copy: ['i32 i32 i32', '', 'U RQ NRQ CQ Ry Rt C F'],
  msg_caller_info_signer_size: ['', 'i32', 'U RQ NRQ CQ Ry Rt C F'],
  msg_caller_info_signer_copy: ['i32 i32 i32', '', 'U RQ NRQ CQ Ry Rt C F'],
  msg_reject_code: ['', 'i32', 'Ry Rt C'],
  msg_reject_msg_size: ['', 'i32', 'Rt'],
  msg_reject_msg_copy: ['i32 i32 i32', '', 'Rt'],
  msg_deadline: ['', 'i64', 'U RQ NRQ CQ Ry Rt'],
  msg_reply_data_append: ['i32 i32', '', 'U RQ NRQ CQ Ry Rt'],
  msg_reply: ['', '', 'U RQ NRQ CQ Ry Rt'],
  msg_reject: ['i32 i32', '', 'U RQ NRQ CQ Ry Rt'],
  msg_cycles_available128: ['i32', '', 'U RQ Rt Ry'],
  msg_cycles_refunded128: ['i32', '', 'Rt Ry'],
  msg_cycles_accept128: ['i64 i64 i32', '', 'U RQ Rt Ry'],
  msg_cycles_available: ['', 'i64', 'U RQ Rt Ry'],
  msg_cycles_refunded: ['', 'i64', 'Rt Ry'],
  msg_cycles_accept: ['i64', 'i64', 'U RQ Rt Ry'],
  cycles_burn128: ['i64 i64 i32', '', 'I G U RQ Ry Rt C T'],
  canister_self_size: ['', 'i32', EVERYWHERE],
  canister_self_copy: ['i32 i32 i32', '', EVERYWHERE],
  canister_cycle_balance128: ['i32', '', EVERYWHERE],
  canister_cycle_balance: ['', 'i64', EVERYWHERE],
  canister_liquid_cycle_balance128: ['i32', '', EVERYWHERE],
  canister_status: ['', 'i32', EVERYWHERE],
  canister_version: ['', 'i64', EVERYWHERE],
  subnet_self_size: ['', 'i32', EVERYWHERE],
  subnet_self_copy: ['i32 i32 i32', '', EVERYWHERE],
  subnet_self_node_count: ['', 'i32', EVERYWHERE],
  mint_cycles128: ['i64 i64 i32', '', 'U Ry Rt T'],
  msg_method_name_size: ['', 'i32', 'F'],
  msg_method_name_copy: ['i32 i32 i32', '', 'F'],
  accept_message: ['', '', 'F'],
  call_new: ['i32 i32 i32 i32 i32 i32 i32 i32', '', 'U CQ Ry Rt T'],
  call_on_cleanup: ['i32 i32', '', 'U CQ Ry Rt T'],
  call_data_append: ['i32 i32', '', 'U CQ Ry Rt T'],
  call_with_best_effort_response: ['i32', '', 'U CQ Ry Rt T'],
  call_cycles_add128: ['i64 i64', '', 'U Ry Rt T'],
  call_cycles_add: ['i64', '', 'U Ry Rt T'],
  call_perform: ['', 'i32', 'U CQ Ry Rt T'],
  stable_size: ['', 'i32', EVERYWHERE_AND_START],
  stable_grow: ['i32', 'i32', EVERYWHERE_AND_START],
  stable_write: ['i32 i32 i32', '', EVERYWHERE_AND_START],
  stable_read: ['i32 i32 i32', '', EVERYWHERE_AND_START],
  stable64_size: ['', 'i64', EVERYWHERE_AND_START],
  stable64_grow: ['i64', 'i64', EVERYWHERE_AND_START],
  stable64_write: ['i64 i64 i64', '', EVERYWHERE_AND_START],
  stable64_read: ['i64 i64 i64', '', EVERYWHERE_AND_START],
  root_key_size: ['', 'i32', 'I G U RQ Ry Rt C T'],
  root_key_copy: ['i32 i32 i32', '', 'I G U RQ Ry Rt C T'],
  certified_data_set: ['i32 i32', '', 'I G U Ry Rt T'],
  data_certificate_present: ['', 'i32', EVERYWHERE],
  data_certificate_size: ['', 'i32', 'NRQ CQ'],
  data_certificate_copy: ['i32 i32 i32', '', 'NRQ CQ'],
  time: ['', 'i64', EVERYWHERE],
  global_timer_set: ['i64', 'i64', 'I G U Ry Rt C T'],
  performance_counter: ['i32', 'i64', EVERYWHERE_AND_START],
  is_controller: ['i32 i32', 'i32', EVERYWHERE_AND_START],
  in_replicated_execution: ['', 'i32', EVERYWHERE_AND_START],
  cost_call: ['i64 i64 i32', '', EVERYWHERE_AND_START],
  cost_create_canister: ['i32', '', EVERYWHERE_AND_START],
  cost_http_request: ['i64 i64 i32', '', EVERYWHERE_AND_START],
  cost_http_request_v2: ['i32 i32 i32', '', EVERYWHERE_AND_START],
  cost_sign_with_ecdsa: ['i32 i32 i32 i32', 'i32', EVERYWHERE_AND_START],
  cost_sign_with_schnorr: ['i32 i32 i32 i32', 'i32', EVERYWHERE_AND_START],
  cost_vetkd_derive_key: ['i32 i32 i32 i32', 'i32', EVERYWHERE_AND_START],
  env_var_count: ['', 'i32', EVERYWHERE],
  env_var_name_size: ['i32', 'i32', EVERYWHERE],
  env_var_name_copy: ['i32 i32 i32 i32', '', EVERYWHERE],
  env_var_name_exists: ['i32 i32', 'i32', EVERYWHERE],
  env_var_value_size: ['i32 i32', 'i32', EVERYWHERE],
  env_var_value_copy: ['i32 i32 i32 i32 i32', '', EVERYWHERE],
  debug_print: ['i32 i32', '', EVERYWHERE_AND_START],
  trap: ['i32 i32', '', EVERYWHERE_AND_START],
}

/** Where each context's function stands in a module, and how to reach it. */
const CONTEXTS = ['I', 'G', 'U', 'RQ', 'NRQ', 'CQ', 'Ry', 'Rt', 'C', 'F', 'T', 's'] as const
type Context = (typeof CONTEXTS)[number]

const EXPORTS: Readonly<Partial<Record<Context, string>>> = {
  I: 'canister_init',
  G: 'canister_pre_upgrade',
  U: 'canister_update m',
  RQ: 'canister_query m',
  NRQ: 'canister_query m',
  CQ: 'canister_composite_query m',
  F: 'canister_inspect_message',
  T: 'canister_global_timer',
}

function moduleFor(name: string, context: Context): Uint8Array {
  const [params, result] = TABLE[name] ?? ['', '']
  const types = params === '' ? [] : params.split(' ')
  const args = types.map((type) => `(${type}.const 0)`).join(' ')
  const invoke = `(call $f ${args})`
  const body = result === '' ? invoke : `(drop ${invoke})`
  const calls = `(import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "ic0" "call_on_cleanup" (func $cleanup (param i32 i32)))
    (import "ic0" "call_perform" (func $perform (result i32)))`
  const inCallback = context === 'Ry' || context === 'Rt' || context === 'C'
  const method = context === 'Rt' ? ['"no method"', 9] : ['"raw_rand"', 8]
  const setUp = inCallback
    ? `(func $trapping (param i32) (unreachable))
       (table 2 funcref) (elem (i32.const 0) $callback ${context === 'C' ? '$trapping' : '$callback'})
       (data (i32.const 512) ${method[0]})
       (func (export "canister_update m")
         (call $new (i32.const 0) (i32.const 0) (i32.const 512) (i32.const ${method[1]})
           (i32.const ${context === 'C' ? 1 : 0}) (i32.const 0) (i32.const 0) (i32.const 0))
         ${context === 'C' ? '(call $cleanup (i32.const 0) (i32.const 0))' : ''}
         (drop (call $perform)))
       (func $callback (param i32) ${body})`
    : context === 's'
      ? `(func $start ${body}) (start $start)`
      : `(func (export "${EXPORTS[context]}") ${body})`
  const timer = context === 'T' ? `(import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))` : ''
  const init = context === 'T' ? `(func (export "canister_init") (drop (call $timer (i64.const 1))))` : ''
  const target = context === 'F' ? `(func (export "canister_update m"))` : ''
  return assemble(`(module
    (import "ic0" "${name}" (func $f ${types.map((type) => `(param ${type})`).join(' ')} ${result === '' ? '' : `(result ${result})`}))
    ${inCallback ? calls : ''} ${timer} (memory 1) ${setUp} ${init} ${target})`)
}

const VIOLATION = /"ic0_[a-z0-9_]+" cannot be executed in .* mode/u

/** Runs the module's function in its context. @returns everything the network has to say about it. */
function outcomeOf(network: TestNetwork, name: string, context: Context): string {
  const wasm = moduleFor(name, context)
  const id = network.create()
  const installed = network.installCode(id, wasm, { install: null })
  const said: string[] = [messageOf(installed)]
  const options = { method: 'm' }
  const none = new Uint8Array(0)
  if (context === 'G') said.push(messageOf(network.installCode(id, wasm, { upgrade: [] })))
  if (context === 'U' || context === 'RQ' || context === 'Ry' || context === 'Rt' || context === 'C') {
    said.push(messageOf(network.update(id, none, options)))
  }
  if (context === 'NRQ' || context === 'CQ') said.push(messageOf(network.query(id, none, options)))
  if (context === 'F') {
    try {
      network.send(id, none, options)
    } catch (error) {
      said.push(String(error))
    }
  }
  network.settle()
  return [...said, ...network.logsOf(id)].join('\n')
}

describe('the System API', () => {
  const network = openNetwork()

  test('is offered under exactly these names and types', () => {
    const offered = Object.fromEntries(
      [...ALLOWED_IMPORTS].map(([name, { params, results }]) => [name, [params.join(' '), results.join(' ')]]),
    )
    expect(offered).toEqual(
      Object.fromEntries(Object.entries(TABLE).map(([name, [params, result]]) => [name, [params, result]])),
    )
  })

  test('names each function once', () => {
    expect(new Set(SYSTEM_API.map(({ name }) => name)).size).toBe(SYSTEM_API.length)
  })

  test.each(Object.keys(TABLE))('%s runs where the specification allows it and nowhere else', (name) => {
    const allowed = new Set((TABLE[name]?.[2] ?? '').split(' '))
    for (const context of CONTEXTS) {
      const said = outcomeOf(network, name, context)
      expect(`${context} ${VIOLATION.test(said) ? 'refused' : 'allowed'}`).toBe(
        `${context} ${allowed.has(context) ? 'allowed' : 'refused'}`,
      )
    }
  })

  test('refuses a module that imports a name it does not offer', () => {
    const wasm = assemble('(module (import "ic0" "make_coffee" (func (param i32 i32 i32))) (memory 1))')
    expect(() => prepareModule(wasm, ALLOWED_IMPORTS)).toThrow(InvalidModule)
    const outcome = network.installCode(network.create(), wasm, { install: null })
    expect(errorOf(outcome)).toBe('IC0505')
  })
})
