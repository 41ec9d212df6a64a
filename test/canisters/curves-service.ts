import { blob, bool, nat8, none, query, record, result, update } from '@medguard/protocol'

export const CURVE = { ed25519: 0, p256: 1 } as const

/** Verifies signatures: what could cost more the first time. */
export const curvesService = {
  verify: update(record({ curve: nat8, key: blob, message: blob, signature: blob }), result(bool), 1_000),
  isThere: query(none, result(bool), 64),
} as const
export type CurvesService = typeof curvesService
