import {
  COUNCIL_MEMBERS_MIN_IN_PRODUCTION,
  detailFields,
  ENROLMENTS_OF_CALLER_PER_HOUR,
  ENROLMENTS_PER_HOUR,
  equalBytes,
  EVENT,
  refuse,
} from '@medguard/protocol'
import {
  BUDGET_TAG,
  canisterVersion,
  consentEndpoints,
  refuseBeginning,
  createBuckets,
  createCanister,
  countWrites,
  createConfiguration,
  createGuards,
  createMarkCollector,
  shardPeers,
  wrongLogShards,
  createRefusalLog,
  createRequestMemory,
  createTrustMethods,
  councilOf,
  isController,
  noteModule,
  nowNs,
  openMap,
  self,
  setTimer,
  sha256,
  wrongCouncil,
  acceptAppointment,
  approveRecovery,
  completeRecovery,
  setRecovery,
  startRecovery,
  vetoRecovery,
  acceptLink,
  announceErasure,
  appoint,
  dismiss,
  offerLink,
  people,
  type PeopleHost,
  NOTED_PEOPLE,
  NOTED_TRUST,
  REPEATED_PEOPLE,
  resign,
  stopErasure,
  unlink,
  homesOf,
  createDeviceMethods,
  type DeviceHost,
  NOTED_DEVICES,
} from '@medguard/shared'
import { denyRequest, requestAccess, requestsReceived, requestsSent, withdrawRequest } from './access-requests.ts'
import { audience } from './audience.ts'
import {
  authoriseList,
  authoriseOpen,
  authoriseReadWraps,
  authoriseRetire,
  authoriseRewrap,
  authoriseWrite,
  depositInfo,
} from './authorise.ts'
import { addAuthorKey, authorKeys, authorsOf, endAuthorKey, NOTED_AUTHORS } from './author-keys.ts'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { deriveKey } from './derive.ts'
import { accountOf, accountView, enrol, enrolDependant } from './enrolment.ts'
import { sweep } from './epochs.ts'
import { createDirectory, logShardOf } from './directory.ts'
import { createLogStreams } from './log-streams.ts'
import { eraseBegin, eraseFinish, erasingOf } from './erasing.ts'
import { noticeExpiries } from './expiries.ts'
import { createFacts } from './facts.ts'
import { agreement, endGiven, grant, grantsGiven, grantsReceived, organisationGrants, revoke } from './grants.ts'
import { postKeyCheck } from './key-checks.ts'
import { LAYOUT, LAYOUT_OF_SHARDS, migrate } from './migrate.ts'
import { changeRules, rules } from './patient-rules.ts'
import { createConsentStore, MEMORY } from './store.ts'
import { decides, watchFacts } from './watch-facts.ts'

/** Who may do what, until when; the one canister that derives keys, and it never holds a wrapped one. */

