import { detailFields, EVENT, type RefusalArm, refuse } from '@medguard/protocol'
import {
  auditEndpoints,
  canisterVersion,
  createCanister,
  createConfiguration,
  dataCertificate,
  isController,
  nowNs,
  openMap,
  rawRand,
  receive,
  self,
  setCertifiedData,
  sha256,
} from '@medguard/shared'
import { createLog } from './append.ts'
import { migrate } from './migrate.ts'
import { createProver } from './read.ts'
import { checkBatch, isId, pageOf, refuseConsistency, refuseInclusion, sourceOf } from './rules.ts'
import { createAuditStore, MEMORY } from './store.ts'

const store = createAuditStore(openMap(MEMORY.log))
const log = createLog({ store, hash: sha256, certify: setCertifiedData })

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
      const state = store.source(source)
      if (state.isFrozen) return { Err: refuse.idConflict } // whatever it sends now
      const batch = checkBatch(source, firstSeq, leaves)
      if ('refusal' in batch) return { Err: batch.refusal }
      const indices: bigint[] = []
      const received = receive(state, firstSeq, batch.leaves, (seq, { input }) => {
        const index = store.sourceLeaf(source, seq)
        indices.push(BigInt(index))
        return log.isSame(index, input)
      })
      if (received.kind === 'fork') store.saveSource(source, { next: state.next, isFrozen: true })
      if (received.kind !== 'taken') return { Err: refuse.idConflict }
      return { Ok: indices.concat(log.append(source, state.next, received.fresh, nowNs())) }
    },

    head: () => ({ Ok: log.certifiedHead(dataCertificate()) }),

    leaves({ of, fromSeq, count }, caller) {
      const isOfPatient = 'patient' in of
      if (isOfPatient && !isId(of.patient)) return { Err: refuse.badInput('of', 'length') }
      if (isOfPatient && !store.mayRead(of.patient, caller)) return { Err: refuse.notPermitted }
      const total = isOfPatient ? (store.chain(of.patient)?.count ?? 0) : store.actorCount(caller)
      const page = pageOf(fromSeq, count, total)
      if ('refusal' in page) return { Err: page.refusal }
      const size = log.size()
      const prover = createProver(store, sha256)
      const entries = []
      for (let seq = page.first; seq < page.end; seq++) {
        const index = isOfPatient ? store.chainLeaf(of.patient, seq) : store.actorLeaf(caller, seq)
        entries.push(prover.entry(index, size))
      }
      return { Ok: { total: BigInt(total), entries, head: log.certifiedHead(dataCertificate()) } }
    },

    chainHead({ patientId }, caller) {
      if (!isId(patientId)) return { Err: refuse.badInput('patientId', 'length') }
      if (!store.mayRead(patientId, caller)) return { Err: refuse.notPermitted }
      const chain = store.chain(patientId)
      if (chain === null) return { Err: refuse.notPermitted }
      return { Ok: { count: BigInt(chain.count), lastLeafHash: chain.lastLeafHash } }
    },

    inclusionProof({ leafIndex, treeSize }) {
      const refusal = refuseInclusion(leafIndex, treeSize, log.size())
      if (refusal !== null) return { Err: refusal }
      const index = Number(leafIndex)
      const proof = createProver(store, sha256).inclusion(index, Number(treeSize))
      return { Ok: { leafHash: store.leaf(index).leafHash, proof } }
    },

    consistencyProof({ firstSize, secondSize }) {
      const refusal = refuseConsistency(firstSize, secondSize, log.size())
      if (refusal !== null) return { Err: refusal }
      return { Ok: createProver(store, sha256).consistency(Number(firstSize), Number(secondSize)) }
    },
  },

  init(given) {
    if (given !== null) throw new Error('this canister is configured after its peers exist')
    log.open(self(), nowNs())
  },

  postUpgrade(given) {
    migrate(store)
    log.open(self(), nowNs())
    if (store.systemKey() === null) return // never configured: there is nothing to say yet
    log.appendOwn(
      EVENT.upgrade,
      new Uint8Array(0),
      detailFields.upgrade({ canisterVersion: canisterVersion() }),
      nowNs(),
    )
    configuration.replace(given, self())
    configuration.get() // queries then find it in the heap
  },
})
