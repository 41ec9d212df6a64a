/**
 * Inputs and contexts of key derivation. Canister and client build both from typed values: no endpoint takes them raw.
 * A context is never empty, since the empty one names the canister key itself.
 */
import { ascii, concatBytes, expectLength, expectUint, u32 } from './bytes.ts'
import { ID_BYTES, TAG } from './constants.ts'

/** A function per context, because a shared array could be changed by whoever holds it. */
export const VETKD_CONTEXT = {
  compartment: (): Uint8Array<ArrayBuffer> => ascii('medguard/vetkd/v1/compartment'),
  vault: (): Uint8Array<ArrayBuffer> => ascii('medguard/vetkd/v1/vault'),
  study: (): Uint8Array<ArrayBuffer> => ascii('medguard/vetkd/v1/study'),
} as const

/** Which key of which compartment. */
export interface CompartmentEpoch {
  /** 16 bytes. */
  readonly patientId: Uint8Array
  /** One of `COMPARTMENT_KIND`. */
  readonly compartmentKind: number
  /** 16 bytes; for a share compartment the grant's id. */
  readonly compartmentId: Uint8Array
  /** From 1. */
  readonly epoch: number
}

/** `MGK1 || patientId(16) || kind(1) || compartmentId(16) || epoch(4)`, 41 bytes. @throws RangeError for bad fields. */
export function compartmentKeyInput(place: CompartmentEpoch): Uint8Array<ArrayBuffer> {
  expectLength('patientId', place.patientId, ID_BYTES)
  expectLength('compartmentId', place.compartmentId, ID_BYTES)
  expectUint('compartmentKind', place.compartmentKind, 8)
  expectUint('epoch', place.epoch, 32)
  return concatBytes(
    TAG.keyInput,
    place.patientId,
    Uint8Array.of(place.compartmentKind),
    place.compartmentId,
    u32(place.epoch),
  )
}

/** `MGP1 || accountId(16)`, 20 bytes. @throws RangeError for an id of another length. */
export function vaultKeyInput(accountId: Uint8Array): Uint8Array<ArrayBuffer> {
  expectLength('accountId', accountId, ID_BYTES)
  return concatBytes(TAG.vaultKeyInput, accountId)
}

/** `MGS2 || studyId(16) || epoch(4)`, 24 bytes. @throws RangeError for bad fields. */
export function studyKeyInput(studyId: Uint8Array, epoch: number): Uint8Array<ArrayBuffer> {
  expectLength('studyId', studyId, ID_BYTES)
  return concatBytes(TAG.studyKeyInput, studyId, u32(epoch))
}
