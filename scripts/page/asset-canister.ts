// The part of an asset canister's official interface that an upload needs (dfinity/certified-assets, `assets.did`, api_version 2).
import { Actor, type Agent } from '@dfinity/agent'
import { IDL, Principal } from '@medguard/protocol'

export type Opt<T> = [] | [T]
export type HeaderField = [name: string, value: string]

const Blob = IDL.Vec(IDL.Nat8)
const Headers = IDL.Opt(IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text)))
const OptBool = IDL.Opt(IDL.Bool)
const OptNat64 = IDL.Opt(IDL.Nat64)
const encoding = { key: IDL.Text, content_encoding: IDL.Text }

const Operation = IDL.Variant({
  CreateAsset: IDL.Record({
    key: IDL.Text,
    content_type: IDL.Text,
    max_age: OptNat64,
    headers: Headers,
    enable_aliasing: OptBool,
    allow_raw_access: OptBool,
  }),
  SetAssetContent: IDL.Record({
    ...encoding,
    chunk_ids: IDL.Vec(IDL.Nat),
    last_chunk: IDL.Opt(Blob),
    sha256: IDL.Opt(Blob),
  }),
  SetAssetProperties: IDL.Record({
    key: IDL.Text,
    max_age: IDL.Opt(OptNat64),
    headers: IDL.Opt(Headers),
    allow_raw_access: IDL.Opt(OptBool),
    is_aliased: IDL.Opt(OptBool),
  }),
  UnsetAssetContent: IDL.Record(encoding),
  DeleteAsset: IDL.Record({ key: IDL.Text }),
})

const AssetDetails = IDL.Record({
  key: IDL.Text,
  content_type: IDL.Text,
  encodings: IDL.Vec(IDL.Record({ content_encoding: IDL.Text, sha256: IDL.Opt(Blob) })),
  max_age: OptNat64,
  headers: Headers,
  allow_raw_access: OptBool,
  is_aliased: OptBool,
})

/** What the canister says of one asset. */
export interface AssetDetails {
  readonly key: string
  readonly content_type: string
  readonly encodings: readonly { readonly content_encoding: string; readonly sha256: Opt<Uint8Array> }[]
  readonly max_age: Opt<bigint>
  readonly headers: Opt<readonly HeaderField[]>
  readonly allow_raw_access: Opt<boolean>
  readonly is_aliased: Opt<boolean>
}

export type Operation =
  | {
      readonly CreateAsset: {
        readonly key: string
        readonly content_type: string
        readonly max_age: Opt<bigint>
        readonly headers: Opt<readonly HeaderField[]>
        readonly enable_aliasing: Opt<boolean>
        readonly allow_raw_access: Opt<boolean>
      }
    }
  | {
      readonly SetAssetContent: {
        readonly key: string
        readonly content_encoding: string
        readonly chunk_ids: readonly bigint[]
        readonly last_chunk: Opt<Uint8Array>
        readonly sha256: Opt<Uint8Array>
      }
    }
  | {
      readonly SetAssetProperties: {
        readonly key: string
        readonly max_age: Opt<Opt<bigint>>
        readonly headers: Opt<Opt<readonly HeaderField[]>>
        readonly allow_raw_access: Opt<Opt<boolean>>
        readonly is_aliased: Opt<Opt<boolean>>
      }
    }
  | { readonly UnsetAssetContent: { readonly key: string; readonly content_encoding: string } }
  | { readonly DeleteAsset: { readonly key: string } }

// All of them updates, `list` too: what is left out of an upload because the canister has it must be more than one replica's word.
const METHODS = {
  list: IDL.Func([IDL.Record({ start: IDL.Opt(IDL.Nat), length: IDL.Opt(IDL.Nat) })], [IDL.Vec(AssetDetails)], []),
  create_batch: IDL.Func([IDL.Record({})], [IDL.Record({ batch_id: IDL.Nat })], []),
  create_chunks: IDL.Func(
    [IDL.Record({ batch_id: IDL.Nat, content: IDL.Vec(Blob) })],
    [IDL.Record({ chunk_ids: IDL.Vec(IDL.Nat) })],
    [],
  ),
  commit_batch: IDL.Func([IDL.Record({ batch_id: IDL.Nat, operations: IDL.Vec(Operation) })], [], []),
}
type Method = keyof typeof METHODS
/** Calls one method as an update. @returns its result, decoded. */
type Invoke = (method: Method, arg: unknown) => Promise<unknown>

export interface AssetCanister {
  /** Every asset there is. */
  list(): Promise<AssetDetails[]>
  createBatch(): Promise<bigint>
  /** @returns the id of each chunk, in order. */
  createChunks(batchId: bigint, contents: readonly Uint8Array[]): Promise<readonly bigint[]>
  /** All operations or, when it rejects, none. */
  commitBatch(batchId: bigint, operations: readonly Operation[]): Promise<void>
}

/** Over the network's HTTPS interface, as whoever the agent signs for. */
export function assetCanisterThrough(agent: Agent, canisterId: Principal): AssetCanister {
  const actor = Actor.createActor(() => IDL.Service(METHODS), { agent, canisterId })
  return assetCanister((method, arg) => actor[method]?.(arg) ?? Promise.reject(new Error(`no method ${method}`)))
}

/** @param call of a network in the same process. */
export function assetCanisterWithin(call: (method: string, arg: Uint8Array) => Promise<Uint8Array>): AssetCanister {
  return assetCanister(async (method, arg) => {
    const { argTypes, retTypes } = METHODS[method]
    const reply = await call(method, new Uint8Array(IDL.encode(argTypes, [arg])))
    return IDL.decode(retTypes, new Uint8Array(reply))[0]
  })
}

function assetCanister(invoke: Invoke): AssetCanister {
  return {
    async list() {
      const found = new Map<string, AssetDetails>()
      for (;;) {
        const before = found.size
        const page = (await invoke('list', { start: [BigInt(before)], length: [] })) as readonly AssetDetails[]
        for (const asset of page) found.set(asset.key, asset)
        // Older canisters know no pages and answer everything again.
        if (found.size === before) return [...found.values()]
      }
    },
    async createBatch() {
      return ((await invoke('create_batch', {})) as { readonly batch_id: bigint }).batch_id
    },
    async createChunks(batch_id, content) {
      const { chunk_ids } = (await invoke('create_chunks', { batch_id, content })) as {
        readonly chunk_ids: readonly bigint[]
      }
      if (chunk_ids.length !== content.length) throw new Error('the canister did not take every chunk')
      return chunk_ids
    },
    async commitBatch(batch_id, operations) {
      await invoke('commit_batch', { batch_id, operations })
    },
  }
}
