import { refuse, refusalOf } from '@medguard/protocol'
import type { MedGuardClient, Outcome } from './api.ts'
import { Refused } from './outcome.ts'
import type { Session } from './session.ts'

/**
 * What a method is about for a client that acts in a patient's place: that patient's vault, the signed-in person themselves, or neither. A method that is about
 * the person would change or show an account that nobody meant, so such a client refuses it.
 */
type About = 'vault' | 'self' | 'neither'

const ABOUT: {
  readonly [K in keyof MedGuardClient]: MedGuardClient[K] extends (...args: never) => Promise<Outcome<unknown>>
    ? About
    : 'neither'
} = {
  account: 'vault',
  enrol: 'vault',
  addOnce: 'vault',
  add: 'vault',
  list: 'vault',
  open: 'vault',
  openInto: 'vault',
  files: 'vault',
  openFile: 'vault',
  openFileInto: 'vault',
  share: 'vault',
  changeShare: 'vault',
  revoke: 'vault',
  recordsInShare: 'vault',
  sharesGiven: 'vault',
  finishShares: 'vault',
  fillShares: 'vault',
  keepUp: 'vault',
  log: 'vault',
  logEvidence: 'vault',
  hasGrown: 'vault',
  news: 'vault',
  notices: 'vault',
  hasNotices: 'vault',
  names: 'self',
  nameSomebody: 'self',
  keepNotices: 'vault',
  search: 'vault',
  keep: 'self',
  kept: 'self',
  unkeep: 'self',
  renewKept: 'self',
  keptKinds: 'self',
  keepKind: 'self',
  putOff: 'self',
  waiting: 'self',
  sendWaiting: 'self',
  dropWaiting: 'self',
  amend: 'vault',
  versions: 'vault',
  deleteRecord: 'vault',
  annotate: 'vault',
  profile: 'vault',
  setProfile: 'vault',
  usage: 'vault',
  uploads: 'vault',
  abandon: 'vault',
  exportVault: 'vault',
  exportFhir: 'vault',
  exportSummary: 'vault',
  exportRecords: 'vault',
  tags: 'vault',
  doubts: 'vault',
  noteDoubt: 'vault',
  tagRecords: 'vault',
  recordsInShares: 'vault',
  noteExport: 'vault',
  importVault: 'vault',
  rewrap: 'vault',
  needsRewrap: 'vault',
  devices: 'vault',
  addDevice: 'vault',
  renameDevice: 'vault',
  pauseDevice: 'vault',
  resumeDevice: 'vault',
  rotateDevice: 'vault',
  removeDevice: 'vault',
  makeLink: 'vault',
  links: 'vault',
  endLink: 'vault',
  sayAlert: 'vault',
  rules: 'vault',
  changeRules: 'vault',
  myRules: 'vault',
  whoCanOpen: 'vault',
  agreement: 'vault',
  requests: 'vault',
  denyRequest: 'vault',
  approveRequest: 'vault',
  people: 'vault',
  offerLink: 'vault',
  unlink: 'vault',
  appoint: 'vault',
  dismiss: 'vault',
  setRecovery: 'vault',
  vetoRecovery: 'vault',
  announceErasure: 'vault',
  stopErasure: 'vault',
  erase: 'vault',

  sharesReceived: 'self',
  inbox: 'vault',
  openFromInbox: 'vault',
  fileFromInbox: 'vault',
  rejectFromInbox: 'vault',
  deposit: 'self',
  depositOnce: 'self',
  rewrapUnder: 'self',
  requestAccess: 'self',
  withdrawRequest: 'self',
  acceptLink: 'self',
  acceptAppointment: 'self',
  resign: 'self',
  enrolDependant: 'self',
  startRecovery: 'self',
  approveRecovery: 'self',
  completeRecovery: 'self',
  registerOrganisation: 'self',
  setMember: 'self',
  suspendMember: 'self',
  removeMember: 'self',
  acceptMembership: 'self',
  memberships: 'self',
  invite: 'self',
  invitations: 'self',
  claimInvitation: 'self',
  authorKeys: 'self',
  addAuthorKey: 'self',
  endAuthorKey: 'self',
  openActs: 'self',
  propose: 'self',
  vote: 'self',

  principal: 'neither',
  actingFor: 'neither',
  changes: 'neither',
  lock: 'neither',
  checkpoint: 'neither',
  hosting: 'neither',
  organisation: 'neither',
  organisations: 'neither',
  members: 'neither',
  practitioner: 'neither',
  recipient: 'neither',
  council: 'neither',
}

const NOT_IN_ANOTHERS_PLACE = refusalOf(refuse.badInput('actsFor', 'self'))

/** A client that acts in somebody's place, without what is about the signed-in person. */
export function withoutOneself(client: MedGuardClient): MedGuardClient {
  const refused = async () => ({ kind: 'refused', refusal: NOT_IN_ANOTHERS_PLACE })
  const own = Object.entries(ABOUT).filter(([, about]) => about === 'self')
  return Object.assign(client, Object.fromEntries(own.map(([method]) => [method, refused])))
}

/** For what only some arguments make about the signed-in person. @throws Refused in somebody's place. */
export function expectOneself({ actsFor }: Pick<Session, 'actsFor'>): void {
  if (actsFor !== null) throw new Refused(NOT_IN_ANOTHERS_PLACE)
}
