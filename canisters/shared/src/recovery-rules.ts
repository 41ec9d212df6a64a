import {
  equalBytes,
  GUARDIANS_MAX,
  RECOVERY_OPEN_NS,
  RECOVERY_SHORT_WAIT_NS,
  RECOVERY_WAIT_NS,
} from '@medguard/protocol'

/**
 * How an account is brought back, as functions of facts: who may start it, how long it waits, what stops it. Whoever starts one has waited for three days
 * before anything changes, and every active principal of the account can stop it meanwhile (keys.md 13.3).
 */

export interface Settings {
  readonly kit: Uint8Array | null
  /** At most 8, all different. */
  readonly guardians: readonly Uint8Array[]
  /** How many of them have to say the same; 0 where there are none. */
  readonly threshold: number
}
export interface SettingsState {
  readonly current: Settings | null
  /** When `current` was laid down. */
  readonly sinceNs: bigint
  /** What takes its place at `fromNs`. */
  readonly coming: Settings | null
  readonly fromNs: bigint
}
export const NO_SETTINGS: SettingsState = { current: null, sinceNs: 0n, coming: null, fromNs: 0n }

export interface Waiting {
  readonly newPrincipal: Uint8Array
  readonly startedNs: bigint
  readonly readyNs: bigint
  readonly byKit: boolean
  readonly byGuardians: boolean
}
export interface Approval {
  /** Patient id of the guardian's account: one person counts once. */
  readonly guardianId: Uint8Array
  /** As the settings name them. */
  readonly guardian: Uint8Array
  readonly newPrincipal: Uint8Array
  readonly atNs: bigint
}

/** The settings as they count now. */
export function settingsAt(state: SettingsState, nowNs: bigint): SettingsState {
  const { coming, fromNs } = state
  if (coming === null || nowNs < fromNs) return state
  return { current: coming, sinceNs: fromNs - RECOVERY_WAIT_NS, coming: null, fromNs: 0n }
}

/**
 * The first settings count at once; others only after the waiting time, and until then the ones before do: with a stolen session nobody can put their own
 * in the place of those by which the account could be brought back.
 */
export function withSettings(before: SettingsState, settings: Settings, nowNs: bigint): SettingsState {
  const state = settingsAt(before, nowNs)
  if (state.current === null) return { current: settings, sinceNs: nowNs, coming: null, fromNs: nowNs }
  if (isSame(state.current, settings)) return { ...state, coming: null, fromNs: 0n }
  if (state.coming !== null && isSame(state.coming, settings)) return state
  return { ...state, coming: settings, fromNs: nowNs + RECOVERY_WAIT_NS }
}

/** One that nobody completed in a week is over. */
export const isLive = ({ readyNs }: Waiting, nowNs: bigint): boolean => nowNs < readyNs + RECOVERY_OPEN_NS

/**
 * Starts a recovery, or joins the one that waits. With kit and guardians together it waits for twelve hours, but never less than three days after the
 * settings were laid down. Of two for different principals the one with more behind it stays; guardians may agree anew.
 *
 * @returns until when to wait for another to be over, when it may not start.
 */
export function withStart(
  before: Waiting | null,
  start: { readonly by: 'kit' | 'guardians'; readonly newPrincipal: Uint8Array; readonly sinceNs: bigint },
  nowNs: bigint,
): { readonly waiting: Waiting } | { readonly notYetNs: bigint } {
  const { by, newPrincipal, sinceNs } = start
  const live = before !== null && isLive(before, nowNs) ? before : null
  if (live !== null && equalBytes(live.newPrincipal, newPrincipal)) {
    const byKit = live.byKit || by === 'kit'
    const byGuardians = live.byGuardians || by === 'guardians'
    const isJoined = byKit && byGuardians && !(live.byKit && live.byGuardians)
    if (!isJoined) return { waiting: live }
    const shortNs = later(nowNs + RECOVERY_SHORT_WAIT_NS, sinceNs + RECOVERY_WAIT_NS)
    return { waiting: { ...live, byKit, byGuardians, readyNs: shortNs < live.readyNs ? shortNs : live.readyNs } }
  }
  const mayReplace = live === null || (by === 'guardians' && !(live.byKit && live.byGuardians))
  if (!mayReplace) return { notYetNs: live.readyNs + RECOVERY_OPEN_NS }
  const readyNs = nowNs + RECOVERY_WAIT_NS
  return {
    waiting: { newPrincipal, startedNs: nowNs, readyNs, byKit: by === 'kit', byGuardians: by === 'guardians' },
  }
}

/** What of the approvals still counts: of the last week, by guardians who are named now. */
export function countingApprovals(approvals: readonly Approval[], settings: Settings, nowNs: bigint): Approval[] {
  return approvals.filter(
    ({ guardian, atNs }) =>
      nowNs < atNs + RECOVERY_OPEN_NS && settings.guardians.some((each) => equalBytes(each, guardian)),
  )
}
/** The approvals with one more; each person has one. */
export const withApproval = (approvals: readonly Approval[], approval: Approval): Approval[] => [
  ...approvals.filter(({ guardianId }) => !equalBytes(guardianId, approval.guardianId)),
  approval,
]
export const approvalsFor = (approvals: readonly Approval[], newPrincipal: Uint8Array): number =>
  approvals.filter((each) => equalBytes(each.newPrincipal, newPrincipal)).length

/** The field in which settings are none, or null. */
export function wrongSettings({ kit, guardians, threshold }: Settings): 'guardians' | 'threshold' | 'kit' | null {
  if (guardians.length > GUARDIANS_MAX || new Set(guardians.map((each) => each.join())).size < guardians.length)
    return 'guardians'
  if (guardians.length === 0 ? threshold !== 0 : threshold < 1 || threshold > guardians.length) return 'threshold'
  return kit !== null && guardians.some((each) => equalBytes(each, kit)) ? 'kit' : null
}

function isSame(a: Settings, b: Settings): boolean {
  const sameKit = a.kit === null || b.kit === null ? a.kit === b.kit : equalBytes(a.kit, b.kit)
  return (
    sameKit &&
    a.threshold === b.threshold &&
    a.guardians.length === b.guardians.length &&
    a.guardians.every((each, i) => equalBytes(each, b.guardians[i] ?? NOBODY))
  )
}
const NOBODY = new Uint8Array(0)
const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)
