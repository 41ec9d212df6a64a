// Candid of the official asset canister (dfinity/certified-assets, `assets.did`, api_version 2), and what decoding it yields.
import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'

export type Opt<T> = [] | [T]
/** Name and value. */
export type HeaderField = [string, string]
export type PermissionName = 'Commit' | 'ManagePermissions' | 'Prepare'
export type Permission = Partial<Record<PermissionName, null>>

const Blob = IDL.Vec(IDL.Nat8)
const Header = IDL.Tuple(IDL.Text, IDL.Text)
const Headers = IDL.Opt(IDL.Vec(Header))
const OptBool = IDL.Opt(IDL.Bool)
const OptNat64 = IDL.Opt(IDL.Nat64)
const Permission = IDL.Variant({ Commit: IDL.Null, ManagePermissions: IDL.Null, Prepare: IDL.Null })
export const NO_FIELDS = IDL.Record({})
const Encoding = { key: IDL.Text, content_encoding: IDL.Text }

const CreateAsset = IDL.Record({
  key: IDL.Text,
  content_type: IDL.Text,
  max_age: OptNat64,
  headers: Headers,
  enable_aliasing: OptBool,
  allow_raw_access: OptBool,
})
export interface CreateAssetArgs {
  readonly key: string
  readonly content_type: string
  readonly max_age: Opt<bigint>
  readonly headers: Opt<HeaderField[]>
  readonly enable_aliasing: Opt<boolean>
  readonly allow_raw_access: Opt<boolean>
}

const SetAssetContent = IDL.Record({
  ...Encoding,
  chunk_ids: IDL.Vec(IDL.Nat),
  last_chunk: IDL.Opt(Blob),
  sha256: IDL.Opt(Blob),
})
export interface EncodingArgs {
  readonly key: string
  readonly content_encoding: string
}
export interface SetAssetContentArgs extends EncodingArgs {
  readonly chunk_ids: readonly bigint[]
  readonly last_chunk: Opt<Uint8Array>
  readonly sha256: Opt<Uint8Array>
}

const UnsetAssetContent = IDL.Record(Encoding)
const Key = IDL.Record({ key: IDL.Text })
export interface KeyArgs {
  readonly key: string
}

const SetAssetProperties = IDL.Record({
  key: IDL.Text,
  max_age: IDL.Opt(OptNat64),
  headers: IDL.Opt(Headers),
  allow_raw_access: IDL.Opt(OptBool),
  is_aliased: IDL.Opt(OptBool),
})
export interface SetAssetPropertiesArgs {
  readonly key: string
  readonly max_age: Opt<Opt<bigint>>
  readonly headers: Opt<Opt<HeaderField[]>>
  readonly allow_raw_access: Opt<Opt<boolean>>
  readonly is_aliased: Opt<Opt<boolean>>
}

const Batch = IDL.Record({ batch_id: IDL.Nat })
export interface BatchArgs {
  readonly batch_id: bigint
}
const CommitBatch = IDL.Record({
  batch_id: IDL.Nat,
  operations: IDL.Vec(
    IDL.Variant({
      CreateAsset,
      SetAssetContent,
      SetAssetProperties,
      UnsetAssetContent,
      DeleteAsset: Key,
      Clear: NO_FIELDS,
    }),
  ),
})
export type BatchOperation =
  | { readonly CreateAsset: CreateAssetArgs }
  | { readonly SetAssetContent: SetAssetContentArgs }
  | { readonly SetAssetProperties: SetAssetPropertiesArgs }
  | { readonly UnsetAssetContent: EncodingArgs }
  | { readonly DeleteAsset: KeyArgs }
  | { readonly Clear: Record<string, never> }
export interface CommitBatchArgs extends BatchArgs {
  readonly operations: readonly BatchOperation[]
}

