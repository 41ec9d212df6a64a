import { authorKeyIdInput, isAuthorKeyShape } from '@medguard/crypto/verify'
import {
  type ArgOf,
  COMPARTMENT_KIND,
  type ConsentService,
  DEVICE_STATE,
  devicePrincipal,
  type DeviceState,
  type DeviceView,
  DEVICES_EVER_MAX,
  DEVICES_IN_ALL_MAX,
  DEVICES_LIVE_MAX,
  encodeFields,
  equalBytes,
  EVENT,
  POWER,
  Principal,
  refuse,
  RIGHT,
} from '@medguard/protocol'
import type { Buckets } from './buckets.ts'
import { changesOf, payerOf } from './change-budget.ts'
import { type FactSource, powersToGive, type VaultFacts, vaultNamed } from './decision.ts'
import type { Device, DeviceBook } from './device-book.ts'
import { positionOfId } from './id-list.ts'
import type { LeafDraft } from './outbox.ts'
import { type Answer, NOT_PERMITTED, wrongId } from './people.ts'
import { sha256 } from './sha256.ts'

/**
 * A patient's devices, in whichever canister. To let something post is to give the right to write: who may do that, may add, resume and rotate. Ending needs the power to
 * share alone, waits for no log and takes from no budget.
 */

export interface DeviceHost<A extends VaultFacts> {
  readonly devices: DeviceBook
  readonly facts: Pick<FactSource<A>, 'account' | 'vault' | 'powers'>
  readonly budgets: Buckets
  readonly nowNs: () => bigint
  readonly isLogFull: (patientId: Uint8Array) => boolean
  /** Queues a leaf, in the canister that writes the log of this; the other does nothing (decision 16). */
  readonly log: (draft: () => LeafDraft) => void
  readonly changed: (patientId: Uint8Array) => void
  /** When a device posted last, where that is known. */
  readonly useOf: (deviceId: Uint8Array) => DeviceView['use']
}

/** Changes that are repeatable by what they do. */
export const NOTED_DEVICES = ['addDevice', 'changeDevice', 'rotateDevice', 'removeDevice'] as const

/** What it takes to let a device post. */
const TO_LET_WRITE = powersToGive(RIGHT.write)

export function addDevice<A extends VaultFacts>(
  host: DeviceHost<A>,
  arg: ArgOf<ConsentService['addDevice']>,
  caller: Uint8Array,
): Answer<DeviceView> {
  const { devices, nowNs } = host
  const { deviceId, cid, algorithm, publicKey } = arg
  const wrong = wrongIds(arg) ?? wrongId('cid', cid)
  if (wrong !== null) return { Err: wrong }
  if (!isAuthorKeyShape(algorithm, publicKey)) return { Err: refuse.badInput('publicKey', 'format') }
  const vault = vaultNamed(arg.patientId[0], caller, host.facts, TO_LET_WRITE, nowNs())
  if (vault === null || positionOfId(vault.cids, cid) < 0) return NOT_PERMITTED
  const { patientId } = vault
  const present = devices.get(deviceId)
  if (present !== undefined) {
    const isSame =
      present.state !== DEVICE_STATE.removed &&
      equalBytes(present.patientId, patientId) &&
      equalBytes(present.cid, cid) &&
      hasKey(present, arg)
    return isSame ? { Ok: viewOf(host, deviceId, present) } : { Err: refuse.idConflict }
  }
  const { ever, live } = devicesOf(host, patientId)
  if (live.some((each) => hasKey(each, arg))) return { Err: refuse.idConflict }
  const isFull = live.length >= DEVICES_LIVE_MAX || ever >= DEVICES_EVER_MAX
  if (isFull || devices.count() >= BigInt(DEVICES_IN_ALL_MAX)) return { Err: refuse.full }
  const refusal = refuseChange(host, vault, arg, caller)
  if (refusal !== null) return { Err: refusal }
  const now = nowNs()
  const device: Device = {
    patientId,
    cid,
    algorithm,
    publicKey,
    principal: devicePrincipal(algorithm, publicKey).toUint8Array(),
    state: DEVICE_STATE.active,
    addedNs: now,
    changedNs: now,
    giverId: payerOf(arg.patientId[0], vault, caller, host.facts),
  }
  devices.add(deviceId, device)
  tell(host, EVENT.deviceAdded, { deviceId, device, actor: caller, requestId: arg.requestId })
  return { Ok: viewOf(host, deviceId, device) }
}

