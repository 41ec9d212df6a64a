import { Certificate, type HttpAgent, LookupPathStatus } from '@dfinity/agent'
import { sha256 } from '@noble/hashes/sha2'
import { type CertifiedHead, equalBytes, fromHex, Principal, toHex } from '@medguard/protocol'
import { logIdOf, readLogWitness, type TreeHead, verifyConsistency } from '@medguard/tlog'
import { Fault, type HeadMemory } from './api.ts'
import type { Canisters } from './canisters.ts'
import type { Network } from './network.ts'
import { okOf } from './outcome.ts'

export interface VerifiedHead extends TreeHead {
  readonly certifiedNs: bigint
}

/** Steps 1 to 3 of keys.md 19.5. @throws Fault; whatever else goes wrong inside is a failed check too. */
export async function verifyHead(head: CertifiedHead, agent: HttpAgent, network: Network): Promise<VerifiedHead> {
  const certificate = head.certificate[0]
  if (certificate === undefined) throw new Fault('BadCertificate', 'the head came without a certificate')
  const canisterId = Principal.fromText(network.canisters.audit)
  let certified: Certificate
  try {
    certified = await Certificate.create({ certificate, rootKey: network.rootKey, canisterId, agent })
  } catch (error) {
    throw new Fault('BadCertificate', 'the certificate is not of this network or not fresh', { cause: error })
  }
  const data = valueAt(certified, ['canister', canisterId.toUint8Array(), 'certified_data'])
  const time = valueAt(certified, ['time'])
  const witness = readLogWitness(sha256, head.witness)
  if (data === null || time === null || witness === null || !equalBytes(witness.root, data))
    throw new Fault('BadCertificate', 'the head is not what the network certified')
  if (!equalBytes(witness.treeHeadBytes, head.treeHead))
    throw new Fault('BadCertificate', 'the answer and its witness differ')
  if (!equalBytes(witness.treeHead.logId, logIdOf(sha256, canisterId.toUint8Array())))
    throw new Fault('LogBroken', 'this is another log')
  return { ...witness.treeHead, certifiedNs: uleb128(time) }
}

/**
 * Proves that `head` extends the last head this device saw, then remembers it.
 * @returns false when nothing was remembered before. @throws Fault `LogBroken` when the log went back or was rewritten.
 */
export async function extendRemembered(
  head: VerifiedHead,
  audit: Canisters['audit'],
  memory: HeadMemory,
): Promise<boolean> {
  const logId = toHex(head.logId)
  const remembered = decodeHead(await memory.read(logId))
  if (remembered !== null) await proveExtension(remembered, head, audit)
  if (remembered === null || remembered.size < head.size) await memory.write(logId, `${head.size}:${toHex(head.root)}`)
  return remembered !== null
}

async function proveExtension(
  older: { size: number; root: Uint8Array },
  newer: { size: number; root: Uint8Array },
  audit: Canisters['audit'],
): Promise<void> {
  if (older.size > newer.size)
    throw new Fault('LogBroken', `the log shrank from ${older.size} to ${newer.size} entries`)
  const path = okOf(await audit.consistencyProof({ firstSize: BigInt(older.size), secondSize: BigInt(newer.size) }))
  const proven = verifyConsistency(sha256, {
    oldSize: older.size,
    oldRoot: older.root,
    newSize: newer.size,
    newRoot: newer.root,
    path,
  })
  if (!proven) throw new Fault('LogBroken', 'the log was rewritten since it was last seen')
}

function decodeHead(text: string | null): { size: number; root: Uint8Array } | null {
  const [size, rootHex] = text?.split(':') ?? []
  const root = fromHex(rootHex ?? '')
  return size === undefined || !/^\d{1,15}$/.test(size) || root?.length !== 32 ? null : { size: Number(size), root }
}

function valueAt(certificate: Certificate, path: (string | Uint8Array)[]): Uint8Array | null {
  const found = certificate.lookup_path(path)
  return found.status === LookupPathStatus.Found ? found.value : null
}

function uleb128(bytes: Uint8Array): bigint {
  let value = 0n
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte & 0x7f) << BigInt(7 * i)
  return value
}
