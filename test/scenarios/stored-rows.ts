import { IDL, type Principal } from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import type { Clinic } from './clinic.ts'

export interface StoredRow {
  readonly memory: number
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Every row that a canister has in stable memory: what its module can ever read again. The canister answers nothing meanwhile. */
export async function storedRows(clinic: Clinic, canister: 'consent' | 'records'): Promise<StoredRow[]> {
  const lister = await buildCanister('row-lister', { entry: 'test/canisters/row-lister.ts' })
  await clinic.upgrade(canister, lister.wasm)
  const rows: StoredRow[] = []
  for (const memory of canister === 'consent' ? [0] : [0, 1, 2])
    for (let from = 0, more = -1; more !== 0; from += more) {
      const page = await listed(clinic, clinic.ids[canister], memory, from)
      more = page.length
      rows.push(...page)
    }
  await clinic.upgrade(canister)
  return rows
}

async function listed(clinic: Clinic, id: Principal, memory: number, from: number): Promise<StoredRow[]> {
  const arg = new Uint8Array(IDL.encode([IDL.Nat8, IDL.Nat32], [memory, from]))
  const answer = await clinic.send(clinic.controller, id, 'list', arg)
  if (answer.kind === 'reject') throw new Error(answer.reject.message)
  const [bytes] = IDL.decode([IDL.Vec(IDL.Nat8)], answer.bytes) as unknown as [Uint8Array]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const rows: StoredRow[] = []
  for (let at = 0; at < bytes.length;) {
    const valueAt = at + 6 + view.getUint16(at)
    const end = valueAt + view.getUint32(valueAt - 4)
    rows.push({ memory, key: bytes.slice(at + 2, valueAt - 4), value: bytes.slice(valueAt, end) })
    at = end
  }
  return rows
}
