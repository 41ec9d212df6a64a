import { Certificate, LookupPathStatus } from '@dfinity/agent'
import { sha256 } from '@noble/hashes/sha2'
import {
  type CertifiedHead,
  equalBytes,
  fromHex,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  Principal,
  toHex,
} from '@medguard/protocol'
import { type Leaf, logIdOf, readLogWitness, type TreeHead, verifyConsistency } from '@medguard/tlog'
import { Fault, type HeadMemory } from './api.ts'
import { certificateTimeNs } from './ask.ts'
import type { Canisters } from './canisters.ts'
import type { Network } from './network.ts'
import { Unproven } from './verification.ts'

/** What a head says of the log, and when the network certified that it does. */
export interface SeenHead {
  readonly size: number
  readonly root: Uint8Array
  readonly certifiedNs: bigint
}
export type VerifiedHead = TreeHead &
  SeenHead & { /** As it came, for archives. */ readonly witness: Uint8Array; readonly certificate: Uint8Array }

const FRESH_NS = 5n * NS_PER_MINUTE
const MEMORY_TURNS_MAX = 8

/**
 * Steps 1 to 3 of keys.md 19.5, and that the head is no older than five minutes by the network's clock.
 *
 * @param clockNs the network's time as an update of this client was told it; nobody in between can set that back.
 * @throws Fault `BadCertificate`, `LogBroken`. @throws Unproven for a head that is genuine and old.
 */
export async function verifyHead(head: CertifiedHead, network: Network, clockNs: bigint): Promise<VerifiedHead> {
  const certificate = head.certificate[0]
  if (certificate === undefined) throw new Fault('BadCertificate', 'the head came without a certificate')
  const canisterId = Principal.fromText(network.canisters.audit)
  const { rootKey, checkSignature } = network
  let certified: Certificate
  try {
    // The library's check of the time is off: it asks the same network what time it is, and believes any certified answer, however old.
    certified = await Certificate.create({
      certificate,
      rootKey,
      canisterId,
      disableTimeVerification: true,
      ...(checkSignature === undefined ? {} : { blsVerify: checkSignature }),
    })
  } catch (error) {
    throw new Fault('BadCertificate', 'the certificate is not of this network', { cause: error })
  }
  const data = certified.lookup_path(['canister', canisterId.toUint8Array(), 'certified_data'])
  const witness = readLogWitness(sha256, head.witness)
  if (data.status !== LookupPathStatus.Found || witness === null || !equalBytes(witness.root, data.value))
    throw new Fault('BadCertificate', 'the head is not what the network certified')
  if (!equalBytes(witness.treeHeadBytes, head.treeHead))
    throw new Fault('BadCertificate', 'the answer and its witness differ')
  if (!equalBytes(witness.treeHead.logId, logIdOf(sha256, canisterId.toUint8Array())))
    throw new Fault('LogBroken', 'this is another log')
  const certifiedNs = certificateTimeNs(certified)
  if (certifiedNs < clockNs - FRESH_NS) throw new Unproven('Old', 'the log showed an old state of itself')
  return { ...witness.treeHead, certifiedNs, witness: head.witness, certificate }
}

/**
 * Proves that two heads are of one log, which only grew from the one that was certified earlier to the other.
 *
 * @throws Fault `LogBroken` when it went back or was rewritten. @throws Unproven when the log gives no proof.
 */
export async function proveOneLog(one: SeenHead, other: SeenHead, audit: Canisters['audit']): Promise<void> {
  const [older, newer] = one.certifiedNs <= other.certifiedNs ? [one, other] : [other, one]
  if (older.size > newer.size)
    throw new Fault('LogBroken', `the log shrank from ${older.size} to ${newer.size} entries`)
  const path = older.size === newer.size ? [] : await consistencyPath(older.size, newer.size, audit)
  const proven = verifyConsistency(sha256, {
    oldSize: older.size,
    oldRoot: older.root,
    newSize: newer.size,
    newRoot: newer.root,
    path,
  })
  if (!proven) throw new Fault('LogBroken', 'the log was rewritten since it was last seen')
}

