// A network with canisters that are written on the toolkit, and what each message costs there.
import { randomBytes } from 'node:crypto'
import { HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { type Localnet, type Meters, startLocalnet } from '@medguard/localnet'
import { type ArgOf, decodeRet, encodeArg, type Method, Principal, type RetOf } from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { operatorOf } from '../scenarios/management.ts'
import { fillerService, toolkitService } from './toolkit-service.ts'

const METHODS = { ...toolkitService, ...fillerService } as const
type Methods = typeof METHODS
type OkOf<R> = R extends { Ok: infer T } ? T : never
type Parts = Meters['parts']

export interface Toolkit {
  readonly localnet: Localnet
  /**
   * Empties the canister and fills it anew, by the bench build of the same sources, then upgrades to the plain one.
   * @returns the heap that filling has left, before the upgrade.
   */
  fill(rows: number, list: number): Promise<number>
  /** The `Ok` value, and all messages that the call set going but the ingress filter. One sender, unless told. @throws Error for a refusal or a reject. */
  run<K extends keyof Methods>(
    method: K,
    arg: ArgOf<Methods[K]>,
    sender?: Principal,
  ): Promise<{ readonly value: OkOf<RetOf<Methods[K]>>; readonly parts: Parts }>
  /** Heap of the canister. */
  heapBytes(): Promise<number>
  /** Another canister of the same module. */
  readonly peer: Principal
  close(): Promise<void>
}

const WAIT_MS = 120_000
const ROW_BYTES = 100
const LIST_ROW_BYTES = 1_000
const FILLED_AT_ONCE = 5_000

export async function openToolkit(): Promise<Toolkit> {
  const localnet = await startLocalnet({ port: 0 })
  const identity = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(3))
  const agent = HttpAgent.createSync({ host: localnet.url, rootKey: localnet.rootKey, identity })
  const operator = operatorOf(agent)
  const { host } = localnet
  const [plain, filler] = await Promise.all([
    buildCanister('toolkit', { entry: 'test/canisters/toolkit.ts' }),
    buildCanister('toolkit-filler', { entry: 'test/canisters/toolkit-filler.ts' }),
  ])
  const [canister, peer] = [await operator.create(), await operator.create()]
  await operator.install(canister, plain.wasm)
  await operator.install(peer, plain.wasm)

  async function send(
    mode: 'update' | 'query',
    sender: Principal,
    method: string,
    arg: Uint8Array,
  ): Promise<Uint8Array> {
    const message = { sender: sender.toUint8Array(), canisterId: canister.toUint8Array(), method, arg }
    if (mode === 'query') {
      const outcome = await host.query(message)
      if (outcome.kind === 'reject') throw new Error(`${method}: ${outcome.reject.message}`)
      return outcome.reply
    }
    const ingressExpiryNs = (await host.timeNs()) + 240_000_000_000n
    const answer = await host.call({ ...message, requestId: new Uint8Array(randomBytes(32)), ingressExpiryNs }, WAIT_MS)
    if (answer.kind === 'refused') throw new Error(`${method}: ${answer.reject.message}`)
    const { state } = answer.request
    if (state.status === 'replied') return state.reply
    throw new Error(`${method}: ${state.status === 'rejected' ? state.reject.message : state.status}`)
  }

  const toolkit: Toolkit = {
    localnet,
    peer,
    async fill(rows, list) {
      await operator.install(canister, filler.wasm, 'reinstall')
      for (let from = 0; from < rows; from += FILLED_AT_ONCE) {
        const count = Math.min(FILLED_AT_ONCE, rows - from)
        await toolkit.run('fillRows', { from, count, sizeBytes: ROW_BYTES })
      }
      for (let from = 0; from < list; from += FILLED_AT_ONCE)
        await toolkit.run('fillList', { count: Math.min(FILLED_AT_ONCE, list - from), sizeBytes: LIST_ROW_BYTES })
      const heapBytes = await toolkit.heapBytes()
      await operator.install(canister, plain.wasm, 'upgrade')
      return heapBytes
    },
    async run(name, arg, sender = identity.getPrincipal()) {
      const method: Method<unknown, unknown> = METHODS[name]
      await host.meters()
      const reply = await send(method.mode, sender, name, encodeArg(method, arg))
      const parts = (await host.meters()).filter(({ entry }) => entry !== 'canister_inspect_message')
      const answer = decodeRet(method, reply) as { Ok: OkOf<RetOf<Methods[typeof name]>> } | { Err: object }
      if ('Err' in answer) throw new Error(`${name} refused: ${Object.keys(answer.Err).join()}`)
      return { value: answer.Ok, parts }
    },
    async heapBytes() {
      const dump = await host.dump(canister.toUint8Array())
      return dump?.heap.length ?? 0
    },
    close: () => localnet.close(),
  }
  return toolkit
}
