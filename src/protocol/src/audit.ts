import {
  blob,
  none,
  type Infer,
  named,
  nat32,
  nat64,
  nul,
  opt,
  principal,
  query,
  record,
  update,
  variant,
  vec,
} from './candid.ts'
import { result } from './refusal-schema.ts'

export const AuditConfiguration = named('Configuration', record({ consent: principal, records: principal }))
export type AuditConfiguration = Infer<typeof AuditConfiguration>

/** The certified head: `witness` (CBOR hash tree) hashes to the certificate's `certified_data` and holds `treeHead` under `log`. */
export const CertifiedHead = named(
  'CertifiedHead',
  record({ treeHead: blob, witness: blob, /** Empty in a replicated call. */ certificate: opt(blob) }),
)
export type CertifiedHead = Infer<typeof CertifiedHead>

export const LogEntry = named(
  'LogEntry',
  record({
    /** `MGL1`, 180 bytes. */
    leaf: blob,
    /** `MGD1`, whose hash is in the leaf. */
    detail: blob,
    /** Inclusion path up to the head of the same answer, 32 bytes each, lowest first. */
    proof: vec(blob),
  }),
)
export type LogEntry = Infer<typeof LogEntry>

export const auditService = {
  configure: update(AuditConfiguration, result(nul), 512),
  /**
   * From consent and records only: every unacknowledged leaf of that source in order, at most 100, as `LeafInput` bytes, numbered from
   * `firstSeq`. Answers the log index of each; known ones are not added again; a gap or other bytes under a known number is `IdConflict`.
   */
  append: update(record({ firstSeq: nat64, leaves: vec(blob) }), result(vec(nat64)), 80_000),
  head: query(none, result(CertifiedHead), 64),
  /** Contents, for those decision 21 names: of a patient by sequence, or of the caller's own acts. At most 50. */
  leaves: query(
    record({
      of: variant({ patient: blob, actor: nul }),
      /** Position in that patient's or actor's own sequence. */
      fromSeq: nat64,
      count: nat32,
    }),
    result(named('LogPage', record({ total: nat64, entries: vec(LogEntry), head: CertifiedHead }))),
    256,
  ),
  /** By update, so that its answer is certified: how many leaves a patient's chain has and the hash of the last. */
  chainHead: update(record({ patientId: blob }), result(record({ count: nat64, lastLeafHash: blob })), 128),
  inclusionProof: query(
    record({ leafIndex: nat64, treeSize: nat64 }),
    result(named('InclusionProof', record({ leafHash: blob, proof: vec(blob) }))),
    128,
  ),
  consistencyProof: query(record({ firstSize: nat64, secondSize: nat64 }), result(vec(blob)), 128),
} as const
export type AuditService = typeof auditService