async function consistencyPath(firstSize: number, secondSize: number, audit: Canisters['audit']) {
  const answer = await audit.consistencyProof({ firstSize: BigInt(firstSize), secondSize: BigInt(secondSize) })
  if ('Err' in answer) throw new Unproven('NoProof', 'the log gave no proof that it only grew')
  return answer.Ok
}

/**
 * Proves that `head` and the last head this device saw are of one log, then remembers the newer.
 *
 * @returns false when nothing was remembered before. @throws Fault `LogBroken`. @throws Unproven.
 */
export async function extendRemembered(
  head: VerifiedHead,
  audit: Canisters['audit'],
  memory: HeadMemory,
): Promise<boolean> {
  const logId = toHex(head.logId)
  let text = await memory.read(logId)
  for (let turn = 0; turn < MEMORY_TURNS_MAX; turn++) {
    const remembered = seenHeadOf(text)
    if (remembered !== null) await proveOneLog(remembered, head, audit)
    // Another tab or command may have seen a newer head while this one was proven: then that one counts, and is not forgotten for ours.
    const now = await memory.read(logId)
    if (now !== text) {
      text = now
      continue
    }
    if (remembered === null || remembered.certifiedNs < head.certifiedNs) await memory.write(logId, encodeHead(head))
    return remembered !== null
  }
  throw new Unproven('Unsteady', 'what this device remembers of the log changes all the time')
}

/** A head as the first canister of the log recorded it, and when, by the clock there. */
export type RecordedHead = Pick<SeenHead, 'size' | 'root'> & {
  readonly timeNs: bigint
  /** Whether the leaf that says so was proven to be in the first canister's head, which witnesses see; else it is that canister's word alone. */
  readonly isInHead: boolean
}

/** Every part is recorded by the hour. What waited longer, the part kept from being recorded, or it was away. */
const RECORDED_WITHIN_NS = 2n * NS_PER_HOUR

/** Whether what is shown of a part was recorded by the first one, but for what is new there by the part's own times. */
export const standsFor = (
  recorded: RecordedHead | null,
  head: VerifiedHead,
  shown: readonly Pick<Leaf, 'index' | 'timeNs'>[],
): boolean =>
  recorded !== null &&
  recorded.isInHead &&
  shown.every(({ index, timeNs }) => index < recorded.size || timeNs >= head.certifiedNs - RECORDED_WITHIN_NS)

/** Proves that `head` is of the log that was recorded, if any was. @throws Fault `LogBroken`. @throws Unproven. */
export async function extendRecorded(
  head: VerifiedHead,
  recorded: RecordedHead | null,
  audit: Canisters['audit'],
): Promise<void> {
  if (recorded === null) return
  // A head that is shown may be minutes old, and two subnets' clocks differ: only one that is smaller long after is of a log that went back.
  const isOlder = recorded.size > head.size && head.certifiedNs <= recorded.timeNs + FRESH_NS
  try {
    await proveOneLog({ ...recorded, certifiedNs: isOlder ? head.certifiedNs + 1n : 0n }, head, audit)
  } catch (cause) {
    if (!(cause instanceof Fault && cause.code === 'LogBroken')) throw cause
    throw new Fault('LogBroken', 'this part of the log is not the one that its first part recorded', { cause })
  }
}

/** What this device saw of the log of `head` before, or null. */
export async function rememberedHead({ logId }: VerifiedHead, memory: HeadMemory): Promise<SeenHead | null> {
  return seenHeadOf(await memory.read(toHex(logId)))
}

/** `size:root:certifiedNs`, decimal, hexadecimal, decimal. */
const encodeHead = ({ size, root, certifiedNs }: SeenHead): string => `${size}:${toHex(root)}:${certifiedNs}`

/** Null for what is no head, as if nothing had been seen: the report then does not claim `consistency`. */
export function seenHeadOf(text: string | null): SeenHead | null {
  const [, size, root, certifiedNs] = /^(\d{1,15}):([0-9a-f]{64}):(\d{1,20})$/.exec(text ?? '') ?? []
  const rootBytes = fromHex(root ?? '')
  if (size === undefined || certifiedNs === undefined || rootBytes === null) return null
  return { size: Number(size), root: rootBytes, certifiedNs: BigInt(certifiedNs) }
}
