import {
  DETAIL_HEAD_BYTES,
  detailFields,
  encodeDetail,
  encodeLeafInput,
  EVENT,
  eventName,
  type LeafInput,
  LOG_SOURCE,
  orgIdInDetail,
} from '@medguard/protocol'
import { assert, keepShape, type Sequence } from '@medguard/shared'
import {
  certifiedRoot,
  configNodeHash,
  EMPTY_SEQUENCE,
  emptyRoot,
  encodeLeaf,
  encodeTreeHead,
  type Fold,
  type Hash,
  leafBlinding,
  leafHash,
  logIdOf,
  logWitness,
  openTileTree,
  sequenceHash,
  type TileTree,
  type TreeNodes,
} from '@medguard/tlog'
import { type ChainEnd, encodeChainEnd, type LogState, type Sources, type SourceState } from './codec.ts'
import { noteReaders } from './readers.ts'
import { isZeroId, SYSTEM_VIEW } from './rules.ts'
import { type AuditStore, chainEndOf, indexEntry } from './store.ts'

keepShape(
  'index',
  'timeNs',
  'event',
  'flags',
  'patientId',
  'patientSeq',
  'previousLeafHash',
  'blinding',
  'actor',
  'objectId',
  'versionOrEpoch',
  'compartmentKind',
  'detailHash',
)
keepShape('lastTimeNs', 'configNode', 'treeHead', 'size', 'sources')
keepShape('timeNs', 'systemKey', 'chains', 'actors', 'organisations')

const NOBODY = new Uint8Array(0)
const ZERO_ID = new Uint8Array(16)
const ZERO_HASH = new Uint8Array(32)
const HASH_BYTES = 32
const NEW_SOURCE: SourceState = { next: 0, isFrozen: false }

export interface LogOptions {
  readonly store: AuditStore
  readonly hash: Hash
  readonly fold: Fold
  /** Hands 32 bytes to the network, which signs them with the next block. */
  readonly certify: (root: Uint8Array) => void
}

interface OwnLeaf {
  readonly event: number
  /** Raw principal of who did it. */
  readonly actor?: Uint8Array
  readonly flags?: number
  readonly fields: Uint8Array
  /** Now, unless told. */
  readonly eventTimeNs?: bigint
}
/** A patient's chain while a batch is appended. */
interface OpenChain {
  readonly leaves: Sequence
  end: ChainEnd
}
/** What the leaves of one batch touch together. Each is written once, behind them all. */
interface Batch {
  readonly timeNs: bigint
  readonly systemKey: Uint8Array
  readonly chains: Map<string, OpenChain>
  readonly actors: Map<string, Sequence>
  readonly organisations: Map<string, Sequence>
}

/**
 * The log itself: turns checked leaves into chained, blinded leaves in the tree, and keeps certified data equal to the tree. State and the tree's
 * edge are in memory as they are stored: a trap takes both back, and `open` reads both after an upgrade.
 */
