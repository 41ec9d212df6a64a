import { nativeLayout } from '@medguard/shared'

import { initialHash, roundConstants } from '../generate-sha256.ts'
import { curveFunctions } from './curve-wat.ts'
import { mapFunctions } from './map-wat.ts'
import { sha512Functions } from './sha512-wat.ts'

const {
  BITS_AT,
  BLOCK_AT,
  COMMAND_AT,
  DATA_AT,
  DATA_BYTES,
  FORMER_SCRATCH_BYTES,
  HEAP_PAGES_AT,
  KEY_BYTES_MAX,
  OPERATION,
  SCRATCH_BYTES,
  SECOND_AT,
  SIZE_AT,
  VALUE_BYTES_MAX,
} = nativeLayout

/**
 * The native functions as WebAssembly text. Everything is in locals and immediates: no table, no memory of their own, so they go into any
 * module. Opcodes are what the network charges for, so rounds stand one after the other, and expressions are the shortest known.
 */
const BLOCK_BYTES = 64
const HASH_BYTES = 32
const SCALAR_BITS = 256
/** `H(1 || left || right)` hashes this many bits. */
const NODE_BITS = 8 * (1 + 2 * HASH_BYTES)

const get = (name: string) => `(local.get $${name})`
const set = (name: string, value: string) => `(local.set $${name} ${value})`
const tee = (name: string, value: string) => `(local.tee $${name} ${value})`
const i32 = (value: number) => `(i32.const ${value})`
const binary =
  (operation: string) =>
  (first: string, ...rest: string[]) =>
    rest.reduce((left, right) => `(i32.${operation} ${left} ${right})`, first)
const [add, sub, and, or, xor] = ['add', 'sub', 'and', 'or', 'xor'].map(binary) as [
  Binary,
  Binary,
  Binary,
  Binary,
  Binary,
]
const [shl, shr, rotl, rotr] = ['shl', 'shr_u', 'rotl', 'rotr'].map(binary) as [Binary, Binary, Binary, Binary]
type Binary = (first: string, ...rest: string[]) => string
const load = (at: string, offset = 0) => `(i32.load offset=${offset} align=1 ${at})`
const store = (at: string, value: string, offset = 0) => `(i32.store offset=${offset} align=1 ${at} ${value})`
/** Big-endian to little-endian and back. Uses the local `x`. */
const swapped = (value: string) =>
  or(and(rotl(tee('x', value), i32(8)), i32(0x00ff00ff)), and(rotr(get('x'), i32(8)), i32(0xff00ff00)))

const WORDS = Array.from({ length: 16 }, (_, i) => `w${i}`)
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const rotations = (name: string, by: readonly number[]) => xor(...(by.map((n) => rotr(get(name), i32(n))) as [string]))
const shifted = (name: string, [first, second, shift]: readonly [number, number, number]) =>
  xor(rotr(get(name), i32(first)), rotr(get(name), i32(second)), shr(get(name), i32(shift)))

/** FIPS 180-4, section 6.2.2. Majority as b ^ ((a ^ b) & (b ^ c)), whose last part the round before has computed. */
function rounds(): string[] {
  const lines = [set('odd', xor(get('b'), get('c')))]
  for (const [round, constant] of roundConstants().entries()) {
    const [a, b, , d, e, f, g, h] = NAMES.map((_, i) => NAMES[(i - round + 64) % 8]) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const word = (back: number) => `w${(round - back + 64) % 16}`
    const scheduled =
      round < 16
        ? get(word(0))
        : tee(word(0), add(get(word(0)), shifted(word(15), [7, 18, 3]), get(word(7)), shifted(word(2), [17, 19, 10])))
    const choice = xor(get(g), and(get(e), xor(get(f), get(g))))
    const [now, before] = round % 2 === 0 ? ['even', 'odd'] : ['odd', 'even']
    const majority = xor(get(b), and(tee(now, xor(get(a), get(b))), get(before)))
    const first = add(get(h), rotations(e, [6, 11, 25]), choice, i32(constant), scheduled)
    lines.push(set(d, add(get(d), tee('x', first))), set(h, add(get('x'), rotations(a, [2, 13, 22]), majority)))
  }
  return lines
}

const locals = (names: readonly string[]) => `(local ${names.map((name) => `$${name} i32`).join(') (local ')})`

/** Hashes the blocks from `in` to before `end`, at least one, into the eight words at `state`. */
const blocks = (): string => `
(func $medguard_blocks (param $in i32) (param $end i32) (param $state i32)
  ${locals([...NAMES, ...WORDS, 'x', 'even', 'odd'])}
  (loop $next
    ${WORDS.map((word, i) => set(word, swapped(load(get('in'), 4 * i)))).join('\n')}
    ${NAMES.map((name, i) => set(name, load(get('state'), 4 * i))).join('\n')}
    ${rounds().join('\n')}
    ${NAMES.map((name, i) => store(get('state'), add(load(get('state'), 4 * i), get(name)), 4 * i)).join('\n')}
    (br_if $next (i32.lt_u ${tee('in', add(get('in'), i32(BLOCK_BYTES)))} ${get('end')}))))`

