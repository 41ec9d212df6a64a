// Every error code of the network that can be provoked from outside, once, and why the others cannot: interface specification, "Reject
// codes", "Error codes"; the codes are the replica's (dfinity/ic, rs/types/error_types). Its first digit after the zero is the reject code.
import {
  acceptMessage,
  burn,
  call,
  callAt,
  growMemory,
  hold,
  invoke,
  loopForever,
  program,
  rejectCall,
  release,
  repeat,
  reply,
  say,
  sendReply,
  trap,
  universalWasm,
  unreachable,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519 } from './keys.fixture.ts'
import { encodeArgument, settingsOf } from './management.fixture.ts'
import { openReplica, type Outcome, type Replica, replyOf } from './replica.fixture.ts'
import { fromHex, identityOf, MANAGEMENT } from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
const wasm = universalWasm()
beforeAll(async () => {
  ic = await openReplica()
  canister = await ic.deploy(wasm)
})
afterAll(() => ic.close())

const about = (id: Uint8Array) => ({ canister_id: id })
const stranger = identityOf(ed25519())
const snapshot = (id: Uint8Array) => ({ ...about(id), snapshot_id: new Uint8Array(18) })
const stopped = async () => {
  const id = await ic.deploy(wasm)
  replyOf(await ic.manage('stop_canister', about(id)))
  return id
}
/** A canister that is stopping as long as a call of it is open, and what ends that. */
async function stopping(): Promise<{ id: Uint8Array; stop: Promise<Outcome>; end: () => Promise<Outcome> }> {
  const [id, slow] = [await ic.deploy(wasm), await ic.deploy(wasm)]
  const open = call({ callee: slow, payload: program(hold, sendReply), onReply: program(sendReply) })
  const answer = ic.update(id, open, { version: 2 })
  await expect.poll(async () => (await ic.statusOf(id)).version > 1n).toBe(true)
  const stop = ic.manage('stop_canister', about(id), { version: 2 })
  await expect.poll(async () => (await ic.statusOf(id)).status).toEqual({ stopping: null })
  const end = async () => {
    replyOf(await ic.update(slow, program(release, sendReply)))
    return answer
  }
  return { id, stop, end }
}
const frozen = async () => {
  const id = await ic.deploy(wasm, {}, 1_000_000_000_000n)
  const settings = settingsOf({ freezing_threshold: 100_000_000_000n })
  replyOf(await ic.manage('update_settings', { ...about(id), settings }))
  return id
}
const manageRaw = (method: string, arg: Uint8Array) => ic.update(MANAGEMENT, arg, { method, at: canister })
const readStable = program(
  invoke('stable64_grow', 1000n),
  repeat(40, invoke('stable64_read', 1_000_000n, 0n, 60_000_000n)),
  reply,
)

const PROVOKED: Readonly<Record<string, () => Promise<Outcome>>> = {
  IC0207: async () => ic.update(await frozen(), program(reply)),
  IC0301: () => ic.update(fromHex('00000000001fffff0101'), program(reply)),
  IC0305: () => ic.manage('load_canister_snapshot', snapshot(canister)),
  IC0406: () => ic.update(canister, program(say('no'), rejectCall)),
  IC0407: () => manageRaw('no_such_method', encodeArgument('start_canister', about(canister))),
  // Settings are missing in it.
  IC0408: () => manageRaw('update_settings', encodeArgument('start_canister', about(canister))),
  IC0502: () => ic.update(canister, program(unreachable)),
  IC0503: () => ic.update(canister, program(trap)),
  IC0504: () => ic.update(canister, program(acceptMessage)),
  IC0505: async () => ic.install(await ic.create(), new Uint8Array(8)),
  IC0506: () => ic.update(canister, program()),
  IC0508: async () => ic.update(await stopped(), program(reply)),
  IC0509: async () => {
    const { id, end } = await stopping()
    const outcome = await ic.update(id, program(reply))
    await end()
    return outcome
  },
  IC0510: () => ic.manage('delete_canister', about(canister)),
  IC0511: async () => {
    const { id, stop, end } = await stopping()
    replyOf(await ic.manage('start_canister', about(id)))
    await end()
    return stop
  },
  IC0512: () => ic.manage('stop_canister', about(canister), { as: stranger }),
  IC0513: () => ic.update(canister, callAt(100)),
  IC0514: () => ic.install(canister, wasm),
  IC0522: () => ic.query(canister, loopForever),
  IC0524: () => ic.query(canister, program(growMemory(1000), readStable)),
  IC0527: () => ic.update(canister, program(reply), { method: 'compose' }),
  IC0532: async () => {
    const id = await ic.deploy(wasm, { freezing_threshold: 5_000_000_000n }, 3_000_000_000_000n)
    return ic.update(id, program(burn(0n), growMemory(4000), reply))
  },
  IC0536: () => ic.update(canister, program(reply), { method: 'no such method' }),
  IC0537: async () => ic.update(await ic.create(), program(reply)),
  IC0539: async () =>
    ic.update(await ic.deploy(wasm, { wasm_memory_limit: 20n * 65_536n }), program(growMemory(20), reply)),
}

