import { type Account, NS_PER_DAY, POWER, type Principal } from '@medguard/protocol'
import { type Calls, type Clinic, freshId, kindOf, type Sender } from './clinic.ts'
import { keysFor, type Reach } from './sealed-record.ts'
import { categoryOf } from './ward.ts'

// People and what they do about each other, in both canisters, as an honest client does.

export const BOTH = ['consent', 'records'] as const
export const ALL_POWERS = POWER.read | POWER.write | POWER.share | POWER.manage
type Named = [] | [Uint8Array]

/** The new principal takes its place in each canister. */
export async function linkTo(clinic: Clinic, holder: Principal, added: Principal, home = holder): Promise<void> {
  for (const canister of BOTH) {
    await clinic.ok(holder, canister, 'offerLink', { patientId: [], newPrincipal: added, requestId: freshId() })
    await clinic.ok(added, canister, 'acceptLink', { home, requestId: freshId() })
  }
}

export async function unlinkFrom(clinic: Clinic, holder: Principal, principal: Principal): Promise<void> {
  for (const canister of BOTH)
    await clinic.ok(holder, canister, 'unlink', { patientId: [], principal, requestId: freshId() })
}

export async function appointTo(
  clinic: Clinic,
  patient: Principal,
  representative: Principal,
  terms: { powers?: number; patientId?: Uint8Array; home?: Principal; forNs?: bigint | null } = {},
): Promise<void> {
  const { powers = POWER.read, patientId, home = patient, forNs = NS_PER_DAY } = terms
  const startNs = await clinic.nowNs()
  const named: Named = patientId === undefined ? [] : [patientId]
  const endNs: [] | [bigint] = forNs === null ? [] : [startNs + forNs]
  for (const canister of BOTH) {
    const arg = { patientId: named, representative, powers, startNs, endNs, requestId: freshId() }
    await clinic.ok(patient, canister, 'appoint', arg)
    await clinic.ok(representative, canister, 'acceptAppointment', { patient: home, requestId: freshId() })
  }
}

/** An account for somebody who cannot sign in. */
export async function enrolChild(clinic: Calls, guardian: Principal): Promise<Account> {
  const account = await clinic.ok(guardian, 'consent', 'enrolDependant', { requestId: freshId() })
  const { accountId, patientId } = account
  const compartments = account.compartments.map(({ category, cid }) => ({ category, cid }))
  await clinic.ok(guardian, 'records', 'enrolDependant', { accountId, patientId, compartments, requestId: freshId() })
  return account
}

export const labsOf = (account: Account): Reach => ({
  patientId: account.patientId,
  compartment: categoryOf(account, 'labs'),
  grantId: null,
})

/** Whether somebody gets a key and a list there: what each canister says. */
export async function mayRead(
  clinic: Clinic,
  who: Sender,
  reach: Reach,
): Promise<{ consent: string; records: string }> {
  const listed = await clinic.call(who, 'records', 'beginList', {
    patientId: reach.patientId,
    ...reach.compartment,
    grantId: reach.grantId === null ? [] : [reach.grantId],
    requestId: freshId(),
  })
  const derived = await keysFor(clinic, who, reach, await currentEpoch(clinic, who, reach)).then(
    () => 'Ok',
    (error: unknown) => (error instanceof Error ? error.message.replace(/^.*refused: /, '') : 'a fault'),
  )
  return { consent: derived, records: kindOf(listed) }
}
async function currentEpoch(clinic: Clinic, who: Sender, { patientId, compartment }: Reach): Promise<number> {
  const answer = await clinic.call(who, 'consent', 'accountOf', { patientId })
  if ('Err' in answer) return 1
  const found = answer.Ok.compartments.find(({ cid }) => cid.every((byte, i) => byte === compartment.cid[i]))
  return found?.currentEpoch ?? 1
}
export const READS = { consent: 'Ok', records: 'Ok' }
export const NOTHING = { consent: 'NotPermitted', records: 'NotPermitted' }