const Proposed = IDL.Record({ batch_id: IDL.Nat, evidence: Blob })
const Limits = { max_batches: OptNat64, max_chunks: OptNat64, max_bytes: OptNat64 }
const Configure = IDL.Record({
  max_batches: IDL.Opt(OptNat64),
  max_chunks: IDL.Opt(OptNat64),
  max_bytes: IDL.Opt(OptNat64),
})
export interface ConfigureArgs {
  readonly max_batches: Opt<Opt<bigint>>
  readonly max_chunks: Opt<Opt<bigint>>
  readonly max_bytes: Opt<Opt<bigint>>
}

const StreamingToken = IDL.Record({ ...Encoding, index: IDL.Nat, sha256: IDL.Opt(Blob) })
export interface ChunkArgs extends EncodingArgs {
  readonly index: bigint
  readonly sha256: Opt<Uint8Array>
}
const StreamingChunk = IDL.Record({ body: Blob, token: IDL.Opt(StreamingToken) })
const Callback = IDL.Func([StreamingToken], [IDL.Opt(StreamingChunk)], ['query'])
const HttpRequest = IDL.Record({
  method: IDL.Text,
  url: IDL.Text,
  headers: IDL.Vec(Header),
  body: Blob,
  certificate_version: IDL.Opt(IDL.Nat16),
})
export interface HttpRequestArgs {
  readonly method: string
  readonly url: string
  readonly headers: readonly HeaderField[]
  readonly certificate_version: Opt<number>
}
const HttpResponse = IDL.Record({
  status_code: IDL.Nat16,
  headers: IDL.Vec(Header),
  body: Blob,
  upgrade: IDL.Opt(IDL.Bool),
  streaming_strategy: IDL.Opt(IDL.Variant({ Callback: IDL.Record({ callback: Callback, token: StreamingToken }) })),
})
export interface HttpResponseValue {
  readonly status_code: number
  readonly headers: readonly HeaderField[]
  readonly body: Uint8Array
  readonly upgrade: Opt<boolean>
  readonly streaming_strategy: Opt<{
    readonly Callback: { readonly callback: [Principal, string]; readonly token: ChunkArgs }
  }>
}

const properties = { max_age: OptNat64, headers: Headers, allow_raw_access: OptBool, is_aliased: OptBool }
const AssetDetails = IDL.Record({
  key: IDL.Text,
  content_type: IDL.Text,
  encodings: IDL.Vec(
    IDL.Record({ content_encoding: IDL.Text, sha256: IDL.Opt(Blob), length: IDL.Nat, modified: IDL.Int }),
  ),
  ...properties,
})
const Store = IDL.Record({
  ...Encoding,
  content_type: IDL.Text,
  content: Blob,
  sha256: IDL.Opt(Blob),
  aliased: OptBool,
})
export interface StoreArgs extends EncodingArgs {
  readonly content_type: string
  readonly content: Uint8Array
  readonly sha256: Opt<Uint8Array>
  readonly aliased: Opt<boolean>
}

const Grant = IDL.Record({ to_principal: IDL.Principal, permission: Permission })
const Revoke = IDL.Record({ of_principal: IDL.Principal, permission: Permission })
const Principals = IDL.Vec(IDL.Principal)
const Validation = IDL.Variant({ Ok: IDL.Text, Err: IDL.Text })

const Permissions = IDL.Record({
  set_permissions: IDL.Opt(IDL.Record({ prepare: Principals, commit: Principals, manage_permissions: Principals })),
})
/** Of `install_code`. */
export const InitArg = IDL.Opt(IDL.Variant({ Init: Permissions, Upgrade: Permissions }))
export type InitArgValue = Opt<{
  readonly Init?: {
    readonly set_permissions: Opt<Record<'prepare' | 'commit' | 'manage_permissions', readonly Principal[]>>
  }
}>

type Types = [] | [IDL.Type]
const query = (args: Types, results: Types) => ({ kind: 'query', args, results }) as const
const update = (args: Types, results: Types = []) => ({ kind: 'update', args, results }) as const

