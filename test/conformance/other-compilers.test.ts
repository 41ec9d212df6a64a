// Canisters that other compilers made: Motoko by its npm package, WebAssembly text by hand. Interface specification, "Canister module
// format", "Entry points"; what Motoko needs of the network (self-calls, cleanup, timers, stable memory at upgrades) is its own documentation's.
import { IDL } from '@dfinity/candid'
import { assemble, program, reply, sayCaller, universalWasm } from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { idOf } from './management.fixture.ts'
import { compileMotoko } from './motoko.fixture.ts'
import { errorOf, longOf, numberOf, openReplica, type Replica, replyOf, text, textOf } from './replica.fixture.ts'
import { anonymous } from './request.fixture.ts'

const COUNTER = `
import Cycles "mo:core/Cycles";
import Timer "mo:core/Timer";
persistent actor class Counter() {
  var count : Nat = 0;
  transient var woken : Nat = 0;
  public query func read() : async Nat { count };
  public query func wakes() : async Nat { woken };
  public func add(n : Nat) : async Nat { count += n; count };
  public shared ({ caller }) func whoAmI() : async Principal { caller };
  public composite query func through(other : actor { read : query () -> async Nat }) : async Nat { await other.read() };
  public func askToAdd(other : actor { add : Nat -> async Nat }, n : Nat) : async Nat {
    let got = await other.add(n);
    count += got;
    got
  };
  public func failAfter(other : actor { add : Nat -> async Nat }) : async () {
    count += 100;
    ignore await other.add(1);
    count += 1000;
    assert false
  };
  public func fail() : async () { count += 7; assert false };
  public func caught(other : actor { fail : () -> async () }) : async Text {
    try { await other.fail(); "nothing" } catch (_) { "caught" }
  };
  public func take() : async Nat { Cycles.accept<system>(Cycles.available()) };
  public func pay(other : actor { take : () -> async Nat }, n : Nat) : async Nat { await (with cycles = n) other.take() };
  public func wake() : async () { ignore Timer.setTimer<system>(#nanoseconds 1, func() : async () { woken += 1 }) };
}
`

let ic: Replica
beforeAll(async () => {
  ic = await openReplica()
})
afterAll(() => ic.close())

describe('Motoko', () => {
  let wasm: Uint8Array
  let first: Uint8Array
  let second: Uint8Array
  const service = (methods: Record<string, IDL.FuncClass>) => IDL.Service(methods)
  const { Nat, Principal, Text } = IDL
  const read = service({ read: IDL.Func([], [Nat], ['query']) })
  const add = service({ add: IDL.Func([Nat], [Nat], []) })
  const take = service({ take: IDL.Func([], [Nat], []) })
  const fail = service({ fail: IDL.Func([], [], []) })

  beforeAll(async () => {
    wasm = compileMotoko(COUNTER)
    const arg = IDL.encode([], [])
    ;[first, second] = [await ic.create(), await ic.create()]
    for (const id of [first, second]) replyOf(await ic.install(id, wasm, { arg }))
  })

  const natIn = (bytes: Uint8Array): bigint => {
    const [value] = IDL.decode([Nat], new Uint8Array(bytes))
    return value as unknown as bigint
  }
  const call = async (id: Uint8Array, method: string, types: IDL.Type[] = [], values: unknown[] = []) =>
    ic.update(id, IDL.encode(types, values), { method })
  const ask = async (id: Uint8Array, method: string, types: IDL.Type[] = [], values: unknown[] = []) =>
    natIn(replyOf(await ic.query(id, IDL.encode(types, values), { method })))

  test('counts, by update and query, and knows its caller', async () => {
    expect(natIn(replyOf(await call(first, 'add', [Nat], [3n])))).toBe(3n)
    expect(await ask(first, 'read')).toBe(3n)
    const [caller] = IDL.decode([Principal], replyOf(await call(first, 'whoAmI')))
    expect(caller).toEqual(idOf(ic.owner.principal))
    const who = await ic.update(first, IDL.encode([], []), { method: 'whoAmI', as: anonymous })
    expect(IDL.decode([Principal], replyOf(who))[0]).toEqual(idOf(anonymous.principal))
  })

  test('awaits another actor, and a composite query asks one', async () => {
    const [before, other] = [await ask(first, 'read'), await ask(second, 'read')]
    expect(natIn(replyOf(await call(first, 'askToAdd', [add, Nat], [idOf(second), 5n])))).toBe(other + 5n)
    expect(await ask(second, 'read')).toBe(other + 5n)
    expect(await ask(first, 'read')).toBe(before + other + 5n)
    expect(await ask(first, 'through', [read], [idOf(second)])).toBe(other + 5n)
  })

  test('keeps what it did before an await, and not what it did after it, when it fails there', async () => {
    const [before, other] = [await ask(first, 'read'), await ask(second, 'read')]
    expect(errorOf(await call(first, 'failAfter', [add], [idOf(second)]))).toBe('5 IC0503')
    expect(await ask(first, 'read')).toBe(before + 100n)
    expect(await ask(second, 'read')).toBe(other + 1n)
    expect(errorOf(await call(first, 'fail'))).toBe('5 IC0503')
    expect(await ask(first, 'read')).toBe(before + 100n)
  })

  test('catches the failure of another', async () => {
    const [said] = IDL.decode([Text], replyOf(await call(first, 'caught', [fail], [idOf(second)])))
    expect(said).toBe('caught')
  })

  test('pays another in cycles', async () => {
    const sent = 1_000_000_000n
    expect(natIn(replyOf(await call(first, 'pay', [take, Nat], [idOf(second), sent])))).toBe(sent)
  })

  test('wakes by a timer', async () => {
    replyOf(await call(first, 'wake'))
    await expect.poll(() => ask(first, 'wakes')).toBe(1n)
  })

  test('keeps its variables over an upgrade, but for those that are transient', async () => {
    const before = await ask(first, 'read')
    expect(before > 0n).toBe(true)
    replyOf(await ic.install(first, wasm, { mode: { upgrade: [] }, arg: IDL.encode([], []) }))
    expect(await ask(first, 'read')).toBe(before)
    expect(await ask(first, 'wakes')).toBe(0n)
    replyOf(await ic.install(first, wasm, { mode: { reinstall: null }, arg: IDL.encode([], []) }))
    expect(await ask(first, 'read')).toBe(0n)
  })

  test('refuses an argument of another type', async () => {
    expect(errorOf(await call(first, 'add', [Text], ['three']))).toMatch(/^5 IC050[23]$/)
    expect(errorOf(await ic.update(first, new Uint8Array(5), { method: 'add' }))).toMatch(/^5 IC050[23]$/)
  })

  test('shows its interface as metadata', async () => {
    const path = ['canister', first, 'metadata', 'candid:service']
    const certificate = await ic.readState([path], { as: anonymous, at: first })
    const found = 'kind' in certificate ? certificate.text : certificate.lookup(path)
    expect(typeof found === 'object' ? text(found.found) : found).toContain('whoAmI')
  })
})

