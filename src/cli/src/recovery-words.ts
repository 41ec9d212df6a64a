import type { PeopleInfo, RecoveryInfo } from '@medguard/client'
import { toTime } from './format.ts'
import type { Identities } from './identities.ts'

/** Who may bring an account back, now and from when on otherwise. */
export function recoveryText(
  { recovery, comingRecovery, isRecoveryWhole }: PeopleInfo,
  identities: Identities,
): string {
  const lines = [recoveryWords('Recovery', recovery, identities)]
  if (comingRecovery !== null)
    lines.push(recoveryWords(`From ${toTime(comingRecovery.fromNs)} on`, comingRecovery, identities))
  if (!isRecoveryWhole) lines.push('The two services differ about it: lay it down anew.')
  return lines.join('\n')
}

export function recoveryWords(what: string, recovery: RecoveryInfo | null, identities: Identities): string {
  if (recovery === null || (recovery.kit === null && recovery.guardians.length === 0))
    return `${what}: none. Without one, who loses every sign-in loses access.`
  const { kit, guardians, threshold } = recovery
  const names = guardians.map((who) => identities.nameOf(who) ?? who).join(', ')
  const people = guardians.length === 0 ? 'no guardians' : `${threshold} of ${guardians.length} guardians (${names})`
  return `${what}: ${kit === null ? 'no kit' : 'a printed kit'}, ${people}.`
}
