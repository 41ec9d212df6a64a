import { Ed25519KeyIdentity } from '@dfinity/identity'
import {
  batchOf,
  devicePlace,
  type ReadingsHeader,
  rewrapReadings,
  type SealedReadings,
  sealReadings,
} from '@medguard/device'
import { type CapsuleChain, newCapsule, nextStep } from '@medguard/crypto'
import type { DeviceView, Principal } from '@medguard/protocol'
import { type Calls, freshId, type Sender } from './clinic.ts'
import { capsuleKey } from './sealed-record.ts'

// Devices of a patient, with every message in the test's hand.

export const BOTH = ['records', 'consent'] as const

export interface TestDevice {
  readonly deviceId: Uint8Array
  readonly cid: Uint8Array
  readonly patientId: Uint8Array
  readonly identity: Ed25519KeyIdentity
  readonly principal: Principal
}

export const newKey = () => {
  const identity = Ed25519KeyIdentity.generate()
  return { identity, principal: identity.getPrincipal(), publicKey: new Uint8Array(identity.getPublicKey().toRaw()) }
}

export const addArg = (cid: Uint8Array, publicKey: Uint8Array = newKey().publicKey) => ({
  patientId: [] as [] | [Uint8Array],
  deviceId: freshId(),
  cid,
  algorithm: 1,
  publicKey,
  requestId: freshId(),
})

/** Registered in both canisters. */
export async function registered(
  clinic: Calls,
  patient: Sender,
  { patientId, cid }: { readonly patientId: Uint8Array; readonly cid: Uint8Array },
): Promise<TestDevice> {
  const key = newKey()
  const arg = addArg(cid, key.publicKey)
  for (const canister of BOTH) await clinic.ok(patient, canister, 'addDevice', arg)
  const { identity, principal } = key
  return { deviceId: arg.deviceId, cid, patientId: new Uint8Array(patientId), identity, principal }
}

export const changed = async (
  clinic: Calls,
  patient: Sender,
  { deviceId }: Pick<TestDevice, 'deviceId'>,
  change: { pause: null } | { resume: null },
): Promise<void> => {
  for (const canister of BOTH)
    await clinic.ok(patient, canister, 'changeDevice', { patientId: [], deviceId, change, requestId: freshId() })
}
export const removed = async (clinic: Calls, patient: Sender, deviceId: Uint8Array): Promise<void> => {
  for (const canister of BOTH)
    await clinic.ok(patient, canister, 'removeDevice', { patientId: [], deviceId, requestId: freshId() })
}

export const HEADER: ReadingsHeader = { title: 'Readings', mediaType: 'application/octet-stream' }

/** A device's state: its chain, its capsule and its next number. */
export interface Sealer {
  readonly capsule: Uint8Array
  seal(content?: Uint8Array, header?: ReadingsHeader): Promise<SealedReadings>
  rewrap(readings: SealedReadings): Promise<SealedReadings>
  /** A new record as a batch. */
  batch(
    seq: number,
    options?: { content?: Uint8Array; header?: ReadingsHeader; withCapsule?: boolean },
  ): Promise<Uint8Array>
  of(seq: number, readings: SealedReadings, withCapsule?: boolean): Uint8Array
}

export async function sealerOf(
  clinic: Pick<Calls, 'ids'>,
  device: Pick<TestDevice, 'deviceId' | 'patientId' | 'cid'>,
  epoch = 1,
): Promise<Sealer> {
  const made = await newCapsule(capsuleKey(clinic), devicePlace(device, epoch))
  let chain: CapsuleChain = made.chain
  const step = async () => {
    const next = await nextStep(chain)
    chain = next.chain
    return next.key
  }
  const sealer: Sealer = {
    capsule: made.capsule,
    seal: async (content = new TextEncoder().encode('62 bpm'), header = HEADER) =>
      sealReadings(await step(), content, header),
    rewrap: async (readings) => rewrapReadings(await step(), readings),
    batch: async (seq, { content, header, withCapsule } = {}) =>
      sealer.of(seq, await sealer.seal(content, header), withCapsule),
    of: (seq, readings, withCapsule = true) =>
      batchOf({ deviceId: device.deviceId, seq }, readings, withCapsule ? made.capsule : null),
  }
  return sealer
}

export const stateOf = ({ state }: Pick<DeviceView, 'state'>): string => Object.keys(state)[0] ?? ''
