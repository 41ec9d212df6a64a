import {
  blob,
  none,
  type Infer,
  named,
  nat32,
  nat64,
  nat8,
  nul,
  opt,
  principal,
  query,
  record,
  text,
  update,
  variant,
  vec,
} from './candid.ts'
import { result } from './refusal-schema.ts'

export const AuditConfiguration = named(
  'Configuration',
  record({
    consent: principal,
    records: principal,
    /** For the first canister of a log of several: the others, in their order. */
    logShards: opt(vec(principal)),
  }),
)
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

export const Checkpoint = named(
  'Checkpoint',
  record({
    /** UTF-8: origin, size and root, and below them the log's signature. */
    note: blob,
    /** `name+hash+base64` (C2SP signed-note, "Verifier keys"). */
    key: text,
    atNs: nat64,
  }),
)
export type Checkpoint = Infer<typeof Checkpoint>

export const auditService = {
  configure: update(AuditConfiguration, result(nul), 4_096),
  /**
   * From consent and records only: every unacknowledged leaf of that source in order, at most 100, as `LeafInput` bytes, numbered from
   * `firstSeq`. Answers the log index of each; known ones are not added again; a gap or other bytes under a known number is `IdConflict`.
   */
  append: update(record({ firstSeq: nat64, leaves: vec(blob) }), result(vec(nat64)), 80_000),
  /**
   * From consent only, where the log is several canisters: lines that others of them have and that say who reads here, as `LeafInput` bytes. Known numbers are passed
   * over, a gap is `IdConflict`. Answers how many notes were ever taken.
   */
  noteReaders: update(record({ firstSeq: nat64, notes: vec(blob) }), result(nat64), 80_000),
  head: query(none, result(CertifiedHead), 64),
  /**
   * Contents, for those decision 21 names: of a patient by sequence, of the caller's own acts, or of an organisation for those that its leaves name as
   * administrators; of the organisation without an id (no bytes), the canisters themselves, for everybody. At most 50.
   */
  leaves: query(
    record({
      of: variant({ patient: blob, actor: nul, organisation: blob }),
      /** Position in that patient's, actor's or organisation's own sequence. */
      fromSeq: nat64,
      count: nat32,
    }),
    result(named('LogPage', record({ total: nat64, entries: vec(LogEntry), head: CertifiedHead }))),
    256,
  ),
  /** By update, so that its answer is certified: how many leaves a patient's chain has and the hash of the last. */
  chainHead: update(record({ patientId: blob }), result(record({ count: nat64, lastLeafHash: blob })), 128),
  /** By update: how many leaves an organisation's sequence has, and what they come to (`sequenceHash` of `tlog`). */
  organisationHead: update(
    record({ orgId: blob }),
    result(named('SequenceHead', record({ count: nat64, sequenceHash: blob }))),
    128,
  ),
  inclusionProof: query(
    record({ leafIndex: nat64, treeSize: nat64 }),
    result(named('InclusionProof', record({ leafHash: blob, proof: vec(blob) }))),
    128,
  ),
  consistencyProof: query(record({ firstSize: nat64, secondSize: nat64 }), result(vec(blob)), 128),
  /**
   * For monitors that copy the tree: hash `256 × index` and those behind it among the roots of complete subtrees of `256^level` leaves (level 0: leaf
   * hashes), 32 bytes each. Fewer than 256 at the right edge; what it holds of an index never changes (C2SP tlog-tiles).
   */
  tile: query(record({ level: nat8, index: nat32 }), result(blob), 64),
  /**
   * By update: what the first canister of a log of several last recorded of another one, by its number from 1, as the leaf `shardHeads` that says so. `NotReady`
   * before the first.
   */
  shardHead: update(
    record({ shard: nat8 }),
    result(named('RecordedHead', record({ /** `MGL1` */ leaf: blob, /** `MGD1` */ detail: blob }))),
    64,
  ),
  /** Which key of the network signs checkpoints, once, from a controller. Leaf 0x70. */
  configureCheckpoints: update(record({ keyName: text }), result(nul), 128),
  /** The newest checkpoint, a C2SP signed note, and the key it is signed with. Empty before the first. */
  checkpoint: query(none, result(opt(Checkpoint)), 64),
  /**
   * Signs a checkpoint of the log as it is. At most one an hour, and none while the log stands still or cycles are short: then the answer is the newest
   * there is. `Busy` while another call makes one.
   */
  makeCheckpoint: update(none, result(Checkpoint), 64),
} as const
export type AuditService = typeof auditService
