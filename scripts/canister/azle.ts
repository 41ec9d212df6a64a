import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from '../project.ts'

/** Azle gives the template and the library. Its own command wants dfx, and bakes the folder it runs in into the module. */
const AZLE = join(ROOT, 'node_modules/azle')
/** The prebuilt canister (QuickJS and its System API bindings) that a bundle is put into. */
export const TEMPLATE_PATH = join(AZLE, 'dist/canister_templates/stable.wasm')

export interface MethodEntry {
  readonly name: string
  readonly index: number
  readonly composite?: boolean
  readonly hidden?: boolean
}

export interface MethodMeta {
  readonly queries?: readonly MethodEntry[]
  readonly updates?: readonly MethodEntry[]
  readonly init?: MethodEntry
  readonly post_upgrade?: MethodEntry
  readonly pre_upgrade?: MethodEntry
  readonly heartbeat?: MethodEntry
  readonly inspect_message?: MethodEntry
  readonly on_low_wasm_memory?: MethodEntry
  /** Not Azle's: the canister is of our toolkit, whose lifecycle methods can begin with a heap that was made before. */
  readonly boots?: true
}

export function azleVersion(): string {
  const { version } = JSON.parse(readFileSync(join(AZLE, 'package.json'), 'utf8')) as { version: string }
  return version
}

export type Binaryen = typeof import('binaryen').default

/** It takes over `uncaughtException` when it loads, and would print its own ten megabytes beside anybody's error. */
export async function loadBinaryen(): Promise<Binaryen> {
  const events = ['uncaughtException', 'unhandledRejection']
  const emitter: EventEmitter = process
  const before = events.map((event) => emitter.listeners(event))
  const { default: binaryen } = await import('binaryen')
  for (const [index, event] of events.entries()) {
    for (const listener of emitter.listeners(event)) {
      if (before[index]?.includes(listener) !== true) emitter.off(event, listener as () => void)
    }
  }
  return binaryen
}
