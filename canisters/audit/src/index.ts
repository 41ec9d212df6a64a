import {
  ascii,
  type Checkpoint,
  detailFields,
  EVENT,
  HASH_BYTES,
  LOG_SOURCE,
  type RefusalArm,
  refuse,
} from '@medguard/protocol'
import {
  auditEndpoints,
  canisterVersion,
  createCanister,
  createConfiguration,
  dataCertificate,
  foldHashes,
  isController,
  logShardsIn,
  nowNs,
  openMap,
  rawRand,
  receive,
  self,
  type Sequence,
  setCertifiedData,
  setTimer,
  sha256,
  shardPeers,
  wrongLogShards,
} from '@medguard/shared'
import { createLog } from './append.ts'
import { createCheckpoints } from './checkpoint.ts'
import { migrate } from './migrate.ts'
import { createLeafFinder, createReader } from './read.ts'
import { noteReadersElsewhere } from './readers.ts'
import {
  checkBatch,
  isId,
  isZeroId,
  pageOf,
  refuseConsistency,
  refuseInclusion,
  sourceOf,
  SYSTEM_VIEW,
  tileOf,
} from './rules.ts'
import { createShardHeads } from './shard-heads.ts'
import { chainEndOf, createAuditStore, indicesIn, MEMORY } from './store.ts'

const map = openMap(MEMORY.log)
const store = createAuditStore(map)
const log = createLog({ store, hash: sha256, fold: foldHashes, certify: setCertifiedData })
const checkpoints = createCheckpoints({ rows: store.checkpointRows, keyRows: store.checkpointKeyRows, log })

/** Who changed the configuration: a controller by call, nobody by an upgrade. */
let configuredBy = new Uint8Array(0)
const configuration = createConfiguration({
  rows: store.configurationRows,
  codec: auditEndpoints.configuration,
  peers: (own) => ({ consent: own.consent, records: own.records, ...shardPeers(own) }),
  check: wrongLogShards,
  onChange({ logShards: [shards = []] }, bytes) {
    if (shards.length > 0) setTimer(0, () => shardHeads.begin())
    const configHash = sha256(bytes)
    log.appendOwn(
      { event: EVENT.configuration, actor: configuredBy, fields: detailFields.configuration({ configHash }) },
      nowNs(),
    )
  },
})

const shardHeads = createShardHeads({
  rows: store.shardHeadRows,
  shards: () => logShardsIn(configuration.get()),
  log,
})

function sourceFor(caller: Uint8Array): { source: number } | { refusal: RefusalArm } {
  const peers = configuration.get()
  if (peers === null) return { refusal: refuse.notReady }
  const source = sourceOf(caller, { consent: peers.consent.toUint8Array(), records: peers.records.toUint8Array() })
  return source === null ? { refusal: refuse.notPermitted } : { source }
}

/** The leaves that somebody asks for, if they may read them (decision 21). For all others it is as if there were none. */
function sequenceFor(
  of: { patient: Uint8Array } | { actor: null } | { organisation: Uint8Array },
  caller: Uint8Array,
): { leaves: Sequence } | { refusal: RefusalArm } {
  if ('patient' in of) {
    if (!isId(of.patient)) return { refusal: refuse.badInput('of', 'length') }
    if (!store.mayRead(of.patient, caller, nowNs())) return { refusal: refuse.notPermitted }
    return { leaves: store.chain(of.patient) }
  }
  if ('actor' in of) return { leaves: store.actor(caller) }
  if (!isId(of.organisation)) return { refusal: refuse.badInput('of', 'length') }
  if (isZeroId(of.organisation)) return { leaves: store.organisation(SYSTEM_VIEW) }
  if (!store.mayReadOrganisation(of.organisation, caller, nowNs())) return { refusal: refuse.notPermitted }
  return { leaves: store.organisation(of.organisation) }
}