describe('WebAssembly text', () => {
  test('a counter of a few lines', async () => {
    const id = await ic.deploy(
      assemble(`(module
        (import "ic0" "msg_reply" (func $reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (memory 1) (global $count (mut i64) (i64.const 40))
        (func $say (i64.store (i32.const 0) (global.get $count)) (call $append (i32.const 0) (i32.const 8)) (call $reply))
        (func (export "canister_update inc") (global.set $count (i64.add (global.get $count) (i64.const 1))) (call $say))
        (func (export "canister_query get") (call $say)))`),
    )
    const none = new Uint8Array(0)
    expect(longOf(await ic.update(id, none, { method: 'inc' }))).toBe(41n)
    expect(longOf(await ic.update(id, none, { method: 'inc' }))).toBe(42n)
    expect(longOf(await ic.query(id, none, { method: 'get' }))).toBe(42n)
    expect(longOf(await ic.update(id, none, { method: 'get' }))).toBe(42n)
  })

  test('a module without memory, and one with its data in a segment', async () => {
    const silent = await ic.deploy(assemble('(module (func (export "canister_update quiet")))'))
    expect(errorOf(await ic.update(silent, new Uint8Array(0), { method: 'quiet' }))).toBe('5 IC0506')
    const words = await ic.deploy(
      assemble(`(module
        (import "ic0" "msg_reply" (func $reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (memory 1) (data (i32.const 100) "from a segment")
        (func (export "canister_query say") (call $append (i32.const 100) (i32.const 14)) (call $reply)))`),
    )
    expect(textOf(await ic.query(words, new Uint8Array(0), { method: 'say' }))).toBe('from a segment')
  })

  test('a table that is changed is as it was for the next message', async () => {
    const id = await ic.deploy(
      assemble(`(module
        (type $number (func (result i32)))
        (import "ic0" "msg_reply" (func $reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (memory 1) (table $t 2 funcref) (elem (table $t) (i32.const 0) func $one $two)
        (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
        (global $runs (mut i32) (i32.const 0))
        (func (export "canister_update run")
          (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
          (i32.store (i32.const 0) (call_indirect $t (type $number) (i32.const 0)))
          (i32.store (i32.const 4) (global.get $runs))
          (table.set $t (i32.const 0) (table.get $t (i32.const 1)))
          (call $append (i32.const 0) (i32.const 8)) (call $reply)))`),
    )
    for (const runs of [1, 2, 3]) {
      const outcome = await ic.update(id, new Uint8Array(0))
      expect([numberOf(outcome), numberOf(outcome, 4)]).toEqual([1, runs])
    }
  })

  test('a passive segment that was dropped is there again for the next message', async () => {
    const id = await ic.deploy(
      assemble(`(module
        (import "ic0" "msg_reply" (func $reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (memory 1) (data $words "again")
        (func (export "canister_update run")
          (memory.fill (i32.const 0) (i32.const 0) (i32.const 5))
          (memory.init $words (i32.const 0) (i32.const 0) (i32.const 5))
          (data.drop $words)
          (call $append (i32.const 0) (i32.const 5)) (call $reply)))`),
    )
    for (const _time of [1, 2, 3]) expect(textOf(await ic.update(id, new Uint8Array(0)))).toBe('again')
  })

  test('the scriptable canister of this suite', async () => {
    const id = await ic.deploy(universalWasm())
    expect(replyOf(await ic.update(id, program(sayCaller, reply)))).toEqual(ic.owner.principal)
  })
})
