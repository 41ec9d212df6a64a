import {
  type Account,
  dependantPrincipal,
  type PeopleView,
  POWER,
  type Power,
  Principal,
  refusalOf,
  refuse,
  type RefusalArm,
  type RecoverySettings,
  toHex,
} from '@medguard/protocol'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import type { PeopleInfo, PeopleMethods, RecoveryInfo, RepresentativeInfo, WaitingRecoveryInfo } from './people-api.ts'
import type { Session } from './session.ts'

type Answer<T> = { Ok: T } | { Err: RefusalArm }
export const CANISTERS = ['consent', 'records'] as const
export type Both = (typeof CANISTERS)[number]

/** In each canister, one after the other; each step may be repeated, so what broke off half-way is done by doing it again. */
export async function inBoth<T>(work: (canister: Both) => Promise<Answer<T>>): Promise<[T, T]> {
  const inConsent = okOf(await work('consent'))
  return [inConsent, okOf(await work('records'))]
}

/**
 * What ends access is told to both even if one gives no answer: ended in either it is ended. Where one never heard of what is ended, the other's word
 * is the answer.
 */
export async function endInBoth(work: (canister: Both) => Promise<Answer<null>>): Promise<null> {
  const settled = await Promise.allSettled(CANISTERS.map(work))
  const answers = settled.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
  const isUnknown = (answer: Answer<null>) => 'Err' in answer && 'NotPermitted' in answer.Err
  const known = answers.filter((answer) => !isUnknown(answer))
  for (const answer of known.length > 0 ? known : answers) okOf(answer)
  return null
}

/** @throws Refused for what is no principal. */
export function principalOf(text: string, field: string): Principal {
  try {
    return Principal.fromText(text)
  } catch {
    throw new Refused(refusalOf(refuse.badInput(field, 'format')))
  }
}

/** Who acts for a vault: told to both canisters, and read from both. */
export function peopleMethodsOf(session: Session): Omit<PeopleMethods, 'actingFor'> {
  const { canisters, unlocked, actsFor } = session
  const patientId: [] | [Uint8Array] = actsFor === null ? [] : [actsFor]
  /** One's own vault is erased without waiting. @throws Refused */
  const dependant = (): Uint8Array => {
    if (actsFor === null) throw new Refused(refusalOf(refuse.notPermitted))
    return actsFor
  }
  return {
    people: () =>
      unlocked(async () => {
        const [inConsent, inRecords] = await inBoth((canister) => canisters[canister].people({ patientId }))
        return peopleInfo(inConsent, inRecords)
      }),
    offerLink: (added) =>
      unlocked(async () => {
        const newPrincipal = principalOf(added, 'newPrincipal')
        await inBoth((canister) => canisters[canister].offerLink({ patientId, newPrincipal, requestId: newId() }))
        return null
      }),
    acceptLink: (text) =>
      unlocked(async () => {
        const home = principalOf(text, 'home')
        await inBoth((canister) => canisters[canister].acceptLink({ home, requestId: newId() }))
        return null
      }),
    unlink: (text) =>
      unlocked(() => {
        const principal = principalOf(text, 'principal')
        return endInBoth((canister) => canisters[canister].unlink({ patientId, principal, requestId: newId() }))
      }),
    appoint: ({ representative: text, powers, startNs, endNs }) =>
      unlocked(async () => {
        const representative = principalOf(text, 'representative')
        const bits = powers.reduce((all, power) => all | POWER[power], 0)
        const end: [] | [bigint] = endNs === null ? [] : [endNs]
        const terms = { patientId, representative, powers: bits, startNs, endNs: end }
        await inBoth((canister) => canisters[canister].appoint({ ...terms, requestId: newId() }))
        return null
      }),
    acceptAppointment: (text) =>
      unlocked(async () => {
        const patient = principalOf(text, 'patient')
        const [accepted] = await inBoth((canister) =>
          canisters[canister].acceptAppointment({ patient, requestId: newId() }),
        )
        return { patientId: toHex(accepted.patientId) }
      }),
    dismiss: (text) =>
      unlocked(() => {
        const representative = principalOf(text, 'representative')
        return endInBoth((canister) => canisters[canister].dismiss({ patientId, representative, requestId: newId() }))
      }),
    resign: (ward) =>
      unlocked(() =>
        endInBoth((canister) => canisters[canister].resign({ patientId: idOf(ward), requestId: newId() })),
      ),
    announceErasure: () =>
      unlocked(async () => {
        const named = dependant()
        const [one, other] = await inBoth((canister) =>
          canisters[canister].announceErasure({ patientId: named, requestId: newId() }),
        )
        return { readyNs: one.readyNs > other.readyNs ? one.readyNs : other.readyNs }
      }),
    stopErasure: () =>
      unlocked(() => {
        const named = dependant()
        return endInBoth((canister) => canisters[canister].stopErasure({ patientId: named, requestId: newId() }))
      }),
    enrolDependant: () =>
      unlocked(async () => {
        const account =
          (await finishDependant(session)) ?? okOf(await canisters.consent.enrolDependant({ requestId: newId() }))
        const { accountId } = account
        okOf(await canisters.records.enrolDependant(halfOf(account)))
        const patient = Principal.fromUint8Array(dependantPrincipal(new Uint8Array(accountId))).toText()
        return { patientId: toHex(account.patientId), patient }
      }),
  }
}

/** What records is told of a dependant that consent knows; a repeat is fine. */
function halfOf({ accountId, patientId, compartments }: Account) {
  const labels = compartments.map(({ category, cid }) => ({ category, cid }))
  return { accountId, patientId, compartments: labels, requestId: newId() }
}

/**
 * A dependant that consent alone knows, since the enrolment broke off between the two, or its answer was lost: as empty as a new one, and lost otherwise. Null where
 * there is none.
 */
