import { createHash, randomBytes } from 'node:crypto'
import {
  encodeAct,
  NS_PER_DAY,
  POWER,
  type Principal,
  RECOVERY_WAIT_NS,
  type RecoverySettings,
} from '@medguard/protocol'
import { type CanisterName, freshId } from '../scenarios/clinic.ts'
import { registered, sealerOf } from '../scenarios/devices.fixture.ts'
import { somebody, type Stepped } from '../scenarios/stepped.ts'
import { utf8 } from '../scenarios/trust-table.ts'
import { categoryOf, enrol } from '../scenarios/ward.ts'

// Methods that succeed in the middle of a story only: a link that was offered, a recovery that has waited, a council that sits, an erasure under way. What
// comes before is told here, anew for each time the method is asked.

/** Sits in the network whose stories these are. */
export const COUNCIL = somebody('the council')

export interface Scene {
  readonly sender: Principal
  readonly arg: unknown
  /** Whose log has what this does. */
  readonly log: { readonly reader: Principal; readonly of: LogOf }
}
export type LogOf = { readonly patient: Uint8Array } | { readonly actor: null }

type Both = 'consent' | 'records'
type Story = (net: Stepped, canister: Both) => Promise<Scene>
const BOTH = ['consent', 'records'] as const
const requestId = freshId

let people = 0
const somebodyNew = (): Principal => somebody(`in a story ${people++}`)
const ofActor = (reader: Principal) => ({ reader, of: { actor: null } }) as const

async function patientIn(net: Stepped) {
  const patient = somebodyNew()
  const { patientId } = await enrol(net, patient)
  return { patient, patientId, log: { reader: patient, of: { patient: patientId } } }
}
/** A patient's device, which posts by itself. */
async function deviceIn(net: Stepped) {
  const patient = somebodyNew()
  const account = await enrol(net, patient)
  const patientId = new Uint8Array(account.patientId)
  const cid = new Uint8Array(categoryOf(account, 'vitals').cid)
  const device = await registered(net, patient, { patientId, cid })
  return { device, log: { reader: patient, of: { patient: patientId } } }
}
async function memberIn(net: Stepped): Promise<Principal> {
  const principal = somebodyNew()
  await enrol(net, principal)
  return principal
}

async function offered(net: Stepped, canister: Both) {
  const { patient, patientId } = await patientIn(net)
  const newPrincipal = somebodyNew()
  await net.ok(patient, canister, 'offerLink', { patientId: [], newPrincipal, requestId: requestId() })
  return { patient, newPrincipal, log: { reader: patient, of: { patient: patientId } } }
}
async function appointed(net: Stepped, canister: Both) {
  const { patient, patientId, log } = await patientIn(net)
  const representative = await memberIn(net)
  const startNs = net.nowNs()
  const terms = { powers: POWER.read, startNs, endNs: [startNs + NS_PER_DAY] as [bigint] }
  await net.ok(patient, canister, 'appoint', { patientId: [], representative, ...terms, requestId: requestId() })
  return { patient, patientId, representative, log }
}
/** In whose place somebody acts. */
async function childOf(net: Stepped) {
  const sender = await memberIn(net)
  const { accountId, patientId, compartments } = await net.ok(sender, 'consent', 'enrolDependant', {
    requestId: requestId(),
  })
  const cids = compartments.map(({ category, cid }) => ({ category, cid }))
  const child = { accountId, patientId, compartments: cids, requestId: requestId() }
  await net.ok(sender, 'records', 'enrolDependant', child)
  return { sender, patientId, log: { reader: sender, of: { patient: patientId } } }
}

/** With a kit, and one guardian who is enough. */
async function withRecovery(net: Stepped, canister: Both) {
  const { patient, log } = await patientIn(net)
  const [kit, guardian, newPrincipal] = [somebodyNew(), await memberIn(net), somebodyNew()]
  const settings: RecoverySettings = { kit: [kit], guardians: [guardian], threshold: 1 }
  await net.ok(patient, canister, 'setRecovery', { patientId: [], settings, requestId: requestId() })
  return { patient, kit, guardian, newPrincipal, log }
}

/** Somebody registers an organisation, which the council verifies. */
async function verifiedIn(net: Stepped, canister: Both) {
  const admin = await memberIn(net)
  const orgId = freshId()
  const [name, kind] = ['St Anna', 0]
  await net.ok(admin, canister, 'registerOrganisation', { orgId, name, kind, requestId: requestId() })
  const registrant = admin.toUint8Array()
  const untilNs = net.nowNs() + 300n * NS_PER_DAY
  await net.ok(COUNCIL, canister, 'councilVote', {
    actId: freshId(),
    act: encodeAct({ kind: 'verify', orgId, name, orgKind: kind, registrant, untilNs }, utf8),
    requestId: requestId(),
  })
  return { admin, orgId }
}
async function inviting(net: Stepped, canister: Both) {
  const { admin, orgId } = await verifiedIn(net, canister)
  const code = new Uint8Array(randomBytes(32))
  const codeHash = new Uint8Array(createHash('sha256').update(code).digest())
  const arg = { orgId, codeHash, endNs: net.nowNs() + NS_PER_DAY, requestId: requestId() }
  return { admin, code, arg }
}

