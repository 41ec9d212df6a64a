import { encodeDetail, encodeLeafInput, EVENT, type LeafInput, LOG_SOURCE } from '@medguard/protocol'

export const id = (n: number) => new Uint8Array(16).fill(n)
export const principal = (n: number) => new Uint8Array(29).fill(n)

/** What a source would send under `seq`: by default a record that `principal(1)` opened in the vault of patient `id(1)`. */
export function leafInput(seq: bigint, overrides: Partial<LeafInput> & { source?: number; fields?: Uint8Array } = {}) {
  const { source = LOG_SOURCE.consent, fields = new Uint8Array(80).fill(Number(seq)), ...leaf } = overrides
  const event = leaf.event ?? EVENT.open
  const head = { event, source, sourceSeq: seq, eventTimeNs: 7n, requestId: id(9), purpose: 1 }
  return encodeLeafInput({
    event,
    flags: 0,
    compartmentKind: 1,
    actor: principal(1),
    patientId: id(1),
    objectId: id(4),
    versionOrEpoch: 3,
    detail: encodeDetail(head, fields),
    auditKey: null,
    ...leaf,
  })
}

/** The leaf that begins a patient's chain. */
export const enrolLeaf = (seq: bigint, patient = 1, actor = patient) =>
  leafInput(seq, {
    event: EVENT.enrol,
    patientId: id(patient),
    actor: principal(actor),
    auditKey: new Uint8Array(32).fill(0x40 + patient),
    fields: id(patient),
  })
