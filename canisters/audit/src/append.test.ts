import { createHash } from 'node:crypto'

import { decodeDetail, detailFields, EVENT, LOG_SOURCE } from '@medguard/protocol'
import { memoryMap } from '@medguard/shared'
import {
  decodeLeaf,
  decodeTreeHead,
  foldOf,
  leafBlinding,
  leafHash,
  nodeHash,
  readLogWitness,
  verifyConsistency,
  verifyInclusion,
} from '@medguard/tlog'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createLog } from './append.ts'
import { enrolLeaf, id, leafInput, principal } from './leaves.fixture.ts'
import { createReader, createLeafFinder } from './read.ts'
import { checkBatch } from './rules.ts'
import { chainEndOf, createAuditStore, indicesIn } from './store.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const fold = foldOf(sha256)

function openLog(rows = memoryMap()) {
  const store = createAuditStore(rows)
  let certified = new Uint8Array(0)
  const log = createLog({ store, hash: sha256, fold, certify: (root) => void (certified = new Uint8Array(root)) })
  if (store.systemKey() === null) store.setSystemKey(new Uint8Array(32).fill(0xee))
  const stored = store.state()
  if (stored === null) log.begin(principal(200), 100n)
  else log.open(stored)
  return {
    store,
    log,
    rows,
    certified: () => certified,
    append(leaves: Uint8Array[], nowNs = 1_000n, source: number = LOG_SOURCE.consent) {
      const batch = checkBatch(source, log.source(source).next, leaves)
      if ('refusal' in batch) throw new Error(JSON.stringify(batch.refusal))
      return log.append(source, batch.leaves, nowNs)
    },
    chain: (n: number) => {
      const chain = store.chain(id(n))
      return { ...chainEndOf(chain), count: chain.count, indices: indicesIn(chain.entries(0, 100)) }
    },
    ofActor: (who: Uint8Array) => indicesIn(store.actor(who).entries(0, 100)),
    prover: (size: number) => createReader(store, log, fold, size),
    leafAt: (index: number) => {
      const decoded = decodeLeaf(store.leaf(index).leaf)
      if (!decoded.ok) throw new Error(decoded.reason)
      return decoded.value
    },
    head: () => {
      const { treeHead, witness } = log.certifiedHead(undefined)
      const decoded = decodeTreeHead(treeHead)
      if (!decoded.ok) throw new Error(decoded.reason)
      return { ...decoded.value, witness: readLogWitness(sha256, witness) }
    },
  }
}
type OpenLog = ReturnType<typeof openLog>