const begin = () => `
(func $medguard_begin (param $state i32)
  ${initialHash()
    .map((word, i) => store(get('state'), i32(word), 4 * i))
    .join('\n')})`

/** Turns the words at `from` into bytes at `to`. */
const digest = () => `
(func $medguard_digest (param $from i32) (param $to i32) (local $x i32)
  ${NAMES.map((_, i) => store(get('to'), swapped(load(get('from'), 4 * i)), 4 * i)).join('\n')})`

/** Pads the last `count` bytes of a message, hashes them, and leaves the digest at `at`. */
const finish = () => `
(func $medguard_finish (param $at i32) (param $count i32) (param $low i32) (param $high i32)
  (local $from i32) (local $end i32) (local $x i32)
  ${set('from', add(get('at'), i32(DATA_AT)))}
  ${set('end', add(get('from'), and(add(get('count'), i32(72)), i32(-64))))}
  ${set('count', add(get('from'), get('count')))}
  (i32.store8 ${get('count')} ${i32(0x80)})
  ${set('count', add(get('count'), i32(1)))}
  (memory.fill ${get('count')} (i32.const 0) ${sub(get('end'), i32(8), get('count'))})
  ${store(sub(get('end'), i32(8)), swapped(get('high')))}
  ${store(sub(get('end'), i32(4)), swapped(get('low')))}
  (call $medguard_blocks ${get('from')} ${get('end')} ${get('at')})
  (call $medguard_digest ${get('at')} ${get('at')}))`

/** RFC 6962, section 2.1. The two hashes lie side by side, so the byte before them and one block of our own complete the message. */
const fold = () => `
(func $medguard_fold (param $at i32) (param $count i32)
  (local $node i32) (local $kept i32) (local $block i32)
  ${set('block', add(get('at'), i32(BLOCK_AT)))}
  (memory.fill ${get('block')} (i32.const 0) (i32.const ${BLOCK_BYTES}))
  ${store(get('block'), i32(byteSwapped(NODE_BITS)), 60)}
  ${set('node', add(get('at'), i32(DATA_AT - 2 * HASH_BYTES), shl(get('count'), i32(5))))}
  (block $done
    (loop $next
      (br_if $done (i32.lt_u ${get('node')} ${add(get('at'), i32(DATA_AT))}))
      (call $medguard_begin ${get('at')})
      ${set('kept', `(i32.load8_u ${sub(get('node'), i32(1))})`)}
      (i32.store8 ${sub(get('node'), i32(1))} (i32.const 1))
      (call $medguard_blocks ${sub(get('node'), i32(1))} ${get('node')} ${get('at')})
      (i32.store8 ${sub(get('node'), i32(1))} ${get('kept')})
      (i32.store16 align=1 ${get('block')} ${or(`(i32.load8_u offset=63 ${get('node')})`, i32(0x8000))})
      (call $medguard_blocks ${get('block')} ${add(get('block'), i32(1))} ${get('at')})
      (call $medguard_digest ${get('at')} ${get('node')})
      ${set('node', sub(get('node'), i32(HASH_BYTES)))}
      (br $next))))`

const equal = () => `
(func $medguard_equal (param $at i32) (param $count i32) (local $i i32) (local $whole i32)
  ${set('whole', and(get('count'), i32(-8)))}
  (i32.store8 ${get('at')} (i32.const 0))
  (block $done
    (loop $next
      (if (i32.lt_u ${get('i')} ${get('whole')}) (then
        (br_if $done (i64.ne (i64.load offset=${DATA_AT} align=1 ${add(get('at'), get('i'))})
                             (i64.load offset=${SECOND_AT} align=1 ${add(get('at'), get('i'))})))
        ${set('i', add(get('i'), i32(8)))}
        (br $next))))
    (loop $byte
      (if (i32.lt_u ${get('i')} ${get('count')}) (then
        (br_if $done (i32.ne (i32.load8_u offset=${DATA_AT} ${add(get('at'), get('i'))})
                             (i32.load8_u offset=${SECOND_AT} ${add(get('at'), get('i'))})))
        ${set('i', add(get('i'), i32(1)))}
        (br $byte))))
    (i32.store8 ${get('at')} (i32.const 1))))`

/**
 * [Note: the reserve] Azle's memory manager (ic-stable-structures) notes at 4 and 6 of its first page how many buckets it has given to maps, and how many pages one has.
 * It asks the network for a page only when it lies behind what stable memory has already, so that pages asked for ahead of it are those that it takes next.
 */
