import {
  type Account,
  categoryName,
  COMPARTMENT_KIND,
  equalBytes,
  eventName,
  idsInDetail,
  LEAF_FLAG,
  Principal,
  PURPOSES,
  toHex,
} from '@medguard/protocol'
import { Fault, type LogItem, type LogReport, type Verification } from './api.ts'
import { extendRemembered, Unproven } from './certified-head.ts'
import {
  type Check,
  type CheckedLeaf,
  type LogReading,
  patientSequence,
  readPages,
  type Sequence,
} from './log-reading.ts'
import { okOf } from './outcome.ts'

/** The patient's own history: every entry, each proven, nothing missing (keys.md 19.5). */
export async function readPatientLog(reading: LogReading): Promise<LogReport> {
  const { patientId } = reading.account
  // By update, so certified: how long the chain is and how it ends. Entries that come later are read at the next look.
  const answer = await reading.canisters.audit.chainHead({ patientId })
  // Enrolment is answered only after the log has it, so every account has a history: a log that knows none was begun anew.
  if ('Err' in answer && 'NotPermitted' in answer.Err)
    return {
      items: [],
      verification: { kind: 'failed', code: 'LogBroken', what: 'the log has forgotten this history' },
    }
  return readLog(reading, patientSequence(patientId, okOf(answer)))
}

/** What the reader did, in whosever records. Without a chain of its own: each entry is proven, completeness is not claimed. */
export async function readActorLog(reading: LogReading): Promise<LogReport> {
  const own = reading.reader.toUint8Array()
  okOf(await reading.canisters.consent.whoAmI(null)) // an update, for the network's clock
  return readLog(reading, {
    of: { actor: null },
    claims: [],
    isWhole: (count, total) => BigInt(count) >= total,
    expectNext({ leaf }) {
      if (!equalBytes(leaf.actor, own)) throw new Fault('LogBroken', `entry ${leaf.index} is somebody else’s act`)
    },
  })
}

async function readLog(reading: LogReading, sequence: Sequence): Promise<LogReport> {
  const leaves: CheckedLeaf[] = []
  const report = (verification: Verification): LogReport => ({
    items: leaves.map((leaf) => itemOf(leaf, reading.account)),
    verification,
  })
  try {
    const head = await readPages(reading, sequence, leaves)
    const isKnown = await extendRemembered(head, reading.canisters.audit, reading.headMemory)
    const checked: Check[] = ['certificate', 'fresh', 'inclusion', ...sequence.claims]
    if (isKnown) checked.push('consistency')
    return report({ kind: 'verified', treeSize: BigInt(head.size), certifiedNs: head.certifiedNs, checked })
  } catch (error) {
    if (error instanceof Unproven) return report({ kind: 'cannotTell', why: error.message })
    if (!(error instanceof Fault && LOG_FAULTS.has(error.code))) throw error
    return report({ kind: 'failed', code: error.code, what: error.message })
  }
}

/** These say something about the log; the others about the road to it, and are thrown. */
const LOG_FAULTS: ReadonlySet<string> = new Set(['BadCertificate', 'LogBroken', 'BadReply', 'Tampered'])
const NO_IDS = { grantId: null, cid: null }

function itemOf({ leaf, detail }: CheckedLeaf, account: Account): LogItem {
  const event = eventName(leaf.event)
  const ids = event === null ? NO_IDS : idsInDetail(event, detail.fields)
  const cid = ids.cid === null ? null : toHex(ids.cid)
  const own = account.compartments.find((compartment) => toHex(compartment.cid) === cid)
  return {
    leafIndex: BigInt(leaf.index),
    seq: BigInt(leaf.patientSeq),
    timeNs: leaf.timeNs,
    event: event ?? 'unknown',
    actor: Principal.fromUint8Array(leaf.actor).toText(),
    objectId: toHex(leaf.objectId),
    versionOrEpoch: leaf.versionOrEpoch,
    category:
      leaf.compartmentKind === COMPARTMENT_KIND.share
        ? 'shared'
        : own === undefined
          ? null
          : categoryName(own.category),
    purpose: PURPOSES[detail.head.purpose] ?? null,
    grantId: ids.grantId === null ? null : toHex(ids.grantId),
    failedOrWithheld: (leaf.flags & LEAF_FLAG.failedOrWithheld) !== 0,
  }
}
