/** Judging evidence of a log without a network: formats, certificates, proofs, cosignatures (docs/evidence.md). */
export { decodeEvidence, encodeEvidence, type Evidence, type EvidenceEntry, type EvidenceHistory } from './bundle.ts'
export {
  type Certified,
  checkCertificate,
  type EvidenceTrust,
  type NetworkTrust,
  verifyBls,
  type VerifyBls,
} from './certificate.ts'
export { isSigned, openNote, type OpenedNote, type WitnessPolicy, witnessKeys } from './cosignatures.ts'
export { requestIdOf, type SignedCall } from './request-id.ts'
export {
  CannotTell,
  type EvidenceCheck,
  type FailureCode,
  type HistoryOf,
  type ProvenEntry,
  Unsound,
  type Verdict,
} from './verdict.ts'
export { cosignNote, witnessKeyOf } from './witness.ts'
export { evidenceLogId, type EvidencePolicy, isOfLog, type SeenHead, verifyEvidence } from './verify.ts'
