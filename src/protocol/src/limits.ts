// Every named maximum of the product, beside the arithmetic that chose it (decision 43, keys.md 5.5).

const KiB = 1024
const MiB = 1024 * KiB

export const NS_PER_MS = 1_000_000n
export const NS_PER_SECOND = 1_000_000_000n
export const NS_PER_MINUTE = 60n * NS_PER_SECOND
export const NS_PER_HOUR = 60n * NS_PER_MINUTE
export const NS_PER_DAY = 24n * NS_PER_HOUR

export const ID_BYTES = 16
export const HASH_BYTES = 32

/** A year and a day: a yearly check-up may renew before it lapses. */
export const GRANT_PERIOD_MAX_NS = 366n * NS_PER_DAY
export const GRANTS_LIVE_MAX = 200
/** Live and ended together, per patient; ended ones stay listed. None per grantee: others could fill it. */
export const GRANTS_TOTAL_MAX = 10_000
/**
 * What one account begins in an hour: shares, rules, members of an organisation that nobody verified. More than half of what may be live at once. Whoever spends
 * it all, and ends all of it, makes 360 lines an hour.
 */
export const CHANGES_PER_HOUR = 120
/** Canonical grants are hashed into leaves; 20 compartments keep them under 512 bytes (113 + 20 × 17 = 453). */
export const GRANT_COMPARTMENTS_MAX = 20
export const GRANT_PAGE_MAX = 50
/** A canonical grant, its second part included, has room in the 512 bytes of a leaf's detail behind a head of 39. */
export const GRANT_BYTES_MAX = 473
/** Members of an organisation that one grant excludes: with all eight categories, 113 + 8 × 17 + 11 + 6 × 30 = 440 bytes. */
export const GRANT_EXCLUDED_MAX = 6
/** How long a patient can answer a request for access. */
export const REQUEST_EXPIRY_MAX_NS = 30n * NS_PER_DAY
/** Of one requester, waiting for an answer; and of one patient, from whomever: 25 bytes each in a row. */
export const REQUESTS_SENT_OPEN_MAX = 100
export const REQUESTS_RECEIVED_OPEN_MAX = 200
/** Of these, from people with whom the patient never shared: the rest is kept for the others. */
export const REQUESTS_OF_UNKNOWN_OPEN_MAX = 100
/** From one account to one patient: one that waits, one more, and one that was a mistake. */
export const REQUESTS_TO_ONE_OPEN_MAX = 3
/** With those that are answered; the oldest of these give way. */
export const REQUESTS_LISTED_MAX = 400
export const REQUESTS_PER_HOUR = 60
export const REQUEST_PAGE_MAX = 50
/** Canisters of the log besides the first. */
export const LOG_SHARDS_MAX = 64
/** Patients that are put into one of them: with 4 MB of lines each they fill the 500 GiB that a canister may have. */
export const LOG_SHARD_PATIENTS_MAX = 125_000
/** What a patient confirms when sharing, in UTF-8. */
export const AGREEMENT_BYTES_MAX = 2048
/** People and organisations that one patient blocks; 30 bytes each in a row that every decision reads. */
export const BLOCKS_MAX = 100

/** Keys that one account signs with: as many devices as it has sign-ins, and as many ever. */
export const AUTHOR_KEYS_LIVE_MAX = 8
export const AUTHOR_KEYS_EVER_MAX = 64
/** As many as records can be opened in one call. */
export const AUTHORS_PER_CALL_MAX = 100
/** Active principals of one account; those it ever had, beyond which only a recovery adds one. */
export const PRINCIPALS_MAX = 8
export const PRINCIPALS_EVER_MAX = 64
/** Both sessions are at hand when a principal is linked (keys.md 13.3). */
export const LINK_OFFER_NS = 10n * NS_PER_MINUTE
/**
 * A principal is new for this long: it cannot shut out older ones, nor say who may recover the account. As long as a recovery waits, so that a stolen
 * session takes an account over no faster than that, and no more quietly.
 */
