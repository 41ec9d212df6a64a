import type { EventName } from '@medguard/protocol'
import type { CanisterName, MethodName } from './clinic.ts'

// E12: which line of the log each method leaves that changes something, or why it leaves none. Typed by the contract: a new method without an entry does not compile.

/** Events of which a call that did something leaves one at least, or why it leaves none. */
export type Lines = readonly [EventName, ...EventName[]] | string

const READS = 'reads, and gives out neither key nor record nor what is sealed in a list'
const BY_CONSENT = 'the same in both canisters, and consent writes the line'
const FOR_RECORDS = 'for the records canister alone, which writes or names the line'
const OF_LOG = 'the log itself, its settings and proofs: nothing of any patient'
const BEGINS = 'part of an upload: nothing anybody else can see until it is committed'
const INERT = 'gives nobody anything until the other side accepts, which has its line'

/** Of methods about organisations and about people, in consent. */
const trust = {
  registerOrganisation: ['organisationRegistered'],
  setMember: ['memberAdded', 'memberChanged'],
  suspendMember: ['memberChanged'],
  removeMember: ['memberRemoved'],
  acceptMembership: ['memberChanged', 'memberAdded'],
  invite: ['invitationMade'],
  claimInvitation: ['invitationClaimed'],
  councilVote: ['councilAct', 'organisationVerified', 'organisationSuspended'],
  invitations: READS,
  organisation: READS,
  organisations: READS,
  members: READS,
  memberships: READS,
  practitioner: READS,
  council: READS,
  councilActs: READS,
} as const satisfies Readonly<Record<string, Lines>>
const people = {
  people: READS,
  offerLink: INERT,
  acceptLink: ['principalLinked'],
  unlink: ['principalUnlinked'],
  appoint: INERT,
  acceptAppointment: ['representativeChanged'],
  dismiss: ['representativeChanged'],
  resign: ['representativeChanged'],
  announceErasure: ['eraseAnnounced'],
  stopErasure: ['eraseStopped'],
  setRecovery: ['recoveryChanged'],
  startRecovery: ['recoveryStarted'],
  approveRecovery: ['recoveryApproved'],
  vetoRecovery: ['recoveryVetoed'],
  completeRecovery: ['recoveryDone'],
} as const satisfies Readonly<Record<string, Lines>>

const devices = {
  addDevice: ['deviceAdded'],
  changeDevice: ['devicePaused', 'deviceChanged'],
  rotateDevice: ['deviceRotated'],
  removeDevice: ['deviceRemoved'],
  devices: READS,
} as const satisfies Readonly<Record<string, Lines>>

/** The same methods where the other canister writes. */
const byConsent = <T extends Readonly<Record<string, Lines>>>(lines: T): Readonly<Record<keyof T, string>> =>
  Object.fromEntries(Object.keys(lines).map((method) => [method, BY_CONSENT])) as Record<keyof T, string>

export const LINES: { readonly [C in CanisterName]: Readonly<Record<MethodName<C>, Lines>> } = {
  consent: {
    ...trust,
    ...people,
    ...devices,
    configure: ['configuration'],
    enrol: ['enrol'],
    enrolDependant: ['enrol'],
    whoAmI: READS,
    accountOf: READS,
    grant: ['grant'],
    revoke: ['revoke'],
    addAuthorKey: ['authorKeyAdded'],
    endAuthorKey: ['authorKeyEnded'],
    authorKeys: READS,
    authorsOf: READS,
    agreement: READS,
    grantsGiven: READS,
    grantsReceived: READS,
    organisationGrants: READS,
    requestAccess: ['requestMade'],
    withdrawRequest: ['requestEnded'],
    denyRequest: ['requestDenied'],
    requestsSent: READS,
    requestsReceived: READS,
    audience: READS,
    rules: READS,
    changeRules: ['paused', 'resumed', 'blocked', 'unblocked', 'rulesChanged'],
    changes: READS,
    eraseBegin: ['eraseBegin'],
    eraseFinish: ['eraseDone'],
    deriveKey: ['keyDerive'],
    postKeyCheck:
      'a check value of a key that somebody was given, which had its line; one that differs has a line of its own',
    depositInfo: READS,
    authoriseList: FOR_RECORDS,
    authoriseOpen: FOR_RECORDS,
    authoriseWrite: FOR_RECORDS,
    authoriseReadWraps: FOR_RECORDS,
    authoriseRewrap: FOR_RECORDS,
    authoriseRetire: FOR_RECORDS,
    logShardOf: FOR_RECORDS,
  },
  records: {
    ...byConsent(trust),
    ...byConsent(people),
    ...byConsent(devices),
    depositReadings: ['deposit'],
    deviceInfo: READS,
    configure: ['configuration'],
    enrol: BY_CONSENT,
    enrolDependant: BY_CONSENT,
    vault: READS,
    grant: BY_CONSENT,
    revoke: BY_CONSENT,
    grantsGiven: READS,
    sharesHolding: READS,
    rules: READS,
    changeRules: BY_CONSENT,
    begin: BEGINS,
    putChunk: BEGINS,
    uploads: READS,
    resume: 'gives an uploader back what they sealed themselves and have not committed',
    usage: READS,
    abandon: BEGINS,
    commit: ['recordAdd', 'deposit'],
    store: ['recordAdd', 'deposit'],
    deleteRecord: ['recordDelete'],
    noteExport: ['exported'],
    erase: BY_CONSENT,
    beginList: ['listSession'],
    headers: 'follows beginList for a quarter of an hour, which has the line',
    listCounts: READS,
    open: ['open'],
    chunk: 'ciphertext, of which open gives the key and has the line',
    putShareWraps: ['shareWraps'],
    makeLink: ['linkMade'],
    links: READS,
    endLink: ['linkEnded'],
    postCapsule: ['capsule'],
    capsules: 'follows beginList for a quarter of an hour, which has the line',
    putChainWrap: 'the start of a chain whose capsule has its line, under the key of the place',
    rewrapState: READS,
    readWraps: ['rewrapBatch', 'open', 'listSession'],
    putWraps: ['rewrapBatch'],
    restoreWraps: ['rewrapBatch'],
    retire: ['epochRetire'],
  },
  audit: {
    configure: OF_LOG,
    append: OF_LOG,
    noteReaders: OF_LOG,
    head: OF_LOG,
    leaves: OF_LOG,
    chainHead: OF_LOG,
    organisationHead: OF_LOG,
    inclusionProof: OF_LOG,
    consistencyProof: OF_LOG,
    tile: OF_LOG,
    shardHead: OF_LOG,
    configureCheckpoints: OF_LOG,
    checkpoint: OF_LOG,
    makeCheckpoint: OF_LOG,
  },
}