async function finishDependant({ canisters }: Session): Promise<Account | null> {
  const [inConsent, inRecords] = await inBoth((canister) => canisters[canister].people({ patientId: [] }))
  const known = new Set(inRecords.wards.map(({ patientId }) => toHex(patientId)))
  const halves = inConsent.wards.filter(
    ({ patientId, isDependant, powers, endNs }) =>
      isDependant && powers === ALL && endNs.length === 0 && !known.has(toHex(patientId)),
  )
  for (const { patientId } of halves) {
    const account = okOf(await canisters.consent.accountOf({ patientId }))
    // Refused where somebody else enrolled it there, and this one has been named in consent alone.
    if ('Ok' in (await canisters.records.enrolDependant(halfOf(account)))) return account
  }
  return null
}
const ALL = Object.values(POWER).reduce((bits, power) => bits | power, 0)

const powersOf = (bits: number): Power[] =>
  (Object.keys(POWER) as Power[]).filter((power) => (bits & POWER[power]) !== 0)

/** What both say. A recovery counts also when one says it: whoever did not ask for it stops it there. */
function peopleInfo(consent: PeopleView, records: PeopleView): PeopleInfo {
  const one = plain(consent)
  const other = plain(records)
  const { principals, offer, representatives, wards, recovery, comingRecovery } = one
  const inRecords = {
    principals: new Set(other.principals.filter(({ isActive }) => isActive).map(({ principal }) => principal)),
    representatives: new Set(other.representatives.map(namedTerms)),
    wards: new Set(other.wards.map(termsOf)),
  }
  const waiting = new Map<string, WaitingRecoveryInfo>()
  for (const each of [...one.waiting, ...other.waiting]) {
    const known = waiting.get(each.newPrincipal)
    if (known === undefined) waiting.set(each.newPrincipal, { ...each, isHalf: true })
    else waiting.set(each.newPrincipal, { ...known, isHalf: false })
  }
  return {
    principals: principals.map((each) => ({
      ...each,
      isActive: each.isActive && inRecords.principals.has(each.principal),
    })),
    offer,
    representatives: representatives.filter((each) => inRecords.representatives.has(namedTerms(each))),
    wards: wards.filter((each) => inRecords.wards.has(termsOf(each))),
    recovery,
    comingRecovery,
    isRecoveryWhole: recoveryText(one) === recoveryText(other),
    waiting: [...waiting.values()],
    // Said by one of them it may still be said by the other: whoever objects is to hear of it early.
    erasure: latest(one.erasure, other.erasure),
    isWhole: comparable(one) === comparable(other),
  }
}

function plain(view: PeopleView) {
  return {
    principals: view.principals.map(({ principal, isActive, sinceNs }) => ({
      principal: principal.toText(),
      isActive,
      sinceNs,
    })),
    offer:
      view.offer[0] === undefined
        ? null
        : { principal: view.offer[0].principal.toText(), untilNs: view.offer[0].untilNs },
    representatives: view.representatives.map(({ principal, powers, startNs, endNs, isAccepted }) => ({
      principal: principal.toText(),
      powers: powersOf(powers),
      startNs,
      endNs: endNs[0] ?? null,
      isAccepted,
    })),
    wards: view.wards.map(({ patientId, patient, powers, endNs, isDependant }) => ({
      patientId: toHex(patientId),
      patient: patient.toText(),
      powers: powersOf(powers),
      endNs: endNs[0] ?? null,
      isDependant,
    })),
    recovery: view.recovery[0] === undefined ? null : recoveryInfo(view.recovery[0]),
    comingRecovery:
      view.comingRecovery[0] === undefined
        ? null
        : { ...recoveryInfo(view.comingRecovery[0].settings), fromNs: view.comingRecovery[0].fromNs },
    erasure: view.erasure[0] === undefined ? null : { readyNs: view.erasure[0].readyNs },
    waiting: view.waiting.map(({ newPrincipal, readyNs, byKit, byGuardians }) => ({
      newPrincipal: newPrincipal.toText(),
      readyNs,
      byKit,
      byGuardians,
    })),
  }
}

const latest = <T extends { readonly readyNs: bigint }>(one: T | null, other: T | null): T | null =>
  one === null || (other !== null && other.readyNs > one.readyNs) ? other : one

const recoveryInfo = ({ kit, guardians, threshold }: RecoverySettings): RecoveryInfo => ({
  kit: kit[0]?.toText() ?? null,
  guardians: guardians.map((each) => each.toText()),
  threshold,
})
/** Who enrolled a dependant has been their guardian since then by each canister's own clock. */
const namedTerms = (each: RepresentativeInfo): string => termsOf(each.endNs === null ? { ...each, startNs: 0n } : each)
const termsOf = (each: object): string => Object.values(each).map(String).join()
/** Without the times of each canister's own clock. */
function comparable({
  principals,
  representatives,
  wards,
  waiting,
  erasure,
  ...rest
}: ReturnType<typeof plain>): string {
  return [
    ...principals.map(({ principal, isActive }) => `${principal} ${isActive}`),
    ...representatives.map(namedTerms),
    ...wards.map(termsOf),
    recoveryText(rest),
    ...waiting.map(({ newPrincipal, byKit, byGuardians }) => `${newPrincipal} ${byKit} ${byGuardians}`),
    erasure === null ? '' : 'erasure',
  ].join('\n')
}

function recoveryText({
  recovery,
  comingRecovery,
}: Pick<ReturnType<typeof plain>, 'recovery' | 'comingRecovery'>): string {
  const parts = (each: RecoveryInfo | null) => [each?.kit, each?.threshold, ...(each?.guardians ?? [])].join()
  return [recovery, comingRecovery].map(parts).join('\n')
}