/** Told to canisters alone, or not to be had from outside; each with the test that comes nearest, if there is one. */
const NOT_PROVOKED: Readonly<Record<string, string>> = {
  IC0101: 'a subnet that is full',
  IC0102: 'a subnet with as many canisters as it may have',
  IC0201: 'a queue of 500 messages; that call_perform says so is in limits.test.ts',
  IC0202: 'a message that waits past its expiry: the queues of a local network are too short',
  IC0204: 'a full history of ingress messages',
  IC0205: 'a known request id is answered, not refused: calls.test.ts',
  IC0206: 'a stop that takes five minutes',
  IC0208: 'a network that has no certified state',
  IC0209: 'installing faster than the network allows; localnet has no such limit',
  IC0210: 'changing memory faster than the network allows; localnet has no such limit',
  IC0402: 'a management call that leaves no memory',
  IC0403: 'seen by canisters alone, as reject code 4: management.test.ts',
  IC0404: 'a subnet that is not there',
  IC0405: 'a canister of another subnet',
  IC0507: 'a machine without memory',
  IC0520: 'seen by canisters alone',
  IC0521: 'a fault of the engine itself',
  IC0525: 'seen by composite queries alone: composite-queries.test.ts',
  IC0526: 'seen by composite queries alone: composite-queries.test.ts',
  IC0528: 'a composite query that takes ten seconds',
  IC0529: 'a fault of the network itself',
  IC0530: 'shortage of cycles for an allocation of memory',
  IC0531: 'shortage of memory for an allocation',
  IC0533: 'a bug of the network',
  IC0534: 'too large a response of the management canister',
  IC0535: 'a reserve of cycles for storage beyond 750 GiB',
  IC0538: 'the newer name of IC0514; a replica answers one of them',
  IC0540: 'a reserve of cycles for storage beyond 750 GiB',
  IC0601: 'seen by canisters alone, as reject code 6: inter-canister-calls.test.ts',
  IC0602: 'a response that was dropped under load',
}

describe('the error code', () => {
  test.each(Object.keys(PROVOKED))('%s comes as it should, with the reject code that its digit says', async (code) => {
    const outcome = await PROVOKED[code]?.()
    const accepted = code === 'IC0514' ? ['IC0514', 'IC0538'] : [code]
    expect(outcome).toMatchObject({ kind: 'reject', errorCode: expect.toBeOneOf(accepted) })
    expect(outcome).toHaveProperty('code', Number(code.at(3)))
  })
})

test('each code of the network is either provoked here or told why not', () => {
  const provoked = Object.keys(PROVOKED)
  expect(provoked.filter((code) => Object.hasOwn(NOT_PROVOKED, code))).toEqual([])
  expect(provoked.length + Object.keys(NOT_PROVOKED).length).toBe(55)
})
