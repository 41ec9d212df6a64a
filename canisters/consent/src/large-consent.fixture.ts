import { COMPARTMENT_KIND, RIGHT } from '@medguard/protocol'
import { collectRows, madeUpId } from '@medguard/shared/row-collector'
import { createConsentStore } from './store.ts'

/**
 * Rows of a consent canister with that many patients, each with an account, a live share with the next of them, and an epoch whose key both derived;
 * the canister's own store makes them.
 *
 * @param nextLeaf the number of the next leaf that this canister sends; all before are acknowledged.
 * @yields rows for the map `rows`, in messages.
 */
export function* largeConsent(
  patients: number,
  nowNs: bigint,
  nextLeaf: bigint,
): Generator<Uint8Array, void, undefined> {
  const collector = collectRows()
  const store = createConsentStore(collector.rows)
  for (let n = 0; n < patients; n++) {
    const [principal, patientId, cids] = [madeUpId(n, 29), madeUpId(n, 16), madeUpId(n, 128)]
    const account = {
      accountId: madeUpId(-n - 2, 16),
      patientId,
      enrolledNs: nowNs,
      isConfirmed: true,
      leafSeq: 0n,
      people: 0,
      cids,
    }
    store.openAccount(principal, account, new Uint8Array(32).fill(n))
    const compartment = { compartmentKind: COMPARTMENT_KIND.category, cid: cids.slice(0, 16) }
    const grantId = madeUpId(n + 0x4000_0000, 16)
    store.grants.add(
      {
        grantId,
        patientId,
        grantee: madeUpId((n + 1) % patients, 29),
        rights: RIGHT.list | RIGHT.open,
        purpose: 1,
        startNs: nowNs,
        endNs: nowNs + 30n * 86_400_000_000_000n,
        agreementHash: new Uint8Array(32).fill(n),
        compartments: [compartment],
        terms: null,
      },
      nowNs,
    )
    store.noteDeriver(patientId, compartment, 1, { principal, grantId: new Uint8Array(16) })
    if (collector.isFull()) yield* collector.take()
  }
  store.outboxRows.set(Uint8Array.of(0), counters(nextLeaf))
  yield* collector.take()
}

/** As the outbox keeps them: `next u64 || acknowledged u64`. */
function counters(next: bigint): Uint8Array {
  const row = new Uint8Array(16)
  new DataView(row.buffer).setBigUint64(0, next)
  new DataView(row.buffer).setBigUint64(8, next)
  return row
}
