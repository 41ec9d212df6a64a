import { isDependantPrincipal, type PeopleView, POWER, Principal, type RecoverySettings } from '@medguard/protocol'
import { actingOn, type Answer, NOT_PERMITTED, type PeopleHost } from './people.ts'
import { announcedNow } from './people-erasure.ts'
import { isLive, type Settings, settingsAt } from './recovery-rules.ts'
import { ALL_POWERS, type HeldAccount, isOver } from './people-book.ts'

/** Who acts for a vault, as this canister knows it. */
export function people<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: [] | [Uint8Array] },
  caller: Uint8Array,
): Answer<PeopleView> {
  const { book, nowNs } = host
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId, account, self } = acting
  const offer = book.offer(patientId)
  const erasure = announcedNow(host, patientId)
  const isOpen = offer !== undefined && nowNs() < offer.untilNs
  return {
    Ok: {
      principals: book
        .circle(patientId)
        .filter(({ principal }) => !isDependantPrincipal(principal))
        .map((member) => ({ ...member, principal: Principal.fromUint8Array(member.principal) })),
      offer: isOpen ? [{ principal: Principal.fromUint8Array(offer.principal), untilNs: offer.untilNs }] : [],
      representatives: book
        .representatives(patientId)
        .filter((each) => !isOver(each, nowNs()))
        .map(({ principal, representativeId, powers, startNs, endNs }) => ({
          principal: Principal.fromUint8Array(principal),
          powers,
          startNs,
          endNs: optional(endNs),
          isAccepted: representativeId.some((byte) => byte !== 0),
        })),
      wards: self === null ? [] : wardsOf(host, account),
      ...recoveryOf(host, patientId),
      erasure: erasure === null ? [] : [erasure],
    },
  }
}

function wardsOf<A extends HeldAccount>({ book, nowNs }: PeopleHost<A>, account: A): PeopleView['wards'] {
  return book.wards(account.patientId).flatMap(({ patientId }) => {
    const held = book.power(patientId, account.patientId)
    if (held === undefined || isOver(held, nowNs())) return []
    const patient = book.homeOfPatient(patientId)
    return [
      {
        patientId,
        patient: Principal.fromUint8Array(patient),
        powers: held.powers & ALL_POWERS,
        endNs: optional(held.endNs),
        isDependant: isDependantPrincipal(patient),
      },
    ]
  })
}

function recoveryOf<A extends HeldAccount>(
  { recovery, nowNs }: PeopleHost<A>,
  patientId: Uint8Array,
): Pick<PeopleView, 'recovery' | 'comingRecovery' | 'waiting'> {
  const { current, coming, fromNs } = settingsAt(recovery.settings(patientId), nowNs())
  const waiting = recovery.waiting(patientId)
  const isWaiting = waiting !== null && isLive(waiting, nowNs())
  return {
    recovery: current === null ? [] : [settingsView(current)],
    comingRecovery: coming === null ? [] : [{ settings: settingsView(coming), fromNs }],
    waiting: isWaiting ? [{ ...waiting, newPrincipal: Principal.fromUint8Array(waiting.newPrincipal) }] : [],
  }
}
const settingsView = ({ kit, guardians, threshold }: Settings): RecoverySettings => ({
  kit: kit === null ? [] : [Principal.fromUint8Array(kit)],
  guardians: guardians.map((each) => Principal.fromUint8Array(each)),
  threshold,
})

const optional = (ns: bigint): [] | [bigint] => (ns === 0n ? [] : [ns])
