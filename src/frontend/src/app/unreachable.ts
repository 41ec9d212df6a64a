/** Stops the build when a `switch` misses an arm; throws when a newer peer sends one this version does not know. */
export function unreachable(value: never): never {
  throw new TypeError(`not a known case: ${typeof value}`)
}
