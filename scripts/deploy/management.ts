import { randomBytes } from 'node:crypto'

import type { Host } from '@medguard/localnet'
import { IDL, Principal } from '@medguard/protocol'
import { CANISTER_SETTINGS } from './settings.ts'

/** The parts of the management canister that a deployment needs. Interface specification, "The IC management canister". */
export interface Management {
  createCanister(): Promise<Principal>
  /** Sets what `CANISTER_SETTINGS` says; other settings stay. */
  protect(canisterId: Principal): Promise<void>
  install(canisterId: Principal, module: Module): Promise<void>
  /** Returns when no call context is open any more, so that no callback meets new code. */
  stop(canisterId: Principal): Promise<void>
  start(canisterId: Principal): Promise<void>
  /** Calls a method of any canister. @throws DeployFault when it rejects. @returns the reply. */
  call(canisterId: Principal, method: string, arg: Uint8Array): Promise<Uint8Array>
}

export interface Module {
  readonly mode: 'install' | 'upgrade'
  readonly wasm: Uint8Array
  /** SHA-256 of `wasm`. */
  readonly wasmHash: Uint8Array
  /** Candid; canisters of ours need none. */
  readonly arg?: Uint8Array
}

/** The network refused or failed a step of the deployment. */
export class DeployFault extends Error {
  override readonly name = 'DeployFault'
}

const CYCLES = 1_000_000_000_000_000n
/** An update call carries at most 2 MiB; the network keeps chunks of at most 1 MiB. */
const CHUNK_BYTES = 1024 * 1024
const INGRESS_EXPIRY_NS = 240_000_000_000n
/** How long a step may take; stopping waits for all open calls to end. */
const WAIT_MS = 60_000

const Id = IDL.Record({ canister_id: IDL.Principal })
const ChunkHash = IDL.Record({ hash: IDL.Vec(IDL.Nat8) })
const TYPES = {
  provisional_create_canister_with_cycles: IDL.Record({ amount: IDL.Opt(IDL.Nat) }),
  update_settings: IDL.Record({
    canister_id: IDL.Principal,
    settings: IDL.Record({ freezing_threshold: IDL.Opt(IDL.Nat), wasm_memory_limit: IDL.Opt(IDL.Nat) }),
  }),
  clear_chunk_store: Id,
  upload_chunk: IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) }),
  install_chunked_code: IDL.Record({
    mode: IDL.Variant({
      install: IDL.Null,
      upgrade: IDL.Opt(IDL.Record({ skip_pre_upgrade: IDL.Opt(IDL.Bool) })),
    }),
    target_canister: IDL.Principal,
    store_canister: IDL.Opt(IDL.Principal),
    chunk_hashes_list: IDL.Vec(ChunkHash),
    wasm_module_hash: IDL.Vec(IDL.Nat8),
    arg: IDL.Vec(IDL.Nat8),
  }),
  stop_canister: Id,
  start_canister: Id,
} as const
type ManagementMethod = keyof typeof TYPES

/** Canisters install without arguments (they answer `NotReady` until configured). */
const NO_ARGUMENTS = new Uint8Array(IDL.encode([], []))

/** @param sender the controller; inside its own process a development network needs no signature of it. */
export function createManagement(host: Host, sender: Principal, waitMs = WAIT_MS): Management {
  async function call(canisterId: Principal, method: string, arg: Uint8Array): Promise<Uint8Array> {
    const answer = await host.call(
      {
        requestId: new Uint8Array(randomBytes(32)),
        sender: sender.toUint8Array(),
        canisterId: canisterId.toUint8Array(),
        method,
        arg,
        ingressExpiryNs: (await host.timeNs()) + INGRESS_EXPIRY_NS,
      },
      waitMs,
    )
    const state =
      answer.kind === 'refused' ? ({ status: 'rejected', reject: answer.reject } as const) : answer.request.state
    if (state.status === 'replied') return state.reply
    const why = state.status === 'rejected' ? state.reject.message : `no answer within ${waitMs / 1000} s`
    throw new DeployFault(`${method} of ${canisterId.toText()}: ${why}`)
  }
  const manage = (method: ManagementMethod, arg: unknown) =>
    call(Principal.managementCanister(), method, new Uint8Array(IDL.encode([TYPES[method]], [arg])))

  return {
    call,
    async createCanister() {
      const reply = await manage('provisional_create_canister_with_cycles', { amount: [CYCLES] })
      const [created] = IDL.decode([Id], reply) as unknown as [{ canister_id: Principal }]
      return created.canister_id
    },
    async protect(canisterId) {
      const { freezingThresholdSeconds, wasmMemoryLimitBytes } = CANISTER_SETTINGS
      const settings = {
        freezing_threshold: [BigInt(freezingThresholdSeconds)],
        wasm_memory_limit: [BigInt(wasmMemoryLimitBytes)],
      }
      await manage('update_settings', { canister_id: canisterId, settings })
    },
    async install(canisterId, { mode, wasm, wasmHash, arg = NO_ARGUMENTS }) {
      await manage('clear_chunk_store', { canister_id: canisterId })
      const hashes: { hash: Uint8Array }[] = []
      for (let at = 0; at < wasm.length; at += CHUNK_BYTES) {
        const chunk = wasm.subarray(at, at + CHUNK_BYTES)
        const reply = await manage('upload_chunk', { canister_id: canisterId, chunk })
        const [stored] = IDL.decode([ChunkHash], reply) as unknown as [{ hash: Uint8Array }]
        hashes.push(stored)
      }
      await manage('install_chunked_code', {
        mode: mode === 'install' ? { install: null } : { upgrade: [] },
        target_canister: canisterId,
        store_canister: [],
        chunk_hashes_list: hashes,
        wasm_module_hash: wasmHash,
        arg,
      })
      await manage('clear_chunk_store', { canister_id: canisterId })
    },
    stop: async (canisterId) => void (await manage('stop_canister', { canister_id: canisterId })),
    start: async (canisterId) => void (await manage('start_canister', { canister_id: canisterId })),
  }
}
