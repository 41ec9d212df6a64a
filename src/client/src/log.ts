import { equalBytes, fromHex, toHex } from '@medguard/protocol'
import { Fault, type LogFilter, type LogReport } from './api.ts'
import { extendRecorded, extendRemembered, standsFor } from './certified-head.ts'
import { fits, itemOf } from './log-item.ts'
import {
  type CheckedLeaf,
  type LogReading,
  organisationSequence,
  patientSequence,
  readPages,
  type Sequence,
} from './log-reading.ts'
import { okOf } from './outcome.ts'
import { type LogCheck, Unproven, type Verification } from './verification.ts'

/** A patient's history, one's own unless told: every entry, each proven, nothing missing (keys.md 19.5). */
export async function readPatientLog(
  reading: LogReading,
  filter: LogFilter = {},
  patientId: Uint8Array = reading.account.patientId,
): Promise<LogReport> {
  // By update, so certified: how long the chain is and how it ends. Entries that come later are read at the next look.
  const answer = await reading.canisters.audit.chainHead({ patientId })
  const isOwn = equalBytes(patientId, reading.account.patientId)
  // Enrolment is answered only after the log has it, so every account has a history: a log that knows none was begun anew.
  if (isOwn && 'Err' in answer && 'NotPermitted' in answer.Err)
    return {
      items: [],
      verification: { kind: 'failed', code: 'LogBroken', what: 'the log has forgotten this history' },
    }
  return readLog(reading, patientSequence(patientId, okOf(answer)), filter)
}

/** Where in a patient's history a look ended: entries up to there, and the hash of the last, hexadecimal; null before the first. */
export interface LogEnd {
  readonly count: bigint
  readonly last: string | null
}

/** What came to a patient's history behind an earlier look: every entry, each proven, nothing missing, and the first follows what was read then. */
export async function readPatientNews(
  reading: LogReading,
  since: LogEnd,
): Promise<{ readonly report: LogReport; readonly end: LogEnd }> {
  const { patientId } = reading.account
  const head = okOf(await reading.canisters.audit.chainHead({ patientId }))
  const end = { count: head.count, last: toHex(head.lastLeafHash) }
  const isOther = head.count < since.count || (head.count === since.count && end.last !== since.last)
  if (isOther) {
    const verification = {
      kind: 'failed',
      code: 'LogBroken',
      what: 'the history is not the one that was read',
    } as const
    return { report: { items: [], verification }, end }
  }
  const start = since.last === null ? undefined : { count: since.count, lastLeafHash: hashOf(since.last) }
  return { report: await readLog(reading, patientSequence(patientId, head, start), {}), end }
}
const hashOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array()

/** What an organisation's members did through it, and what became of it and them: every entry, each proven, nothing missing. */
export async function readOrganisationLog(
  reading: LogReading,
  orgId: Uint8Array,
  filter: LogFilter = {},
): Promise<LogReport> {
  const end = okOf(await reading.canisters.audit.organisationHead({ orgId }))
  return readLog(reading, organisationSequence(orgId, end), filter)
}

/** What the reader did, in whosever records. Without a chain of its own: each entry is proven, completeness is not claimed. */
export async function readActorLog(reading: LogReading, filter: LogFilter = {}): Promise<LogReport> {
  const own = reading.reader.toUint8Array()
  okOf(await reading.canisters.consent.whoAmI(null)) // an update, for the network's clock
  return readLog(
    reading,
    {
      of: { actor: null },
      claims: [],
      isWhole: (count, total) => BigInt(count) >= total,
      expectNext({ leaf }) {
        if (!equalBytes(leaf.actor, own)) throw new Fault('LogBroken', `entry ${leaf.index} is somebody else’s act`)
      },
    },
    filter,
  )
}

async function readLog(reading: LogReading, sequence: Sequence, filter: LogFilter): Promise<LogReport> {
  const leaves: CheckedLeaf[] = []
  const report = (verification: Verification): LogReport => ({
    items: leaves.map((leaf) => itemOf(leaf, reading.account)).filter((item) => fits(item, filter)),
    verification,
  })
  try {
    const [head, recorded] = await Promise.all([
      readPages(reading, sequence, leaves),
      reading.recorded?.() ?? Promise.resolve(null),
    ])
    const { audit } = reading.canisters
    await extendRecorded(head, recorded, audit)
    const isKnown = await extendRemembered(head, audit, reading.headMemory)
    const checked: LogCheck[] = ['certificate', 'fresh', 'inclusion', ...sequence.claims]
    if (isKnown) checked.push('consistency')
    const shown = leaves.map(({ leaf }) => leaf)
    if (standsFor(recorded, head, shown)) checked.push('recorded')
    return report({ kind: 'verified', treeSize: BigInt(head.size), certifiedNs: head.certifiedNs, checked })
  } catch (error) {
    if (error instanceof Unproven) return report({ kind: 'cannotTell', code: error.code, why: error.message })
    if (!(error instanceof Fault && LOG_FAULTS.has(error.code))) throw error
    return report({ kind: 'failed', code: error.code, what: error.message })
  }
}

/** These say something about the log; the others about the road to it, and are thrown. */
const LOG_FAULTS: ReadonlySet<string> = new Set(['BadCertificate', 'LogBroken', 'BadReply', 'Tampered'])
