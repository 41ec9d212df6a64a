import { type CompartmentKeys, decodeWrap, expectDecoded, openCapsule, stepOf, type WrapKeys } from '@medguard/crypto'
import { equalBytes } from '@medguard/protocol'
import { Fault, type Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { KeyRing } from './key-ring.ts'
import { newId, okOf } from './outcome.ts'
import { epochOf, placeArg, type Reach } from './place.ts'

export interface KeptCapsule {
  readonly capsuleId: Uint8Array
  readonly capsule: Uint8Array
}
interface Asking {
  readonly canisters: Canisters
  readonly keyRing: KeyRing
  /** That came with the wrap; others are asked for. */
  readonly capsules?: readonly KeptCapsule[]
}

/**
 * The keys that a wrap is under: the compartment's, or a step of a capsule that somebody deposited under.
 *
 * @throws Fault `Tampered` for bytes that are no wrap, and where its capsule is not there or does not open.
 */
export async function wrapKeysOf(
  asking: Asking,
  reach: Reach,
  wrap: Uint8Array,
  progress?: Progress,
): Promise<WrapKeys> {
  const { keyRing } = asking
  const { epoch, capsule } = await cryptoWork(async () => expectDecoded(decodeWrap(wrap)))
  const place = epochOf(reach, epoch)
  const keys = await keyRing.keysOf(place, reach.grantId, progress)
  if (capsule === null) return keys
  const { capsuleId, step } = capsule
  const secret = await keyRing.chainStart(keys, capsuleId, () => startOf(asking, reach, capsuleId, keys))
  return stepOf({ capsuleId, place, secret }, step)
}

/** C(0) of a capsule, which came with the wrap, or which the canister gives inside a list session; that is opened if there is none. */
async function startOf(asking: Asking, reach: Reach, capsuleId: Uint8Array, keys: CompartmentKeys) {
  const { canisters, capsules = [] } = asking
  const came = capsules.find((each) => equalBytes(each.capsuleId, capsuleId))
  const bytes = new Uint8Array(came?.capsule ?? (await capsuleOf(canisters, reach, capsuleId)))
  if (!equalBytes(bytes.subarray(4, 20), capsuleId)) throw new Fault('Tampered', 'another capsule than was asked for')
  return cryptoWork(() => openCapsule(keys, bytes))
}

async function capsuleOf(canisters: Canisters, reach: Reach, capsuleId: Uint8Array): Promise<Uint8Array> {
  const ask = () => canisters.records.capsules({ ...placeArg(reach), capsuleIds: [capsuleId] })
  let answer = await ask()
  if ('Err' in answer && 'NotPermitted' in answer.Err) {
    okOf(await canisters.records.beginList({ ...placeArg(reach), requestId: newId() }))
    answer = await ask()
  }
  const sealed = okOf(answer)[0]?.[0]
  if (sealed === undefined) throw new Fault('Tampered', 'a capsule is missing')
  return sealed
}
