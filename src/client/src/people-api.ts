import type { Power } from '@medguard/protocol'
import type { MedGuardClient, Outcome } from './api.ts'

/** A sign-in of the account. */
export interface LinkedPrincipal {
  readonly principal: string
  /** A retired one never acts again. */
  readonly isActive: boolean
  /** 0 for the one that enrolled. */
  readonly sinceNs: bigint
}
export interface RepresentativeInfo {
  readonly principal: string
  readonly powers: readonly Power[]
  readonly startNs: bigint
  /** Null: until ended. */
  readonly endNs: bigint | null
  readonly isAccepted: boolean
}
/** A patient in whose place one may act: a profile to switch to. */
export interface WardInfo {
  readonly patientId: string
  readonly patient: string
  readonly powers: readonly Power[]
  readonly endNs: bigint | null
  /** Somebody who cannot sign in: a child. */
  readonly isDependant: boolean
}
export interface RecoveryInfo {
  /** Principal of the printed kit. */
  readonly kit: string | null
  readonly guardians: readonly string[]
  readonly threshold: number
}
export interface WaitingRecoveryInfo {
  readonly newPrincipal: string
  readonly readyNs: bigint
  readonly byKit: boolean
  readonly byGuardians: boolean
  /** Only one canister knows of it: it gives nothing, and is stopped like any other. */
  readonly isHalf: boolean
}
/** Who acts for a vault. What only one of the two canisters says counts for nothing, and makes `isWhole` false. */
export interface PeopleInfo {
  readonly principals: readonly LinkedPrincipal[]
  readonly offer: { readonly principal: string; readonly untilNs: bigint } | null
  readonly representatives: readonly RepresentativeInfo[]
  readonly wards: readonly WardInfo[]
  readonly recovery: RecoveryInfo | null
  readonly comingRecovery: (RecoveryInfo & { readonly fromNs: bigint }) | null
  /** Whether both canisters say the same of these two; else nothing is to be built upon them. */
  readonly isRecoveryWhole: boolean
  /** To be shown on top of everything: whoever did not ask for it stops it. */
  readonly waiting: readonly WaitingRecoveryInfo[]
  /** Of a dependant: from when on whoever manages may erase the vault, when one of them said so. To be shown on top of everything. */
  readonly erasure: { readonly readyNs: bigint } | null
  readonly isWhole: boolean
}

export interface PeopleMethods {
  people(): Promise<Outcome<PeopleInfo>>
  /** Ten minutes for the other principal to accept. */
  offerLink(newPrincipal: string): Promise<Outcome<null>>
  /** @param home the principal that the account was enrolled with. */
  acceptLink(home: string): Promise<Outcome<null>>
  unlink(principal: string): Promise<Outcome<null>>
  /** Names somebody who may act in one's place, once they accept. `endNs` null only for a dependant. */
  appoint(terms: {
    representative: string
    powers: readonly Power[]
    startNs: bigint
    endNs: bigint | null
  }): Promise<Outcome<null>>
  /** @param patient the principal of the patient, as they told it. */
  acceptAppointment(patient: string): Promise<Outcome<{ readonly patientId: string }>>
  dismiss(representative: string): Promise<Outcome<null>>
  resign(patientId: string): Promise<Outcome<null>>
  /**
   * In a dependant's place: says that the vault is to be erased. A week later, for a week, `erase` does it; meanwhile everybody who manages may stop it.
   * @returns from when on both canisters let it happen.
   */
  announceErasure(): Promise<Outcome<{ readonly readyNs: bigint }>>
  stopErasure(): Promise<Outcome<null>>
  /** An account for somebody who cannot sign in. One whose opening broke off is finished instead of beginning another. */
  enrolDependant(): Promise<Outcome<{ readonly patientId: string; readonly patient: string }>>
  /**
   * A client for the records of a patient in whose place one may act; keys are its own, to be locked by itself. What would be about the signed-in person
   * themselves (their organisations, requests, what others share with them) it refuses as `BadInput` of `actsFor`.
   */
  actingFor(patientId: string): MedGuardClient
}

export interface RecoveryMethods {
  /** @returns from when on it counts in both canisters. */
  setRecovery(settings: RecoveryInfo): Promise<Outcome<{ readonly fromNs: bigint }>>
  /** With a kit as the identity of the client. `home` is what the new principal names in the end. */
  startRecovery(newPrincipal: string): Promise<Outcome<{ readonly home: string; readonly readyNs: bigint }>>
  /** As a guardian, who was told both. `readyNs` once enough said the same. */
  approveRecovery(
    ward: string,
    newPrincipal: string,
  ): Promise<Outcome<{ readonly approvals: number; readonly threshold: number; readonly readyNs: bigint | null }>>
  vetoRecovery(): Promise<Outcome<null>>
  /** As the new principal; `NotYet` until the waiting time is over. */
  completeRecovery(home: string): Promise<Outcome<null>>
}
