import { detailFields, EVENT, type RefusalArm, refuse } from '@medguard/protocol'
import {
  auditEndpoints,
  canisterVersion,
  createCanister,
  createConfiguration,
  dataCertificate,
  foldHashes,
  isController,
  nowNs,
  openMap,
  rawRand,
  receive,
  self,
  setCertifiedData,
  setTimer,
  sha256,
} from '@medguard/shared'
import { createLog } from './append.ts'
import { migrate } from './migrate.ts'
import { createLeafFinder, createReader } from './read.ts'
import { checkBatch, isId, pageOf, refuseConsistency, refuseInclusion, sourceOf } from './rules.ts'
import { chainEndOf, createAuditStore, indicesIn, MEMORY } from './store.ts'

const map = openMap(MEMORY.log)
const store = createAuditStore(map)
const log = createLog({ store, hash: sha256, fold: foldHashes, certify: setCertifiedData })

/** Who changed the configuration: a controller by call, nobody by an upgrade. */
let configuredBy = new Uint8Array(0)
const configuration = createConfiguration({
  rows: store.configurationRows,
  codec: auditEndpoints.configuration,
  peers: ({ consent, records }) => ({ consent, records }),
  onChange(_configuration, bytes) {
    const configHash = sha256(bytes)
    log.appendOwn(EVENT.configuration, configuredBy, detailFields.configuration({ configHash }), nowNs())
  },
})

function sourceFor(caller: Uint8Array): { source: number } | { refusal: RefusalArm } {
  const peers = configuration.get()
  if (peers === null) return { refusal: refuse.notReady }
  const source = sourceOf(caller, { consent: peers.consent.toUint8Array(), records: peers.records.toUint8Array() })
  return source === null ? { refusal: refuse.notPermitted } : { source }
}

export default createCanister({
  service: auditEndpoints,
  anonymous: ['head', 'inclusionProof', 'consistencyProof'],
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

    head: () => ({ Ok: log.certifiedHead(dataCertificate()) }),

    leaves({ of, fromSeq, count }, caller) {
      const isOfPatient = 'patient' in of
      if (isOfPatient && !isId(of.patient)) return { Err: refuse.badInput('of', 'length') }
      if (isOfPatient && !store.mayRead(of.patient, caller)) return { Err: refuse.notPermitted }
      const leaves = isOfPatient ? store.chain(of.patient) : store.actor(caller)
      const total = leaves.count
      const page = pageOf(fromSeq, count, total)
      if ('refusal' in page) return { Err: page.refusal }
      const reader = createReader(store, log, foldHashes, log.size())
      const entries = indicesIn(leaves.entries(page.first, page.end - page.first)).map(reader.entry)
      return { Ok: { total: BigInt(total), entries, head: log.certifiedHead(dataCertificate()) } }
    },

    chainHead({ patientId }, caller) {
      if (!isId(patientId)) return { Err: refuse.badInput('patientId', 'length') }
      if (!store.mayRead(patientId, caller)) return { Err: refuse.notPermitted }
      const chain = store.chain(patientId)
      if (chain.count === 0) return { Err: refuse.notPermitted }
      return { Ok: { count: BigInt(chain.count), lastLeafHash: chainEndOf(chain).lastLeafHash } }
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
    setTimer(0, () => log.tellOfUpgrades(nowNs()))
    configuration.replace(given, self())
  },
})
