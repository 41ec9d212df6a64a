import {
  type Account,
  NS_PER_DAY,
  PLAIN_TERMS,
  POWER,
  type Principal,
  purposeCode,
  RIGHT,
  ROLE,
} from '@medguard/protocol'
import { type Clinic, freshId, openClinic, type Sender } from './clinic.ts'
import { rawKeyOf, SENSOR_ID } from './device-access.ts'
import { addArg } from './devices.fixture.ts'
import { appointTo, BOTH, enrolChild, labsOf, linkTo, unlinkFrom } from './people.fixture.ts'
import { keysFor, type Reach, seal, store } from './sealed-record.ts'
import { decree, employed, inBoth, verified } from './trust.fixture.ts'
import { type Caller, categoryOf, CROWD, enrol, give, grantArg, openWard, type Ward, type WardVault } from './ward.ts'

/** A clinic with a council of three, two of whom have to agree; one of them is the caller `councillor`. */
export const openCrowdedClinic = (): Promise<Clinic> =>
  openClinic({ council: { members: ['cora', 'carl', 'councillor'], threshold: 2 } })

/** A ward to which everybody has come who may knock at a patient's records. */
export async function openCrowd(clinic: Clinic): Promise<Ward> {
  // With a council, care is for those whom a verified organisation vouches for. The grantees of the ward are family.
  const ward = await openWard(clinic, 'FAMRQT')
  const patient = clinic.person('patient').principal
  const owned = ward.reachOf('owner')
  const of = (caller: Caller): Principal => clinic.person(caller).principal
  const reaches = new Map<Caller, Reach>()
  const vaults = new Map<Caller, WardVault>()
  const startNs = await clinic.nowNs()
  const terms = { compartments: [ward.labs], startNs, endNs: startNs + 30n * NS_PER_DAY }
  const toFamily = (caller: Caller) => ({ ...grantArg({ ...terms, to: of(caller) }), purpose: purposeCode('FAMRQT') })
  const share = async (caller: Caller, arg: ReturnType<typeof grantArg>) => {
    reaches.set(caller, { ...owned, grantId: await give(clinic, patient, arg) })
  }

  await linkTo(clinic, patient, of('formerSignIn'))
  await unlinkFrom(clinic, patient, of('formerSignIn'))
  await linkTo(clinic, patient, of('furtherSignIn'))
  reaches.set('furtherSignIn', owned)

  const withAccount = ['carerReading', 'carerForAll', 'formerCarer', 'manager', 'guardian'] as const
  for (const caller of withAccount) await enrol(clinic, of(caller))
  await appointTo(clinic, patient, of('carerReading'), { powers: POWER.read, forNs: 30n * NS_PER_DAY })
  const all = POWER.read | POWER.write | POWER.share
  await appointTo(clinic, patient, of('carerForAll'), { powers: all, forNs: 30n * NS_PER_DAY })
  await appointTo(clinic, patient, of('formerCarer'))
  for (const caller of ['carerReading', 'carerForAll'] as const) reaches.set(caller, owned)
  const settings = { kit: [] as [], guardians: [of('guardian'), clinic.person('aunt').principal], threshold: 2 }
  for (const canister of BOTH) {
    const dismissal = { patientId: [] as [], representative: of('formerCarer'), requestId: freshId() }
    await clinic.ok(patient, canister, 'dismiss', dismissal)
    await clinic.ok(patient, canister, 'setRecovery', { patientId: [], settings, requestId: freshId() })
  }
  const child = await enrolChild(clinic, of('manager'))
  vaults.set('manager', await vaultWith(clinic, of('manager'), child))
  reaches.set('manager', labsOf(child))

  for (const caller of ['writer', 'notYet', 'blocked'] as const) await enrol(clinic, of(caller))
  await share('writer', { ...toFamily('writer'), rights: RIGHT.write })
  await share('notYet', { ...toFamily('notYet'), startNs: startNs + 7n * NS_PER_DAY })
  await share('blocked', toFamily('blocked'))
  await changeRules(clinic, patient, { block: of('blocked') })

  const resting = clinic.person('resting').principal
  await enrol(clinic, of('paused'))
  const rested = await vaultWith(clinic, resting, await enrol(clinic, resting))
  const toPaused = { ...toFamily('paused'), compartments: [rested.labs] }
  reaches.set('paused', { ...labsOf(rested.account), grantId: await give(clinic, resting, toPaused) })
  vaults.set('paused', rested)
  await changeRules(clinic, resting, { pause: null })

  const hospital = await verified(clinic, 'Crowded')
  for (const caller of ['member', 'excluded', 'suspendedMember'] as const) await employed(clinic, hospital, caller)
  await employed(clinic, hospital, 'administrator', { roles: ROLE.administrator })
  await employed(clinic, hospital, 'device', { roles: ROLE.system })
  const toHospital = {
    ...grantArg({ ...terms, to: hospital.principal }),
    terms: [{ ...PLAIN_TERMS, excluded: [of('excluded')] }] as [typeof PLAIN_TERMS & { excluded: Principal[] }],
  }
  await share('member', toHospital)
  const asMember = reaches.get('member')
  for (const caller of ['excluded', 'suspendedMember', 'administrator'] as const)
    if (asMember !== undefined) reaches.set(caller, asMember)
  const suspension = { orgId: hospital.orgId, principal: of('suspendedMember') }
  await inBoth(clinic, hospital.admin.principal, 'suspendMember', { ...suspension, requestId: freshId() })
  await share('device', { ...grantArg({ ...terms, to: of('device') }), rights: RIGHT.write })

  for (const canister of BOTH) {
    const publicKey = rawKeyOf(clinic.person('sensor').identity)
    await clinic.ok(patient, canister, 'addDevice', { ...addArg(ward.labs.cid, publicKey), deviceId: SENSOR_ID })
  }

  const suspended = await verified(clinic, 'Suspended')
  await employed(clinic, suspended, 'memberOfSuspended')
  await share('memberOfSuspended', {
    ...grantArg({ ...terms, to: suspended.principal }),
    terms: [{ ...PLAIN_TERMS, excluded: [] }],
  })
  await decree(clinic, { kind: 'suspend', orgId: suspended.orgId })
  await employed(clinic, await verified(clinic, 'Other'), 'otherProvider')

  const vaultOf = (caller: Caller) => vaults.get(caller) ?? ward
  const reachesOf = (caller: Caller): readonly Reach[] => {
    const own = reaches.get(caller)
    // A grant of which they are no party is as little to them as to anybody.
    if (own !== undefined) return own === asMember && caller !== 'member' ? [own, ward.reachOf('live')] : [own]
    const ways = ward.reachesOf(caller)
    // Two ways in are enough for those who have none: as if they were the patient, and with somebody else's grant.
    return (CROWD as readonly Caller[]).includes(caller) ? ways.slice(0, 2) : ways
  }
  return { ...ward, vaultOf, reachesOf, reachOf: (caller) => reachesOf(caller)[0] ?? owned }
}

async function changeRules(clinic: Clinic, who: Principal, change: { block: Principal } | { pause: null }) {
  for (const canister of BOTH)
    await clinic.ok(who, canister, 'changeRules', { patientId: [], change, requestId: freshId() })
}

/** Somebody's vault with a record that they stored there. */
async function vaultWith(clinic: Clinic, who: Sender, account: Account): Promise<WardVault> {
  const reach = labsOf(account)
  const keys = await keysFor(clinic, who, reach)
  const record = await store(clinic, who, await seal(keys, reach))
  return { account, labs: categoryOf(account, 'labs'), firstKeys: keys, keys, record }
}
