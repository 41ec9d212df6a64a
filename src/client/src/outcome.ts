import { fromHex, type Refusal, type RefusalArm, refusalOf } from '@medguard/protocol'
import { Fault, type Outcome } from './api.ts'

export const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value })

/** Carries a refusal up to the public method, which returns it: inside the client the straight road stays readable. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.kind)
    this.refusal = refusal
  }
}

/** Whether nobody answered, rather than something that is wrong. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'Unreachable' || error.code === 'Uncertain')

/** Whether what was stored cannot be read, by anybody or by this version: one such record keeps nothing from the others. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'Tampered' || error.code === 'TooNew')

/** The `Ok` value of a canister's answer. @throws Refused for the other arm. */
export function okOf<T>(answer: { Ok: T } | { Err: RefusalArm }): T {
  if ('Err' in answer) throw new Refused(refusalOf(answer.Err))
  return answer.Ok
}

/** The value of one of our own methods. @throws Refused. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Refused(outcome.refusal)
  return outcome.value
}

/** Turns a thrown refusal back into an answer; faults and bugs pass through. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return done(await work())
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', refusal: error.refusal }
    throw error
  }
}

export function newId(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(16))
}

/** @throws Fault for text that is no 16-byte id: ids come from our own answers. */
export function idOf(hex: string): Uint8Array {
  const id = fromHex(hex)
  if (id?.length !== 16) throw new Fault('BadReply', 'not an id')
  return id
}
