/** What every canister links. Rules and stores that import from here load in plain Node; only talking to the network needs a canister. */
export { constant, createEndpoint, type HandlersOf, type Later, REPLY_BYTES_MAX } from './answer.ts'
export { categoriesCovered, exceeding } from './answering.ts'
export { assert } from './assert.ts'
export { sendNotesToAudit, sendToAudit } from './audit-sender.ts'
export { atStart, whilePreInitialising } from './boot.ts'
export {
  type Budget,
  budgetsOfWork,
  type Buckets,
  createBuckets,
  giveBackToAll,
  takeFromAll,
  WORK_PART,
  workKey,
} from './buckets.ts'
export {
  BUDGET_TAG,
  budgetKey,
  type BudgetOptions,
  deriveOfReaderKey,
  deriveOneKey,
  type MethodBudget,
} from './budgets.ts'
export { forgetPerson, leavesDependantAlone } from './forgetting.ts'
export { changesOf, payerOf, takeLines } from './change-budget.ts'
export { call, callFor, callThen, callWithin, type CallOutcome } from './call.ts'
export type { BodyCodec, Codec } from './candid-codec.ts'
export { CandidRows, type Encodable } from './candid-write.ts'
export { type CanisterOptions, createCanister } from './canister.ts'
export { type Blob, type Blobs, type BlobsOptions, chunkLength, createBlobs } from './collections/blobs.ts'
export { type Counters, createCounters } from './collections/counters.ts'
export {
  bytes,
  type Field,
  type Fields,
  flag,
  list,
  nullable,
  principal,
  u32,
  u64,
  u8,
  type ValueOf,
} from './collections/fields.ts'
export { entriesOf, type EntryRuns } from './collections/page-rows.ts'
export { createPages, PagedList, type Pages } from './collections/pages.ts'
export { createQueue, type Queue } from './collections/queue.ts'
export { asIs, createRows, keyOf, type RowCodec, rowOf, type TypedRows } from './collections/rows.ts'
export { createSequences, Sequence, type Sequences, type SequencesOptions } from './collections/sequence.ts'
export { createSet, type KeySet } from './collections/sets.ts'
export { auditEndpoints, consistencyProofCall, headCall } from './codecs/audit.ts'
export {
  authoriseListCall,
  authoriseOpenCall,
  authoriseReadWrapsCall,
  authoriseRetireCall,
  authoriseRewrapCall,
  authoriseWriteCall,
  logShardOfCall,
  consentEndpoints,
} from './codecs/consent.ts'
export { schnorrPublicKeyCall, signWithSchnorrCall, vetkdDeriveKeyCall } from './codecs/management.ts'
export { recordsEndpoints } from './codecs/records.ts'
export { type Configuration, type ConfigurationOptions, createConfiguration } from './configuration.ts'
export type { Call, Endpoints } from './endpoints.ts'
export { createDeviceBook, type Device, type DeviceBook } from './device-book.ts'
export { type DeviceHost, deviceStateOf, NOTED_DEVICES, pauseGivenBy } from './device-methods.ts'
export { createDeviceMethods } from './device-handlers.ts'
export { onTrap } from './flow.ts'
export {
  actingFor,
  type Asked,
  decide,
  decideAgain,
  permittedUnder,
  type Decision,
  type FactSource,
  powersToGive,
  samePrincipal,
  sameShort,
  type Standing,
  type VaultFacts,
  holdsVault,
  vaultNamed,
} from './decision.ts'
export { type GrantFacts, grantOf, type GrantState, grantTermsView, NOBODYS, takesIn } from './grant-rules.ts'
export { createGrantBook, type GrantBook } from './grant-book.ts'
export { createGuards } from './guards.ts'
export { FOLDED_HASHES_MAX, foldHashes } from './hash-tree.ts'
export { homeOf, homesOf, inboxOf, isHome, isHomeKind } from './homes.ts'
export { idsIn, positionOfId } from './id-list.ts'
export { hkdfExpand, hmac } from './hkdf.ts'
export {
  caller,
  canisterVersion,
  cycleBalance,
  dataCertificate,
  isAnonymous,
  isController,
  MANAGEMENT,
  nowNs,
  self,
  setCertifiedData,
} from './host.ts'
export { type InboxState, receive, type Received } from './inbox.ts'
export type { HttpRequest, HttpResponse } from './http/http-codec.ts'
export type { HttpHandlers } from './http/http-endpoint.ts'
export { json, problem, type ProblemStatus } from './http/problem.ts'
export { createIntents, type Entered, type Held, type Intents, type IntentsOptions } from './intents.ts'
export {
  type ByteMap,
  type MemoryMap,
  countWrites,
  memoryMap,
  numberedSection,
  openMap,
  type Rows,
  section,
  u64Key,
  watchWrites,
  writesSoFar,
} from './maps.ts'
export * as curveLayout from './curves/layout.ts'
export * as nativeLayout from './native-layout.ts'
export { noteModule } from './module-note.ts'
export { createOutbox, type LeafDraft, type Outbox, type OutboxOptions } from './outbox.ts'
export { createOutboxes, type Outboxes } from './outboxes.ts'
export { createShardBook, logIdIn, logShardsIn, sharedShards, shardPeers, wrongLogShards } from './log-shards.ts'
export { memberLeaf } from './trust-leaves.ts'
export { changedRules, createRulesBook, type RulesBook } from './patient-rules.ts'
export {
  ALL_POWERS,
  createPeopleBook,
  type HeldAccount,
  type Member,
  type PeopleBook,
  PEOPLE_SECTION,
  type Representative,
} from './people-book.ts'
export { acceptLink, offerLink, unlink } from './people-links.ts'
export { acceptAppointment, appoint, dismiss, logRepresentative, resign } from './people-representatives.ts'
export { approveRecovery, completeRecovery, setRecovery, startRecovery, vetoRecovery } from './people-recovery.ts'
export { announceErasure, erasable, stopErasure } from './people-erasure.ts'
export { people } from './people-view.ts'
export { NOT_PERMITTED, NOTED_PEOPLE, type PeopleHost, refuseChange, REPEATED_PEOPLE, tooNewUntil } from './people.ts'
export { randomBytes, rawRand } from './random.ts'
export { callRaw, callWith, type RawOutcome } from './raw-call.ts'
export {
  type Change,
  createRepeats,
  type Recalled,
  REPEATED_ANSWER_BYTES_MAX,
  REPEATS_PER_CALLER_MAX,
  type Repeats,
} from './repeats.ts'
export { pbkdf2, sameSecret } from './pbkdf2.ts'
export { createRefusalLog, REFUSED_METHOD, type RefusalLog, type RefusedRequest } from './refusal-log.ts'
export { createRequestMemory, REQUESTS_PER_CALLER_MAX, type RequestMemory } from './requests.ts'
export { createRecoveryBook } from './recovery-book.ts'
export { hasRoom, refuseBeginning, RESERVE_PAGES } from './room.ts'
export { sameBytes } from './same-bytes.ts'
export { sha256 } from './sha256.ts'
export { standingOf } from './standing.ts'
export { setTimer } from './timer.ts'
export { decodeUtf8, encodeUtf8 } from './utf8.ts'
export { walkRows, withLayout } from './walk.ts'
export { createTrustBook, type Membership, type TrustBook } from './trust-book.ts'
export { createTrustMethods, NOTED_TRUST, type TrustContext, type TrustHandlers } from './trust-methods.ts'
export { councilOf, wrongCouncil } from './trust-rules.ts'
export { createUpgradeNotes, type UpgradeNote } from './upgrade-notes.ts'
export { createErasures, createMarkCollector, type Erasure, newErasure, type Receipt } from './erasures.ts'
export { keepShape } from './shapes.ts'
