import { HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { startLocalnet } from '@medguard/localnet'
import { IDL } from '@medguard/protocol'
import { randomBytes } from 'node:crypto'
import { buildCanister } from '../scripts/build-canisters.ts'
import { operatorOf } from '../test/scenarios/management.ts'
import { costOf } from './localnet-rates.ts'
import { check, type Rows } from './rows.ts'

const HEAP_BYTES_MIN = 12_000_000
const NO_ARGUMENT = new Uint8Array(IDL.encode([], []))
const numberIn = (reply: Uint8Array) => Number(IDL.decode([IDL.Nat32], reply)[0])

/** What a small update and a small query cost in an Azle canister with a heap of 12 MB, metered and rolled back. */
export async function measureLargeHeap(rows: Rows): Promise<void> {
  const { wasm } = await buildCanister('ballast', { entry: 'test/canisters/ballast.ts' })
  const localnet = await startLocalnet({ port: 0, clock: 'manual' })
  try {
    const { host, url, rootKey } = localnet
    const identity = Ed25519KeyIdentity.generate()
    const operator = operatorOf(HttpAgent.createSync({ host: url, rootKey, identity }))
    const principal = await operator.create()
    await operator.install(principal, wasm)
    const canisterId = principal.toUint8Array()
    const heapBytes = (await host.dump(canisterId))?.heap.length ?? 0
    check(heapBytes >= HEAP_BYTES_MIN, `the heap has ${heapBytes} bytes`)

    const sender = identity.getPrincipal().toUint8Array()
    const ingressExpiryNs = (await host.timeNs()) + 240_000_000_000n
    let added = 0
    const update = await costOf(async () => {
      const message = { sender, canisterId, method: 'add', arg: NO_ARGUMENT, ingressExpiryNs }
      const answer = await host.call({ ...message, requestId: new Uint8Array(randomBytes(32)) }, 60_000)
      check(answer.kind === 'status' && answer.request.state.status === 'replied', 'the update is answered')
      added++
    })
    const query = await costOf(async () => {
      const outcome = await host.query({ sender, canisterId, method: 'total', arg: NO_ARGUMENT })
      check(outcome.kind === 'reply' && numberIn(outcome.reply) === added, 'the total is that of the updates')
    })
    const heap = `heap of ${Math.round(heapBytes / 1e6)} MB`
    rows.add(`update, ${heap}`, update.coreMs, 'ms of a core', 4)
    rows.add(`update, ${heap}`, update.perSecond, '1/s')
    rows.add(`query, ${heap}`, query.coreMs, 'ms of a core', 1)
    rows.add(`query, ${heap}`, query.perSecond, '1/s')
  } finally {
    await localnet.close()
  }
}
