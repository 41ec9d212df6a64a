import { IDL } from '@dfinity/candid'
import { decodeCandid } from '../candid/index.ts'
import { type NativeCall, type NativeMethod, NativeTrap } from './native-canister.ts'

/** A method whose argument and result are Candid: its interface can be printed. */
export interface CandidMethod extends NativeMethod {
  readonly argument: IDL.Type | null
  readonly result: IDL.Type
}

/** What a method returns when its answer comes with a response. */
export const LATER: unique symbol = Symbol('later')

/**
 * @param argument null for none.
 * @param run gets what decoding the argument yields; its result is a value of `result`, or `LATER`.
 */
export function candidMethod(
  kind: 'update' | 'query',
  argument: IDL.Type | null,
  result: IDL.Type,
  run: (call: NativeCall, argument: never) => unknown,
): CandidMethod {
  return {
    kind,
    argument,
    result,
    run(call) {
      const value = run(call, (argument === null ? undefined : decode(argument, call.arg)) as never)
      return value === LATER ? null : encode(result, value)
    },
  }
}

/** @throws NativeTrap for bytes that are no value of the type; they come from anybody. */
export function decode(type: IDL.Type, bytes: Uint8Array): unknown {
  try {
    const [value] = decodeCandid([type], bytes)
    return value
  } catch (error) {
    throw new NativeTrap(`failed to decode call arguments: ${error instanceof Error ? error.message : 'no Candid'}`)
  }
}

export const encode = (type: IDL.Type, value: unknown): Uint8Array => IDL.encode([type], [value])

/** The interface in Candid's own language, for tools that ask the network for it. */
export function candidText(methods: Readonly<Record<string, CandidMethod>>): string {
  const lines = Object.entries(methods).map(([name, { kind, argument, result }]) => {
    const mode = kind === 'query' ? ' query' : ''
    return `  ${name} : (${argument?.display() ?? ''}) -> (${result.display()})${mode};`
  })
  return `service : {\n${lines.join('\n')}\n}\n`
}
