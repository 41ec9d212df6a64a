import { DepositView } from './author-keys.ts'
import {
  blob,
  bool,
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
  update,
  vec,
} from './candid.ts'
import { deviceCalls, deviceMethods } from './devices.ts'
import { linkMethods } from './links.ts'
import { ChangeRulesArg, PatientRules, RulesArg } from './patient-rules.ts'
import { peopleMethods, recoveryMethods } from './people.ts'
import { result } from './refusal-schema.ts'
import { GivenArg, GrantArg, GrantPage, ofPatient, RevokeArg } from './shared-types.ts'
import { Council, trustMethods } from './trust.ts'
import { Place, RecordVersion, uploadMethods } from './uploads.ts'

export const RecordsConfiguration = named(
  'Configuration',
  record({
    consent: principal,
    audit: principal,
    /** This and the next the same as in consent. */
    council: opt(Council),
    logShards: opt(vec(principal)),
  }),
)
export type RecordsConfiguration = Infer<typeof RecordsConfiguration>

const Category = named('Category', record({ category: nat8, cid: blob }))

export const recordsService = {
  configure: update(RecordsConfiguration, result(nul), 512),
  /** Binds the caller to the patient id that consent gave out; the first writer owns it. Exactly the eight categories, in order. */
  enrol: update(
    record({
      patientId: blob,
      compartments: vec(Category),
      requestId: blob,
    }),
    result(nul),
    1024,
  ),
  ...peopleMethods,
  ...recoveryMethods,
  /** This canister's half of a dependant's account, by whoever enrolled it at consent; the first writer owns the id. */
  enrolDependant: update(
    record({ accountId: blob, patientId: blob, compartments: vec(Category), requestId: blob }),
    result(nul),
    1024,
  ),

  /**
   * Which category each compartment of the caller's vault is for, or of one the caller may act for, as this canister has it. A client compares it with
   * consent's answer: one canister alone cannot have a person share or store elsewhere than they mean.
   */
  vault: update(
    record({ patientId: ofPatient }),
    result(named('Vault', record({ patientId: blob, compartments: vec(Category) }))),
    128,
  ),

  grant: update(GrantArg, result(nul), 2048),
  /** Withdraws this canister's copy; the share's wraps go with it. */
  revoke: update(RevokeArg, result(record({ endNs: nat64 })), 256),
  grantsGiven: update(GivenArg, result(GrantPage), 128),

  /** Live shares by record that hold this version, for the patient and whoever may read in their place. */
  sharesHolding: update(record({ patientId: ofPatient, ...RecordVersion }), result(vec(blob)), 128),
  /** This canister's copy of the patient's rules; it holds by itself. */
  rules: update(RulesArg, result(PatientRules), 128),
  changeRules: update(ChangeRulesArg, result(PatientRules), 256),

  ...uploadMethods,
  /** What a vault takes up, and what it may, and how many uploads of the caller's are open: a hint, one replica's word. */
  usage: query(
    record({ patientId: ofPatient }),
    result(
      named(
        'Usage',
        record({
          versions: nat32,
          versionsMax: nat32,
          sizeBytes: nat64,
          sizeBytesMax: nat64,
          openUploads: nat32,
          openUploadsMax: nat32,
        }),
      ),
    ),
    128,
  ),
  /**
   * For the owner, and for who has every power over a dependant's vault without an end, and for good: from the first answer on no version of the record opens, here or in a share, and its wraps are gone from one message to the
   * next. Asked again until `left` is 0.
   */
  deleteRecord: update(record({ recordId: blob, requestId: blob }), result(record({ left: nat32 })), 128),

  /**
   * The client of the owner, or of who may read in their place, tells that it wrote an archive; under a grant to open, that its reader took records out of
   * MedGuard or printed them. That they were opened is in the log already, and why belongs there too.
   */
  noteExport: update(
    record({ patientId: ofPatient, grantId: opt(blob), archiveHash: blob, count: nat32, requestId: blob }),
    result(nul),
    256,
  ),
  /**
   * Owner only, and for good (keys.md 17): from the first answer on everything else is refused for this vault, to everybody. Wraps are overwritten before they go. Asked
   * again until it is done. For 30 days who had a sign-in there hears again what was erased; to everybody else it is as if the id had never been.
   */
  erase: update(
    record({ patientId: blob, requestId: blob }),
    result(named('Erased', record({ isDone: bool, begunNs: nat64, versions: nat32, sizeBytes: nat64, shares: nat32 }))),
    128,
  ),

  /**
   * Logged; opens 15 minutes of `headers` queries. `root` is the RFC 6962 root over the manifest hashes of the compartment by `seq`,
   * so that a page that hides a record shows.
   */
  beginList: update(
    record({ ...Place, requestId: blob }),
    result(
      named(
        'ListSession',
        record({
          count: nat32,
          root: blob,
          untilNs: nat64,
          leafIndex: nat64,
          /** SHA-256 chain over the rows of deleted versions, in the order of their deletion; absent where none was. */
          deletions: opt(blob),
        }),
      ),
    ),
    512,
  ),
  /** At most 100 rows and 1 MB from `fromSeq`, each as `HeaderRow` bytes, or `DeletedRow` where one was deleted. */
  headers: query(record({ ...Place, fromSeq: nat32, count: nat32 }), result(vec(blob)), 512),
  /**
   * How long each list is now, within the 15 minutes that `beginList` opened; 0 where there are none. At most 20. A hint that a page may have
   * grown: one replica's word, never acted on alone.
   */
  listCounts: query(record({ lists: vec(named('ListPlace', record(Place))) }), result(vec(nat32)), 4096),
  /** Releases the open wraps, in the order asked, after the log acknowledged one leaf each. */
  open: update(
    record({ ...Place, records: vec(named('RecordVersion', record(RecordVersion))), requestId: blob }),
    result(
      named(
        'Opened',
        record({
          openWraps: vec(blob),
          firstLeafIndex: nat64,
          /** What some of the wraps are under, each once: whoever may open and not list has no other way to it. Absent where there is none. */
          capsules: opt(
            vec(
              named(
                'KeptCapsule',
                record({ capsuleId: blob, capsule: blob, /** As `putChainWrap` left it. */ chainWrap: opt(blob) }),
              ),
            ),
          ),
          /** How each came to be stored, in the order asked; absent where that is known of none. */
          deposits: opt(vec(opt(DepositView))),
        }),
      ),
    ),
    16_384,
  ),
  /** Ciphertext chunk `index`, from 0. */
  chunk: query(record({ ...Place, ...RecordVersion, index: nat32 }), result(blob), 512),
  /** Adds records to a share by record (decision 28). `seq` is the first new position. A repeat is `Ok`. */
  putShareWraps: update(
    record({
      grantId: blob,
      wraps: vec(named('ShareWrap', record({ ...RecordVersion, listWrap: blob, openWrap: blob }))),
      /** Under which wraps of 92 bytes are. */
      capsule: opt(blob),
      requestId: blob,
    }),
    result(record({ count: nat32 })),
    32_768,
  ),

  /** For who may write and not read: a capsule `MGC1` to the current epoch, under which they may store records for a day (keys.md, section 7). */
  postCapsule: update(record({ ...Place, capsule: blob, requestId: blob }), result(nul), 1024),
  /**
   * At most 100 capsules by their ids, inside the window that `beginList` opened; empty for one that is not there. Asked for chain wraps, those of 72 bytes in
   * the place of capsules that have one.
   */
  capsules: query(
    record({ ...Place, capsuleIds: vec(blob), /** Absent: no. */ chainWraps: opt(bool) }),
    result(vec(opt(blob))),
    4096,
  ),
  /**
   * For the owner and who acts in their place: keeps the start of a capsule's chain, wrapped under the compartment's key of its epoch, beside the capsule (keys.md,
   * section 7). The first one stays, and goes with the capsule. No reader has to believe it.
   */
  putChainWrap: update(record({ ...Place, capsuleId: blob, chainWrap: blob, requestId: blob }), result(nul), 512),
  /** Which epochs the wraps of a category are under (keys.md, section 9). Counts up to 500 older ones on the way: ask again until `counted` is `count`. */
  rewrapState: update(
    record(Place),
    result(
      named(
        'RewrapState',
        record({
          count: nat32,
          counted: nat32,
          /** Nothing is stored under an epoch below it. */
          floor: nat32,
          underCapsules: nat32,
          /** How many were wrapped anew under grants so far. */
          byOthers: nat32,
          epochs: vec(named('EpochCount', record({ epoch: nat32, count: nat32 }))),
          /** Former wraps may be left from this position on. */
          cleaned: nat32,
        }),
      ),
    ),
    256,
  ),
  /**
   * Of the positions `fromSeq` to `fromSeq + count` those that are not yet under the compartment's key of `epoch`, each as `WrapRow` bytes; at most
   * 200. Logged as one range; never answered twice.
   */
  readWraps: update(
    record({ ...Place, fromSeq: nat32, count: nat32, epoch: nat32, requestId: blob }),
    result(named('WrapBatch', record({ rows: vec(blob), leafIndex: nat64 }))),
    512,
  ),
  /**
   * Puts new wraps, all at the current epoch, in the place of those named by epoch and nonce of their open wrap. One byte each, in order: 1 it is under `epoch` or
   * a later one, 2 it has changed since: read it again.
   */
  putWraps: update(
    record({
      ...Place,
      epoch: nat32,
      entries: vec(
        named('NewWraps', record({ seq: nat32, oldEpoch: nat32, oldNonce: blob, listWrap: blob, openWrap: blob })),
      ),
      requestId: blob,
    }),
    result(record({ outcomes: blob })),
    80_000,
  ),
  /**
   * For the owner and who acts in their place: puts the wraps before the last rewrap back where what is there does not open; at most 200. One byte each, in
   * order: 1 they are back, 2 there are none that could be.
   */
  restoreWraps: update(
    record({ ...Place, seqs: vec(nat32), requestId: blob }),
    result(named('RestoredWraps', record({ outcomes: blob }))),
    2048,
  ),
  /**
   * For the owner and who acts in their place: ends all epochs below `epoch`, the current one, once nothing is under them; `Stale` names the oldest that is, or `epoch` itself where `byOthers` is not how many
   * were wrapped under grants. Then removes former wraps, up to 500
   * positions a call: repeat it while `remaining` is not 0.
   */
  retire: update(
    record({ ...Place, epoch: nat32, byOthers: opt(nat32), requestId: blob }),
    result(named('Retired', record({ remaining: nat32 }))),
    512,
  ),
  ...deviceMethods,
  ...deviceCalls,
  ...linkMethods,
  ...trustMethods,
} as const
export type RecordsService = typeof recordsService
