import { nativeLayout } from '@medguard/shared'

import { initialHash512, roundConstants512 } from '../generate-sha256.ts'

const { BLOCK_AT, DATA_AT } = nativeLayout

/** SHA-512 of FIPS 180-4, section 6.4, as WebAssembly text; its rounds stand one after the other, as those of SHA-256 do. */
const BLOCK_BYTES = 128
const get = (name: string) => `(local.get $${name})`
const set = (name: string, value: string) => `(local.set $${name} ${value})`
const operation =
  (name: string) =>
  (first: string, ...rest: string[]) =>
    rest.reduce((left, right) => `(i64.${name} ${left} ${right})`, first)
const [add, and, xor] = [operation('add'), operation('and'), operation('xor')] as const
const i64 = (value: bigint | number) => `(i64.const ${value})`
const rotated = (name: string, [a, b, c]: readonly [number, number, number]) =>
  xor(...([a, b, c].map((by) => `(i64.rotr ${get(name)} ${i64(by)})`) as [string]))
const shifted = (name: string, [a, b, by]: readonly [number, number, number]) =>
  xor(`(i64.rotr ${get(name)} ${i64(a)})`, `(i64.rotr ${get(name)} ${i64(b)})`, `(i64.shr_u ${get(name)} ${i64(by)})`)
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const WORDS = Array.from({ length: 16 }, (_, i) => `w${i}`)

/** Of a word whose bytes stand the other way round. */
const swap = () => `
(func $medguard_swap (param $x i64) (result i64)
  ${set('x', `(i64.or (i64.and (i64.shr_u ${get('x')} (i64.const 8)) (i64.const 0x00ff00ff00ff00ff)) (i64.and (i64.shl ${get('x')} (i64.const 8)) (i64.const 0xff00ff00ff00ff00)))`)}
  ${set('x', `(i64.or (i64.and (i64.shr_u ${get('x')} (i64.const 16)) (i64.const 0x0000ffff0000ffff)) (i64.and (i64.shl ${get('x')} (i64.const 16)) (i64.const 0xffff0000ffff0000)))`)}
  (i64.rotr ${get('x')} (i64.const 32)))`

function rounds(): string[] {
  const lines: string[] = []
  for (const [round, constant] of roundConstants512().entries()) {
    const name = (i: number) => NAMES[(i - round + 80) % 8] ?? ''
    const [a, b, c, d, e, f, g, h] = NAMES.map((_, i) => name(i)) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const word = (back: number) => `w${(round - back + 80) % 16}`
    if (round >= 16)
      lines.push(
        set(word(0), add(get(word(0)), shifted(word(15), [1, 8, 7]), get(word(7)), shifted(word(2), [19, 61, 6]))),
      )
    const choice = xor(get(g), and(get(e), xor(get(f), get(g))))
    const majority = xor(and(get(a), get(b)), and(get(c), xor(get(a), get(b))))
    lines.push(
      set('x', add(get(h), rotated(e, [14, 18, 41]), choice, i64(constant), get(word(0)))),
      set(d, add(get(d), get('x'))),
      set(h, add(get('x'), rotated(a, [28, 34, 39]), majority)),
    )
  }
  return lines
}

/** Hashes the blocks from `in` to before `end`, at least one, into the eight words at `state`. */
const blocks = () => `
(func $medguard_blocks512 (param $in i32) (param $end i32) (param $state i32)
  ${[...NAMES, ...WORDS, 'x'].map((name) => `(local $${name} i64)`).join(' ')}
  (loop $next
    ${WORDS.map((word, i) => set(word, `(call $medguard_swap (i64.load offset=${8 * i} align=1 ${get('in')}))`)).join('\n')}
    ${NAMES.map((name, i) => set(name, `(i64.load offset=${8 * i} align=1 ${get('state')})`)).join('\n')}
    ${rounds().join('\n')}
    ${NAMES.map((name, i) => `(i64.store offset=${8 * i} align=1 ${get('state')} ${add(`(i64.load offset=${8 * i} align=1 ${get('state')})`, get(name))})`).join('\n')}
    (br_if $next (i32.lt_u (local.tee $in (i32.add ${get('in')} (i32.const ${BLOCK_BYTES}))) ${get('end')}))))`

/** Pads `count` bytes of data, hashes them, and leaves the digest in the native side's own block. */
const hash = () => `
(func $medguard_hash512 (param $at i32) (param $count i32) (local $from i32) (local $end i32) (local $state i32)
  ${set('from', `(i32.add ${get('at')} (i32.const ${DATA_AT}))`)}
  ${set('state', `(i32.add ${get('at')} (i32.const ${BLOCK_AT}))`)}
  ${set('end', `(i32.add ${get('from')} (i32.and (i32.add ${get('count')} (i32.const ${16 + BLOCK_BYTES})) (i32.const ${-BLOCK_BYTES})))`)}
  (i32.store8 (i32.add ${get('from')} ${get('count')}) (i32.const 0x80))
  (memory.fill (i32.add (i32.add ${get('from')} ${get('count')}) (i32.const 1)) (i32.const 0)
    (i32.sub (i32.sub ${get('end')} (i32.const 1)) (i32.add ${get('from')} ${get('count')})))
  (i64.store align=1 (i32.sub ${get('end')} (i32.const 8))
    (call $medguard_swap (i64.shl (i64.extend_i32_u ${get('count')}) (i64.const 3))))
  ${initialHash512()
    .map((word, i) => `(i64.store offset=${8 * i} align=1 ${get('state')} ${i64(word)})`)
    .join('\n')}
  (call $medguard_blocks512 ${get('from')} ${get('end')} ${get('state')})
  ${NAMES.map((_, i) => `(i64.store offset=${8 * i} align=1 ${get('state')} (call $medguard_swap (i64.load offset=${8 * i} align=1 ${get('state')})))`).join('\n')})`

export const sha512Functions = (): string[] => [swap(), blocks(), hash()]
