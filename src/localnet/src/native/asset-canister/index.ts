// The asset canister that this network runs where no Wasm of the official one is given: same interface, same certificates.
import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import { decodeCandid } from '../../candid/index.ts'
import { encodeTagged, hex } from '../../certificates/index.ts'
import { type NativeCall, type NativeCanister, type NativeMethod, NativeTrap } from '../native-canister.ts'
import * as assets from './assets.ts'
import * as batches from './batches.ts'
import { certifiedTree, certify } from './certification.ts'
import { stateHashOf } from './evidence.ts'
import { chunkOf, encodingOf, httpRequest, streamingCallback } from './http.ts'
import { InitArg, type InitArgValue, type MethodName, METHODS, NO_FIELDS, type Permission } from './interface.ts'
import type * as args from './interface.ts'
import { get, listAssets, properties, retrieve } from './listing.ts'
import * as permissions from './permissions.ts'
import * as proposals from './proposals.ts'
import { type Records, recordsIn } from './records.ts'
import { environmentCookie } from './response.ts'

export { candidInterface as assetCanisterCandid } from './interface.ts'

interface Context {
  readonly call: NativeCall
  readonly records: Records
}
/** Arguments are of the Candid types in `METHODS`; so is the result, if there is one. */
type Handler = (context: Context, ...args: never[]) => unknown

interface ToPrincipal {
  readonly to_principal: Principal
  readonly permission: Permission
}
interface OfPrincipal {
  readonly of_principal: Principal
  readonly permission: Permission
}

const nameOf = permissions.permissionName
const valid = (text: string) => ({ Ok: text })

const HANDLERS = {
  api_version: () => 2,
  get: ({ records }, arg: Parameters<typeof get>[1]) => get(records, arg),
  get_chunk: ({ records }, arg: args.ChunkArgs) => ({ content: chunkOf(records, encodingOf(records, arg), arg.index) }),
  retrieve: ({ records }, key: string) => retrieve(records, key),
  list: ({ records }, arg: Parameters<typeof listAssets>[1]) => listAssets(records, arg),
  certified_tree({ call, records }) {
    const certificate = call.certificate()
    if (certificate === null) throw new NativeTrap('no data certificate available')
    return { certificate, tree: encodeTagged(certifiedTree(records)) }
  },
  create_batch: ({ call, records }) => ({ batch_id: batches.createBatch(call, records) }),
  create_chunk({ call, records }, { batch_id, content }: args.BatchArgs & { content: Uint8Array }) {
    const [chunk_id] = batches.createChunks(call, records, batch_id, [Uint8Array.from(content)])
    return { chunk_id }
  },
  create_chunks({ call, records }, { batch_id, content }: args.BatchArgs & { content: Uint8Array[] }) {
    const contents = content.map((one) => Uint8Array.from(one))
    return { chunk_ids: batches.createChunks(call, records, batch_id, contents) }
  },
  commit_batch: ({ call, records }, arg: args.CommitBatchArgs) => assets.commitBatch(call, records, arg),
  propose_commit_batch: ({ call, records }, arg: args.CommitBatchArgs) =>
    proposals.proposeCommitBatch(call, records, arg),
  commit_proposed_batch: ({ call, records }, arg: proposals.CommitProposedArgs) =>
    proposals.commitProposedBatch(call, records, arg),
  compute_evidence: ({ records }, arg: args.BatchArgs) => proposals.computeEvidence(records, arg),
  compute_state_hash({ records }) {
    const certified = records.certified()
    const stateHash = certified?.stateHash ?? hex(stateHashOf(records))
    if (certified !== null) records.putCertified({ ...certified, stateHash })
    return [stateHash]
  },
  get_state_info({ records }) {
    const { changedNs = 0, stateHash = null } = records.certified() ?? {}
    return { last_state_update_timestamp: BigInt(changedNs), state_hash: stateHash === null ? [] : [stateHash] }
  },
  delete_batch: ({ records }, { batch_id }: args.BatchArgs) => batches.deleteBatch(records, batch_id),
  create_asset: ({ records }, arg: args.CreateAssetArgs) => assets.createAsset(records, arg),
  set_asset_content: ({ call, records }, arg: args.SetAssetContentArgs) => assets.setAssetContent(call, records, arg),
  unset_asset_content: ({ records }, arg: args.EncodingArgs) => assets.unsetAssetContent(records, arg),
  delete_asset: ({ records }, { key }: args.KeyArgs) => records.deleteAsset(key),
  clear: ({ records }) => assets.clear(records),
  store: ({ call, records }, arg: args.StoreArgs) => assets.storeAsset(call, records, arg),
  http_request: ({ call, records }, arg: args.HttpRequestArgs) => httpRequest(call, records, arg),
  http_request_streaming_callback: ({ records }, arg: args.ChunkArgs) => streamingCallback(records, arg),
  authorize: ({ call, records }, other: Principal) => permissions.grant(call, records, other, 'Commit'),
  deauthorize: ({ call, records }, other: Principal) => permissions.deauthorize(call, records, other),
  list_authorized: ({ records }) => permissions.permittedPrincipals(records, 'Commit'),
  grant_permission: ({ call, records }, { to_principal, permission }: ToPrincipal) =>
    permissions.grant(call, records, to_principal, nameOf(permission)),
  revoke_permission: ({ call, records }, { of_principal, permission }: OfPrincipal) =>
    permissions.revoke(call, records, of_principal, nameOf(permission)),
  list_permitted: ({ records }, { permission }: { permission: Permission }) =>
    permissions.permittedPrincipals(records, nameOf(permission)),
  take_ownership: ({ call, records }) => permissions.takeOwnership(call, records),
  get_asset_properties: ({ records }, key: string) => properties(key, assets.assetOf(records, key), records),
  set_asset_properties: ({ records }, arg: args.SetAssetPropertiesArgs) => assets.setAssetProperties(records, arg),
  get_configuration: ({ records }) => batches.configuration(records.limits()),
  configure: ({ records }, arg: args.ConfigureArgs) => batches.configure(records, arg),
  validate_grant_permission: (_context, { to_principal, permission }: ToPrincipal) =>
    valid(`grant ${nameOf(permission)} permission to principal ${to_principal.toText()}`),
  validate_revoke_permission: (_context, { of_principal, permission }: OfPrincipal) =>
    valid(`revoke ${nameOf(permission)} permission from principal ${of_principal.toText()}`),
  validate_take_ownership: () => valid('revoke all permissions, then gives the caller Commit permissions'),
  validate_commit_proposed_batch: ({ records }, arg: proposals.CommitProposedArgs) =>
    proposals.validateCommitProposedBatch(records, arg),
  validate_configure: (_context, arg: args.ConfigureArgs) => valid(batches.describeConfigure(arg)),
} satisfies Record<MethodName, Handler>