export const PRINCIPAL_NEW_NS = 72n * NS_PER_HOUR
export const RECOVERY_WAIT_NS = 72n * NS_PER_HOUR
/** With kit and guardians together. */
export const RECOVERY_SHORT_WAIT_NS = 12n * NS_PER_HOUR
/** How long the new principal has to complete a recovery, and how long what a guardian said counts. */
export const RECOVERY_OPEN_NS = 7n * NS_PER_DAY
export const GUARDIANS_MAX = 8
/** Between saying that a dependant's vault is to be erased and erasing it, and how long after that it may be done. */
export const ERASURE_WAIT_NS = 7n * NS_PER_DAY
export const ERASURE_OPEN_NS = 7n * NS_PER_DAY
/** How long after an erasure who had a sign-in there may ask for the receipt again. */
export const ERASURE_RECEIPT_NS = 30n * NS_PER_DAY
export const REPRESENTATIVES_MAX = 16
/** Of somebody else than a dependant: a year and a day, as a grant. */
export const REPRESENTATIVE_PERIOD_MAX_NS = GRANT_PERIOD_MAX_NS
/** Patients that one person may act for, and dependants that one person may enrol. */
export const WARDS_MAX = 48
export const DEPENDANTS_MAX = 16
/** Changes to who acts for a vault, of one person; what ends access is not counted. */
export const PEOPLE_CHANGES_PER_HOUR = 60

export const SHARE_RECORDS_MAX = 500
export const SHARE_WRAPS_PER_CALL_MAX = 100
export const RECORDS_PER_ACCOUNT_MAX = 100_000
export const RECORD_BYTES_MAX = 1024 * MiB
/** Ciphertext of one vault and of a whole canister, uploads on their way included; a canister's stable memory ends at 500 GiB. */
export const BYTES_PER_ACCOUNT_MAX = 64n * 1024n * BigInt(MiB)
export const BYTES_STORED_MAX = 400n * 1024n * BigInt(MiB)
/**
 * Of a vault, what everybody together may store under one grant, with what they announced and have not sent: a tenth of its records, a quarter of its bytes. And what one
 * sign-in may have announced under one: three of the largest records. Deleting gives no grant its room back, so that adding and deleting in turn fills nothing.
 */
export const RECORDS_UNDER_GRANT_MAX = 10_000
export const BYTES_UNDER_GRANT_MAX = 16n * 1024n * BigInt(MiB)
export const BYTES_ANNOUNCED_UNDER_GRANT_MAX = 4n * 1024n * BigInt(MiB)
/** What is left of a vault to its owner when all others have stored all they may. */
export const RECORDS_OF_OWNER_ALONE = 10_000
export const BYTES_OF_OWNER_ALONE = 4n * 1024n * BigInt(MiB)
export const TITLE_CHARS_MAX = 200

export const CHUNK_LOG2_MIN = 16
export const CHUNK_LOG2_MAX = 20
export const CHUNK_LOG2_DEFAULT = 20
/** AES-GCM tag behind each chunk (keys.md 5.4). */
export const CHUNK_TAG_BYTES = 16
export const CHUNK_BYTES_MAX = MiB + CHUNK_TAG_BYTES
/** Of a body that comes in one message with its manifest. Such a message is hashed, so that a repeat is known: of a larger one that would cost more than it saves. */
export const WHOLE_BYTES_MAX = 64 * 1024 + CHUNK_TAG_BYTES
export const CHUNKS_MAX = 1024 // 1 GiB of 1 MiB chunks
export const MANIFEST_BYTES = 268
/** 48 bytes around a ciphertext of at most 16 KiB and its tag (keys.md 5.3). */
export const HEADER_BYTES_MAX = 16 * KiB + 64
export const WRAP_BYTES = 72
export const STREAM_SALT_BYTES = 32
/** Tells the uploader of a broken-off upload whether a content is the one that was being sealed. */
export const RESUME_TAG_BYTES = 32
/** Of a wrap under a step of a capsule (keys.md 6). */
export const CAPSULE_WRAP_BYTES = 92
export const CAPSULE_BYTES = 232
/** A capsule takes wraps for a day (keys.md 5.5). */
export const CAPSULE_LIFE_NS = NS_PER_DAY
/** A page of headers may name as many. */
export const CAPSULES_PER_CALL_MAX = 100
/** Capsules, not records: up to 1,024 of those come under one. */
export const DEPOSITS_OF_CALLER_PER_HOUR = 600
export const DEPOSITS_OF_PATIENT_PER_HOUR = 1_200
/** Everybody's under one grant, a tenth of the patient's: none waits because of another. */
export const DEPOSITS_UNDER_GRANT_PER_HOUR = 120
export const DEPOSITS_IN_ALL_PER_HOUR = 60_000