export function createLog({ store, hash, fold, certify }: LogOptions) {
  let opened: { state: LogState; tree: TileTree | null } | null = null
  const now = () => {
    assert(opened !== null, 'a canister is installed before it is called')
    return opened
  }
  /** Made by whoever needs it first: to read and hash the tree's edge has no place in the message that upgrades. */
  const treeNow = (): TileTree => (now().tree ??= openTileTree(fold, store, now().state.size))
  const save = (state: LogState) => {
    now().state = state
    store.saveState(state)
  }

  /** Puts one leaf behind the others. @param sources as they are with it. */
  const add = (leaf: LeafInput, sources: Sources, batch: Batch): void => {
    const tree = treeNow()
    const index = tree.size()
    const chain = isZeroId(leaf.patientId) ? null : chainIn(batch, leaf.patientId)
    // The first enrol leaf decides: nothing that comes later takes over a chain or lets others read it.
    if (chain !== null && leaf.auditKey !== null && chain.end.auditKey === null) {
      chain.end = { ...chain.end, auditKey: leaf.auditKey }
      store.allowReading(leaf.patientId, leaf.actor)
    }
    const bytes = encodeLeaf({
      index,
      timeNs: batch.timeNs,
      event: leaf.event,
      flags: leaf.flags,
      patientId: leaf.patientId,
      patientSeq: chain?.leaves.count ?? 0,
      previousLeafHash: chain?.end.lastLeafHash ?? ZERO_HASH,
      blinding: leafBlinding(hash, chain?.end.auditKey ?? batch.systemKey, index),
      actor: leaf.actor,
      objectId: leaf.objectId,
      versionOrEpoch: leaf.versionOrEpoch,
      compartmentKind: leaf.compartmentKind,
      detailHash: hash(leaf.detail),
    })
    const own = leafHash(hash, bytes)
    store.putLeaf(index, { leafHash: own, leaf: bytes, detail: leaf.detail }, sources)
    tree.append(own)
    const entry = indexEntry(index)
    if (chain !== null) {
      chain.leaves.push(entry)
      chain.end = { lastLeafHash: own, auditKey: chain.end.auditKey }
    }
    // Not a refusal: whose line it is would tell the one who was refused whether that patient is there (I7).
    if (leaf.actor.length > 0 && leaf.event !== EVENT.refused) actorIn(batch, leaf.actor).push(entry)
    const view = viewOf(leaf)
    if (view !== null) {
      const leaves = organisationIn(batch, view)
      const before = leaves.count === 0 ? EMPTY_SEQUENCE : leaves.note
      leaves.push(entry)
      leaves.note = sequenceHash(hash, before, own)
    }
    noteReaders(store, leaf, (chain?.end.auditKey ?? null) !== null)
  }
  const chainIn = ({ chains }: Batch, patientId: Uint8Array): OpenChain => {
    const name = text(patientId)
    const known = chains.get(name)
    if (known !== undefined) return known
    const leaves = store.chain(patientId)
    const chain = { leaves, end: chainEndOf(leaves) }
    chains.set(name, chain)
    return chain
  }
  const actorIn = ({ actors }: Batch, principal: Uint8Array): Sequence => {
    const name = text(principal)
    const known = actors.get(name)
    if (known !== undefined) return known
    const leaves = store.actor(principal)
    actors.set(name, leaves)
    return leaves
  }
  const organisationIn = ({ organisations }: Batch, orgId: Uint8Array): Sequence => {
    const name = text(orgId)
    const known = organisations.get(name)
    if (known !== undefined) return known
    const leaves = store.organisation(orgId)
    organisations.set(name, leaves)
    return leaves
  }

  const log = {
    /** The log before its first leaf. */
    begin(canisterId: Uint8Array, nowNs: bigint): void {
      const configNode = configNodeHash(hash, ZERO_HASH)
      const logId = logIdOf(hash, canisterId)
      const treeHead = encodeTreeHead({ logId, size: 0, root: emptyRoot(hash), timeNs: nowNs })
      const sources = [NEW_SOURCE, NEW_SOURCE, NEW_SOURCE] as const
      const state = { lastTimeNs: nowNs, configNode, treeHead, size: 0, sources }
      store.saveState(state)
      log.open(state)
    },
    /** After an upgrade: goes on from the stored state, and puts its root back under certification. */
    open(state: LogState): void {
      opened = { state, tree: null }
      certify(certifiedRoot(hash, state.configNode, state.treeHead))
    },

    /** Appends leaves that nobody appended before, in order; one root for all of them. @returns the index of each. */
    append(source: number, leaves: readonly LeafInput[], nowNs: bigint): bigint[] {
      if (leaves.length === 0) return []
      log.tellOfUpgrades(nowNs)
      const { state } = now()
      const tree = treeNow()
      const systemKey = store.systemKey()
      assert(systemKey !== null, 'a canister has its key before it is configured')
      const timeNs = nowNs > state.lastTimeNs ? nowNs : state.lastTimeNs
      const batch: Batch = { timeNs, systemKey, chains: new Map(), actors: new Map(), organisations: new Map() }
      let { configNode, sources } = state
      const indices: bigint[] = []
      for (const leaf of leaves) {
        indices.push(BigInt(tree.size()))
        sources = withSource(sources, source, { next: sourceIn(sources, source).next + 1, isFrozen: false })
        add(leaf, sources, batch)
        if (source !== LOG_SOURCE.consent || leaf.event !== EVENT.configuration) continue
        const policy = leaf.detail.subarray(DETAIL_HEAD_BYTES, DETAIL_HEAD_BYTES + HASH_BYTES)
        if (policy.length === HASH_BYTES) configNode = configNodeHash(hash, policy)
      }
      for (const { leaves: chain, end } of batch.chains.values()) {
        chain.note = encodeChainEnd(end)
        chain.save()
      }
      for (const actor of batch.actors.values()) actor.save()
      for (const organisation of batch.organisations.values()) organisation.save()
      const root = fold(tree.peaks()).subarray(0, HASH_BYTES)
      const logId = state.treeHead.subarray(4, 20)
      const treeHead = encodeTreeHead({ logId, size: tree.size(), root, timeNs })
      save({ lastTimeNs: timeNs, configNode, treeHead, size: tree.size(), sources })
      certify(certifiedRoot(hash, configNode, treeHead))
      return indices
    },

    /** Appends the leaves about upgrades that were only noted. Before it is configured, a canister has nothing to say of itself. */
    tellOfUpgrades(nowNs: bigint): void {
      const noted = store.upgrades.take()
      if (noted.length === 0 || store.systemKey() === null) return
      for (const { canisterVersion, atNs } of noted)
        log.appendOwn(
          { event: EVENT.upgrade, fields: detailFields.upgrade({ canisterVersion }), eventTimeNs: atNs },
          nowNs,
        )
    },
    /** A leaf about the canisters themselves. @returns its index. */
    appendOwn({ event, actor = NOBODY, flags = 0, fields, eventTimeNs }: OwnLeaf, nowNs: bigint): number {
      log.tellOfUpgrades(nowNs)
      const source = LOG_SOURCE.audit
      const sourceSeq = log.source(source).next
      const head = { event, source, sourceSeq, eventTimeNs: eventTimeNs ?? nowNs, requestId: ZERO_ID, purpose: 0 }
      const detail = encodeDetail(head, fields)
      const input = {
        event,
        flags,
        compartmentKind: 0,
        actor,
        patientId: ZERO_ID,
        objectId: ZERO_ID,
        versionOrEpoch: 0,
        detail,
        auditKey: null,
      }
      log.append(source, [input], nowNs)
      return log.size() - 1
    },

    source(source: number): { readonly next: bigint; readonly isFrozen: boolean } {
      const { next, isFrozen } = sourceIn(now().state.sources, source)
      return { next: BigInt(next), isFrozen }
    },
    /** Takes nothing of a source any more. */
    freeze(source: number): void {
      const { state } = now()
      const { next } = sourceIn(state.sources, source)
      save({ ...state, sources: withSource(state.sources, source, { next, isFrozen: true }) })
    },
    /** Whether a leaf that comes again is the one that came first: everything of it that the log keeps is compared. */
    isSame(index: number, leaf: LeafInput): boolean {
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

    size: (): number => now().state.size,
    /** 32 bytes. */
    root: (): Uint8Array => now().state.treeHead.slice(28, 60),
    /** What proofs are made of, from memory and from rows. @param tile reads a row. */
    nodes: (tile: AuditStore['tile']): TreeNodes => treeNow().nodes(tile),
    /** What `head` answers; nothing is hashed for it. */
    certifiedHead(certificate: Uint8Array | undefined) {
      const { treeHead, configNode } = now().state
      const witness = logWitness(configNode, treeHead)
      const present: [] | [Uint8Array] = certificate === undefined ? [] : [certificate]
      return { treeHead, witness, certificate: present }
    },
  }
  return log
}
export type Log = ReturnType<typeof createLog>

/** Whose view a leaf is in besides patient's and actor's: an organisation's, or that of the system, which has no id. */
function viewOf({ event, detail }: LeafInput): Uint8Array | null {
  const name = eventName(event)
  if (name === 'configuration' || name === 'upgrade') return SYSTEM_VIEW
  return name === null ? null : orgIdInDetail(name, detail.subarray(DETAIL_HEAD_BYTES))
}

function sourceIn(sources: Sources, source: number): SourceState {
  const found = sources[source - 1]
  assert(found !== undefined, 'a source has a number')
  return found
}
function withSource([consent, records, audit]: Sources, source: number, state: SourceState): Sources {
  if (source === LOG_SOURCE.consent) return [state, records, audit]
  return source === LOG_SOURCE.records ? [consent, state, audit] : [consent, records, state]
}

/** Comparing text is native work, comparing bytes is not. At most 700 bytes. */
const text = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])
