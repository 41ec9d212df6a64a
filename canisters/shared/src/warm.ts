/**
 * The engine makes its own functions when they are first asked for: `Math` takes 0.1 M instructions, a method of a typed array 3 k. A query forgets
 * what it has made, so each would make them again. Here all that canisters use are asked for once, while the build evaluates the bundle; a plain module
 * would pay 5 M for it at each install.
 */
const BUILT_IN: readonly object[] = [
  globalThis,
  Math,
  Object,
  Array,
  Number,
  String,
  Promise,
  BigInt,
  Uint8Array,
  DataView,
  ...[Object, Function, Array, Number, String, Promise, BigInt, Map, Set, DataView, Error, Uint8Array].map(
    ({ prototype }) => prototype as object,
  ),
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Object.getPrototypeOf([][Symbol.iterator]()) as object,
]

export function warmUp(): void {
  for (const object of BUILT_IN) for (const key of Reflect.ownKeys(object)) Object.getOwnPropertyDescriptor(object, key)
}
