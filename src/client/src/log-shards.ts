import { decodeDetail, equalBytes, EVENT, LEAF_FLAG, Principal, shardHeadsIn } from '@medguard/protocol'
import { decodeLeaf, leafHash, logIdOf, verifyInclusion } from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import { Fault, type FaultCode, type LogReport } from './api.ts'
import { extendRemembered, type RecordedHead, verifyHead } from './certified-head.ts'
import type { LogReading } from './log-reading.ts'
import { logIds } from './network.ts'
import { okOf, Refused } from './outcome.ts'
import { Unproven, type Verification } from './verification.ts'

/** The same from another canister of the log: each proves its own lines, and this device remembers the head of each. @throws Fault `UnknownLog`. */
export function readingAt(reading: LogReading, shard: number): LogReading {
  if (shard === 0) return reading
  const { canisters, network } = reading
  const there = canisters.atLog(shard)
  const audit = logIds(network)[shard] ?? network.canisters.audit
  const recorded = () => recordedHead(reading, shard, Principal.fromText(audit).toUint8Array())
  return { ...reading, canisters: there, network: { ...network, canisters: { ...network.canisters, audit } }, recorded }
}

/** By update, so the newest. A first canister that does not answer, or was not told of the others, says nothing of them. */
async function recordedHead(reading: LogReading, shard: number, id: Uint8Array): Promise<RecordedHead | null> {
  const { audit } = reading.canisters
  let answer: Awaited<ReturnType<typeof audit.shardHead>>
  try {
    answer = await audit.shardHead({ shard })
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
  if ('Err' in answer) return null
  const leaf = decodeLeaf(answer.Ok.leaf)
  const detail = decodeDetail(answer.Ok.detail)
  const isWhole = leaf.ok && detail !== null && equalBytes(sha256(answer.Ok.detail), leaf.value.detailHash)
  const heads = isWhole && leaf.value.event === EVENT.shardHeads ? shardHeadsIn(detail.fields) : null
  const own = heads?.find(({ logId }) => equalBytes(logId, logIdOf(sha256, id)))
  if (!leaf.ok || own === undefined) throw new Fault('LogBroken', 'what the first part of the log recorded is no head')
  if ((leaf.value.flags & LEAF_FLAG.failedOrWithheld) !== 0)
    throw new Fault('LogBroken', 'the first part of the log found that this part was rewritten')
  const { index, timeNs } = leaf.value
  const isInHead = await isInFirst(reading, index, leafHash(sha256, answer.Ok.leaf))
  return { size: own.size, root: own.root, timeNs, isInHead }
}

/**
 * Proves that a leaf is in the head of the first canister, and that this device saw no other log there: so whoever cosigns that head vouches for the leaf.
 *
 * @returns false where it shows no head or no proof. @throws Fault `LogBroken`, `BadCertificate`.
 */
async function isInFirst({ canisters, network, headMemory }: LogReading, index: number, hash: Uint8Array) {
  const { audit } = canisters
  try {
    const shown = await audit.head(null)
    if ('Err' in shown) return false
    const head = await verifyHead(shown.Ok, network, canisters.certifiedNs())
    const treeSize = BigInt(head.size)
    const proof = head.size > index ? await audit.inclusionProof({ leafIndex: BigInt(index), treeSize }) : null
    if (proof === null || 'Err' in proof) return false
    const claim = { leafHash: hash, index, size: head.size, root: head.root, path: proof.Ok.proof }
    if (!verifyInclusion(sha256, claim))
      throw new Fault('LogBroken', 'what the first part of the log recorded is not in its tree')
    await extendRemembered(head, audit, headMemory)
    return true
  } catch (error) {
    if (error instanceof Unproven || (error instanceof Fault && SILENT.has(error.code))) return false
    throw error
  }
}

export const inShard = (report: LogReport, shard: number): LogReport =>
  shard === 0 ? report : { ...report, items: report.items.map((item) => ({ ...item, shard })) }

/**
 * Which canister of the log has a patient's lines. Of the account that is open consent says so. Of others each canister of the log is asked for their history: nobody but
 * the one that has it gives it out, also when consent has forgotten the vault.
 */
export async function shardOf(reading: LogReading, patientId: Uint8Array): Promise<number> {
  const { account, network } = reading
  if (equalBytes(account.patientId, patientId)) return account.logShard[0] ?? 0
  const shards = [...logIds(network).keys()]
  if (shards.length === 1) return 0
  const answers = await Promise.allSettled(
    shards.map((shard) => readingAt(reading, shard).canisters.audit.chainHead({ patientId })),
  )
  const having = shards.filter((shard) => {
    const answer = answers[shard]
    return answer?.status === 'fulfilled' && 'Ok' in answer.value
  })
  if (having.length > 1) throw new Fault('LogBroken', 'two canisters of the log have this history')
  const silent = answers.find((answer) => answer.status === 'rejected')
  if (having.length === 0 && silent !== undefined) throw silent.reason
  return having[0] ?? 0
}

/**
 * What all canisters of the log have of somebody who has lines in several, in the order of time. Each is proven by itself; what is claimed of the whole is what holds of
 * every part. One that does not answer, or that this device was not told of, leaves the others' lines readable, and the whole unproven.
 */
export async function readShards(
  reading: LogReading,
  read: (reading: LogReading) => Promise<LogReport>,
): Promise<LogReport> {
  const shards = [...logIds(reading.network).keys()]
  const [parts, ...reports] = await Promise.all([
    partsOf(reading),
    ...shards.map((shard) => readPart(reading, shard, read)),
  ])
  const items = reports.flatMap((report, shard) => inShard(report, shard).items)
  const verifications = reports.map(({ verification }) => verification)
  return {
    items: items.toSorted((a, b) => (a.timeNs === b.timeNs ? 0 : a.timeNs < b.timeNs ? -1 : 1)),
    verification: together(parts > shards.length ? [...verifications, UNKNOWN] : verifications),
  }
}

/** How many canisters the log has. By update: neither a node nor an old network file decides how many parts the whole has. */
export async function partsOf({ canisters }: LogReading): Promise<number> {
  const [further = 0] = okOf(await canisters.consent.whoAmI(null)).logShards
  return 1 + further
}

async function readPart(
  reading: LogReading,
  shard: number,
  read: (reading: LogReading) => Promise<LogReport>,
): Promise<LogReport> {
  try {
    return await read(readingAt(reading, shard))
  } catch (error) {
    if (shard === 0) throw error
    // A further canister knows the readers of whom it has lines. What it is still to be told of it cannot show, so that nothing is said to be complete. It refuses by
    // update: a node that refuses what comes after is not believed (`readPages`).
    if (error instanceof Refused && error.refusal.kind === 'NotPermitted') return NOTHING_THERE
    if (error instanceof Fault && SILENT.has(error.code)) return { items: [], verification: UNANSWERED }
    throw error
  }
}
const SILENT: ReadonlySet<FaultCode> = new Set(['Unreachable', 'Uncertain'])
const UNANSWERED: Verification = { kind: 'cannotTell', code: 'PartSilent', why: 'a part of the log did not answer' }
const UNKNOWN: Verification = {
  kind: 'cannotTell',
  code: 'PartUnknown',
  why: 'this app does not know all parts of the log: update it',
}
const NOTHING_THERE: LogReport = {
  items: [],
  verification: {
    kind: 'verified',
    treeSize: 0n,
    certifiedNs: 0n,
    checked: ['certificate', 'fresh', 'inclusion', 'consistency'],
  },
}

function together(parts: readonly Verification[]): Verification {
  const worst = parts.find(({ kind }) => kind === 'failed') ?? parts.find(({ kind }) => kind === 'cannotTell')
  if (worst !== undefined) return worst
  const proven = parts.flatMap((part) => (part.kind === 'verified' ? [part] : []))
  const times = proven.map(({ certifiedNs }) => certifiedNs).filter((ns) => ns > 0n)
  const [first] = proven
  return {
    kind: 'verified',
    treeSize: proven.reduce((sum, { treeSize }) => sum + treeSize, 0n),
    certifiedNs: times.reduce((oldest, ns) => (ns < oldest ? ns : oldest)),
    checked:
      first === undefined
        ? []
        : first.checked.filter((check) => proven.every(({ checked }) => checked.includes(check))),
  }
}
