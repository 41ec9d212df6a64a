import type { MedGuardClient, WaitingRecoveryInfo } from '@medguard/client'
import { toJson, toTime } from './format.ts'

/** These commands say by themselves whether a recovery is under way. */
const TELL_THEMSELVES: ReadonlySet<string> = new Set(['people', 'stop-recovery'])

/** Recoveries of these vaults that wait; none where nobody can tell, which the command itself then says. */
export async function recoveriesOf(
  command: string,
  clients: readonly Pick<MedGuardClient, 'people'>[],
): Promise<readonly WaitingRecoveryInfo[]> {
  if (TELL_THEMSELVES.has(command)) return []
  const asked = await Promise.allSettled(clients.map((client) => client.people()))
  return asked.flatMap((each) =>
    each.status === 'fulfilled' && each.value.kind === 'done' ? each.value.value.waiting : [],
  )
}

/** What goes to standard error, whatever the command was: whoever did not ask for a recovery has three days to stop it. */
export function recoveryWarning({ newPrincipal, readyNs }: WaitingRecoveryInfo, isJson: boolean): string {
  if (isJson) return toJson({ warning: 'recovery', newPrincipal, readyNs })
  return `RECOVERY UNDER WAY: ${newPrincipal} gets this account at ${toTime(readyNs)}. Stop it with: medguard stop-recovery`
}
