import { encodeDetail, encodeLeafInput, EVENT, LOG_SOURCE } from '@medguard/protocol'
import { assert } from '@medguard/shared'
import {
  appendLeaf,
  certifiedRoot,
  configNodeHash,
  EMPTY_PEAKS,
  emptyRoot,
  encodeLeaf,
  encodeTreeHead,
  type Hash,
  leafBlinding,
  leafHash,
  logIdOf,
  logWitness,
  type Peaks,
  rootOf,
} from '@medguard/tlog'
import type { LogState } from './codec.ts'
import { type CheckedLeaf, isZeroId } from './rules.ts'
import type { AuditStore } from './store.ts'

const ZERO_ID = new Uint8Array(16)
const ZERO_HASH = new Uint8Array(32)
const HASH_BYTES = 32

export interface LogOptions {
  readonly store: AuditStore
  readonly hash: Hash
  /** Hands 32 bytes to the network, which signs them with the next block. */
  readonly certify: (root: Uint8Array) => void
}

/** The log itself: turns checked leaves into chained, blinded leaves in the tree, and keeps certified data equal to the tree. */
export function createLog({ store, hash, certify }: LogOptions) {
  const current = (): LogState => {
    const state = store.state()
    assert(state !== null, 'a canister is installed before it is called')
    return state
  }
  const headOf = (logId: Uint8Array, peaks: Peaks, timeNs: bigint) =>
    encodeTreeHead({ logId, size: peaks.size, root: rootOf(hash, peaks), timeNs })
  const logIdIn = (state: LogState) => state.treeHead.subarray(4, 20)

  /** Puts one leaf behind `peaks`. @returns what the tree looks like then. */
  const add = (leaf: CheckedLeaf['input'], peaks: Peaks, timeNs: bigint, systemKey: Uint8Array): Peaks => {
    const index = peaks.size
    const isOfPatient = !isZeroId(leaf.patientId)
    let chain = isOfPatient ? store.chain(leaf.patientId) : null
    // The first enrol leaf decides: nothing that comes later takes over a chain or lets others read it.
    if (isOfPatient && leaf.auditKey !== null && (chain?.auditKey ?? null) === null) {
      chain = { count: chain?.count ?? 0, lastLeafHash: chain?.lastLeafHash ?? ZERO_HASH, auditKey: leaf.auditKey }
      store.allowReading(leaf.patientId, leaf.actor)
    }
    chain ??= { count: 0, lastLeafHash: ZERO_HASH, auditKey: null }
    const bytes = encodeLeaf({
      index,
      timeNs,
      event: leaf.event,
      flags: leaf.flags,
      patientId: leaf.patientId,
      patientSeq: chain.count,
      previousLeafHash: chain.lastLeafHash,
      blinding: leafBlinding(hash, chain.auditKey ?? systemKey, index),
      actor: leaf.actor,
      objectId: leaf.objectId,
      versionOrEpoch: leaf.versionOrEpoch,
      compartmentKind: leaf.compartmentKind,
      detailHash: hash(leaf.detail),
    })
    const own = leafHash(hash, bytes)
    const { peaks: after, nodes } = appendLeaf(hash, peaks, own)
    store.putLeaf(index, { leafHash: own, leaf: bytes, detail: leaf.detail })
    for (const node of nodes) if (node.level > 0) store.putNode(node.level, node.index, node.hash)
    if (isOfPatient) store.extendChain(leaf.patientId, chain, index, own)
    if (leaf.actor.length > 0) store.extendActor(leaf.actor, store.actorCount(leaf.actor), index)
    return after
  }

  const log = {
    /** Begins the log, or puts its root back under certification after an upgrade. */
    open(canisterId: Uint8Array, nowNs: bigint): void {
      let state = store.state()
      if (state === null) {
        const configNode = configNodeHash(hash, ZERO_HASH)
        const logId = logIdOf(hash, canisterId)
        const treeHead = encodeTreeHead({ logId, size: 0, root: emptyRoot(hash), timeNs: nowNs })
        state = { lastTimeNs: nowNs, configNode, treeHead, peaks: EMPTY_PEAKS }
        store.saveState(state)
      }
      certify(certifiedRoot(hash, state.configNode, state.treeHead))
    },

    /** Appends leaves that nobody appended before, in order; one root for all of them. @returns the index of each. */
    append(source: number, firstSeq: bigint, leaves: readonly CheckedLeaf[], nowNs: bigint): bigint[] {
      if (leaves.length === 0) return []
      const state = current()
      const systemKey = store.systemKey()
      assert(systemKey !== null, 'a canister has its key before it is configured')
      const timeNs = nowNs > state.lastTimeNs ? nowNs : state.lastTimeNs
      let { peaks, configNode } = state
      let seq = firstSeq
      const indices: bigint[] = []
      for (const { input, fields } of leaves) {
        store.putSourceLeaf(source, seq++, peaks.size)
        indices.push(BigInt(peaks.size))
        peaks = add(input, peaks, timeNs, systemKey)
        const isPolicy = source === LOG_SOURCE.consent && input.event === EVENT.configuration
        if (isPolicy && fields.length === HASH_BYTES) configNode = configNodeHash(hash, fields)
      }
      store.saveSource(source, { next: seq, isFrozen: false })
      const treeHead = headOf(logIdIn(state), peaks, timeNs)
      store.saveState({ lastTimeNs: timeNs, configNode, treeHead, peaks })
      certify(certifiedRoot(hash, configNode, treeHead))
      return indices
    },

    /** A leaf about this canister itself. */
    appendOwn(event: number, actor: Uint8Array, fields: Uint8Array, nowNs: bigint): void {
      const source = LOG_SOURCE.audit
      const { next } = store.source(source)
      const detail = encodeDetail(
        { event, source, sourceSeq: next, eventTimeNs: nowNs, requestId: ZERO_ID, purpose: 0 },
        fields,
      )
      const input = {
        event,
        flags: 0,
        compartmentKind: 0,
        actor,
        patientId: ZERO_ID,
        objectId: ZERO_ID,
        versionOrEpoch: 0,
        detail,
        auditKey: null,
      }
      log.append(source, next, [{ input, fields }], nowNs)
    },

    /** Whether a leaf that comes again is the one that came first: everything of it that the log keeps is compared. */
    isSame(index: number, leaf: CheckedLeaf['input']): boolean {
      const { leaf: bytes, detail } = store.leaf(index)
      const actorLength = bytes[96] ?? 0
      const kept = {
        event: bytes[20] ?? 0,
        flags: bytes[21] ?? 0,
        compartmentKind: bytes[146] ?? 0,
        actor: bytes.slice(97, 97 + actorLength),
        patientId: bytes.subarray(24, 40),
        objectId: bytes.subarray(126, 142),
        versionOrEpoch: new DataView(bytes.buffer, bytes.byteOffset).getUint32(142),
        detail,
        auditKey: leaf.auditKey,
      }
      return text(encodeLeafInput(kept)) === text(encodeLeafInput(leaf))
    },

    size: (): number => current().peaks.size,
    /** What `head` answers; nothing is hashed for it. */
    certifiedHead(certificate: Uint8Array | undefined) {
      const { treeHead, configNode } = current()
      const witness = logWitness(configNode, treeHead)
      const present: [] | [Uint8Array] = certificate === undefined ? [] : [certificate]
      return { treeHead, witness, certificate: present }
    },
  }
  return log
}
export type Log = ReturnType<typeof createLog>

/** Comparing text is native work, comparing bytes is not. At most 700 bytes. */
const text = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])
