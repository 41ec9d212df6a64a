// Who may do what. Controllers decide about permissions but, as with the official canister, need one of their own to change contents.
import { Principal } from '@dfinity/principal'
import { hex } from '../../certificates/index.ts'
import { type NativeCall, NativeReject, NativeTrap } from '../native-canister.ts'
import type { InitArgValue, Permission, PermissionName } from './interface.ts'
import type { Permitted, Records } from './records.ts'

type Caller = Pick<NativeCall, 'caller' | 'isController'>

/** @throws NativeReject unless the caller may upload; who may commit may. */
export function requirePrepare({ caller }: Caller, records: Records): void {
  const { Prepare, Commit } = records.permitted()
  if (![...Prepare, ...Commit].includes(hex(caller))) throw new NativeReject('Caller does not have Prepare permission')
}

/** @throws NativeReject unless the caller may change contents. */
export function requireCommit({ caller }: Caller, records: Records): void {
  if (!records.permitted().Commit.includes(hex(caller)))
    throw new NativeReject('Caller does not have Commit permission')
}

/** The official canister rejects whom it does not let in, but traps where it decides later; clients tell the two apart. */
type Refusal = typeof NativeReject | typeof NativeTrap

export function requireController({ caller, isController }: Caller, refusal: Refusal = NativeReject): void {
  if (!isController(caller)) throw new refusal('Caller is not a controller.')
}

function requirePermissionOrController(
  call: Caller,
  records: Records,
  permission: PermissionName,
  refusal: Refusal,
): void {
  if (call.isController(call.caller) || records.permitted()[permission].includes(hex(call.caller))) return
  throw new refusal(`Caller does not have ${permission} permission and is not a controller.`)
}

export function permissionName(permission: Permission): PermissionName {
  if ('Commit' in permission) return 'Commit'
  return 'Prepare' in permission ? 'Prepare' : 'ManagePermissions'
}

export function grant(call: Caller, records: Records, principal: Principal, permission: PermissionName): void {
  requirePermissionOrController(call, records, 'ManagePermissions', NativeReject)
  setPermission(records, permission, [...records.permitted()[permission], hex(principal.toUint8Array())])
}

/** Anybody may give up a permission of their own. */
export function revoke(call: Caller, records: Records, principal: Principal, permission: PermissionName): void {
  const id = hex(principal.toUint8Array())
  const needed = id === hex(call.caller) ? permission : 'ManagePermissions'
  requirePermissionOrController(call, records, needed, NativeTrap)
  setPermission(
    records,
    permission,
    records.permitted()[permission].filter((one) => one !== id),
  )
}

/** The older way to revoke Commit: of oneself, or as a controller. */
export function deauthorize(call: Caller, records: Records, principal: Principal): void {
  if (hex(principal.toUint8Array()) !== hex(call.caller)) requireController(call, NativeTrap)
  revoke(call, records, principal, 'Commit')
}

export function takeOwnership(call: Caller, records: Records): void {
  requireController(call)
  records.putPermitted({ Commit: [hex(call.caller)], Prepare: [], ManagePermissions: [] })
}

/** Whoever installs may change contents, unless the argument says who may. */
export function initialPermissions({ caller }: Caller, [given]: InitArgValue): Permitted {
  const [set] = given?.Init?.set_permissions ?? []
  if (set === undefined) return { Commit: [hex(caller)], Prepare: [], ManagePermissions: [] }
  return {
    Commit: ordered(set.commit.map((one) => hex(one.toUint8Array()))),
    Prepare: ordered(set.prepare.map((one) => hex(one.toUint8Array()))),
    ManagePermissions: ordered(set.manage_permissions.map((one) => hex(one.toUint8Array()))),
  }
}

export const permittedPrincipals = (records: Records, permission: PermissionName): Principal[] =>
  records.permitted()[permission].map((id) => Principal.fromHex(id))

const PERMITTED_MAX = 10_000

function setPermission(records: Records, permission: PermissionName, ids: readonly string[]): void {
  const list = ordered(ids)
  if (list.length > PERMITTED_MAX) throw new NativeTrap(`no more than ${PERMITTED_MAX} principals have one permission`)
  records.putPermitted({ ...records.permitted(), [permission]: list })
}

const ordered = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted()