/** Every method with its types, in the order of `assets.did`. */
export const METHODS = {
  api_version: query([], [IDL.Nat16]),
  get: query(
    [IDL.Record({ key: IDL.Text, accept_encodings: IDL.Vec(IDL.Text) })],
    [
      IDL.Record({
        content: Blob,
        content_type: IDL.Text,
        content_encoding: IDL.Text,
        sha256: IDL.Opt(Blob),
        total_length: IDL.Nat,
      }),
    ],
  ),
  get_chunk: query([StreamingToken], [IDL.Record({ content: Blob })]),
  retrieve: query([IDL.Text], [Blob]),
  list: query([IDL.Record({ start: IDL.Opt(IDL.Nat), length: IDL.Opt(IDL.Nat) })], [IDL.Vec(AssetDetails)]),
  certified_tree: query([NO_FIELDS], [IDL.Record({ certificate: Blob, tree: Blob })]),
  create_batch: update([NO_FIELDS], [Batch]),
  create_chunk: update([IDL.Record({ batch_id: IDL.Nat, content: Blob })], [IDL.Record({ chunk_id: IDL.Nat })]),
  create_chunks: update(
    [IDL.Record({ batch_id: IDL.Nat, content: IDL.Vec(Blob) })],
    [IDL.Record({ chunk_ids: IDL.Vec(IDL.Nat) })],
  ),
  commit_batch: update([CommitBatch]),
  propose_commit_batch: update([CommitBatch]),
  commit_proposed_batch: update([Proposed]),
  compute_evidence: update([IDL.Record({ batch_id: IDL.Nat, max_iterations: IDL.Opt(IDL.Nat16) })], [IDL.Opt(Blob)]),
  compute_state_hash: update([], [IDL.Opt(IDL.Text)]),
  get_state_info: query([], [IDL.Record({ last_state_update_timestamp: IDL.Nat64, state_hash: IDL.Opt(IDL.Text) })]),
  delete_batch: update([Batch]),
  create_asset: update([CreateAsset]),
  set_asset_content: update([SetAssetContent]),
  unset_asset_content: update([UnsetAssetContent]),
  delete_asset: update([Key]),
  clear: update([NO_FIELDS]),
  store: update([Store]),
  http_request: query([HttpRequest], [HttpResponse]),
  http_request_streaming_callback: query([StreamingToken], [IDL.Opt(StreamingChunk)]),
  authorize: update([IDL.Principal]),
  deauthorize: update([IDL.Principal]),
  list_authorized: update([], [Principals]),
  grant_permission: update([Grant]),
  revoke_permission: update([Revoke]),
  list_permitted: update([IDL.Record({ permission: Permission })], [Principals]),
  take_ownership: update([]),
  get_asset_properties: query([IDL.Text], [IDL.Record(properties)]),
  set_asset_properties: update([SetAssetProperties]),
  get_configuration: update([], [IDL.Record(Limits)]),
  configure: update([Configure]),
  validate_grant_permission: update([Grant], [Validation]),
  validate_revoke_permission: update([Revoke], [Validation]),
  validate_take_ownership: update([], [Validation]),
  validate_commit_proposed_batch: update([Proposed], [Validation]),
  validate_configure: update([Configure], [Validation]),
} as const
export type MethodName = keyof typeof METHODS

/** The interface as a `.did` file, for a placeholder's `candid:service`. */
export function candidInterface(): string {
  const tuple = (types: readonly IDL.Type[]) => `(${types.map((type) => type.display()).join(', ')})`
  const methods = Object.entries(METHODS).map(
    ([name, { kind, args, results }]) =>
      `  ${name} : ${tuple(args)} -> ${tuple(results)}${kind === 'query' ? ' query' : ''};`,
  )
  const text = `service : ${tuple([InitArg])} -> {\n${methods.join('\n')}\n}\n`
  // The library prints function types for people; a .did file writes them so.
  return text.replaceAll('callback:(', 'callback:func (').replaceAll('→', '->')
}
