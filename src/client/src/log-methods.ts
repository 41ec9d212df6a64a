import type { HistoryOf } from '@medguard/verifier'
import { Fault, type LogOf, type MedGuardClient } from './api.ts'
import { Unproven } from './certified-head.ts'
import { readEvidence } from './evidence.ts'
import { readActorLog, readOrganisationLog, readPatientLog } from './log.ts'
import type { LogReading } from './log-reading.ts'
import { idOf } from './outcome.ts'
import type { Session } from './session.ts'

/** What a client can do with the log. */
export function logMethods(session: Session): Pick<MedGuardClient, 'log' | 'logEvidence'> {
  const { unlocked } = session
  const reading = async (): Promise<LogReading> => {
    const { canisters, network, headMemory, identity } = session
    return { canisters, network, headMemory, account: await session.account(), reader: identity.getPrincipal() }
  }
  return {
    log: (of, filter) =>
      unlocked(async () => {
        const from = await reading()
        if (of === 'actor') return readActorLog(from, filter)
        if (of === 'patient') return readPatientLog(from, filter)
        return 'patient' in of
          ? readPatientLog(from, filter, idOf(of.patient))
          : readOrganisationLog(from, idOf(of.organisation), filter)
      }),
    logEvidence: ({ of = 'patient', ...wanted } = {}) =>
      unlocked(async () => {
        try {
          const from = await reading()
          return await readEvidence(from, historyOf(of, from), wanted)
        } catch (error) {
          // Nothing is wrong, and nothing can be shown: as if the log had not been reached.
          throw error instanceof Unproven ? new Fault('Unreachable', error.message, { cause: error }) : error
        }
      }),
  }
}

function historyOf(of: Exclude<LogOf, 'actor'>, { account }: LogReading): HistoryOf {
  if (of === 'patient') return { kind: 'patient', id: account.patientId }
  if ('patient' in of) return { kind: 'patient', id: idOf(of.patient) }
  return { kind: 'organisation', id: idOf(of.organisation) }
}