const PRODUCTION_KEY_NAME = 'key_1'
const KEY_NAMES = [PRODUCTION_KEY_NAME, 'test_key_1', 'dfx_test_key']
const rows = openMap(MEMORY.rows)
const counted = countWrites(rows, decides)
const store = createConsentStore(watchFacts(counted.rows, () => store.noteFactsChanged(nowNs())))
/** Who changed the configuration: a controller by call, nobody by an upgrade. */
let configuredBy = new Uint8Array(0)
const configuration = createConfiguration({
  rows: store.configurationRows,
  codec: consentEndpoints.configuration,
  peers: (own) => ({ records: own.records, audit: own.audit, ...shardPeers(own) }),
  check(next, present) {
    const {
      keyName,
      derivationsPerHour,
      council: [council],
    } = next
    if (!KEY_NAMES.includes(keyName)) return refuse.badInput('keyName', 'unknown')
    if (derivationsPerHour < 1 || derivationsPerHour > 10_000) return refuse.badInput('derivationsPerHour', 'range')
    const members = council?.members.length ?? 0
    if (keyName === PRODUCTION_KEY_NAME && members < COUNCIL_MEMBERS_MIN_IN_PRODUCTION)
      return refuse.badInput('council', 'missing')
    return wrongLogShards(next, present) ?? (council === undefined ? null : wrongCouncil(councilOf(council)))
  },
  onChange({ council: [first], logShards: [shards = []] }, bytes) {
    if (shards.length > 0) store.setLayout(LAYOUT_OF_SHARDS)
    // The council's own from then on: whoever controls the canister names the first one and no other.
    if (first !== undefined && store.trust.council.council() === null) store.trust.council.setCouncil(councilOf(first))
    outbox.queue({
      event: EVENT.configuration,
      actor: configuredBy,
      fields: detailFields.configuration({ configHash: sha256(bytes) }),
    })
  },
})
const directory = createDirectory(store.shardRows, configuration)
const outbox = createLogStreams({ store, configuration, directory, onUpgradeTold: tellOfModule })
/** What runs here since an installation, and who controls it. */
function tellOfModule(): void {
  noteModule((fields) => void outbox.queue({ event: EVENT.upgrade, actor: new Uint8Array(0), fields }))
}
const collectMarks = createMarkCollector({ erasures: store.erasures, nowNs, schedule: setTimer })
const budgets = createBuckets(store.budgetRows)
const facts = createFacts(store, counted.written)
const deviceHost: DeviceHost<StoredAccount> = {
  devices: store.devices,
  facts,
  budgets,
  nowNs,
  isLogFull: outbox.isFull,
  log: (draft) => void outbox.queue(draft()),
  changed: (patientId) => store.noteChangeOf(patientId),
  useOf: () => [],
}
const peopleHost: PeopleHost<StoredAccount> = {
  book: store.people,
  recovery: store.recovery,
  facts,
  budgets,
  nowNs,
  log: (draft) => void outbox.queue(draft()),
  isLogFull: outbox.isFull,
  accountIdOf: ({ accountId }) => accountId,
  changed(patientId, other) {
    store.noteChangeOf(patientId)
    if (other !== undefined) store.noteChange(other)
  },
  endGiven: (ending) => endGiven({ store, outbox, deviceHost }, ending),
  lost(patientId, actor) {
    for (const compartment of homesOf(store.people.accountOf(patientId)))
      sweep(context, { patientId, compartment, actor })
  },
}
const context: Context = {
  store,
  facts,
  people: peopleHost,
  deviceHost,
  outbox,
  directory,
  refusals: createRefusalLog({
    outbox,
    budgets,
    isAccount: (principal) => store.account(principal) !== undefined,
    isPatient: (patientId) => store.ownerOf(patientId) !== undefined,
    orgOf(grantId, patientId, principal) {
      const grant = store.grants.get(grantId)?.grant
      const isOfPatient = grant !== undefined && equalBytes(grant.patientId, patientId)
      return store.trust.orgTried(isOfPatient ? grant.grantee : undefined, principal)
    },
    nowNs,
    schedule: setTimer,
    onEnded: (patientId) => noticeExpiries({ store, outbox }, patientId),
  }),
  requests: createRequestMemory(store.requestRows),
  collectMarks,
  budgets,
  configuration,
}

const NOT_PERMITTED = { Err: refuse.notPermitted }
const { always, whenReady, whenRoom, whenReadyOrOwner } = createGuards(context)
/** Methods about people, whose rules both canisters share. */
const aboutPeople =
  <A, R>(handle: (host: PeopleHost<StoredAccount>, arg: A, caller: Uint8Array) => R) =>
  ({ people: host }: Context, arg: A, caller: Uint8Array): R =>
    handle(host, arg, caller)
/** Records alone asks these: it is believed about who called it. */
const fromRecords =
  <A, R>(handle: (context: Context, arg: A) => R) =>
  (own: Context, arg: A, caller: Uint8Array): R | typeof NOT_PERMITTED => {
    const records = configuration.get()?.records.toUint8Array()
    return records !== undefined && equalBytes(records, caller) ? handle(own, arg) : NOT_PERMITTED
  }

const trust = createTrustMethods({
  book: store.trust,
  budgets: budgets,
  isReady: () => configuration.get() !== null,
  refuseBeginning,
  isAccount: (principal) => store.account(principal) !== undefined,
  patientIdOf: (principal) => store.account(principal)?.patientId,
  principalsOf(principal) {
    const account = store.account(principal)
    return account === undefined ? [] : store.people.principalsOf(account, principal)
  },
  isShutOut: (principal) => store.people.isTaken(principal) && store.heldAccount(principal) === undefined,
  nowNs,
  liveGrant(caller, grantId, now) {
    const account = store.account(caller)
    const state = store.grants.get(grantId)
    const isOwn = account !== undefined && state !== undefined && equalBytes(state.grant.patientId, account.patientId)
    return isOwn && state.endedNs === null && now < state.grant.endNs ? state : undefined
  },
  log: outbox,
  changed: (principal) => store.noteChange(principal),
})