/** RFC 6962, section 2.1, as it is written there. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return first
  let split = 1
  while (2 * split < leaves.length) split *= 2
  return nodeHash(sha256, rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)))
}
const rootOfLog = ({ store, log }: OpenLog) =>
  rootByDefinition(Array.from({ length: log.size() }, (_, i) => leafHash(sha256, store.leaf(i).leaf)))

const opens = (first: number, count: number, patient = 1) =>
  Array.from({ length: count }, (_, i) => leafInput(BigInt(first + i), { patientId: id(patient) }))

describe('the log', () => {
  test('begins empty, with its root certified', () => {
    const log = openLog()
    const head = log.head()
    expect(head.size).toBe(0)
    expect(head.root).toEqual(sha256(new Uint8Array(0)))
    expect(head.witness?.root).toEqual(log.certified())
  })

  test('certifies, after every batch of any size, the root that the definition gives', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }), (sizes) => {
        const log = openLog()
        let sent = 0
        for (const size of sizes) {
          const indices = log.append(opens(sent, size))
          expect(indices).toEqual(Array.from({ length: size }, (_, i) => BigInt(sent + i)))
          sent += size
          expect(log.head().root).toEqual(rootOfLog(log))
          expect(log.head().size).toBe(sent)
          expect(log.head().witness?.root).toEqual(log.certified())
          expect(log.head().witness?.treeHead.root).toEqual(log.head().root)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('proves each leaf in each tree it has had, and each tree in each later one', () => {
    const log = openLog()
    const roots = [log.head().root]
    for (let i = 0; i < 33; i++) {
      log.append(opens(i, 1))
      roots.push(log.head().root)
    }
    for (let size = 0; size <= 33; size++) {
      const prover = log.prover(size)
      const root = roots[size] ?? new Uint8Array()
      for (let index = 0; index < size; index++) {
        const path = prover.inclusion(index)
        const claim = { leafHash: log.store.leaf(index).leafHash, index, size, root, path }
        expect(verifyInclusion(sha256, claim)).toBe(true)
      }
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const path = prover.consistency(oldSize)
        const oldRoot = roots[oldSize] ?? new Uint8Array()
        expect(verifyConsistency(sha256, { oldSize, oldRoot, newSize: size, newRoot: root, path })).toBe(true)
      }
    }
  })

  test('chains the leaves of each patient and counts those of each actor', () => {
    const log = openLog()
    log.append([enrolLeaf(0n, 1), enrolLeaf(1n, 2), ...opens(2, 2, 1), ...opens(4, 1, 2)])
    const [first, second, third, fourth, fifth] = [0, 1, 2, 3, 4].map(log.leafAt)
    expect([first, third, fourth].map((leaf) => leaf?.patientSeq)).toEqual([0, 1, 2])
    expect([second, fifth].map((leaf) => leaf?.patientSeq)).toEqual([0, 1])
    expect(first?.previousLeafHash).toEqual(new Uint8Array(32))
    expect(third?.previousLeafHash).toEqual(log.store.leaf(0).leafHash)
    expect(fourth?.previousLeafHash).toEqual(log.store.leaf(2).leafHash)
    expect(log.chain(1)).toMatchObject({ lastLeafHash: log.store.leaf(3).leafHash, indices: [0, 2, 3] })
    expect(log.ofActor(principal(1))).toEqual([0, 2, 3, 4])
    expect(log.ofActor(principal(2))).toEqual([1])
  })

  test('blinds with the key of the patient, and with its own where there is no patient', () => {
    const log = openLog()
    log.append([enrolLeaf(0n, 1), leafInput(1n), leafInput(2n, { patientId: id(0), event: EVENT.refused })])
    const key = new Uint8Array(32).fill(0x41)
    expect(log.leafAt(1).blinding).toEqual(leafBlinding(sha256, key, 1))
    expect(log.leafAt(2).blinding).toEqual(leafBlinding(sha256, new Uint8Array(32).fill(0xee), 2))
    expect(log.leafAt(2)).toMatchObject({ patientSeq: 0, previousLeafHash: new Uint8Array(32) })
    expect(log.chain(0).count).toBe(0)
  })

  test('lets the enrolled principal read a chain; a later enrol leaf for the same patient changes nothing', () => {
    const log = openLog()
    log.append([enrolLeaf(0n, 1, 1)])
    expect(log.store.mayRead(id(1), principal(1), 0n)).toBe(true)
    log.append([
      leafInput(1n, { event: EVENT.enrol, actor: principal(66), auditKey: new Uint8Array(32).fill(6), fields: id(1) }),
    ])
    expect(log.store.mayRead(id(1), principal(66), 0n)).toBe(false)
    expect(log.chain(1).auditKey).toEqual(new Uint8Array(32).fill(0x41))
    expect(log.store.mayRead(id(2), principal(1), 0n)).toBe(false)
  })

  test('never goes back in time', () => {
    const log = openLog()
    log.append(opens(0, 1), 5_000n)
    log.append(opens(1, 1), 4_000n)
    log.append(opens(2, 1), 6_000n)
    expect([0, 1, 2].map((index) => log.leafAt(index).timeNs)).toEqual([5_000n, 5_000n, 6_000n])
    expect(log.head().timeNs).toBe(6_000n)
  })

  test('certifies the policy that consent announced, and no other', () => {
    const log = openLog()
    const before = log.store.state()?.configNode
    const fields = detailFields.configuration({ configHash: new Uint8Array(32).fill(5) })
    log.append(
      [leafInput(0n, { event: EVENT.configuration, source: LOG_SOURCE.records, fields })],
      1n,
      LOG_SOURCE.records,
    )
    expect(log.store.state()?.configNode).toEqual(before)
    log.append([leafInput(0n, { event: EVENT.configuration, fields })])
    expect(log.store.state()?.configNode).not.toEqual(before)
    expect(log.head().witness?.root).toEqual(log.certified())
  })

  test('knows a leaf that comes again from another under its number', () => {
    const log = openLog()
    const leaves = [enrolLeaf(0n), leafInput(1n)]
    log.append(leaves)
    const inputs = (given: Uint8Array[]) => {
      const batch = checkBatch(LOG_SOURCE.consent, 0n, given)
      if ('refusal' in batch) throw new Error('refused')
      return batch.leaves
    }
    for (const [i, input] of inputs(leaves).entries()) expect(log.log.isSame(i, input)).toBe(true)
    const others = [
      { objectId: id(5) },
      { flags: 4 },
      { versionOrEpoch: 4 },
      { actor: principal(2) },
      { actor: principal(1).slice(0, 10) },
      { patientId: id(2) },
      { compartmentKind: 2 },
      { fields: new Uint8Array(80) },
      { event: EVENT.keyDerive },
    ]
    for (const other of others) {
      const [, input] = inputs([enrolLeaf(0n), leafInput(1n, other)])
      expect(input !== undefined && log.log.isSame(1, input), JSON.stringify(other)).toBe(false)
    }
  })

  test('finds the leaves of every source by their numbers, wherever other sources wrote between them', () => {
    const turns = fc.array(
      fc.tuple(fc.constantFrom(LOG_SOURCE.consent, LOG_SOURCE.records), fc.integer({ min: 1, max: 9 })),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(turns, fc.nat(), fc.nat(), (sent, from, many) => {
        const log = openLog()
        const places: Record<number, number[]> = { [LOG_SOURCE.consent]: [], [LOG_SOURCE.records]: [] }
        for (const [source, count] of sent) {
          const first = Number(log.log.source(source).next)
          const event = source === LOG_SOURCE.consent ? EVENT.open : EVENT.recordAdd
          const leaves = Array.from({ length: count }, (_, i) => leafInput(BigInt(first + i), { source, event }))
          places[source]?.push(...log.append(leaves, 1n, source).map(Number))
        }
        for (const [source, known] of Object.entries(places)) {
          if (known.length === 0) continue
          const firstSeq = from % known.length
          const count = 1 + (many % (known.length - firstSeq))
          const indexOf = createLeafFinder(log.store, Number(source), log.log.size())
          const asked = known.slice(firstSeq, firstSeq + count)
          expect(asked.map((_, i) => indexOf(firstSeq + i))).toEqual(asked)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('tells of upgrades that were noted before anything that comes later, with their own times', () => {
    const log = openLog()
    log.append([enrolLeaf(0n)])
    openLog(log.rows).store.upgrades.add({ canisterVersion: 4n, atNs: 2_000n })
    const after = openLog(log.rows)
    after.store.upgrades.add({ canisterVersion: 5n, atNs: 3_000n })
    after.log.tellOfUpgrades(4_000n)
    const told = [1, 2].map((index) => decodeDetail(after.store.leaf(index).detail))
    expect(after.log.size()).toBe(3)
    expect(told.map((detail) => [detail?.head.event, detail?.head.eventTimeNs, detail?.fields])).toEqual([
      [EVENT.upgrade, 2_000n, detailFields.upgrade({ canisterVersion: 4n })],
      [EVENT.upgrade, 3_000n, detailFields.upgrade({ canisterVersion: 5n })],
    ])
    after.log.tellOfUpgrades(5_000n)
    expect(after.log.size()).toBe(3)
  })

  test('goes on where it was after an upgrade', () => {
    const log = openLog()
    log.append([enrolLeaf(0n), ...opens(1, 6)])
    const after = openLog(log.rows)
    expect(after.head()).toEqual(log.head())
    expect(after.certified()).toEqual(log.certified())
    after.append(opens(7, 1))
    expect(after.head().root).toEqual(rootOfLog(after))
  })

  test('writes leaves about itself into a stream of its own', () => {
    const log = openLog()
    log.log.appendOwn({ event: EVENT.upgrade, fields: detailFields.upgrade({ canisterVersion: 4n }) }, 9n)
    log.append(opens(0, 1))
    expect(log.leafAt(0)).toMatchObject({ event: EVENT.upgrade, patientId: id(0), actor: new Uint8Array(0) })
    expect(log.log.source(LOG_SOURCE.audit).next).toBe(1n)
    expect(log.log.source(LOG_SOURCE.consent).next).toBe(1n)
  })
})
