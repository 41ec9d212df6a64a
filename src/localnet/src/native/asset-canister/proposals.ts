// Uploads that are prepared by one and decided by another, for instance by a vote: propose, compute the evidence, commit by naming it.
import { IDL } from '@dfinity/candid'
import { equalBytes, fromHex, hex } from '../../certificates/index.ts'
import { type NativeCall, NativeTrap } from '../native-canister.ts'
import { commitBatch } from './assets.ts'
import { evidenceOf } from './evidence.ts'
import { type BatchArgs, type CommitBatchArgs, METHODS, type Opt } from './interface.ts'
import type { Records } from './records.ts'

export interface CommitProposedArgs extends BatchArgs {
  readonly evidence: Uint8Array
}

export function proposeCommitBatch(call: Pick<NativeCall, 'arg'>, records: Records, args: CommitBatchArgs): void {
  const { batch_id } = args
  const batch = records.batch(batch_id)
  if (batch === null) throw new NativeTrap('batch not found')
  if (batch.isProposed) throw new NativeTrap(`batch ${batch_id} already has proposed CommitBatchArguments`)
  records.putBatch(batch_id, { ...batch, isProposed: true })
  records.putProposal(batch_id, call.arg)
}

/** @returns 32 bytes, or nothing for a batch that was not proposed. From now on the batch does not expire. */
export function computeEvidence(records: Records, { batch_id }: BatchArgs): Opt<Uint8Array> {
  const batch = records.batch(batch_id)
  const proposal = proposalOf(records, batch_id)
  if (batch === null || proposal === null) return []
  const evidence = batch.evidence === null ? evidenceOf(records, proposal) : fromHex(batch.evidence)
  records.putBatch(batch_id, { ...batch, evidence: hex(evidence) })
  return [evidence]
}

export function commitProposedBatch(call: NativeCall, records: Records, args: CommitProposedArgs): void {
  const reason = whyNot(records, args)
  const proposal = proposalOf(records, args.batch_id)
  if (reason !== null || proposal === null) throw new NativeTrap(reason ?? 'batch not found')
  commitBatch(call, records, proposal)
}

export function validateCommitProposedBatch(
  records: Records,
  args: CommitProposedArgs,
): { Ok: string } | { Err: string } {
  const reason = whyNot(records, args)
  const evidence = hex(Uint8Array.from(args.evidence))
  return reason === null ? { Ok: `commit proposed batch ${args.batch_id} with evidence ${evidence}` } : { Err: reason }
}

/** @returns null when the batch may be committed with this evidence. */
function whyNot(records: Records, { batch_id, evidence }: CommitProposedArgs): string | null {
  const batch = records.batch(batch_id)
  if (batch === null) return 'batch not found'
  if (!batch.isProposed) return 'batch does not have CommitBatchArguments'
  if (batch.evidence === null) return 'batch does not have computed evidence'
  const presented = Uint8Array.from(evidence)
  if (equalBytes(fromHex(batch.evidence), presented)) return null
  return `batch computed evidence ${batch.evidence} does not match presented evidence ${hex(presented)}`
}

function proposalOf(records: Records, batchId: bigint): CommitBatchArgs | null {
  const arg = records.proposal(batchId)
  if (arg === null) return null
  // It was decoded before it was stored.
  const [proposal] = IDL.decode([...METHODS.propose_commit_batch.args], arg) as unknown as [CommitBatchArgs]
  return proposal
}
