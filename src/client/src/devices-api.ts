import type { Category } from '@medguard/protocol'
import type { Outcome } from './api.ts'

// Devices of a patient that post readings by themselves: each with a key of its own, for one kind of records, and no other right.

export const DEVICES_MEDIA_TYPE = 'application/vnd.medguard.devices+json'

export interface NewDevice {
  /** What the patient calls it. Sealed: no canister reads it. */
  readonly name: string
  /** What it is, in the patient's words. Sealed too. */
  readonly kind?: string
  /** Where its readings go. */
  readonly category: Category
  /** Its own key, raw: Ed25519, 32 bytes, or P-256, 65 bytes. Absent: one is made, and given out this once. */
  readonly publicKey?: Uint8Array
}

/** `notFinished`: one canister alone has it, or they differ: it posts nothing. Remove it, or add it again. */
export type PostingState = 'active' | 'paused' | 'removed' | 'notFinished'

export interface DeviceInfo {
  /** Hexadecimal. */
  readonly deviceId: string
  /** Null where the patient's sealed list has none, or was not opened. */
  readonly name: string | null
  readonly kind: string | null
  readonly category: Category
  /** Principal of its key, which stands with what it posted. */
  readonly principal: string
  readonly state: PostingState
  readonly addedNs: bigint
  /** Null before it first posted or asked. */
  readonly lastSeenNs: bigint | null
}

/** All that a device needs, for its own memory and nobody else's: with the private key it posts as the device. It opens nothing. */
export interface DevicePairing {
  readonly format: 1
  readonly url: string
  /** DER, hexadecimal. */
  readonly rootKey: string
  readonly canisters: { readonly consent: string; readonly records: string }
  /** Hexadecimal, as all that follow. */
  readonly deviceId: string
  readonly patientId: string
  /** Id of the category's compartment. */
  readonly cid: string
  /** 96 bytes: what capsules are sealed with. Derived offline, never fetched. */
  readonly sealingKey: string
  readonly algorithm: 'Ed25519' | 'P-256'
  readonly publicKey: string
  /** 32 bytes, of a key that was made here; absent where the device has its own. */
  readonly privateKey?: string
}

export interface PairedDevice {
  readonly device: DeviceInfo
  readonly pairing: DevicePairing
  /** What a device needs of it in one line, for a QR code or to be copied. */
  readonly code: string
}

export interface DevicesPart {
  /** All there ever were. Their names are in a record of each category that they post to, whose opening is in the log. */
  devices(): Promise<Outcome<readonly DeviceInfo[]>>
  /** Both canisters have it before it posts; where the second one does not answer, it is `notFinished`. */
  addDevice(device: NewDevice): Promise<Outcome<PairedDevice>>
  renameDevice(deviceId: string, name: string): Promise<Outcome<null>>
  pauseDevice(deviceId: string): Promise<Outcome<null>>
  resumeDevice(deviceId: string): Promise<Outcome<null>>
  /** Another key for the same device: the former one posts nothing from now on. */
  rotateDevice(deviceId: string, publicKey?: Uint8Array): Promise<Outcome<PairedDevice>>
  /** For good. What it posted stays. */
  removeDevice(deviceId: string): Promise<Outcome<null>>
}