/** Devices of one patient that may post, those they ever had, and all there are: a row is some 250 bytes in two canisters. */
export const DEVICES_LIVE_MAX = 16
export const DEVICES_EVER_MAX = 128
export const DEVICES_IN_ALL_MAX = 4_000_000
/** Batches, and questions after the state: one in three seconds of a device that catches up, and of all of a patient's; a thousand such devices at once. */
export const DEVICE_POSTS_PER_HOUR = 1_200
export const DEVICE_POSTS_OF_PATIENT_PER_HOUR = 2_400
export const DEVICE_POSTS_IN_ALL_PER_HOUR = 1_200_000
/** Numbers that are remembered of a device, behind the highest it used; and as far ahead of that one may be. */
export const DEVICE_SEQ_WINDOW = 1_024
/** Of a vault's 100,000: a device that posts every ten minutes fills it in a year, and leaves room for others. */
export const RECORDS_UNDER_DEVICE_MAX = 50_000
/** Of a device, header and wraps included: some 600 readings. What an HTTPS gateway and a small device's memory take easily. */
export const DEVICE_BATCH_BYTES_MAX = 16 * KiB
/**
 * Signatures of HTTPS posts that are checked in a device's name and are wrong: some are its own, more are there while everybody's are not used up. 64 of one device cost
 * 21 G cycles, everybody's 0.7 T.
 */
export const DEVICE_CHECKS_FREE_PER_HOUR = 4
export const DEVICE_CHECKS_PER_HOUR = 60
export const DEVICE_CHECKS_IN_ALL_PER_HOUR = 2_000
/** Right ones that bring nothing new: a device that sends again what it got no answer to. */
export const DEVICE_REPEATS_PER_HOUR = 600
/** Of what a gateway makes of a request: such a batch, and header fields. */
export const HTTP_ARG_BYTES_MAX = 40 * KiB

/** Links of one patient that give something, and those that are listed: the oldest that are over make room. */
export const LINKS_LIVE_MAX = 20
export const LINKS_LISTED_MAX = 40
/** A summary with what was chosen beside it; a gateway gives it out in one answer, and one call brings it. */
export const LINK_BYTES_MAX = 512 * KiB
export const LINK_FILES_MAX = 8
export const LINK_ARG_BYTES_MAX = LINK_BYTES_MAX + 4 * KiB
/** Of the sealed label: 80 characters, padded. */
export const LINK_LABEL_BYTES_MAX = 1 * KiB
export const LINK_LABEL_CHARS_MAX = 80
export const LINK_PERIOD_MAX_NS = GRANT_PERIOD_MAX_NS
/** Wrong passcodes in a link's whole life. Six digits and ten tries: one in a hundred thousand. */
export const LINK_ATTEMPTS_DEFAULT = 10
export const LINK_ATTEMPTS_MAX = 100
/**
 * A canister hashes each passcode that somebody tries, at some 70 k instructions a round. More would not help against who reads the canister's memory: no count makes six
 * digits last (docs/security.md).
 */
export const LINK_PASSCODE_ROUNDS = 400
export const LINK_PASSCODE_CHARS_MAX = 64
/** What a viewer sends: who it says it is for, and the passcode. */
export const LINK_REQUEST_BYTES_MAX = 2 * KiB
export const LINK_RECIPIENT_CHARS_MAX = 80
/** Openings that are kept with a link. Each has a line in the log. */
export const LINK_OPENINGS_LISTED_MAX = 10
export const LINK_OPENINGS_PER_HOUR = 30
export const LINK_OPENINGS_IN_ALL_PER_HOUR = 60_000
/** An address of a file lives this long; the specification allows an hour. */
export const LINK_FILE_LIFE_NS = 15n * NS_PER_MINUTE

/** Two hundred entries are 40 kB in and 0.1 G instructions: far below what a call may cost. */
export const REWRAP_PER_CALL_MAX = 200
/** Positions that one call looks at to count which epochs are in use, or to remove what a rewrap left behind. */
export const WRAPS_LOOKED_AT_MAX = 500
/** Calls of a rewrap, each of at most 200 records: a vault of 100,000 takes 1,000 of each kind. */
export const REWRAPS_OF_CALLER_PER_HOUR = 3_000
export const REWRAPS_OF_PATIENT_PER_HOUR = 6_000
export const REWRAPS_IN_ALL_PER_HOUR = 60_000

/**
 * Lines that one account writes into logs by reading, and by filling shares, in each canister: one for each list, each record that is opened and each call that fills. A vault of
 * 10,000 records is opened as a whole in an hour.
 */
export const LINES_PER_HOUR = 12_000

export const OPEN_UPLOADS_MAX = 16
/** An upload that nobody continued for a day may be collected. */
export const UPLOAD_IDLE_MAX_NS = NS_PER_DAY

/** Pairs of a version and a share that one message of a deletion looks at: some 70 M instructions. */
export const DELETION_STEPS_PER_CALL = 400