export default createCanister({
  service: consentEndpoints,
  budgets: {
    rows: store.budgetRows,
    methods: {
      enrol: {
        tag: BUDGET_TAG.enrol,
        ofCallerPerHour: ENROLMENTS_OF_CALLER_PER_HOUR,
        inAllPerHour: ENROLMENTS_PER_HOUR,
      },
    },
  },
  repeated: {
    rows: store.repeatRows,
    answered: [...REPEATED_PEOPLE],
    // They know what they did by an id of its own. What ends an erasure leaves nothing of who called it.
    noted: [
      ...NOTED_PEOPLE,
      ...NOTED_TRUST,
      ...NOTED_AUTHORS,
      ...NOTED_DEVICES,
      'enrol',
      'grant',
      'revoke',
      'requestAccess',
      'withdrawRequest',
      'denyRequest',
      'changeRules',
      'postKeyCheck',
      'eraseBegin',
      'stopErasure',
      'enrolDependant',
    ],
  },
  handlers: {
    ...trust,
    ...createDeviceMethods(deviceHost, { isReady: () => configuration.get() !== null, refuseBeginning }),
    configure(arg, caller) {
      configuredBy = new Uint8Array(caller)
      const isFirst = !configuration.isSet()
      const configured = configuration.configure(arg, { isController: isController(caller), self: self() })
      if (isFirst && 'Ok' in configured) tellOfModule()
      return configured
    },
    enrol: whenRoom(enrol),
    whoAmI: always((_, __, caller) => {
      const account = store.account(caller)
      const logShards = directory.count()
      return {
        Ok: {
          account: account === undefined ? [] : [accountView(context, account)],
          nowNs: nowNs(),
          erasing: account === undefined ? erasingOf(store, caller) : [],
          logShards: logShards === 0 ? [] : [logShards],
        },
      }
    }),
    people: always(aboutPeople(people)),
    offerLink: whenRoom(aboutPeople(offerLink)),
    acceptLink: whenRoom(aboutPeople(acceptLink)),
    unlink: always(aboutPeople(unlink)),
    appoint: whenRoom(aboutPeople(appoint)),
    acceptAppointment: whenRoom(aboutPeople(acceptAppointment)),
    dismiss: always(aboutPeople(dismiss)),
    resign: always(aboutPeople(resign)),
    announceErasure: whenRoom(aboutPeople(announceErasure)),
    stopErasure: always(aboutPeople(stopErasure)),
    setRecovery: whenRoom(aboutPeople(setRecovery)),
    startRecovery: whenReady(aboutPeople(startRecovery)),
    approveRecovery: whenReady(aboutPeople(approveRecovery)),
    vetoRecovery: always(aboutPeople(vetoRecovery)),
    completeRecovery: whenReady(aboutPeople(completeRecovery)),
    enrolDependant: whenRoom(enrolDependant),
    addAuthorKey: whenRoom(addAuthorKey),
    endAuthorKey: always(endAuthorKey),
    authorKeys: always(authorKeys),
    authorsOf: always(authorsOf),
    accountOf: always(accountOf),
    grant: whenRoom(grant),
    revoke: always(revoke),
    agreement: always(agreement),
    grantsGiven: always(grantsGiven),
    requestAccess: whenRoom(requestAccess),
    withdrawRequest: always(withdrawRequest),
    denyRequest: always(denyRequest),
    requestsSent: always(requestsSent),
    requestsReceived: always(requestsReceived),
    audience: always(audience),
    rules: always(rules),
    changeRules: always(changeRules),
    grantsReceived: always(grantsReceived),
    organisationGrants: always(organisationGrants),
    changes: always((_, __, caller) => {
      const account = store.account(caller)
      return account === undefined ? NOT_PERMITTED : { Ok: store.changes(account, caller, nowNs()) }
    }),
    eraseBegin: always(eraseBegin),
    eraseFinish: always(eraseFinish),
    deriveKey: whenReady(deriveKey),
    postKeyCheck: whenReady(postKeyCheck),
    authoriseList: whenReadyOrOwner(fromRecords(authoriseList)),
    authoriseOpen: whenReadyOrOwner(fromRecords(authoriseOpen)),
    authoriseWrite: whenRoom(fromRecords(authoriseWrite)),
    authoriseReadWraps: whenReady(fromRecords(authoriseReadWraps)),
    authoriseRewrap: whenReady(fromRecords(authoriseRewrap)),
    authoriseRetire: whenReady(fromRecords(authoriseRetire)),
    depositInfo: whenReady(depositInfo),
    logShardOf: always(fromRecords(logShardOf)),
  },
  init(given) {
    store.setLayout(LAYOUT)
    configuration.replace(given, self())
  },
  postUpgrade(given) {
    migrate(store, rows)
    configuration.replace(given, self())
    if (!configuration.isSet()) return
    outbox.resume(canisterVersion())
    collectMarks()
  },
})
