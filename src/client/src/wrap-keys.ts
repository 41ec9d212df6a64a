import {
  CAPSULE_BYTES,
  type CompartmentKeys,
  decodeWrap,
  expectDecoded,
  openCapsule,
  openChainStart,
  sealChainStart,
  wipe,
  type WrapKeys,
} from '@medguard/crypto'
import { COMPARTMENT_KIND, equalBytes } from '@medguard/protocol'
import { Fault, type Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { KeyRing } from './key-ring.ts'
import { newId, okOf } from './outcome.ts'
import { epochOf, placeArg, type Reach } from './place.ts'

export interface KeptCapsule {
  readonly capsuleId: Uint8Array
  readonly capsule: Uint8Array
  readonly chainWrap: [] | [Uint8Array]
}
interface Asking {
  readonly canisters: Canisters
  readonly keyRing: KeyRing
  /** That came with the wrap; others are asked for. */
  readonly capsules?: readonly KeptCapsule[]
}
interface Wanted {
  readonly reach: Reach
  readonly keys: CompartmentKeys
  readonly capsuleId: Uint8Array
}

/**
 * Opens something with the keys that a wrap is under: the compartment's, or a step of a capsule that somebody deposited under. What the wrap of a chain's start
 * holds is whoever's word who left it there: where nothing opens with that, the capsule decides.
 *
 * @param open tried a second time where the first time failed a check.
 * @throws Fault `Tampered` for bytes that are no wrap, and where its capsule is not there or does not open; what `open` throws.
 */
export async function withWrapKeys<T>(
  asking: Asking,
  reach: Reach,
  wrap: Uint8Array,
  open: (keys: WrapKeys) => Promise<T>,
  progress?: Progress,
): Promise<T> {
  const { keyRing } = asking
  const { epoch, capsule } = await cryptoWork(async () => expectDecoded(decodeWrap(wrap)))
  const place = epochOf(reach, epoch)
  const keys = await keyRing.keysOf(place, reach.grantId, progress)
  if (capsule === null) return cryptoWork(() => open(keys))
  const { capsuleId, step } = capsule
  const wanted = { reach, keys, capsuleId }
  // What came with an answer that is certified is not looked for in what one node said before.
  const asked = cameWith(asking, wanted) === undefined ? 'asked' : 'came'
  const from = async (isPosted: boolean) => {
    const start = () => (isPosted ? postedStart(asking, wanted) : quickStart(asking, wanted))
    const chain = await keyRing.chain(keys, { capsuleId, source: `${asked} ${isPosted}` }, start)
    return cryptoWork(async () => open(await chain.keyOf(step)))
  }
  try {
    return await from(false)
  } catch (error) {
    if (!isUnsound(error)) throw error
    return from(true)
  }
}

const isUnsound = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'Tampered' || error.code === 'WrongKey')

/** C(0) from the wrap of it, where there is one that opens; else from the capsule. */
async function quickStart(asking: Asking, wanted: Wanted): Promise<Uint8Array> {
  const { keys, capsuleId } = wanted
  const came = cameWith(asking, wanted)
  const sealed = came === undefined ? await capsuleOf(asking, wanted, true) : (came.chainWrap[0] ?? came.capsule)
  if (sealed.length !== CAPSULE_BYTES) {
    const opened = await cryptoWork(() => openChainStart(keys, capsuleId, sealed)).catch((error: unknown) => {
      if (!isUnsound(error)) throw error
      return null
    })
    return opened ?? postedStart(asking, wanted)
  }
  const start = await startIn(sealed, wanted)
  const { compartment, grantId } = wanted.reach
  // Of one's own vault. Nobody waits for it, and nothing hangs on it: who lists the next time does it.
  if (grantId === null && compartment.compartmentKind === COMPARTMENT_KIND.category)
    void leaveChainWrap(asking, wanted, start.slice()).catch(() => {})
  return start
}

/** C(0) from what the sender posted. */
async function postedStart(asking: Asking, wanted: Wanted): Promise<Uint8Array> {
  return startIn(cameWith(asking, wanted)?.capsule ?? (await capsuleOf(asking, wanted, false)), wanted)
}

const cameWith = ({ capsules = [] }: Asking, { capsuleId }: Wanted): KeptCapsule | undefined =>
  capsules.find((each) => equalBytes(each.capsuleId, capsuleId))

async function startIn(capsule: Uint8Array, { keys, capsuleId }: Wanted): Promise<Uint8Array> {
  if (!equalBytes(capsule.subarray(4, 20), capsuleId)) throw new Fault('Tampered', 'another capsule than was asked for')
  return cryptoWork(() => openCapsule(keys, new Uint8Array(capsule)))
}

/** Leaves the start of a chain sealed so that whoever has the compartment's key opens it (keys.md, section 7). */
async function leaveChainWrap({ canisters }: Asking, { reach, keys, capsuleId }: Wanted, start: Uint8Array) {
  try {
    const chainWrap = await sealChainStart(keys, capsuleId, start)
    await canisters.records.putChainWrap({ ...placeArg(reach), capsuleId, chainWrap, requestId: newId() })
  } finally {
    wipe(start)
  }
}

/** The canister gives it inside a list session; that is opened if there is none. */
async function capsuleOf({ canisters }: Asking, { reach, capsuleId }: Wanted, isWrapWanted: boolean) {
  const asked = { ...placeArg(reach), capsuleIds: [capsuleId], chainWraps: [isWrapWanted] as [boolean] }
  const ask = () => canisters.records.capsules(asked)
  let answer = await ask()
  if ('Err' in answer && 'NotPermitted' in answer.Err) {
    okOf(await canisters.records.beginList({ ...placeArg(reach), requestId: newId() }))
    answer = await ask()
  }
  const sealed = okOf(answer)[0]?.[0]
  if (sealed === undefined) throw new Fault('Tampered', 'a capsule is missing')
  return new Uint8Array(sealed)
}
