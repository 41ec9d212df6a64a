import { DEVICE_STATE } from '@medguard/protocol'
import { assert } from './assert.ts'
import { createCounters } from './collections/counters.ts'
import { bytes, principal, u64, u8 } from './collections/fields.ts'
import { keyOf, type RowCodec, rowOf } from './collections/rows.ts'
import { idsIn } from './id-list.ts'
import { type Rows, section } from './maps.ts'

/** A device that may post into one category. Consent and records keep a copy each and read it by this same code. */
export interface Device {
  readonly patientId: Uint8Array
  readonly cid: Uint8Array
  /** Of its public key: 1 Ed25519, 2 P-256. */
  readonly algorithm: number
  readonly publicKey: Uint8Array
  /** Raw principal of that key. */
  readonly principal: Uint8Array
  /** Of `DEVICE_STATE`. */
  readonly state: number
  readonly addedNs: bigint
  readonly changedNs: bigint
  /** Patient id of whoever let it post last: the patient's own, or that of who acts in their place. */
  readonly giverId: Uint8Array
}

const id = bytes(16)
const HEAD = { patientId: id, cid: id, principal, state: u8, addedNs: u64, changedNs: u64, giverId: id }
/** By algorithm, whose keys have a length each. */
const OF_ED25519 = rowOf(1, { ...HEAD, publicKey: bytes(32) })
const OF_P256 = rowOf(2, { ...HEAD, publicKey: bytes(65) })
const DEVICE: RowCodec<Device> = {
  encode: ({ algorithm, ...device }) => (algorithm === 1 ? OF_ED25519 : OF_P256).encode(device),
  decode(row) {
    const device = row[0] === 1 ? OF_ED25519.decode(row) : OF_P256.decode(row)
    return device === null ? null : { ...device, algorithm: row[0] ?? 0 }
  },
}
/** Decoded where there is none, so that looking costs the same (I7): the longer of the two. It may nothing. */
const NO_DEVICE = OF_P256.encode({
  patientId: new Uint8Array(16),
  cid: new Uint8Array(16),
  principal: new Uint8Array(29),
  state: DEVICE_STATE.removed,
  addedNs: 0n,
  changedNs: 0n,
  giverId: new Uint8Array(16),
  publicKey: new Uint8Array(65),
})
const NONE = new Uint8Array(0)
const ALL = new Uint8Array(0)

/**
 * @param rows 0: device id -> Device. 1: patient id -> n × device id, of all they ever had. 2: raw principal -> device id, as former releases wrote it: goes with its device, or with the
 * device's next change. 3: how many devices there are of everybody.
 */
export function createDeviceBook(rows: Rows) {
  const devices = section(rows, 0)
  const ofPatient = section(rows, 1)
  const formerIndex = section(rows, 2)
  const total = createCounters(section(rows, 3))
  const keyAt = keyOf({ deviceId: id })
  const book = {
    /** Undefined for what nobody has, at the same cost. */
    get(deviceId: Uint8Array): Device | undefined {
      const row = devices.get(keyAt({ deviceId }))
      const device = DEVICE.decode(row ?? NO_DEVICE)
      assert(device !== null, 'a stored device decodes')
      return row === undefined ? undefined : device
    },
    /** Ids of all that a patient ever had, in the order they came. */
    idsOf: (patientId: Uint8Array): Uint8Array[] => idsIn(ofPatient.get(patientId) ?? NONE),
    count: (): bigint => total.of(ALL),
    add(deviceId: Uint8Array, device: Device): void {
      const before = ofPatient.get(device.patientId) ?? NONE
      const after = new Uint8Array(before.length + deviceId.length)
      after.set(before)
      after.set(deviceId, before.length)
      ofPatient.set(device.patientId, after)
      devices.set(keyAt({ deviceId }), DEVICE.encode(device))
      total.add(ALL, 1n)
    },
    /** @returns the device as it is now. */
    change(deviceId: Uint8Array, before: Device, change: Partial<Device>): Device {
      const device = { ...before, ...change }
      formerIndex.delete(before.principal)
      devices.set(keyAt({ deviceId }), DEVICE.encode(device))
      return device
    },
    /** Of a patient whose vault is erased: the last few of their devices. @returns their ids, none when there are no more. */
    forget(patientId: Uint8Array, most: number): Uint8Array[] {
      const ids = book.idsOf(patientId)
      const gone = ids.slice(-most)
      for (const deviceId of gone) {
        const device = book.get(deviceId)
        assert(device !== undefined, 'a device that is listed is there')
        formerIndex.delete(device.principal)
        devices.delete(keyAt({ deviceId }))
      }
      const left = (ofPatient.get(patientId) ?? NONE).slice(0, (ids.length - gone.length) * 16)
      if (left.length > 0) ofPatient.set(patientId, left)
      else ofPatient.delete(patientId)
      if (gone.length > 0) total.add(ALL, -BigInt(gone.length))
      return gone
    },
  }
  return book
}
export type DeviceBook = ReturnType<typeof createDeviceBook>
