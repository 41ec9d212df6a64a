import { Audience, AudienceArg } from './audience.ts'
import {
  blob,
  bool,
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
  vec,
} from './candid.ts'
import { authorKeyMethods } from './author-keys.ts'
import { AccessRequestPage, AskArg, NamedRequestArg } from './access-requests.ts'
import { deviceMethods } from './devices.ts'
import { ChangeRulesArg, PatientRules, RulesArg } from './patient-rules.ts'
import { peopleMethods, recoveryMethods } from './people.ts'
import { result } from './refusal-schema.ts'
import { AgreedGrantArg, GivenArg, GrantPage, GrantView, ofPatient, PageArg, RevokeArg } from './shared-types.ts'
import { Council, trustMethods } from './trust.ts'

/** Set once by a controller, afterwards only by an upgrade's argument (decision 31). */
export const ConsentConfiguration = named(
  'Configuration',
  record({
    records: principal,
    audit: principal,
    /** vetKD key: `key_1` in production, `dfx_test_key` in development. Changing it makes all data unreadable. */
    keyName: text,
    derivationsPerHour: nat32,
    /** Who verifies organisations, until they say otherwise: no later configuration changes it. A production key requires one. */
    council: opt(Council),
    /** Further canisters of the log, in the order they came: the first is shard 1. A later configuration may only add to them. */
    logShards: opt(vec(principal)),
  }),
)
export type ConsentConfiguration = Infer<typeof ConsentConfiguration>

export const AccountCompartment = named(
  'AccountCompartment',
  record({
    /** 1 to 8, see `CATEGORIES`. Its compartment kind is 1. */
    category: nat8,
    cid: blob,
    minEpoch: nat32,
    currentEpoch: nat32,
  }),
)
export const Account = named(
  'Account',
  record({
    accountId: blob,
    patientId: blob,
    enrolledNs: nat64,
    compartments: vec(AccountCompartment),
    /** Which canister of the log has the lines of this patient; absent: the first. */
    logShard: opt(nat32),
  }),
)
export type Account = Infer<typeof Account>

const Place = { patientId: blob, compartmentKind: nat8, cid: blob }
/** What records passes on about a caller; consent takes it from the configured records canister only. */
const OnBehalf = { caller: principal, ...Place, grantId: opt(blob), requestId: blob }