type Guard = (call: NativeCall, records: Records) => void
const GUARDS: Readonly<Partial<Record<MethodName, Guard>>> = {
  create_batch: permissions.requirePrepare,
  create_chunk: permissions.requirePrepare,
  create_chunks: permissions.requirePrepare,
  propose_commit_batch: permissions.requirePrepare,
  compute_evidence: permissions.requirePrepare,
  delete_batch: permissions.requirePrepare,
  get_configuration: permissions.requirePrepare,
  commit_batch: permissions.requireCommit,
  commit_proposed_batch: permissions.requireCommit,
  create_asset: permissions.requireCommit,
  set_asset_content: permissions.requireCommit,
  unset_asset_content: permissions.requireCommit,
  delete_asset: permissions.requireCommit,
  clear: permissions.requireCommit,
  store: permissions.requireCommit,
  set_asset_properties: permissions.requireCommit,
  configure: permissions.requireCommit,
}

/** Methods after which other responses hold than before. */
const CHANGING: ReadonlySet<MethodName> = new Set([
  'commit_batch',
  'commit_proposed_batch',
  'create_asset',
  'set_asset_content',
  'unset_asset_content',
  'delete_asset',
  'clear',
  'store',
  'set_asset_properties',
])

function method(name: MethodName): NativeMethod {
  const { kind, args: argTypes, results } = METHODS[name]
  const handler: Handler = HANDLERS[name]
  return {
    kind,
    run(call) {
      const records = recordsIn(call.store)
      GUARDS[name]?.(call, records)
      const result = handler({ call, records }, ...(decode(argTypes, call.arg) as never[]))
      if (CHANGING.has(name)) publish(call, records)
      return new Uint8Array(IDL.encode([...results], results.length === 0 ? [] : [result]))
    },
  }
}

/** Certifies what there is now, under the environment as it is now. */
function publish(call: NativeCall, records: Records): void {
  records.putEnvironment(environmentCookie(call.rootKeyDer, call.environment))
  certify(call, records)
}

export const ASSET_CANISTER: NativeCanister = {
  init(call) {
    const records = recordsIn(call.store)
    records.putPermitted(permissions.initialPermissions(call, initArgument(call.arg)))
    certify(call, records)
  },
  methods: Object.fromEntries((Object.keys(METHODS) as MethodName[]).map((name) => [name, method(name)])),
}

/** Tools install without arguments, which Candid reads as an option that is not there. */
const NO_ARGUMENTS = 'DIDL\0\0'

function initArgument(arg: Uint8Array): InitArgValue {
  if (arg.length === 0 || Buffer.from(arg).toString('latin1') === NO_ARGUMENTS) return []
  const [given] = decode([InitArg], arg) as [InitArgValue]
  if (given[0] !== undefined && given[0].Init === undefined) {
    throw new NativeTrap('Cannot initialize the canister with an Upgrade argument. Please provide an Init argument.')
  }
  return given
}

/** @throws NativeTrap for anything but these types. */
function decode(types: readonly IDL.Type[], arg: Uint8Array): unknown[] {
  try {
    // A record without fields says nothing, so it may be missing.
    return decodeCandid(
      types.filter((type) => type !== NO_FIELDS),
      arg,
    )
  } catch (error) {
    throw new NativeTrap(`failed to decode call arguments: ${error instanceof Error ? error.message : 'not Candid'}`)
  }
}
