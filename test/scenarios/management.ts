import { createHash } from 'node:crypto'

import { Actor, type HttpAgent } from '@dfinity/agent'
import type { Localnet } from '@medguard/localnet'
import { IDL, Principal } from '@medguard/protocol'

import { packModule } from './packed-module.ts'

const Id = IDL.Record({ canister_id: IDL.Principal })
const ModeType = IDL.Variant({
  install: IDL.Null,
  reinstall: IDL.Null,
  upgrade: IDL.Opt(IDL.Record({ skip_pre_upgrade: IDL.Opt(IDL.Bool) })),
})
const ChunkHash = IDL.Record({ hash: IDL.Vec(IDL.Nat8) })
const service = IDL.Service({
  provisional_create_canister_with_cycles: IDL.Func([IDL.Record({ amount: IDL.Opt(IDL.Nat) })], [Id], []),
  install_code: IDL.Func(
    [
      IDL.Record({
        mode: ModeType,
        canister_id: IDL.Principal,
        wasm_module: IDL.Vec(IDL.Nat8),
        arg: IDL.Vec(IDL.Nat8),
      }),
    ],
    [],
    [],
  ),
  upload_chunk: IDL.Func([IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) })], [ChunkHash], []),
  install_chunked_code: IDL.Func(
    [
      IDL.Record({
        mode: ModeType,
        target_canister: IDL.Principal,
        store_canister: IDL.Opt(IDL.Principal),
        chunk_hashes_list: IDL.Vec(ChunkHash),
        wasm_module_hash: IDL.Vec(IDL.Nat8),
        arg: IDL.Vec(IDL.Nat8),
      }),
    ],
    [],
    [],
  ),
  stop_canister: IDL.Func([Id], [], []),
  start_canister: IDL.Func([Id], [], []),
})
interface ManagementActor {
  provisional_create_canister_with_cycles(arg: { amount: [] | [bigint] }): Promise<{ canister_id: Principal }>
  install_code(arg: { mode: Mode; canister_id: Principal; wasm_module: Uint8Array; arg: Uint8Array }): Promise<void>
  upload_chunk(arg: { canister_id: Principal; chunk: Uint8Array }): Promise<{ hash: Uint8Array }>
  install_chunked_code(arg: {
    mode: Mode
    target_canister: Principal
    store_canister: []
    chunk_hashes_list: readonly { hash: Uint8Array }[]
    wasm_module_hash: Uint8Array
    arg: Uint8Array
  }): Promise<void>
  stop_canister(arg: { canister_id: Principal }): Promise<void>
  start_canister(arg: { canister_id: Principal }): Promise<void>
}

export interface Operator {
  /** @param near an id of the subnet that it shall be on; the root subnet unless told. */
  create(near?: Principal): Promise<Principal>
  install(canisterId: Principal, wasm: Uint8Array, mode?: keyof typeof MODES, arg?: Uint8Array): Promise<void>
  stop(canisterId: Principal): Promise<void>
  start(canisterId: Principal): Promise<void>
}

type Mode = { install: null } | { reinstall: null } | { upgrade: [] }
const MODES = {
  install: { install: null },
  reinstall: { reinstall: null },
  upgrade: { upgrade: [] },
} satisfies Record<string, Mode>
const CYCLES = 1_000_000_000_000_000n
const NO_ARGUMENT = new Uint8Array(IDL.encode([], []))

/** What an ingress message of 2 MiB carries beside the rest of it. */
const CHUNK_BYTES = 1_000_000

/** What a controller does, through the released agent. */
export const operatorOf = (agent: HttpAgent): Operator =>
  operatorBy((effectiveCanisterId) =>
    Actor.createActor<ManagementActor>(() => service, {
      agent,
      canisterId: Principal.managementCanister(),
      effectiveCanisterId,
    }),
  )

/** The same by calls that need no signature and answer without a certificate: most of what a test waits for before it begins. */
export const directOperator = (
  localnet: Localnet,
  call: (subnetId: Uint8Array | undefined, method: string, arg: Uint8Array) => Promise<Uint8Array>,
): Operator =>
  operatorBy(
    (effectiveCanisterId) =>
      Object.fromEntries(
        (service._fields as [string, IDL.FuncClass][]).map(([name, { argTypes, retTypes }]) => [
          name,
          async (arg: unknown) => {
            const reply = await call(
              subnetOf(localnet, effectiveCanisterId),
              name,
              new Uint8Array(IDL.encode(argTypes, [arg])),
            )
            return IDL.decode(retTypes, reply)[0]
          },
        ]),
      ) as unknown as ManagementActor,
  )

/** @param near an id of its ranges; the root subnet has what no other has. */
function subnetOf({ subnets }: Localnet, near: Principal): Uint8Array | undefined {
  const isWithin = (range: readonly [first: string, last: string]) =>
    Principal.fromText(range[0]).ltEq(near) && Principal.fromText(range[1]).gtEq(near)
  const own = subnets.find(({ canisterRanges }) => canisterRanges.some(isWithin))
  return own === undefined ? undefined : Principal.fromText(own.id).toUint8Array()
}

/** Modules go as gzip, and in chunks where one message does not carry them. */
function operatorBy(actorFor: (effectiveCanisterId: Principal) => ManagementActor): Operator {
  return {
    async create(near = Principal.managementCanister()) {
      const actor = actorFor(near)
      return (await actor.provisional_create_canister_with_cycles({ amount: [CYCLES] })).canister_id
    },
    async install(canisterId, wasm, mode = 'install', arg = NO_ARGUMENT) {
      const actor = actorFor(canisterId)
      const packed = packModule(wasm)
      if (packed.length < 2 * CHUNK_BYTES)
        return actor.install_code({ mode: MODES[mode], canister_id: canisterId, wasm_module: packed, arg })
      const hashes: { hash: Uint8Array }[] = []
      for (let at = 0; at < packed.length; at += CHUNK_BYTES)
        hashes.push(await actor.upload_chunk({ canister_id: canisterId, chunk: packed.subarray(at, at + CHUNK_BYTES) }))
      return actor.install_chunked_code({
        mode: MODES[mode],
        target_canister: canisterId,
        store_canister: [],
        chunk_hashes_list: hashes,
        wasm_module_hash: new Uint8Array(createHash('sha256').update(packed).digest()),
        arg,
      })
    },
    stop: (canisterId) => actorFor(canisterId).stop_canister({ canister_id: canisterId }),
    start: (canisterId) => actorFor(canisterId).start_canister({ canister_id: canisterId }),
  }
}