const room = () => `
(func $medguard_room (param $at i32) (param $count i32) (local $missing i64)
  (i32.store offset=${HEAP_PAGES_AT} align=1 ${get('at')} (memory.size))
  (call $medguard_stable_read (i64.extend_i32_u ${add(get('at'), i32(DATA_AT))}) (i64.const 0) (i64.const 8))
  ${set(
    'missing',
    `(i64.sub (i64.extend_i32_u ${add(
      i32(1),
      get('count'),
      `(i32.mul (i32.load16_u offset=${DATA_AT + 4} ${get('at')}) (i32.load16_u offset=${DATA_AT + 6} ${get('at')}))`,
    )}) (call $medguard_stable_size))`,
  )}
  (i32.store8 ${get('at')} (if (result i32) (i64.le_s ${get('missing')} (i64.const 0))
    (then (i32.const 1))
    (else (i64.ne (call $medguard_stable_grow ${get('missing')}) (i64.const -1))))))`

const byteSwapped = (word: number) => Buffer.from(Uint32Array.of(word).buffer).readUInt32BE()

const when = (operation: number, then: string) =>
  `(if (i32.eq ${get('operation')} ${i32(operation)}) (then ${then} (return)))`
const unless = (condition: string) => `(if (i32.eqz ${condition}) (then (unreachable)))`
const atMost = (limit: number) => unless(`(i32.le_u ${get('count')} ${i32(limit)})`)
const hashBlocks = `(call $medguard_blocks ${add(get('at'), i32(DATA_AT))}
  ${add(get('at'), i32(DATA_AT), get('count'))} ${get('at')})`

/** Takes the place of `certified_data_set`. Whatever is no command goes on to the network, which refuses what it does not know. */
const command = () => `
(func $medguard_command (param $at i32) (param $size i32) (local $count i32) (local $operation i32)
  (if (i32.and (i32.ne ${get('size')} ${i32(SCRATCH_BYTES)}) (i32.ne ${get('size')} ${i32(FORMER_SCRATCH_BYTES)})) (then
    (call $medguard_certify ${get('at')} ${get('size')}) (return)))
  ${set('count', load(get('at'), COMMAND_AT))}
  ${set('operation', and(get('count'), i32(15)))}
  ${set('count', shr(get('count'), i32(4)))}
  ${atMost(DATA_BYTES)}
  ${when(
    OPERATION.hash,
    `(call $medguard_begin ${get('at')})
    (call $medguard_finish ${get('at')} ${get('count')} ${shl(get('count'), i32(3))} (i32.const 0))`,
  )}
  ${when(OPERATION.fold, `${atMost(DATA_BYTES / HASH_BYTES)} (call $medguard_fold ${get('at')} ${get('count')})`)}
  ${when(OPERATION.equal, `${atMost(DATA_BYTES / 2)} (call $medguard_equal ${get('at')} ${get('count')})`)}
  ${when(OPERATION.begin, `(call $medguard_begin ${get('at')}) ${hashBlocks}`)}
  ${when(OPERATION.absorb, hashBlocks)}
  ${when(
    OPERATION.finish,
    `(call $medguard_finish ${get('at')} ${get('count')}
    ${load(get('at'), BITS_AT)} ${load(get('at'), BITS_AT + 4)})`,
  )}
  ${when(OPERATION.room, `(call $medguard_room ${get('at')} ${get('count')})`)}
  ${when(OPERATION.hash512, `(call $medguard_hash512 ${get('at')} ${get('count')})`)}
  ${when(OPERATION.ladder, `${atMost(SCALAR_BITS)} (call $medguard_ladder ${get('at')} ${get('count')})`)}
  ${when(OPERATION.lookUp, `${atMost(KEY_BYTES_MAX)} (call $medguard_look_up ${get('at')} ${get('count')})`)}
  ${when(
    OPERATION.overwrite,
    `${atMost(KEY_BYTES_MAX)} ${unless(`(i32.le_u ${load(get('at'), SIZE_AT)} ${i32(VALUE_BYTES_MAX - 4)})`)}
    (call $medguard_overwrite ${get('at')} ${get('count')})`,
  )}
  ${when(OPERATION.cycles, `(call $medguard_cycles ${get('at')})`)}
  ${when(OPERATION.wake, '(drop (call $medguard_timer (i64.const 1)))')}
  (unreachable))`

export function nativeWat(): string {
  const functions = [command(), blocks(), begin(), digest(), finish(), fold(), equal(), room()].concat(
    curveFunctions(),
    sha512Functions(),
    mapFunctions(),
  )
  return `(module (import "ic0" "certified_data_set" (func $medguard_certify (param i32 i32)))
(import "ic0" "global_timer_set" (func $medguard_timer (param i64) (result i64)))
(import "ic0" "stable64_size" (func $medguard_stable_size (result i64)))
(import "ic0" "stable64_grow" (func $medguard_stable_grow (param i64) (result i64)))
(import "ic0" "stable64_read" (func $medguard_stable_read (param i64 i64 i64)))
(import "ic0" "canister_cycle_balance128" (func $medguard_cycles (param i32)))
(import "ic0" "stable64_write" (func $medguard_stable_write (param i64 i64 i64)))
(memory 1)${functions.join('\n')})`
}
