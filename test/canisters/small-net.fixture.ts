import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type Machine, type Meters, openMachine } from '@medguard/localnet'
import {
  type ArgOf,
  decodeRet,
  encodeArg,
  IDL,
  type Method,
  NS_PER_SECOND,
  Principal,
  type RetOf,
  type Service,
} from '@medguard/protocol'

// A network in this process, for canisters that are tested by themselves. Nothing runs until somebody calls.

export interface Called {
  readonly reply: Uint8Array
  readonly instructions: bigint
  readonly parts: Meters['parts']
}
type Mode = 'install' | 'upgrade' | 'reinstall'

export interface SmallNet {
  readonly machine: Machine
  create(): Principal
  /**
   * Installs, and runs what falls due at once.
   * @returns instructions of the message that installs. @throws Error with the network's words when it is refused.
   */
  install(id: Principal, wasm: Uint8Array, mode?: Mode, arg?: Uint8Array): bigint
  /** As `CONTROLLER`. @returns the reply, and what ran for it, in all canisters. @throws Error with the network's words for a reject. */
  call(id: Principal, method: string, arg: Uint8Array): Called
  /** Sends without running anything. @returns the reply, once there is one. */
  send(id: Principal, method: string, arg: Uint8Array): () => Uint8Array
  sendUpgrade(id: Principal, wasm: Uint8Array): () => Uint8Array
  /** Runs what was sent, and all that follows from it at once. */
  settle(): void
  /** What the canister printed, oldest first. */
  log(id: Principal): string[]
  /** Moves the clock and runs what falls due, till nothing is left. */
  advance(seconds: bigint): void
}

const CanisterId = IDL.Record({ canister_id: IDL.Principal })
const Create = IDL.Record({ amount: IDL.Opt(IDL.Nat) })
const Install = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, upgrade: IDL.Null, reinstall: IDL.Null }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
})
const Logs = IDL.Record({
  canister_log_records: IDL.Vec(IDL.Record({ idx: IDL.Nat64, timestamp_nanos: IDL.Nat64, content: IDL.Vec(IDL.Nat8) })),
})
const MANAGEMENT = Principal.fromUint8Array(new Uint8Array(0))
export const CONTROLLER = Principal.selfAuthenticating(new Uint8Array(32).fill(1))
const NOTHING = new Uint8Array(IDL.encode([], []))
const MESSAGES_MAX = 1_000

/** @param options of `openMachine` beside the defaults. */
export function openSmallNet(options: Partial<Parameters<typeof openMachine>[0]> = {}): SmallNet {
  const { machine } = openMachine({ stateDir: null, nowNs: 1_700_000_000_000_000_000n, ...options })
  const settle = () => {
    if (machine.run(MESSAGES_MAX)) throw new Error('the network does not come to rest')
  }
  const send: SmallNet['send'] = (id, method, arg) => {
    const requestId = new Uint8Array(randomBytes(32))
    const ingressExpiryNs = machine.timeNs() + 240n * NS_PER_SECOND
    const [sender, canisterId] = [CONTROLLER.toUint8Array(), id.toUint8Array()]
    const verdict = machine.submit({ requestId, sender, canisterId, method, arg, ingressExpiryNs })
    if (verdict.kind === 'refused') throw new Error(verdict.reject.message)
    return () => {
      const state = machine.request(requestId)?.state
      if (state?.status === 'rejected') throw new Error(state.reject.message)
      if (state?.status !== 'replied') throw new Error(`${method} has no answer`)
      return state.reply
    }
  }
  const call: SmallNet['call'] = (id, method, arg) => {
    machine.takeMeters()
    const answer = send(id, method, arg)
    settle()
    const [reply, parts] = [answer(), machine.takeMeters()]
    return { reply, instructions: instructionsOf(parts), parts }
  }
  const installArg = (id: Principal, wasm: Uint8Array, mode: Mode, arg: Uint8Array) => {
    const wasm_module = new Uint8Array(gzipSync(wasm, { level: 1 }))
    return encode(Install, { mode: { [mode]: null }, canister_id: id, wasm_module, arg })
  }
  return {
    machine,
    create() {
      const { reply } = call(
        MANAGEMENT,
        'provisional_create_canister_with_cycles',
        encode(Create, { amount: [10n ** 15n] }),
      )
      const [created] = IDL.decode([CanisterId], reply)
      return (created as unknown as { canister_id: Principal }).canister_id
    },
    install(id, wasm, mode = 'install', arg = NOTHING) {
      const { parts } = call(MANAGEMENT, 'install_code', installArg(id, wasm, mode, arg))
      const own = parts.filter(({ entry }) => entry === 'canister_init' || entry === 'canister_post_upgrade')
      return instructionsOf(own)
    },
    sendUpgrade: (id, wasm) => send(MANAGEMENT, 'install_code', installArg(id, wasm, 'upgrade', NOTHING)),
    settle,
    send,
    call,
    log(id) {
      const arg = encode(CanisterId, { canister_id: id })
      const { sender, canisterId } = { sender: CONTROLLER.toUint8Array(), canisterId: MANAGEMENT.toUint8Array() }
      const outcome = machine.query({ sender, canisterId, method: 'fetch_canister_logs', arg })
      if (outcome.kind !== 'reply') throw new Error('there is no log')
      const [logs] = IDL.decode([Logs], outcome.reply)
      const { canister_log_records: records } = logs as unknown as { canister_log_records: { content: Uint8Array }[] }
      return records.map(({ content }) => Buffer.from(content).toString())
    },
    advance(seconds) {
      machine.setTime(machine.timeNs() + seconds * NS_PER_SECOND)
      settle()
    },
  }
}

const instructionsOf = (parts: Meters['parts']): bigint =>
  parts.reduce((sum, { instructions }) => sum + instructions, 0n)

/** Calls of one canister, by the names and types of its service. */
export const typedCalls =
  <S extends Service>(net: SmallNet, id: Principal, service: S) =>
  <K extends keyof S & string>(name: K, arg: ArgOf<S[K]>): RetOf<S[K]> => {
    const method = service[name] as Method<unknown, unknown>
    return decodeRet(method, net.call(id, name, encodeArg(method, arg)).reply) as RetOf<S[K]>
  }

const encode = (type: IDL.Type, value: object) => new Uint8Array(IDL.encode([type], [value]))