const STORIES_OF_BOTH: Readonly<Record<string, Story>> = {
  async acceptLink(net, canister) {
    const { patient, newPrincipal, log } = await offered(net, canister)
    return { sender: newPrincipal, arg: { home: patient, requestId: requestId() }, log }
  },
  async unlink(net, canister) {
    const { patient, newPrincipal, log } = await offered(net, canister)
    await net.ok(newPrincipal, canister, 'acceptLink', { home: patient, requestId: requestId() })
    return { sender: patient, arg: { patientId: [], principal: newPrincipal, requestId: requestId() }, log }
  },
  async acceptAppointment(net, canister) {
    const { patient, representative, log } = await appointed(net, canister)
    return { sender: representative, arg: { patient, requestId: requestId() }, log }
  },
  async resign(net, canister) {
    const { patient, patientId, representative, log } = await appointed(net, canister)
    await net.ok(representative, canister, 'acceptAppointment', { patient, requestId: requestId() })
    return { sender: representative, arg: { patientId, requestId: requestId() }, log }
  },
  async startRecovery(net, canister) {
    const { kit, newPrincipal, log } = await withRecovery(net, canister)
    return { sender: kit, arg: { newPrincipal, requestId: requestId() }, log }
  },
  async approveRecovery(net, canister) {
    const { patient, guardian, newPrincipal, log } = await withRecovery(net, canister)
    return { sender: guardian, arg: { ward: patient, newPrincipal, requestId: requestId() }, log }
  },
  async vetoRecovery(net, canister) {
    const { patient, kit, newPrincipal, log } = await withRecovery(net, canister)
    await net.ok(kit, canister, 'startRecovery', { newPrincipal, requestId: requestId() })
    return { sender: patient, arg: { patientId: [], requestId: requestId() }, log }
  },
  async completeRecovery(net, canister) {
    const { patient, kit, newPrincipal } = await withRecovery(net, canister)
    await net.ok(kit, canister, 'startRecovery', { newPrincipal, requestId: requestId() })
    net.setTime(net.nowNs() + RECOVERY_WAIT_NS)
    net.settle()
    // Only whoever holds the account reads its log, and who that is, is what changes.
    return { sender: newPrincipal, arg: { home: patient, requestId: requestId() }, log: ofActor(newPrincipal) }
  },
  async announceErasure(net) {
    const { sender, patientId, log } = await childOf(net)
    return { sender, arg: { patientId, requestId: requestId() }, log }
  },
  async stopErasure(net, canister) {
    const { sender, patientId, log } = await childOf(net)
    await net.ok(sender, canister, 'announceErasure', { patientId, requestId: requestId() })
    return { sender, arg: { patientId, requestId: requestId() }, log }
  },
  async councilActs() {
    return { sender: COUNCIL, arg: null, log: ofActor(COUNCIL) }
  },
  async councilVote() {
    const act = encodeAct({ kind: 'setPolicy', invitationRequired: false }, utf8)
    return { sender: COUNCIL, arg: { actId: freshId(), act, requestId: requestId() }, log: ofActor(COUNCIL) }
  },
  async invite(net, canister) {
    const { admin, arg } = await inviting(net, canister)
    return { sender: admin, arg, log: ofActor(admin) }
  },
  async claimInvitation(net, canister) {
    const { admin, code, arg } = await inviting(net, canister)
    await net.ok(admin, canister, 'invite', arg)
    const sender = somebodyNew()
    return { sender, arg: { code, requestId: requestId() }, log: ofActor(sender) }
  },
}

async function erasing(net: Stepped) {
  const told = await patientIn(net)
  const { patient, patientId } = told
  await net.ok(patient, 'consent', 'eraseBegin', { patientId, requestId: requestId() })
  return told
}
const STORIES_OF_ONE: Readonly<Record<string, (net: Stepped) => Promise<Scene>>> = {
  'consent.eraseBegin': async (net) => {
    const { patient, patientId, log } = await patientIn(net)
    return { sender: patient, arg: { patientId, requestId: requestId() }, log }
  },
  'records.erase': async (net) => {
    const { patient, patientId, log } = await erasing(net)
    return { sender: patient, arg: { patientId, requestId: requestId() }, log }
  },
  'records.depositReadings': async (net) => {
    const { device, log } = await deviceIn(net)
    const batch = await (await sealerOf(net, device)).batch(0)
    return { sender: device.principal, arg: { batch }, log }
  },
  'records.deviceInfo': async (net) => {
    const { device, log } = await deviceIn(net)
    return { sender: device.principal, arg: { deviceId: device.deviceId }, log }
  },
  'consent.eraseFinish': async (net) => {
    const { patient, patientId, log } = await erasing(net)
    await net.ok(patient, 'records', 'erase', { patientId, requestId: requestId() })
    return { sender: patient, arg: { patientId, receiptHash: new Uint8Array(32), requestId: requestId() }, log }
  },
  'audit.organisationHead': async (net) => {
    const { admin, orgId } = await verifiedIn(net, 'consent')
    return { sender: admin, arg: { orgId }, log: ofActor(admin) }
  },
}

/** Methods that only make sense where the log is several canisters; all but the last they ask each other. */
export const AMONG_SHARDS = ['consent.logShardOf', 'audit.noteReaders', 'audit.shardHead'] as const
/** What makes them ask: somebody enrols, and links a second sign-in. */
export async function liveAmongShards(net: Stepped, number: number): Promise<void> {
  const [person, phone] = [somebody(`among shards ${number}`), somebody(`phone among shards ${number}`)]
  await enrol(net, person)
  await net.ok(person, 'consent', 'offerLink', { patientId: [], newPrincipal: phone, requestId: requestId() })
  await net.ok(phone, 'consent', 'acceptLink', { home: person, requestId: requestId() })
  await net.ok(person, 'audit', 'shardHead', { shard: 1 })
}

/** What has to happen before a method can be asked, if there is a story about it. */
export function storyOf(canister: CanisterName, method: string): ((net: Stepped) => Promise<Scene>) | null {
  const own = STORIES_OF_ONE[`${canister}.${method}`]
  const told = STORIES_OF_BOTH[method]
  const holder = BOTH.find((each) => each === canister)
  if (own !== undefined) return own
  return told === undefined || holder === undefined ? null : (net) => told(net, holder)
}
