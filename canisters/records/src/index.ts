import {
  detailFields,
  ENROLMENTS_OF_CALLER_PER_HOUR,
  ENROLMENTS_PER_HOUR,
  equalBytes,
  EVENT,
  LOG_SOURCE,
} from '@medguard/protocol'
import {
  BUDGET_TAG,
  canisterVersion,
  recordsEndpoints,
  refuseBeginning,
  createBuckets,
  createCanister,
  countWrites,
  createConfiguration,
  createGuards,
  createMarkCollector,
  createOutboxes,
  logIdIn,
  logShardsIn,
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
  sendToAudit,
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
  createDeviceMethods,
  type DeviceHost,
  NOTED_DEVICES,
} from '@medguard/shared'
import { endGiven, grant, grantsGiven, revoke, vault } from './accounts.ts'
import { enrol, enrolDependant } from './enrolment.ts'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { deleteRecord } from './deleting.ts'
import { deviceDoor } from './device-door.ts'
import { createDeviceHttp } from './device-http.ts'
import { createLinkHttp, isLinkPath } from './link-http.ts'
import { createLinkSweeper, endLink, links, makeLink } from './links.ts'
import { capsules, postCapsule, putChainWrap } from './depositing.ts'
import { erase } from './erasing.ts'
import { noteExport } from './exporting.ts'
import { createFacts, decides } from './facts.ts'
import { LAYOUT, LAYOUT_OF_SHARDS, migrate } from './migrate.ts'
import { changeRules, rules } from './patient-rules.ts'
import { depositReadings, deviceInfo } from './posting.ts'
import { beginList, chunk, headers, listCounts, open } from './reading.ts'
import { resume, uploads, usage } from './resuming.ts'
import { retire } from './retiring.ts'
import { putWraps, readWraps, restoreWraps, rewrapState } from './rewrapping.ts'
import { putShareWraps, sharesHolding } from './sharing.ts'
import { createRecordsStore, MEMORY } from './store.ts'
import { store as storeWhole } from './storing.ts'
import { abandon, begin, commit, putChunk } from './uploading.ts'

/** Sealed record versions and wrapped keys; never a plaintext, never a bare key, and no way to derive one. */