export const consentService = {
  configure: update(ConsentConfiguration, result(nul), 512),
  /** Opens an account and its vault; repeats get the first answer. Answers after the log acknowledged the enrol leaf. */
  enrol: update(record({ requestId: blob }), result(Account), 128),
  /**
   * `account` is empty before enrolment. `nowNs` is the network's clock. `erasing` is the id of the caller's vault while it is being erased.
   * `logShards` is how many canisters the log has besides the first, absent for none: whoever knows of fewer cannot tell what they do not see.
   */
  whoAmI: update(
    none,
    result(named('WhoAmI', record({ account: opt(Account), nowNs: nat64, erasing: opt(blob), logShards: opt(nat32) }))),
    64,
  ),

  ...peopleMethods,
  ...recoveryMethods,
  ...authorKeyMethods,
  /** Opens an account for somebody who cannot sign in, with keys of its own; the caller gets all powers. Repeats get the first answer. */
  enrolDependant: update(record({ requestId: blob }), result(Account), 128),
  /** The account of a patient for whom the caller may act. */
  accountOf: update(record({ patientId: blob }), result(Account), 128),

  grant: update(AgreedGrantArg, result(nul), 4096),
  /** Effective from this message on. A repeat gets the first answer. */
  revoke: update(RevokeArg, result(record({ endNs: nat64 })), 256),
  /** The text that was confirmed, for the patient and whoever the grant is to, also when it is over. */
  agreement: update(record({ grantId: blob }), result(blob), 128),
  grantsGiven: update(GivenArg, result(GrantPage), 128),
  grantsReceived: update(PageArg, result(GrantPage), 128),
  /** Members: grants to their organisation that reach them, of the `count` from position `from` on; go on at `next` until `total`. */
  organisationGrants: update(
    record({ orgId: blob, from: nat32, count: nat32 }),
    result(named('OrganisationGrants', record({ total: nat32, next: nat32, grants: vec(GrantView) }))),
    128,
  ),
  /** Asks a patient for access. Always `Ok` for who may ask at all, whether or not it reached somebody. */
  requestAccess: update(AskArg, result(nul), 512),
  withdrawRequest: update(NamedRequestArg, result(nul), 128),
  /** To approve or narrow a request, grant what it asks for or less and name it (`answering`). */
  denyRequest: update(NamedRequestArg, result(nul), 128),
  requestsSent: update(PageArg, result(AccessRequestPage), 128),
  requestsReceived: update(GivenArg, result(AccessRequestPage), 128),

  /** Who would be given a compartment's key now, for the patient and whoever may read in their place. */
  audience: update(AudienceArg, result(Audience), 128),
  rules: update(RulesArg, result(PatientRules), 128),
  /** In force from this message on, here. Pausing and blocking are taken even when the log is full. Repeats change nothing. */
  changeRules: update(ChangeRulesArg, result(PatientRules), 256),
  /** A hint to look again: counts changes that concern the caller (decision 36). One replica's word, never acted on alone. */
  changes: query(none, result(nat64), 64),

  /**
   * Owner only, and for good (keys.md 17): logged, and from this answer on everything else is refused for this vault, to everybody. The salt
   * without which no wrap of it opens goes in this very message.
   */
  eraseBegin: update(record({ patientId: blob, requestId: blob }), result(record({ begunNs: nat64 })), 128),
  /**
   * When records has erased its part: the rest of this canister's goes, in as many calls as it takes. The last is logged with `receiptHash`, of the
   * receipt the person keeps.
   */
  eraseFinish: update(
    record({ patientId: blob, receiptHash: blob, requestId: blob }),
    result(record({ isDone: bool })),
    256,
  ),

  deriveKey: update(
    record({
      ...Place,
      epoch: nat32,
      /** Empty for the owner. */
      grantId: opt(blob),
      /** 48 bytes, compressed G1; fresh for every call. */
      transportKey: blob,
      requestId: blob,
    }),
    result(
      named(
        'ReleasedKey',
        record({ encryptedKey: blob, epoch: nat32, shredSalt: blob, keyCheckValue: opt(blob), leafIndex: nat64 }),
      ),
    ),
    512,
  ),
  /** Of one's own vault, or of one that one may read in the patient's place. 16 bytes; the first one stays. Another gets
   * `IdConflict`, and where it is of the current epoch of a category, that epoch ends and the log says why: one of two devices has a wrong key. */
  postKeyCheck: update(
    record({
      patientId: ofPatient,
      compartmentKind: nat8,
      cid: blob,
      epoch: nat32,
      keyCheckValue: blob,
      requestId: blob,
    }),
    result(nul),
    256,
  ),

  /** For who may write or rewrap, before they do: sweeps, then says which epochs there are. Writers take it from here, by update, and never go back. */
  depositInfo: update(
    record({ ...Place, grantId: opt(blob) }),
    result(named('DepositInfo', record({ minEpoch: nat32, currentEpoch: nat32 }))),
    256,
  ),

  authoriseList: update(record(OnBehalf), result(record({ leafIndex: nat64 })), 512),
  /**
   * From records only: which canister of the log has a patient's lines. `logShards` are those that records knows: nobody is put into one that it does not know yet.
   * `IdConflict` where the two were told of different ones.
   */
  logShardOf: update(record({ patientId: blob, logShards: vec(principal) }), result(nat32), 4096),
  /** At most 100 records, one leaf each, in order: the first at `firstLeafIndex`, the others after it, lines of others may stand between. */
  authoriseOpen: update(
    record({
      ...OnBehalf,
      records: vec(named('OpenedRecord', record({ recordId: blob, version: nat32, manifestHash: blob }))),
    }),
    result(record({ firstLeafIndex: nat64 })),
    16_384,
  ),
  /** Sweeps, then confirms that `epoch` is current, else `StaleEpoch`. Writes no leaf (decision 16). */
  authoriseWrite: update(
    record({
      ...OnBehalf,
      epoch: nat32,
      /** A key in force of the caller's, else `BadInput`. */ authorKeyId: opt(blob),
      /** Of a device that posts by itself: then the caller is its key's. */
      deviceId: opt(blob),
    }),
    result(nul),
    512,
  ),
  /** Of a range of wraps to be made anew: one leaf. */
  authoriseReadWraps: update(
    record({ ...OnBehalf, fromSeq: nat32, count: nat32, epoch: nat32 }),
    result(record({ leafIndex: nat64 })),
    512,
  ),
  /** As `authoriseWrite`, for wraps that take the place of others. */
  authoriseRewrap: update(record({ ...OnBehalf, epoch: nat32 }), result(nul), 512),
  /** Nothing is under an epoch below `epoch` any more, which is current: from now on none of those can be derived. */
  authoriseRetire: update(record({ ...OnBehalf, epoch: nat32 }), result(nul), 512),

  ...deviceMethods,
  ...trustMethods,
} as const
export type ConsentService = typeof consentService
