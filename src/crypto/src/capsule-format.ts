/** The clear part of a capsule `MGC1`: 232 bytes, of which a canister reads whose it is and stores the rest. */
import { startsWith, viewOf } from './bytes.ts'
import { CAPSULE_BYTES, CAPSULE_STEPS_MAX, KEY_INPUT_BYTES, SUITE_1, TAG } from './constants.ts'
import { type Decoded, badFormat } from './decoded.ts'
import type { CompartmentEpoch } from './key-input.ts'

export interface CapsuleHead {
  /** 16 bytes, random. */
  readonly capsuleId: Uint8Array
  /** Whose key opens it. */
  readonly place: CompartmentEpoch
  readonly stepsMax: number
}

const KEY_INPUT_AT = 20
/** What the chain's first key is bound to: all that is in clear. */
export const CAPSULE_CLEAR_BYTES = 64

/** Reads the clear part. Never throws. */
export function decodeCapsule(bytes: Uint8Array): Decoded<CapsuleHead> {
  if (bytes.length !== CAPSULE_BYTES || !startsWith(bytes, TAG.capsule))
    return badFormat('not a capsule: tag MGC1, 232 bytes')
  if (!startsWith(bytes.subarray(KEY_INPUT_AT), TAG.keyInput)) return badFormat('a capsule names a compartment')
  if (bytes[KEY_INPUT_AT + KEY_INPUT_BYTES] !== SUITE_1)
    return { ok: false, code: 'UnknownSuite', what: 'the capsule names an unknown suite' }
  const view = viewOf(bytes)
  const stepsMax = view.getUint16(62)
  if (stepsMax < 1 || stepsMax > CAPSULE_STEPS_MAX) return badFormat('a capsule has 1 to 1024 steps')
  const epoch = view.getUint32(57)
  if (epoch === 0) return badFormat('epochs count from 1')
  const place = {
    patientId: bytes.slice(24, 40),
    compartmentKind: bytes[40] ?? 0,
    compartmentId: bytes.slice(41, 57),
    epoch,
  }
  return { ok: true, value: { capsuleId: bytes.slice(4, 20), place, stepsMax } }
}
