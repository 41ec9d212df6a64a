import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder, absolute, without a slash at its end. Nothing is written outside it. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** What `npm start` keeps between runs, and where the command line looks for people. */
export const DEFAULT_STATE = join(ROOT, '.medguard')

/** Product canisters in the order of their creation, which decides their ids on a development network. */
export const CANISTERS = ['consent', 'records', 'audit'] as const
export type CanisterName = (typeof CANISTERS)[number]

/** A mistake of the person at the keyboard, or of their machine: shown as its message alone, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