/** Rows of a list or of grants that one message of an erasure works through: some 60 M instructions. */
export const ERASURE_STEPS_PER_CALL = 100

export const LIST_WINDOW_NS = 15n * NS_PER_MINUTE
/** Lists that one question after their lengths may name: a grant covers at most so many compartments. */
export const LISTS_WATCHED_MAX = 20
export const HEADER_PAGE_MAX = 100
export const HEADER_PAGE_BYTES_MAX = 1_000_000
export const OPEN_RECORDS_PER_CALL_MAX = 100

export const DERIVERS_PER_EPOCH_MAX = 256
export const DERIVATIONS_PER_HOUR_DEFAULT = 12
/** Ceilings of what derivations may cost (I36), as multiples of what one reader may derive of one compartment in an hour. */
export const DERIVATIONS_OF_ACCOUNT_FACTOR = 16
export const DERIVATIONS_OF_PATIENT_FACTOR = 64
export const DERIVATIONS_IN_ALL_FACTOR = 1024
/** No key is derived for less than this many cycles, 38 derivations' worth: what is left has to last for revoking and for reading the log. */
export const CYCLES_RESERVE = 1_000_000_000_000n
export const TRANSPORT_KEY_BYTES = 48
/** Derivations, lists and opens are remembered this long, so that a repeat is refused and never answered twice (decision 25). */
export const REQUEST_MEMORY_NS = 10n * NS_PER_MINUTE
/** Changes are remembered this long, so that a repeat gets the first answer (I22); the network itself takes a message for five minutes. */
export const REPEAT_MEMORY_NS = NS_PER_DAY

/** Leaves in one `audit.append`; past `OUTBOX_WAITING_MAX` unacknowledged ones only revoke and pause are taken (decision 17). */
export const APPEND_LEAVES_MAX = 100
export const OUTBOX_WAITING_MAX = 1000
export const DETAIL_BYTES_MAX = 512
export const LEAF_PAGE_MAX = 50

/** Refusals of registered callers that get a leaf of their own; beyond they are only counted (I18). */
export const REFUSAL_LEAVES_PER_HOUR = 60

/**
 * Enrolments that each of consent and records takes in an hour: 48,000 a day, more than a large country's registrations. An account is about 2 kB of rows
 * and 50 M instructions over all canisters, so that who spends it all, all year, gets 35 GB of the 400 and costs us 0.1 T cycles an hour.
 */
export const ENROLMENTS_PER_HOUR = 2_000
/** A client repeats an enrolment that it got no answer to, and on every device. */
export const ENROLMENTS_OF_CALLER_PER_HOUR = 60

export const ORG_NAME_CHARS_MAX = 100
/** In force together, and ever named. An organisation that nobody has verified has room for those who set it up. */
export const ORG_MEMBERS_MAX = 10_000
export const ORG_MEMBERS_EVER_MAX = 50_000
export const ORG_MEMBERS_UNVERIFIED_MAX = 100
/** Organisations that one person registers, and those they are a member of. */
export const ORGS_REGISTERED_MAX = 8
export const ORGS_OF_MEMBER_MAX = 16
/** Organisations that invited somebody who has not answered, as far as they are listed. */
export const INVITED_BY_MAX = 16
export const ORG_PAGE_MAX = 50
/** Roles and verifications end by themselves: two years and a day. */
export const MEMBER_PERIOD_MAX_NS = 731n * NS_PER_DAY
export const VERIFIED_PERIOD_MAX_NS = 731n * NS_PER_DAY
/** Each one is a row of some 300 bytes in two canisters, so that who spends it all, all year, gets 0.5 GB of each. */
export const ORGS_REGISTERED_PER_HOUR = 200
/** Of members and invitations, in an organisation in force: a hospital takes on the 10,000 it may have in four hours. Others have what their administrators have. */
export const ORG_CHANGES_PER_HOUR = 3_000

/** An invitation waits for whoever has its code; an organisation makes so many in all. */
export const INVITATION_PERIOD_MAX_NS = 90n * NS_PER_DAY
export const INVITATIONS_OF_ORG_MAX = 1_000_000
export const INVITATION_CODE_BYTES = 32

export const COUNCIL_MEMBERS_MAX = 13
/** What data of people depends on has no single head. */
export const COUNCIL_MEMBERS_MIN_IN_PRODUCTION = 3
export const COUNCIL_ACT_OPEN_NS = 7n * NS_PER_DAY
export const COUNCIL_ACTS_OPEN_PER_MEMBER_MAX = 8
