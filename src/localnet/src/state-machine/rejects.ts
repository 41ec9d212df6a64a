import { Principal } from '@dfinity/principal'
import type { Outcome, Reject, RejectCode } from '../contracts.ts'
import type { ExecutionTrap } from '../system-api/execution-trap.ts'

// Texts and codes are the replica's: local network facts 5.11. Tools match some of them, people read all of them.

const REJECT_MESSAGE_BYTES_MAX = 8 * 1024

export const principalText = (bytes: Uint8Array): string => Principal.fromUint8Array(bytes).toText()

/** The first digit of a network error code is the reject code. */
export function reject(errorCode: string, message: string): Reject {
  return { code: Number(errorCode.slice(3, 4)) as RejectCode, errorCode, message: cut(message) }
}

export const rejected = (errorCode: string, message: string): Outcome => ({
  kind: 'reject',
  reject: reject(errorCode, message),
})

/** A refusal on its way out of nested work: thrown by checks, turned into a reject where the message was started. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reject: Reject

  constructor(errorCode: string, message: string) {
    super(message)
    this.reject = reject(errorCode, message)
  }
}

const cut = (message: string): string =>
  message.length * 3 <= REJECT_MESSAGE_BYTES_MAX || Buffer.byteLength(message) <= REJECT_MESSAGE_BYTES_MAX
    ? message
    : `${Buffer.from(message)
        .subarray(0, REJECT_MESSAGE_BYTES_MAX - 3)
        .toString('utf8')
        .replace(/\uFFFD+$/u, '')}...`

const fromCanister = (canister: string, errorCode: string, text: string): Reject =>
  reject(errorCode, `Error from Canister ${canister}: ${text}`)

export const trapReject = (canister: string, trap: ExecutionTrap): Reject =>
  fromCanister(canister, trap.errorCode, ended(trap.message))

const ended = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

export const notFound = (canister: string): Reject => reject('IC0301', `Canister ${canister} not found.`)

export const noModule = (canister: string): Reject =>
  fromCanister(canister, 'IC0537', 'Attempted to execute a message, but the canister contains no Wasm module.')

export const noMethod = (canister: string, kind: 'update' | 'query' | 'composite_query', method: string): Reject =>
  fromCanister(canister, 'IC0536', `Canister has no ${kind} method '${method}'.`)

export const didNotReply = (canister: string): Reject =>
  fromCanister(canister, 'IC0506', 'Canister did not reply to the call.')

export const stopped = (canister: string): Reject => reject('IC0508', `Canister ${canister} is stopped`)
export const stopping = (canister: string): Reject => reject('IC0509', `Canister ${canister} is stopping`)

export const outOfCycles = (canister: string, missing: bigint): Reject =>
  reject(
    'IC0207',
    `Canister ${canister} is out of cycles: please top up the canister with at least ${missing} additional cycles`,
  )

export const compositeAsUpdate = (canister: string, method: string): Reject =>
  fromCanister(canister, 'IC0527', `Composite query '${method}' cannot be called in replicated mode.`)

export const uninstalled = (): Reject => reject('IC0406', 'Canister has been uninstalled.')
