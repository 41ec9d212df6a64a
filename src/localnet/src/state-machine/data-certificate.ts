import type { RangesForm } from '../contracts.ts'
import type { Canister } from './canister.ts'
import { currentTime, type World } from './world.ts'

/** A certificate is signed once and used again this long; clients accept one up to 5 minutes old. */
const CERTIFICATE_KEPT_NS = 30_000_000_000n

/** The certificate over a canister's certified data, by its subnet. */
export function certificateOf(world: World, canister: Canister, rangesForm: RangesForm): Uint8Array {
  const timeNs = currentTime(world)
  const cached = canister.certificate
  if (
    cached !== null &&
    cached.rangesForm === rangesForm &&
    timeNs - cached.timeNs < CERTIFICATE_KEPT_NS &&
    Buffer.compare(cached.data, canister.certifiedData) === 0
  ) {
    return cached.bytes
  }
  const data = canister.certifiedData
  const bytes = world.options.certify({ canisterId: canister.id, certifiedData: data, timeNs, rangesForm })
  canister.certificate = { data, timeNs, rangesForm, bytes }
  return bytes
}
