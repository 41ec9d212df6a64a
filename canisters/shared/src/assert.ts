/**
 * States what must hold. A failure is a bug: the message traps and is undone, its caller sees `Bug` and an id, nothing else.
 *
 * @param claim What holds, as a fixed sentence; never with data in it, because controllers can read it in the canister's log.
 */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(claim)
}
