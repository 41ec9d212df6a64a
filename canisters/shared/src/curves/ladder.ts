import { assert } from '../assert.ts'
import { runNative, scratch } from '../native.ts'
import { DATA_AT, OPERATION } from '../native-layout.ts'
import {
  CURVE_BYTES,
  INVERSE_AT,
  MODULUS_AT,
  OPERATIONS_AT,
  OPERATIONS_MAX,
  REGISTERS,
  REGISTERS_AT,
  RUN,
  SCALARS_AT,
  STEP,
  STEPS_AT,
} from './layout.ts'

/**
 * Programs over a field, a line each: `x = a + b`, with `*` for a product. They run in the native machine of a spliced module; nowhere else.
 * Numbers are 32 bytes, little-endian, below the modulus. Products are Montgomery's, `a × b / 2^256`: so `a * in` takes a number into that form and `a * out` out of it,
 * and a product of one that is in it and one that is not is not.
 */
export interface LadderSpec {
  /** Odd, of 256 bits at most. */
  readonly modulus: bigint
  /** Numbers that programs name, in Montgomery's form there. `zero`, `one`, `in` and `out` are there by themselves. */
  readonly numbers: Readonly<Record<string, bigint>>
  /** Once, before all others. */
  readonly before: string
  /** For each bit, from the highest. */
  readonly each: string
  /** Behind that where the first scalar has the bit alone, where the second does, and where both do. */
  readonly first: string
  readonly second?: string
  readonly both?: string
  /** Once, behind all others. */
  readonly after: string
}
export interface LadderRun {
  readonly given: Readonly<Record<string, Uint8Array>>
  readonly scalars: readonly [Uint8Array] | readonly [Uint8Array, Uint8Array]
  /** How many of their lowest bits count. */
  readonly bits: number
}

const RADIX = 1n << 256n
const LINE = /^(\w+) = (\w+) ([-+*]) (\w+)$/
const STEPS = { '*': STEP.multiply, '+': STEP.add, '-': STEP.subtract }
const NO_SCALAR = new Uint8Array(32)

/** Reads the programs, which is for when a module loads. */
export function createLadder(spec: LadderSpec) {
  const { modulus, numbers, before, each, first, second = '', both = '', after } = spec
  const image = new Uint8Array(CURVE_BYTES)
  const view = new DataView(image.buffer)
  const places = new Map<string, number>()
  const placeOf = (name: string): number => {
    const place = places.get(name) ?? places.size
    assert(place < REGISTERS, 'a program has as many names as there are registers')
    places.set(name, place)
    return REGISTERS_AT + 32 * place
  }
  const form = RADIX % modulus
  image.set(bytesOf(modulus), MODULUS_AT)
  view.setUint32(INVERSE_AT, minusInverse(modulus), true)
  const kept = { zero: 0n, one: form, in: (form * form) % modulus, out: 1n }
  for (const [name, value] of Object.entries(kept)) image.set(bytesOf(value), placeOf(name))
  for (const [name, value] of Object.entries(numbers)) image.set(bytesOf((value * form) % modulus), placeOf(name))
  let count = 0
  const programs = { before, each, first, second, both, after }
  for (const [name, program] of Object.entries(programs)) {
    const stepsAt = STEPS_AT + 4 * RUN[name as keyof typeof programs]
    view.setUint16(stepsAt, count, true)
    for (const line of program.split('\n')) {
      if (line.trim() === '') continue
      const [, to = '', a = '', sign, b = ''] = LINE.exec(line.trim()) ?? []
      assert(to !== '', 'a line of a program is a sum, a difference or a product')
      const at = OPERATIONS_AT + 4 * count++
      image[at] = STEPS[sign as keyof typeof STEPS]
      for (const [i, each] of [to, a, b].entries()) image[at + 1 + i] = (placeOf(each) - REGISTERS_AT) / 32
    }
    view.setUint16(stepsAt + 2, count, true)
  }
  assert(count <= OPERATIONS_MAX, 'programs have room')

  /** @returns what is in these registers behind it all. */
  return ({ given, scalars, bits }: LadderRun, ...wanted: readonly string[]): Uint8Array[] => {
    scratch.set(image, DATA_AT)
    for (const [name, value] of Object.entries(given)) scratch.set(value, DATA_AT + placeOf(name))
    scratch.set(scalars[0], DATA_AT + SCALARS_AT)
    scratch.set(scalars[1] ?? NO_SCALAR, DATA_AT + SCALARS_AT + 32)
    runNative(OPERATION.ladder, bits)
    return wanted.map((name) => scratch.slice(DATA_AT + placeOf(name), DATA_AT + placeOf(name) + 32))
  }
}

/** Of a number below 2^256, little-endian. */
export function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)), true)
  return bytes
}
/** Of any multiple of 8 bytes, little-endian. */
export function numberOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let value = 0n
  for (let at = bytes.length - 8; at >= 0; at -= 8) value = (value << 64n) + view.getBigUint64(at, true)
  return value
}

function minusInverse(modulus: bigint): number {
  let inverse = 1n
  for (let bits = 1; bits < 32; bits *= 2) inverse = BigInt.asUintN(32, inverse * (2n - modulus * inverse))
  return Number(BigInt.asUintN(32, -inverse))
}
