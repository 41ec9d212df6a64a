import { Principal, refusalOf, refuse } from '@medguard/protocol'
import { decodeCheckpoint, decodeNote, type NoteSignature, encodeNote } from '@medguard/tlog'
import {
  encodeEvidence,
  type Evidence,
  type EvidenceEntry,
  type EvidenceHistory,
  type HistoryOf,
  verifyEvidence,
} from '@medguard/verifier'
import { Fault, type LogEvidence, type LogFilter } from './api.ts'
import { extendRecorded, extendRemembered, rememberedHead, type VerifiedHead } from './certified-head.ts'
import { fits, itemOf } from './log-item.ts'
import {
  type CheckedLeaf,
  type LogReading,
  organisationSequence,
  patientSequence,
  readPages,
  type Sequence,
} from './log-reading.ts'
import { okOf, Refused } from './outcome.ts'

/**
 * Evidence of a history that anybody can check without asking anybody. It was checked so before it is given out.
 *
 * @param filter Which lines; without one all, and that they are all.
 * @param notes Signed notes of this log's checkpoints, with the cosignatures of witnesses.
 * @throws Fault `LogBroken` where the log does not prove what it shows. @throws Unproven where it gives no proof.
 */
export async function readEvidence(
  reading: LogReading,
  of: HistoryOf,
  { filter, notes = [] }: { readonly filter?: LogFilter; readonly notes?: readonly string[] },
): Promise<Omit<LogEvidence, 'isOfPart'>> {
  const { canisters, network, headMemory } = reading
  const { history, end, sequence } = await historyOf(reading, of)
  const leaves: CheckedLeaf[] = []
  const newest = await readPages(reading, sequence, leaves)
  const head = leaves.reduce((largest, leaf) => (leaf.head.size > largest.size ? leaf.head : largest), newest)
  const log = Principal.fromText(network.canisters.audit).toUint8Array()
  const before = await rememberedHead(head, headMemory)
  await extendRecorded(head, (await reading.recorded?.()) ?? null, canisters.audit)
  await extendRemembered(head, canisters.audit, headMemory)
  const pathFrom = consistencyFrom(reading, head)
  const chosen = leaves
    .slice(0, Number(end))
    .map((leaf) => ({ leaf, item: itemOf(leaf, reading.account) }))
    .filter(({ item }) => filter === undefined || fits(item, filter))
  if (chosen.length === 0) throw new Refused(refusalOf(refuse.badInput('filter', 'unknown')))
  const evidence: Evidence = {
    log,
    head,
    entries: await Promise.all(chosen.map(({ leaf }) => entryOf(reading, leaf, head))),
    history: filter === undefined ? history : null,
    earlier: before === null || before.size > head.size ? [] : [{ ...before, path: await pathFrom(before.size) }],
    checkpoints: await Promise.all(
      mergedNotes(notes).map(async ({ note, size }) => ({ note, path: await pathFrom(size) })),
    ),
  }
  const file = encodeEvidence(evidence)
  const verdict = verifyEvidence(file, { rootKey: network.rootKey, log })
  if (verdict.kind !== 'verified') throw new Fault('LogBroken', verdict.kind === 'failed' ? verdict.what : verdict.why)
  return { file, items: chosen.map(({ item }) => item), isComplete: filter === undefined }
}

/** How long a history is, by update, with what proves that to others. */
async function historyOf(
  { canisters }: LogReading,
  of: HistoryOf,
): Promise<{ history: EvidenceHistory; end: bigint; sequence: Sequence }> {
  if (of.kind === 'patient') {
    const { value, arg, answer } = await canisters.proven('chainHead', { patientId: of.id })
    const end = okOf(value)
    return { history: { of, arg, ...answer }, end: end.count, sequence: patientSequence(of.id, end) }
  }
  const { value, arg, answer } = await canisters.proven('organisationHead', { orgId: of.id })
  const end = okOf(value)
  return { history: { of, arg, ...answer }, end: end.count, sequence: organisationSequence(of.id, end) }
}

/** The entry with its way to the head: pages may have been proven against smaller ones. */
async function entryOf({ canisters }: LogReading, checked: CheckedLeaf, head: VerifiedHead): Promise<EvidenceEntry> {
  const { leaf, detail, proof } = checked.entry
  if (checked.head.size === head.size) return { leaf, detail, path: proof }
  const asked = { leafIndex: BigInt(checked.leaf.index), treeSize: BigInt(head.size) }
  return { leaf, detail, path: okOf(await canisters.audit.inclusionProof(asked)).proof }
}

const consistencyFrom =
  ({ canisters }: LogReading, head: VerifiedHead) =>
  async (size: number): Promise<Uint8Array[]> => {
    if (size > head.size) throw new Fault('LogBroken', `a checkpoint has ${size} entries, the log ${head.size}`)
    if (size === head.size) return []
    const sizes = { firstSize: BigInt(size), secondSize: BigInt(head.size) }
    return okOf(await canisters.audit.consistencyProof(sizes))
  }

/** Notes of one checkpoint, from several witnesses, as one. @throws Fault `BadReply` for what is no note. */
function mergedNotes(notes: readonly string[]): { note: string; size: number }[] {
  const merged = new Map<string, { size: number; signatures: Map<string, NoteSignature> }>()
  for (const note of notes) {
    const signed = decodeNote(note)
    const checkpoint = signed === null ? null : decodeCheckpoint(signed.text)
    if (signed === null || checkpoint === null) throw new Fault('BadReply', 'a note is no checkpoint')
    const known = merged.get(signed.text) ?? { size: checkpoint.size, signatures: new Map<string, NoteSignature>() }
    for (const line of signed.signatures) known.signatures.set(`${line.name} ${line.keyHash.join()}`, line)
    merged.set(signed.text, known)
  }
  return [...merged].map(([text, { size, signatures }]) => ({
    note: encodeNote({ text, signatures: [...signatures.values()] }),
    size,
  }))
}
