import { bool, blob, type Infer, named, nat64, nat8, nul, opt, principal, record, update, vec } from './candid.ts'
import { GUARDIANS_MAX } from './limits.ts'
import { result } from './refusal-schema.ts'
import { ofPatient } from './shared-types.ts'

/**
 * Who acts for a vault: its principals, its representatives, and who may bring it back. The same methods with the same rules in consent and in records,
 * each deciding on its own copy; whoever is entitled to a change makes it in both (keys.md, section 10).
 */

const requestId = blob

/** A carer or guardian, as the patient named them. */
export const RepresentativeView = named(
  'RepresentativeView',
  record({
    principal,
    /** Bits of `POWER`. */
    powers: nat8,
    startNs: nat64,
    /** Empty: until ended. */
    endNs: opt(nat64),
    /** Until then the powers give nothing. */
    isAccepted: bool,
  }),
)
export type RepresentativeView = Infer<typeof RepresentativeView>

/** A patient in whose place the caller may act. */
export const WardView = named(
  'WardView',
  record({
    patientId: blob,
    /** The principal the patient enrolled with; of a dependant one that nobody can sign as. */
    patient: principal,
    powers: nat8,
    endNs: opt(nat64),
    isDependant: bool,
  }),
)
export type WardView = Infer<typeof WardView>

export const RecoverySettings = named(
  'RecoverySettings',
  record({
    /** Principal of the printed kit. */
    kit: opt(principal),
    guardians: vec(principal),
    /** How many guardians have to say the same. */
    threshold: nat8,
  }),
)
export type RecoverySettings = Infer<typeof RecoverySettings>

export const WaitingRecovery = named(
  'WaitingRecovery',
  record({ newPrincipal: principal, startedNs: nat64, readyNs: nat64, byKit: bool, byGuardians: bool }),
)
export type WaitingRecovery = Infer<typeof WaitingRecovery>

/** From `readyNs` on, for a week, whoever manages may do it. */
export const AnnouncedErasure = named('AnnouncedErasure', record({ readyNs: nat64 }))

export const PeopleView = named(
  'PeopleView',
  record({
    principals: vec(named('LinkedPrincipal', record({ principal, isActive: bool, sinceNs: nat64 }))),
    /** A principal that was offered a place and has not accepted yet. */
    offer: opt(named('LinkOffer', record({ principal, untilNs: nat64 }))),
    representatives: vec(RepresentativeView),
    /** Only of the caller's own account. */
    wards: vec(WardView),
    /** What counts now. */
    recovery: opt(RecoverySettings),
    /** What will count from `fromNs` on. */
    comingRecovery: opt(named('ComingRecovery', record({ settings: RecoverySettings, fromNs: nat64 }))),
    waiting: opt(WaitingRecovery),
    /** Of a dependant: that somebody who manages wants to erase the vault. */
    erasure: opt(AnnouncedErasure),
  }),
)
export type PeopleView = Infer<typeof PeopleView>

const PRINCIPAL_BYTES = 40

export const peopleMethods = {
  /** For the holder, and for whoever may manage in their place. */
  people: update(record({ patientId: ofPatient }), result(PeopleView), 128),

  /** Ten minutes to accept, by the new principal. Another offer takes the place of the first. */
  offerLink: update(record({ patientId: ofPatient, newPrincipal: principal, requestId }), result(nul), 256),
  /** By the new principal, which must have no account. `home`: the principal that the account was enrolled with. */
  acceptLink: update(record({ home: principal, requestId }), result(nul), 256),
  /** Not oneself. `NotYet` for a principal that is new and names an older one. */
  unlink: update(record({ patientId: ofPatient, principal, requestId }), result(nul), 256),

  /** `endNs` may be empty only for those who manage for a dependant. */
  appoint: update(
    record({
      patientId: ofPatient,
      representative: principal,
      powers: nat8,
      startNs: nat64,
      endNs: opt(nat64),
      requestId,
    }),
    result(nul),
    256,
  ),
  /** By the representative, who was told the patient's principal. */
  acceptAppointment: update(record({ patient: principal, requestId }), result(record({ patientId: blob })), 256),
  dismiss: update(record({ patientId: ofPatient, representative: principal, requestId }), result(nul), 256),
  resign: update(record({ patientId: blob, requestId }), result(nul), 128),

  /** Of a dependant's vault, by whoever manages: a week before. The same again is no other announcement. */
  announceErasure: update(record({ patientId: blob, requestId }), result(AnnouncedErasure), 128),
  stopErasure: update(record({ patientId: blob, requestId }), result(nul), 128),
} as const

export const recoveryMethods = {
  /** For a dependant by whoever manages, until the dependant signs in. Counts from `fromNs` on: at once where there was none, else after the waiting time, and until then the earlier ones do. */
  setRecovery: update(
    record({ patientId: ofPatient, settings: RecoverySettings, requestId }),
    result(record({ fromNs: nat64 })),
    256 + PRINCIPAL_BYTES * (GUARDIANS_MAX + 1),
  ),
  /** By the kit, which can do nothing else. `home` is what the new principal has to name in the end. */
  startRecovery: update(
    record({ newPrincipal: principal, requestId }),
    result(named('StartedRecovery', record({ home: principal, readyNs: nat64 }))),
    256,
  ),
  /** By a guardian, who was told both principals. `readyNs` once enough say the same. */
  approveRecovery: update(
    record({ ward: principal, newPrincipal: principal, requestId }),
    result(named('RecoveryApproval', record({ approvals: nat8, threshold: nat8, readyNs: opt(nat64) }))),
    256,
  ),
  /** By any principal of the account; for a dependant also by whoever manages. */
  vetoRecovery: update(record({ patientId: ofPatient, requestId }), result(nul), 128),
  /** By the new principal: `NotYet` until the waiting time is over. */
  completeRecovery: update(record({ home: principal, requestId }), result(nul), 256),
} as const
