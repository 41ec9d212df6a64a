// Candid of the management canister, from `ic.did` of the interface specification, as far as the suite uses it.
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'

const { Nat, Nat64, Null, Opt, Record, Text, Variant, Vec } = IDL
const Id = IDL.Principal
const Blob = Vec(IDL.Nat8)
const version = { sender_canister_version: Opt(Nat64) }
const byId = Record({ canister_id: Id })
const Visibility = Variant({ controllers: Null, public: Null, allowed_viewers: Vec(Id) })
const EnvironmentVariable = Record({ name: Text, value: Text })
const SettingsType = Record({
  controllers: Opt(Vec(Id)),
  compute_allocation: Opt(Nat),
  memory_allocation: Opt(Nat),
  freezing_threshold: Opt(Nat),
  reserved_cycles_limit: Opt(Nat),
  wasm_memory_limit: Opt(Nat),
  wasm_memory_threshold: Opt(Nat),
  log_visibility: Opt(Visibility),
  status_visibility: Opt(Visibility),
  environment_variables: Opt(Vec(EnvironmentVariable)),
})
const Mode = Variant({
  install: Null,
  reinstall: Null,
  upgrade: Opt(
    Record({
      skip_pre_upgrade: Opt(IDL.Bool),
      wasm_memory_persistence: Opt(Variant({ keep: Null, replace: Null })),
    }),
  ),
})
const Hash = Record({ hash: Blob })
const VetKey = Record({ curve: Variant({ bls12_381_g2: Null }), name: Text })
const EcdsaKey = Record({ curve: Variant({ secp256k1: Null }), name: Text })
const SchnorrKey = Record({ algorithm: Variant({ bip340secp256k1: Null, ed25519: Null }), name: Text })
const Path = Vec(Blob)
const DerivedKey = Record({ public_key: Blob, chain_code: Blob })
const Signature = Record({ signature: Blob })
const Header = Record({ name: Text, value: Text })
/** Response of an HTTP outcall, and what its transform is given. */
export const HttpResponse = Record({ status: Nat, headers: Vec(Header), body: Blob })
const Transformed = Record({ response: HttpResponse, context: Blob })
const Change = Record({
  timestamp_nanos: Nat64,
  canister_version: Nat64,
  origin: Variant({
    from_user: Record({ user_id: Id }),
    from_canister: Record({ canister_id: Id, canister_version: Opt(Nat64) }),
  }),
  details: Variant({
    creation: Record({ controllers: Vec(Id) }),
    code_uninstall: Null,
    code_deployment: Record({ mode: Variant({ install: Null, reinstall: Null, upgrade: Null }), module_hash: Blob }),
    load_snapshot: Record({ snapshot_id: Blob }),
    controllers_change: Record({ controllers: Vec(Id) }),
  }),
})
const Snapshot = Record({ id: Blob, taken_at_timestamp: Nat64, total_size: Nat64 })

