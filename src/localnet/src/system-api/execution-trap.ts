/**
 * Ends the running message: thrown through Wasm, caught where the message was started. `text` is what the network would print
 * after `Error from Canister <id>: `. Every such error has reject code 5.
 */
export class ExecutionTrap extends Error {
  override readonly name = 'ExecutionTrap'
  readonly errorCode: string

  constructor(errorCode: string, text: string) {
    super(text)
    this.errorCode = errorCode
  }
}

export const contractViolation = (text: string): ExecutionTrap =>
  new ExecutionTrap('IC0504', `Canister violated contract: ${text}`)

export const calledTrap = (message: string): ExecutionTrap =>
  new ExecutionTrap('IC0503', `Canister called \`ic0.trap\` with message: '${message}'`)

export const instructionLimitExceeded = (): ExecutionTrap =>
  new ExecutionTrap('IC0522', 'Canister exceeded the instruction limit for single message execution.')

export const engineTrap = (what: string): ExecutionTrap => new ExecutionTrap('IC0502', `Canister trapped: ${what}`)

export const stableOutOfBounds = (): ExecutionTrap => engineTrap('stable memory out of bounds')

/** V8's words for a Wasm trap, in the network's words. */
const ENGINE_TRAPS: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/^unreachable/u, 'unreachable'],
  [/^memory access out of bounds/u, 'heap out of bounds'],
  [/^(data|memory) segment/u, 'heap out of bounds'],
  [/^(divide|remainder) by zero/u, 'integer division by 0'],
  [/^divide result unrepresentable/u, 'integer overflow'],
  [/^float unrepresentable/u, 'invalid conversion to integer'],
  [/^table index is out of bounds|^table access out of bounds|^element segment/u, 'table out of bounds'],
  [/^null function or function signature mismatch/u, 'indirect call type mismatch'],
]

/**
 * What ended a message, in the network's terms. Anything that is neither a trap of the module nor thrown by the System API is a
 * bug of ours and is thrown on.
 *
 * @param budgetSpent whether the instruction counter is negative: the rewriter's check is an `unreachable` of its own.
 */
export function trapOf(error: unknown, budgetSpent: boolean): ExecutionTrap {
  if (error instanceof ExecutionTrap) return error
  if (error instanceof WebAssembly.RuntimeError) {
    if (budgetSpent && error.message.startsWith('unreachable')) return instructionLimitExceeded()
    const message = error.message.replace(/^WebAssembly\.Instance\(\): /u, '')
    const known = ENGINE_TRAPS.find(([pattern]) => pattern.test(message))
    return known === undefined
      ? new ExecutionTrap('IC0521', `Canister encountered a Wasm engine error: ${message}`)
      : engineTrap(known[1])
  }
  // Deep recursion is a RangeError in V8, whether it hits the wall in Wasm or in a function of ours.
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack')) return engineTrap('stack overflow')
  if (error instanceof RangeError && error.message.includes('could not allocate memory')) {
    return new ExecutionTrap('IC0507', 'Canister ran out of memory: its heap does not fit into what is left')
  }
  throw error
}