/** Pauses a device, or lets it go on. */
export function changeDevice<A extends VaultFacts>(
  host: DeviceHost<A>,
  arg: ArgOf<ConsentService['changeDevice']>,
  caller: Uint8Array,
): Answer<DeviceView> {
  const { deviceId, change } = arg
  const wrong = wrongIds(arg)
  if (wrong !== null) return { Err: wrong }
  const isPause = 'pause' in change
  const found = deviceNamed(host, arg, caller, isPause ? POWER.share : TO_LET_WRITE)
  if (found === null || found.device.state === DEVICE_STATE.removed) return NOT_PERMITTED
  const { device, vault } = found
  const state = isPause ? DEVICE_STATE.paused : DEVICE_STATE.active
  if (device.state === state) return { Ok: viewOf(host, deviceId, device) }
  const refusal = isPause ? null : refuseChange(host, vault, arg, caller)
  if (refusal !== null) return { Err: refusal }
  const giver = isPause ? {} : { giverId: payerOf(arg.patientId[0], vault, caller, host.facts) }
  const changed = host.devices.change(deviceId, device, { state, changedNs: host.nowNs(), ...giver })
  const event = isPause ? EVENT.devicePaused : EVENT.deviceChanged
  tell(host, event, { deviceId, device: changed, actor: caller, requestId: arg.requestId })
  return { Ok: viewOf(host, deviceId, changed) }
}

export function rotateDevice<A extends VaultFacts>(
  host: DeviceHost<A>,
  arg: ArgOf<ConsentService['rotateDevice']>,
  caller: Uint8Array,
): Answer<DeviceView> {
  const { deviceId, algorithm, publicKey } = arg
  const wrong = wrongIds(arg)
  if (wrong !== null) return { Err: wrong }
  if (!isAuthorKeyShape(algorithm, publicKey)) return { Err: refuse.badInput('publicKey', 'format') }
  const found = deviceNamed(host, arg, caller, TO_LET_WRITE)
  if (found === null || found.device.state === DEVICE_STATE.removed) return NOT_PERMITTED
  const { device, vault } = found
  if (hasKey(device, arg)) return { Ok: viewOf(host, deviceId, device) }
  if (devicesOf(host, vault.patientId).live.some((each) => hasKey(each, arg))) return { Err: refuse.idConflict }
  const refusal = refuseChange(host, vault, arg, caller)
  if (refusal !== null) return { Err: refusal }
  const principal = devicePrincipal(algorithm, publicKey).toUint8Array()
  const giverId = payerOf(arg.patientId[0], vault, caller, host.facts)
  const changedNs = host.nowNs()
  const changed = host.devices.change(deviceId, device, { algorithm, publicKey, principal, changedNs, giverId })
  tell(host, EVENT.deviceRotated, { deviceId, device: changed, actor: caller, requestId: arg.requestId })
  return { Ok: viewOf(host, deviceId, changed) }
}

export function removeDevice<A extends VaultFacts>(
  host: DeviceHost<A>,
  arg: ArgOf<ConsentService['removeDevice']>,
  caller: Uint8Array,
): Answer<DeviceView> {
  const { deviceId } = arg
  const wrong = wrongIds(arg)
  if (wrong !== null) return { Err: wrong }
  const found = deviceNamed(host, arg, caller, POWER.share)
  if (found === null) return NOT_PERMITTED
  const { device } = found
  const state = DEVICE_STATE.removed
  if (device.state === state) return { Ok: viewOf(host, deviceId, device) }
  const changed = host.devices.change(deviceId, device, { state, changedNs: host.nowNs() })
  tell(host, EVENT.deviceRemoved, { deviceId, device: changed, actor: caller, requestId: arg.requestId })
  return { Ok: viewOf(host, deviceId, changed) }
}

export function devices<A extends VaultFacts>(
  host: DeviceHost<A>,
  { patientId: [named] }: ArgOf<ConsentService['devices']>,
  caller: Uint8Array,
): Answer<DeviceView[]> {
  const wrong = named === undefined ? null : wrongId('patientId', named)
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(named, caller, host.facts, POWER.read, host.nowNs())
  if (vault === null) return NOT_PERMITTED
  const views = host.devices.idsOf(vault.patientId).flatMap((deviceId) => {
    const device = host.devices.get(deviceId)
    return device === undefined ? [] : [viewOf(host, deviceId, device)]
  })
  return { Ok: views }
}

