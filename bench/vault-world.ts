import { HEADER_PAGE_MAX, type Principal } from '@medguard/protocol'
import { freshId } from '../test/scenarios/clinic.ts'
import { keysFor, placeOf, type Reach, seal, type SealedRecord, store } from '../test/scenarios/sealed-record.ts'
import { somebody, type Stepped } from '../test/scenarios/stepped.ts'
import { categoryOf, enrol, give, grantArg } from '../test/scenarios/ward.ts'

/** Two real people among whatever the canisters hold: a patient with a page of records, and somebody who may open them. */
export interface World {
  readonly net: Stepped
  readonly patient: Principal
  readonly reader: Principal
  readonly owned: Reach
  readonly granted: Reach
  readonly record: SealedRecord
}

const DAY_NS = 86_400_000_000_000n

export async function openWorld(net: Stepped): Promise<World> {
  const [patient, reader] = [somebody('patient'), somebody('reader')]
  const account = await enrol(net, patient)
  await enrol(net, reader)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(net, patient, owned)
  const record = await store(net, patient, await seal(keys, owned, { chunkLog2: 16 }))
  for (let i = 1; i < HEADER_PAGE_MAX; i++) await store(net, patient, await seal(keys, owned, { chunkLog2: 16 }))
  const grantId = await give(net, patient, grantTo(net, reader, owned))
  net.settle()
  return { net, patient, reader, owned, granted: { ...owned, grantId }, record }
}

export const grantTo = (net: Stepped, to: Principal, { compartment }: Reach) =>
  grantArg({ to, compartments: [compartment], startNs: net.nowNs(), endNs: net.nowNs() + 300n * DAY_NS })

export const openArg = (reach: Reach, { recordId, version }: SealedRecord) => ({
  ...placeOf(reach),
  records: [{ recordId, version }],
  requestId: freshId(),
})
