/**
 * The answer of a total decoder. A value and not an exception, because canisters decode what strangers send and an
 * exception costs them dearly.
 */
export type DecodeFailureCode = 'BadFormat' | 'UnknownSuite' | 'UnsupportedAlgorithm'
export interface DecodeFailure {
  readonly ok: false
  readonly code: DecodeFailureCode
  /** What is wrong, in words fixed in the source: never a part of the input. */
  readonly what: string
}
export type Decoded<T> = { readonly ok: true; readonly value: T } | DecodeFailure

export function badFormat(what: string): DecodeFailure {
  return { ok: false, code: 'BadFormat', what }
}