/** Argument and result of each method. */
export const METHODS = {
  create_canister: [Record({ settings: Opt(SettingsType), ...version }), byId],
  provisional_create_canister_with_cycles: [
    Record({ amount: Opt(Nat), settings: Opt(SettingsType), specified_id: Opt(Id), ...version }),
    byId,
  ],
  provisional_top_up_canister: [Record({ canister_id: Id, amount: Nat }), null],
  deposit_cycles: [byId, null],
  update_settings: [Record({ canister_id: Id, settings: SettingsType, ...version }), null],
  install_code: [Record({ mode: Mode, canister_id: Id, wasm_module: Blob, arg: Blob, ...version }), null],
  uninstall_code: [Record({ canister_id: Id, ...version }), null],
  start_canister: [byId, null],
  stop_canister: [byId, null],
  delete_canister: [byId, null],
  upload_chunk: [Record({ canister_id: Id, chunk: Blob }), Hash],
  stored_chunks: [byId, Vec(Hash)],
  clear_chunk_store: [byId, null],
  install_chunked_code: [
    Record({
      mode: Mode,
      target_canister: Id,
      store_canister: Opt(Id),
      chunk_hashes_list: Vec(Hash),
      wasm_module_hash: Blob,
      arg: Blob,
      ...version,
    }),
    null,
  ],
  canister_status: [
    byId,
    Record({
      status: Variant({ running: Null, stopping: Null, stopped: Null }),
      version: Nat64,
      settings: Record({
        controllers: Vec(Id),
        compute_allocation: Nat,
        memory_allocation: Nat,
        freezing_threshold: Nat,
        reserved_cycles_limit: Nat,
        wasm_memory_limit: Nat,
        wasm_memory_threshold: Nat,
        log_visibility: Visibility,
        environment_variables: Vec(EnvironmentVariable),
      }),
      module_hash: Opt(Blob),
      memory_size: Nat,
      cycles: Nat,
      idle_cycles_burned_per_day: Nat,
    }),
  ],
  canister_info: [
    Record({ canister_id: Id, num_requested_changes: Opt(Nat64) }),
    Record({ total_num_changes: Nat64, recent_changes: Vec(Change), module_hash: Opt(Blob), controllers: Vec(Id) }),
  ],
  canister_metadata: [Record({ canister_id: Id, name: Text }), Record({ value: Blob })],
  fetch_canister_logs: [
    byId,
    Record({ canister_log_records: Vec(Record({ idx: Nat64, timestamp_nanos: Nat64, content: Blob })) }),
  ],
  raw_rand: [null, Blob],
  vetkd_public_key: [Record({ canister_id: Opt(Id), context: Blob, key_id: VetKey }), Record({ public_key: Blob })],
  vetkd_derive_key: [
    Record({ input: Blob, context: Blob, transport_public_key: Blob, key_id: VetKey }),
    Record({ encrypted_key: Blob }),
  ],
  ecdsa_public_key: [Record({ canister_id: Opt(Id), derivation_path: Path, key_id: EcdsaKey }), DerivedKey],
  sign_with_ecdsa: [Record({ message_hash: Blob, derivation_path: Path, key_id: EcdsaKey }), Signature],
  schnorr_public_key: [Record({ canister_id: Opt(Id), derivation_path: Path, key_id: SchnorrKey }), DerivedKey],
  sign_with_schnorr: [Record({ message: Blob, derivation_path: Path, key_id: SchnorrKey }), Signature],
  http_request: [
    Record({
      url: Text,
      max_response_bytes: Opt(Nat64),
      method: Variant({ get: Null, head: Null, post: Null }),
      headers: Vec(Header),
      body: Opt(Blob),
      transform: Opt(Record({ function: IDL.Func([Transformed], [HttpResponse], ['query']), context: Blob })),
      is_replicated: Opt(IDL.Bool),
    }),
    HttpResponse,
  ],
  canister_metrics: [byId, Record({ cycles_consumed: Record({ instructions: Nat, memory: Nat }) })],
  subnet_info: [Record({ subnet_id: Id }), Record({ replica_version: Text, registry_version: Nat64 })],
  node_metrics_history: [
    Record({ subnet_id: Id, start_at_timestamp_nanos: Nat64 }),
    Vec(
      Record({
        timestamp_nanos: Nat64,
        node_metrics: Vec(Record({ node_id: Id, num_blocks_proposed_total: Nat64, num_block_failures_total: Nat64 })),
      }),
    ),
  ],
  take_canister_snapshot: [Record({ canister_id: Id, replace_snapshot: Opt(Blob), ...version }), Snapshot],
  load_canister_snapshot: [Record({ canister_id: Id, snapshot_id: Blob, ...version }), null],
  list_canister_snapshots: [byId, Vec(Snapshot)],
  delete_canister_snapshot: [Record({ canister_id: Id, snapshot_id: Blob }), null],
} as const satisfies Readonly<Record<string, readonly [argument: IDL.Type | null, result: IDL.Type | null]>>

export type Method = keyof typeof METHODS

/** An absent optional field is the empty list; so is every one that `given` leaves out. */
const optional = (type: IDL.RecordClass, given: object): object => ({
  ...Object.fromEntries(
    type._fields.flatMap(([name, field]) => (field instanceof IDL.OptClass ? [[name, [] as unknown]] : [])),
  ),
  ...given,
})

/** @param given fields of the argument; optional ones may be missing. Ids are bytes or `Principal`. */
export function encodeArgument(method: Method, given: object): Uint8Array {
  const [type] = METHODS[method]
  if (type === null) return IDL.encode([], [])
  const fields = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      isId(name) && value instanceof Uint8Array ? idOf(value) : value,
    ]),
  )
  return IDL.encode([type], [type instanceof IDL.RecordClass ? optional(type, fields) : fields])
}
const isId = (name: string): boolean => ['canister_id', 'target_canister', 'subnet_id'].includes(name)

/** `opt record {…}` of settings. Controllers are bytes. */
export function settingsOf(given: Readonly<Record<string, unknown>>): object {
  const { controllers, ...others } = given
  const named: Record<string, unknown> = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, [value]]),
  )
  if (Array.isArray(controllers)) named['controllers'] = [controllers.map((id: Uint8Array) => idOf(id))]
  return optional(SettingsType, named)
}

/** @returns what Candid decoding yields; the caller names its shape. */
export function decodeResult(method: Method, bytes: Uint8Array): unknown {
  const [, type] = METHODS[method]
  if (type === null) return undefined
  const [value] = IDL.decode([type], new Uint8Array(bytes))
  return value
}

export const idOf = (bytes: Uint8Array): Principal => Principal.fromUint8Array(bytes)
export const textOfId = (bytes: Uint8Array): string => idOf(bytes).toText()
export const idFromText = (text: string): Uint8Array => Principal.fromText(text).toUint8Array()

export interface Status {
  readonly status: { running: null } | { stopping: null } | { stopped: null }
  readonly version: bigint
  readonly settings: Readonly<Record<string, unknown>> & { readonly controllers: readonly Principal[] }
  readonly module_hash: [] | [Uint8Array]
  readonly memory_size: bigint
  readonly cycles: bigint
  readonly idle_cycles_burned_per_day: bigint
}
