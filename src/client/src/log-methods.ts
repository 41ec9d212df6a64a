import type { HistoryOf } from '@medguard/verifier'
import { expectOneself } from './acting.ts'
import { Fault, type LogFilter, type LogOf, type MedGuardClient } from './api.ts'
import { readCheckpoint } from './checkpoint.ts'
import { readEvidence } from './evidence.ts'
import { readActorLog, readOrganisationLog, readPatientLog } from './log.ts'
import type { LogReading } from './log-reading.ts'
import { inShard, partsOf, readShards, readingAt, shardOf } from './log-shards.ts'
import { idOf } from './outcome.ts'
import type { Session } from './session.ts'
import { Unproven } from './verification.ts'

/** No organisation's id: what is about the canisters themselves. */
const SYSTEM = new Uint8Array(16)

/** What a client can do with the log. */
export function logMethods(session: Session): Pick<MedGuardClient, 'log' | 'logEvidence' | 'checkpoint'> {
  const { unlocked } = session
  const reading = async (): Promise<LogReading> => {
    const { canisters, network, headMemory, identity } = session
    return { canisters, network, headMemory, account: await session.holder(), reader: identity.getPrincipal() }
  }
  const ofPatient = async (from: LogReading, patientId: Uint8Array, filter: LogFilter | undefined) => {
    const shard = await shardOf(from, patientId)
    return inShard(await readPatientLog(readingAt(from, shard), filter, patientId), shard)
  }
  return {
    log: (of, filter) =>
      unlocked(async () => {
        if (of === 'actor') expectOneself(session)
        const from = await reading()
        if (of === 'actor') return readShards(from, (each) => readActorLog(each, filter))
        if (of === 'patient') return ofPatient(from, from.account.patientId, filter)
        if (of !== 'system' && 'patient' in of) return ofPatient(from, idOf(of.patient), filter)
        const orgId = of === 'system' ? SYSTEM : idOf(of.organisation)
        return readShards(from, (each) => readOrganisationLog(each, orgId, filter))
      }),
    logEvidence: ({ of = 'patient', shard = 0, ...wanted } = {}) =>
      unlocked(async () => {
        const from = await reading()
        const history = historyOf(of, from)
        const at = history.kind === 'patient' ? await shardOf(from, history.id) : shard
        const { items, ...evidence } = await proven(() => readEvidence(readingAt(from, at), history, wanted))
        const isOfPart = history.kind !== 'patient' && (await partsOf(from)) > 1
        return { ...evidence, isOfPart, items: items.map((item) => ({ ...item, shard: at })) }
      }),
    checkpoint: (wanted = {}) => unlocked(() => proven(() => readCheckpoint(session, wanted))),
  }
}

function historyOf(of: Exclude<LogOf, 'actor'>, { account }: LogReading): HistoryOf {
  if (of === 'patient') return { kind: 'patient', id: account.patientId }
  if (of === 'system') return { kind: 'organisation', id: SYSTEM }
  if ('patient' in of) return { kind: 'patient', id: idOf(of.patient) }
  return { kind: 'organisation', id: idOf(of.organisation) }
}

/** Where nothing is wrong and nothing can be shown, it is as if the log had not been reached. */
async function proven<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Unproven ? new Fault('Unreachable', error.message, { cause: error }) : error
  }
}