export default createCanister({
  service: auditEndpoints,
  anonymous: ['head', 'inclusionProof', 'consistencyProof', 'tile', 'checkpoint'],
  handlers: {
    async configure(peers, caller) {
      if (!isController(caller)) return { Err: refuse.notPermitted }
      if (store.systemKey() === null) {
        const key = await rawRand()
        if (key === null) return { Err: refuse.notReady }
        if (store.systemKey() === null) store.setSystemKey(key) // another call may have been faster
      }
      configuredBy = new Uint8Array(caller)
      return configuration.configure(peers, { isController: isController(caller), self: self() })
    },

    append({ firstSeq, leaves }, caller) {
      const found = sourceFor(caller)
      if ('refusal' in found) return { Err: found.refusal }
      const { source } = found
      const state = log.source(source)
      if (state.isFrozen) return { Err: refuse.idConflict } // whatever it sends now
      const batch = checkBatch(source, firstSeq, leaves)
      if ('refusal' in batch) return { Err: batch.refusal }
      const indices: bigint[] = []
      const indexOf = createLeafFinder(store, source, log.size())
      const received = receive(state, firstSeq, batch.leaves, (seq, leaf) => {
        const index = indexOf(Number(seq))
        indices.push(BigInt(index))
        return log.isSame(index, leaf)
      })
      if (received.kind === 'fork') log.freeze(source)
      if (received.kind !== 'taken') return { Err: refuse.idConflict }
      return { Ok: indices.concat(log.append(source, received.fresh, nowNs())) }
    },

    noteReaders({ firstSeq, notes }, caller) {
      const found = sourceFor(caller)
      if ('refusal' in found) return { Err: found.refusal }
      if (found.source !== LOG_SOURCE.consent) return { Err: refuse.notPermitted }
      const batch = checkBatch(found.source, firstSeq, notes)
      if ('refusal' in batch) return { Err: batch.refusal }
      const taken = store.notesTaken()
      if (firstSeq > taken) return { Err: refuse.idConflict }
      // What was taken before comes again until it is acknowledged; a later note may have changed what it said.
      const fresh = batch.leaves.slice(Number(taken - firstSeq))
      for (const note of fresh) noteReadersElsewhere(store, note)
      if (fresh.length > 0) store.setNotesTaken(taken + BigInt(fresh.length))
      return { Ok: taken + BigInt(fresh.length) }
    },

    head: () => ({ Ok: log.certifiedHead(dataCertificate()) }),

    leaves({ of, fromSeq, count }, caller) {
      const found = sequenceFor(of, caller)
      if ('refusal' in found) return { Err: found.refusal }
      const { leaves } = found
      const total = leaves.count
      const page = pageOf(fromSeq, count, total)
      if ('refusal' in page) return { Err: page.refusal }
      const reader = createReader(store, log, foldHashes, log.size())
      const entries = indicesIn(leaves.entries(page.first, page.end - page.first)).map(reader.entry)
      return { Ok: { total: BigInt(total), entries, head: log.certifiedHead(dataCertificate()) } }
    },

    chainHead({ patientId }, caller) {
      if (!isId(patientId)) return { Err: refuse.badInput('patientId', 'length') }
      if (!store.mayRead(patientId, caller, nowNs())) return { Err: refuse.notPermitted }
      const chain = store.chain(patientId)
      if (chain.count === 0) return { Err: refuse.notPermitted }
      return { Ok: { count: BigInt(chain.count), lastLeafHash: chainEndOf(chain).lastLeafHash } }
    },

    organisationHead({ orgId }, caller) {
      const found = sequenceFor({ organisation: orgId }, caller)
      if ('refusal' in found) return { Err: found.refusal }
      const { count, note } = found.leaves
      return { Ok: { count: BigInt(count), sequenceHash: note } }
    },

    inclusionProof({ leafIndex, treeSize }) {
      const refusal = refuseInclusion(leafIndex, treeSize, log.size())
      if (refusal !== null) return { Err: refusal }
      const index = Number(leafIndex)
      const { inclusion } = createReader(store, log, foldHashes, Number(treeSize))
      return { Ok: { leafHash: store.leafHash(index), proof: inclusion(index) } }
    },

    consistencyProof({ firstSize, secondSize }) {
      const refusal = refuseConsistency(firstSize, secondSize, log.size())
      if (refusal !== null) return { Err: refusal }
      const { consistency } = createReader(store, log, foldHashes, Number(secondSize))
      return { Ok: consistency(Number(firstSize)) }
    },

    tile({ level, index }) {
      const tile = tileOf(level, index, log.size())
      if ('refusal' in tile) return { Err: tile.refusal }
      const { treeLevel, first, end } = tile
      const { subtree } = createReader(store, log, foldHashes, log.size())
      const bytes = new Uint8Array((end - first) * HASH_BYTES)
      for (let i = first; i < end; i++) bytes.set(subtree(treeLevel, i), (i - first) * HASH_BYTES)
      return { Ok: bytes }
    },

    shardHead({ shard }) {
      if (shard < 1 || shard > logShardsIn(configuration.get()).length) return { Err: refuse.notPermitted }
      const index = shardHeads.leafOf(shard)
      if (index === null) return { Err: refuse.notReady }
      const { leaf, detail } = store.leaf(index)
      return { Ok: { leaf, detail } }
    },

    configureCheckpoints({ keyName }, caller) {
      if (!isController(caller)) return { Err: refuse.notPermitted }
      if (!configuration.isSet()) return { Err: refuse.notReady }
      const configured = checkpoints.configure(keyName)
      if ('Err' in configured) return configured
      const configHash = sha256(ascii(keyName))
      if (configured.Ok)
        log.appendOwn(
          {
            event: EVENT.configuration,
            actor: new Uint8Array(caller),
            fields: detailFields.configuration({ configHash }),
          },
          nowNs(),
        )
      return { Ok: null }
    },
    checkpoint() {
      const latest = checkpoints.latest()
      const present: [] | [Checkpoint] = latest === null ? [] : [latest]
      return { Ok: present }
    },
    makeCheckpoint: () => checkpoints.make(),
  },

  init(given) {
    if (given !== null) throw new Error('this canister is configured after its peers exist')
    log.begin(self(), nowNs())
  },

  postUpgrade(given) {
    const state = migrate(map, foldHashes)
    if (state === null) log.begin(self(), nowNs())
    else log.open(state)
    store.upgrades.add({ canisterVersion: canisterVersion(), atNs: nowNs() })
    setTimer(0, () => {
      log.tellOfUpgrades(nowNs())
      shardHeads.begin()
    })
    configuration.replace(given, self())
  },
})