/** Nobody lets write for longer than they may: what they let post in a patient's place waits for somebody else to let it go on. */
export function pauseGivenBy<A extends VaultFacts>(
  host: Pick<DeviceHost<A>, 'devices' | 'nowNs' | 'log' | 'changed'>,
  ending: {
    readonly patientId: Uint8Array
    readonly giverId: Uint8Array
    readonly actor: Uint8Array
    readonly requestId: Uint8Array
  },
): void {
  const { patientId, giverId, actor, requestId } = ending
  for (const deviceId of host.devices.idsOf(patientId)) {
    const device = host.devices.get(deviceId)
    if (device?.state !== DEVICE_STATE.active || !equalBytes(device.giverId, giverId)) continue
    const paused = host.devices.change(deviceId, device, { state: DEVICE_STATE.paused, changedNs: host.nowNs() })
    tell(host, EVENT.devicePaused, { deviceId, device: paused, actor, requestId })
  }
}

const STATES: Readonly<Record<number, DeviceState>> = {
  [DEVICE_STATE.active]: { active: null },
  [DEVICE_STATE.paused]: { paused: null },
}
export const deviceStateOf = (state: number): DeviceState => STATES[state] ?? { removed: null }

const hasKey = (device: Device, { algorithm, publicKey }: Pick<Device, 'algorithm' | 'publicKey'>): boolean =>
  device.algorithm === algorithm && equalBytes(device.publicKey, publicKey)

/**
 * How many devices a patient ever had, and those that are not removed. A key is one device's of its patient; whether others named the same key is their affair: public keys are known to
 * many, each call names its device, and nothing asks whose a key is. So nobody keeps a device, or a person, from their own key.
 */
function devicesOf({ devices }: Pick<DeviceHost<VaultFacts>, 'devices'>, patientId: Uint8Array) {
  const ids = devices.idsOf(patientId)
  const live = ids.flatMap((deviceId) => {
    const device = devices.get(deviceId)
    return device === undefined || device.state === DEVICE_STATE.removed ? [] : [device]
  })
  return { ever: ids.length, live }
}

/** The device somebody names, if it is of the vault they may do this in. */
function deviceNamed<A extends VaultFacts>(
  { devices, facts, nowNs }: DeviceHost<A>,
  arg: { readonly patientId: [] | [Uint8Array]; readonly deviceId: Uint8Array },
  caller: Uint8Array,
  powers: number,
): { readonly vault: VaultFacts; readonly device: Device } | null {
  const vault = vaultNamed(arg.patientId[0], caller, facts, powers, nowNs())
  const device = devices.get(arg.deviceId)
  return vault === null || device === undefined || !equalBytes(device.patientId, vault.patientId)
    ? null
    : { vault, device }
}

/** Takes one change from who makes it. */
function refuseChange<A extends VaultFacts>(
  host: DeviceHost<A>,
  vault: VaultFacts,
  arg: { readonly patientId: [] | [Uint8Array] },
  caller: Uint8Array,
) {
  if (host.isLogFull(vault.patientId)) return refuse.logUnavailable
  return changesOf(host.budgets, payerOf(arg.patientId[0], vault, caller, host.facts), host.nowNs()).take()
}

function wrongIds(arg: {
  readonly patientId: [] | [Uint8Array]
  readonly deviceId: Uint8Array
  readonly requestId: Uint8Array
}) {
  const [patientId] = arg.patientId
  return (
    (patientId === undefined ? null : wrongId('patientId', patientId)) ??
    wrongId('deviceId', arg.deviceId) ??
    wrongId('requestId', arg.requestId)
  )
}

function tell<A extends VaultFacts>(
  { log, changed }: Pick<DeviceHost<A>, 'log' | 'changed'>,
  event: number,
  of: {
    readonly deviceId: Uint8Array
    readonly device: Device
    readonly actor: Uint8Array
    readonly requestId: Uint8Array
  },
): void {
  const { deviceId, device, actor, requestId } = of
  const { patientId, principal, cid, algorithm, publicKey } = device
  log(() => ({
    event,
    compartmentKind: COMPARTMENT_KIND.category,
    actor,
    patientId,
    objectId: deviceId,
    requestId,
    // All five say the same.
    fields: encodeFields('deviceAdded', {
      principal,
      cid,
      algorithm,
      keyHash: sha256(authorKeyIdInput(algorithm, publicKey)),
    }),
  }))
  changed(patientId)
}

function viewOf<A extends VaultFacts>(host: DeviceHost<A>, deviceId: Uint8Array, device: Device): DeviceView {
  const { cid, algorithm, publicKey, addedNs, changedNs } = device
  return {
    deviceId,
    cid,
    algorithm,
    publicKey,
    principal: Principal.fromUint8Array(device.principal),
    state: deviceStateOf(device.state),
    addedNs,
    changedNs,
    use: host.useOf(deviceId),
  }
}
