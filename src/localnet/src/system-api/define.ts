import type { ImportSignature } from '../contracts.ts'
import type { Host } from './host.ts'
import type { Modes } from './modes.ts'

type WasmType = 'i32' | 'i64'

/** One function of the System API: its type, where it may run, and what it does. */
export interface SystemFunction {
  readonly name: string
  readonly signature: ImportSignature
  readonly bind: (host: Host) => (...values: never[]) => unknown
}

type Result = number | bigint | void

/** Charges are those of the replica's `system_api_complexity.rs`, local network facts 6.2. */
export const DEFAULT_PRICE = 500

const i32s = (count: number): WasmType[] => Array.from({ length: count }, () => 'i32')

/**
 * A function whose parameters are all i32: addresses, sizes, indices, all unsigned. One wrapper per arity keeps V8's calls
 * monomorphic; this is the path a canister takes hundreds of times per message.
 */
export function words(
  name: string,
  arity: number,
  result: WasmType | null,
  modes: Modes,
  body: (host: Host, ...words: number[]) => Result,
  price: number = DEFAULT_PRICE,
): SystemFunction {
  const bind = (host: Host): ((...values: number[]) => Result) => {
    const run = (...values: number[]) => {
      host.enter(name, modes, price)
      return body(host, ...values.map((value) => value >>> 0))
    }
    switch (arity) {
      case 0:
        return () => {
          host.enter(name, modes, price)
          return body(host)
        }
      case 1:
        return (a = 0) => {
          host.enter(name, modes, price)
          return body(host, a >>> 0)
        }
      case 2:
        return (a = 0, b = 0) => {
          host.enter(name, modes, price)
          return body(host, a >>> 0, b >>> 0)
        }
      case 3:
        return (a = 0, b = 0, c = 0) => {
          host.enter(name, modes, price)
          return body(host, a >>> 0, b >>> 0, c >>> 0)
        }
      default:
        return run
    }
  }
  return { name, signature: { params: i32s(arity), results: result === null ? [] : [result] }, bind }
}

/** i64 as an unsigned Number. Above 2^53 it is inexact, and far outside every memory. */
const unsigned = (value: number | bigint): number => {
  if (typeof value === 'number') return value >>> 0
  const number = Number(value)
  return number < 0 ? number + 2 ** 64 : number
}

/** A function with i64 offsets and sizes, which it sees as Numbers. */
export function offsets(
  name: string,
  params: readonly WasmType[],
  result: WasmType | null,
  modes: Modes,
  body: (host: Host, ...values: number[]) => Result,
  price: number = DEFAULT_PRICE,
): SystemFunction {
  const bind =
    (host: Host) =>
    (a: number | bigint = 0, b: number | bigint = 0, c: number | bigint = 0): Result => {
      host.enter(name, modes, price)
      return body(host, unsigned(a), unsigned(b), unsigned(c))
    }
  return { name, signature: { params, results: result === null ? [] : [result] }, bind }
}

/** A function with one i64 that must stay exact: cycles or nanoseconds, unsigned. */
export function long(
  name: string,
  result: WasmType | null,
  modes: Modes,
  body: (host: Host, value: bigint) => Result,
): SystemFunction {
  const bind =
    (host: Host) =>
    (value: bigint): Result => {
      host.enter(name, modes, DEFAULT_PRICE)
      return body(host, BigInt.asUintN(64, value))
    }
  return { name, signature: { params: ['i64'], results: result === null ? [] : [result] }, bind }
}

/** A function with an amount of cycles as (high, low), and perhaps a place for the amount moved. */
export function amount(
  name: string,
  withTarget: boolean,
  modes: Modes,
  body: (host: Host, cycles: bigint, target: number) => void,
): SystemFunction {
  const bind =
    (host: Host) =>
    (high: bigint, low: bigint, target = 0): void => {
      host.enter(name, modes, DEFAULT_PRICE)
      body(host, (BigInt.asUintN(64, high) << 64n) | BigInt.asUintN(64, low), target >>> 0)
    }
  return { name, signature: { params: withTarget ? ['i64', 'i64', 'i32'] : ['i64', 'i64'], results: [] }, bind }
}