const maps = { rows: openMap(MEMORY.rows), chunks: openMap(MEMORY.chunks), pages: openMap(MEMORY.lists) }
const counted = countWrites(maps.rows, decides)
const store = createRecordsStore({ ...maps, rows: counted.rows })
/** Who changed the configuration: a controller by call, nobody by an upgrade. */
let configuredBy = new Uint8Array(0)
const configuration = createConfiguration({
  rows: store.configurationRows,
  codec: recordsEndpoints.configuration,
  peers: (own) => ({ consent: own.consent, audit: own.audit, ...shardPeers(own) }),
  check(next, present) {
    const [council] = next.council
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
const outbox = createOutboxes({
  rows: store.outboxRows,
  shardRows: store.shardOutboxRows,
  source: LOG_SOURCE.records,
  nowNs,
  shardCount: () => logShardsIn(configuration.get()).length,
  shardOf: (patientId) => store.logShards.of(patientId),
  sendTo: (shard) => sendToAudit(() => logIdIn(configuration.get(), shard)),
  schedule: setTimer,
  onUpgradeTold: tellOfModule,
})
/** What runs here since an installation, and who controls it. */
function tellOfModule(): void {
  noteModule((fields) => void outbox.queue({ event: EVENT.upgrade, actor: new Uint8Array(0), fields }))
}
/** One run for each message: a body may have more chunks than one message can remove. */
const collect = (): void => {
  setTimer(0, () => {
    if (store.blobs.collect()) collect()
  })
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
  // Consent writes the log of these changes (decision 16).
  log() {},
  changed() {},
  useOf(deviceId) {
    const { lastSeenNs, nextSeq } = store.devicePosts.use(deviceId)
    return lastSeenNs === 0n ? [] : [{ lastSeenNs, nextSeq }]
  },
}
const peopleHost: PeopleHost<StoredAccount> = {
  book: store.people,
  recovery: store.recovery,
  facts,
  budgets,
  nowNs,
  // Consent writes the log of these changes and counts them (decision 16), and keeps the epochs.
  log() {},
  isLogFull: outbox.isFull,
  accountIdOf: ({ patientId }) => patientId,
  changed() {},
  endGiven: (ending) => endGiven({ store, outbox, deviceHost, collect }, ending),
  lost() {},
}
const context: Context = {
  store,
  facts,
  people: peopleHost,
  deviceHost,
  budgets,
  outbox,
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
  }),
  requests: createRequestMemory(store.requestRows),
  collectMarks,
  sweepLinks: createLinkSweeper({ store, facts, outbox, collect }, setTimer),
  configuration,
  collect,
}

const { always, whenReady, whenRoom, whenReadyOrOwner } = createGuards(context)
/** Methods about people, whose rules both canisters share. */
const aboutPeople =
  <A, R>(handle: (host: PeopleHost<StoredAccount>, arg: A, caller: Uint8Array) => R) =>
  ({ people: host }: Context, arg: A, caller: Uint8Array): R =>
    handle(host, arg, caller)
const trust = createTrustMethods({
  book: store.trust,
  budgets: createBuckets(store.budgetRows),
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
  log: null,
  changed() {},
})

/** The same by call and over HTTPS. */
const posting = { depositReadings: whenRoom(depositReadings), deviceInfo: whenReady(deviceInfo) }

const ofDevices = createDeviceHttp(deviceDoor(context, posting))
const ofLinks = createLinkHttp(context)

export default createCanister({
  service: recordsEndpoints,
  http: {
    ...ofDevices,
    query: (request) => (isLinkPath(request) ? ofLinks : ofDevices).query(request),
    update: (request) => (isLinkPath(request) ? ofLinks : ofDevices).update(request),
  },
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
    answered: [...REPEATED_PEOPLE, 'noteExport'],
    // They know what they did by an id of its own. What ends an erasure leaves nothing of who called it.
    noted: [
      ...NOTED_PEOPLE,
      ...NOTED_TRUST,
      ...NOTED_DEVICES,
      'enrol',
      'enrolDependant',
      'grant',
      'revoke',
      'changeRules',
      'begin',
      'commit',
      'store',
      'deleteRecord',
      'stopErasure',
      'putShareWraps',
      'postCapsule',
      'putChainWrap',
      'putWraps',
      'restoreWraps',
      'retire',
      'makeLink',
      'endLink',
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
    vault: always(vault),
    ...posting,
    grant: whenRoom(grant),
    revoke: always(revoke),
    grantsGiven: always(grantsGiven),
    sharesHolding: always(sharesHolding),
    rules: always(rules),
    changeRules: always(changeRules),
    begin: whenRoom(begin),
    uploads: always(uploads),
    resume: whenRoom(resume),
    usage: always(usage),
    putChunk: whenRoom(putChunk),
    commit: whenRoom(commit),
    store: whenRoom(storeWhole),
    abandon: always(abandon),
    deleteRecord: always(deleteRecord),
    noteExport: always(noteExport),
    erase: always(erase),
    beginList: whenReadyOrOwner(beginList),
    headers: always(headers),
    listCounts: always(listCounts),
    open: whenReadyOrOwner(open),
    chunk: always(chunk),
    makeLink: whenRoom(makeLink),
    links: always(links),
    endLink: always(endLink),
    putShareWraps: whenRoom(putShareWraps),
    postCapsule: whenRoom(postCapsule),
    capsules: always(capsules),
    putChainWrap: whenRoom(putChainWrap),
    rewrapState: whenReady(rewrapState),
    readWraps: whenReady(readWraps),
    putWraps: whenRoom(putWraps),
    restoreWraps: whenReady(restoreWraps),
    retire: whenReady(retire),
  },
  init(given) {
    store.setLayout(LAYOUT)
    configuration.replace(given, self())
  },
  postUpgrade(given) {
    migrate(store, maps)
    configuration.replace(given, self())
    if (!configuration.isSet()) return
    outbox.resume(canisterVersion())
    collectMarks()
    context.sweepLinks()
    collect()
  },
})
