import type { Outcome } from './api.ts'

export const DOUBT_WHYS = ['unknownPerson', 'notAllowed', 'oddTime', 'other'] as const
export type DoubtWhy = (typeof DOUBT_WHYS)[number]

/** An entry of the log that somebody did not recognise, and what they did about it. */
export interface DoubtedEntry {
  /** Its number in the log, in digits. */
  readonly entry: string
  readonly why: DoubtWhy
  /** The share that allowed it was stopped. */
  readonly isStopped: boolean
  /** Whoever did it was blocked. */
  readonly isBlocked: boolean
  /** When, in milliseconds. */
  readonly atMs: number
}

/** Such notes stay on this device, sealed under the vault's own key: no canister has them, and nobody is told. */
export interface DoubtMethods {
  /** The latest first. Not logged. */
  doubts(): Promise<Outcome<readonly DoubtedEntry[]>>
  /** In place of what was noted of the entry before; what was ended stays noted. Answers as `doubts`. */
  noteDoubt(doubt: DoubtedEntry): Promise<Outcome<readonly DoubtedEntry[]>>
}
