import { createHash } from 'node:crypto'
import { addedRecord, createLargeLog, patientOf } from '@medguard/audit/large-log'
import {
  type ArgOf,
  auditService,
  decodeRet,
  encodeArg,
  IDL,
  LEAF_PAGE_MAX,
  LOG_SOURCE,
  type Method,
  type Principal,
  type RetOf,
} from '@medguard/protocol'
import { decodeTreeHead, leafHash, type TreeHead, verifyConsistency, verifyInclusion } from '@medguard/tlog'
import { buildCanister } from '../scripts/build-canisters.ts'
import { CONTROLLER, openSmallNet, type SmallNet } from '../test/canisters/small-net.fixture.ts'
import type { OkOf } from '../test/scenarios/clinic.ts'
import { addCost, costOf, type Cost, MILLIONS } from './costs.ts'
import { check, type Rows } from './rows.ts'

/** The last passes 2^20, where a leaf completes twenty subtrees: no append of this log is dearer than that one. */
const SIZES = [
  [10, '10'],
  [100_000, '10^5'],
  [2 ** 20 - 8, '10^6'],
] as const
/** In a row, so that one of them writes a tile. */
const APPENDS = 16
const MANY = 100

type Audit = typeof auditService
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

/** What the log costs at ten, a hundred thousand and a million leaves. */
export async function auditCosts(rows: Rows): Promise<void> {
  const net = openSmallNet()
  const [audit, records, consent] = [net.create(), net.create(), net.create()]
  const forwarder = await buildCanister('forwarder', { entry: 'test/canisters/forwarder.ts' })
  const writer = await buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' })
  const shipped = await buildCanister('audit')
  net.install(records, forwarder.wasm)
  net.install(audit, shipped.wasm)
  const ask = askOf(net, audit)
  ask('configure', { consent, records, logShards: [] })
  const append = appendOf(net, records, audit)
  const large = createLargeLog(sha256, audit.toUint8Array(), CONTROLLER.toUint8Array())
  for (const [size, name] of SIZES) {
    net.install(audit, writer.wasm, 'upgrade')
    for (const some of large.fill(size)) net.call(audit, 'writeAll', some)
    const upgraded = net.install(audit, shipped.wasm, 'upgrade')
    const before = treeHeadOf(ask('head', null).ok.treeHead)
    check(before.size === size + 1, 'the upgrade added its own leaf')
    const grown = { oldSize: size, oldRoot: large.root(), newSize: before.size, newRoot: before.root }
    const { ok: path } = ask('consistencyProof', { firstSize: BigInt(size), secondSize: BigInt(before.size) })
    check(verifyConsistency(sha256, { ...grown, path }), 'the canister has the root that the definition gives')
    rows.add(`upgrade audit at ${name} leaves`, Number(upgraded) / 1e6, MILLIONS)

    let seq = Number(large.nextSeq(LOG_SOURCE.records))
    const costs = Array.from({ length: APPENDS }, () => append(seq, [addedRecord(seq, seq++)]))
    const dearest = costs.reduce((most, cost) => (cost.instructions > most.instructions ? cost : most))
    addCost(rows, `audit append with root, head and certified tree at ${name} leaves`, dearest, 3)
    // As when a reader opens a hundred records of one patient.
    const many = Array.from({ length: MANY }, (_, i) => addedRecord(seq + i, seq))
    addCost(rows, `audit append of ${MANY} of one patient at ${name} leaves, each`, append(seq, many), null, MANY)

    const head = treeHeadOf(ask('head', null).ok.treeHead)
    check(head.size === before.size + APPENDS + MANY, 'every leaf is in the log')
    const of = { patient: patientOf(0) }
    const page = ask('leaves', { of, fromSeq: 0n, count: LEAF_PAGE_MAX })
    for (const { leaf, proof } of page.ok.entries) {
      const index = Number(new DataView(leaf.buffer, leaf.byteOffset).getBigUint64(4))
      const claim = { leafHash: leafHash(sha256, leaf), index, size: head.size, root: head.root, path: proof }
      check(verifyInclusion(sha256, claim), 'the page is proven')
    }
    addCost(rows, `audit.leaves at ${name} leaves, ${page.ok.entries.length} of them`, costOf(page.parts), null)
    const at = { leafIndex: BigInt(Math.floor(size / 3)), treeSize: BigInt(head.size) }
    addCost(rows, `audit.inclusionProof at ${name} leaves`, costOf(ask('inclusionProof', at).parts), null)
  }
}

const Forwarded = IDL.Variant({ Reply: IDL.Vec(IDL.Nat8), Rejected: IDL.Nat32 })

/** Appends as the canister `source`. @returns what the log's own message cost. */
const appendOf =
  (net: SmallNet, source: Principal, audit: Principal) =>
  (firstSeq: number, leaves: readonly Uint8Array[]): Cost => {
    const arg = encodeArg(auditService.append, { firstSeq: BigInt(firstSeq), leaves: [...leaves] })
    const forwarded = IDL.encode([IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8)], [audit, 'append', arg])
    const { reply, parts } = net.call(source, 'forward', new Uint8Array(forwarded))
    const [inner] = IDL.decode([Forwarded], reply) as unknown as [{ Reply: Uint8Array }]
    const answer = decodeRet(auditService.append, new Uint8Array(inner.Reply))
    check('Ok' in answer && answer.Ok.length === leaves.length, 'the leaves are taken')
    return costOf(parts.filter(({ canisterId }) => canisterId === audit.toText()))
  }

const askOf =
  (net: SmallNet, audit: Principal) =>
  <M extends keyof Audit>(name: M, arg: ArgOf<Audit[M]>) => {
    const method = auditService[name] as Method<unknown, unknown>
    const { reply, parts } = net.call(audit, name, encodeArg(method, arg))
    const answer = decodeRet(method, reply) as RetOf<Audit[M]>
    check('Ok' in answer, `${name} answers`)
    return { ok: answer.Ok as OkOf<RetOf<Audit[M]>>, parts }
  }

function treeHeadOf(bytes: Uint8Array): TreeHead {
  const decoded = decodeTreeHead(new Uint8Array(bytes))
  check(decoded.ok, 'the head is a tree head')
  return decoded.value
}
