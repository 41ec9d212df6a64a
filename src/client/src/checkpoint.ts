import { sha256 } from '@noble/hashes/sha2'
import { type Checkpoint, equalBytes, fromHex, toHex } from '@medguard/protocol'
import { decodeCheckpoint, decodeNote, decodeNoteKey, isOfKey, originOf, verifyConsistency } from '@medguard/tlog'
import { isSigned } from '@medguard/verifier'
import { Fault, type SignedCheckpoint } from './api.ts'
import { verifyHead } from './certified-head.ts'
import { okOf } from './outcome.ts'
import type { Session } from './session.ts'

interface Size {
  readonly size: number
  readonly root: Uint8Array
}

/** @throws Fault `LogBroken`, `BadCertificate`. @throws Unproven */
export async function readCheckpoint(
  { canisters, network }: Session,
  { make = false, since }: { make?: boolean; since?: { readonly treeSize: number; readonly root: string } },
): Promise<SignedCheckpoint | null> {
  const { audit } = canisters
  const [signed] = make ? [okOf(await audit.makeCheckpoint(null))] : okOf(await audit.checkpoint(null))
  if (signed === undefined) return null
  const { note, origin, size, root } = opened(signed, originOf(network.canisters.audit))
  const head = await verifyHead(okOf(await audit.head(null)), network, canisters.certifiedNs())
  await expectGrowth(audit, { size, root }, head, 'the certified log does not continue its own checkpoint')
  if (since !== undefined) {
    const before = { size: since.treeSize, root: fromHex(since.root) ?? new Uint8Array() }
    await expectGrowth(
      audit,
      before,
      { size, root },
      `the log does not continue its checkpoint of ${before.size} entries`,
    )
  }
  return { note, key: signed.key, origin, treeSize: size, root: toHex(root), signedNs: signed.atNs }
}

/** The note, whose signature holds under the key that came with it: who keeps that key notices another one. */
function opened(signed: Checkpoint, origin: string): Size & { note: string; origin: string } {
  const note = new TextDecoder('utf-8').decode(signed.note)
  const key = decodeNoteKey(sha256, signed.key)
  const parts = decodeNote(note)
  const checkpoint = parts === null ? null : decodeCheckpoint(parts.text)
  const line = parts?.signatures.find((each) => key !== null && isOfKey(each, key))
  if (parts === null || key === null || line === undefined || checkpoint?.origin !== origin)
    throw new Fault('LogBroken', 'the checkpoint is none of this log')
  if (!isSigned(key, parts.text, line.signature))
    throw new Fault('LogBroken', 'the checkpoint is not signed by the log')
  return { note, ...checkpoint }
}

/** @throws Fault `LogBroken` unless the second continues the first. */
async function expectGrowth(audit: Session['canisters']['audit'], old: Size, now: Size, what: string): Promise<void> {
  const isSame = old.size === now.size && equalBytes(old.root, now.root)
  if (isSame) return
  if (old.size >= now.size) throw new Fault('LogBroken', what)
  const sizes = { firstSize: BigInt(old.size), secondSize: BigInt(now.size) }
  const path = okOf(await audit.consistencyProof(sizes))
  const claim = { oldSize: old.size, oldRoot: old.root, newSize: now.size, newRoot: now.root, path }
  if (!verifyConsistency(sha256, claim)) throw new Fault('LogBroken', what)
}
