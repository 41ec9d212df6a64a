import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tsImport } from 'tsx/esm/api'

import { ROOT } from '../project.ts'

/** Azle gives the template and the code that registers a canister's class. Its command wants dfx, and bakes its folder into the module. */
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
}

export interface Azle {
  /** Source of `createGetCandidAndMethodMetaFunction`, which registers the canister class. `label` appears in its errors. */
  registration(label: string): string
}

export function azleVersion(): string {
  const { version } = JSON.parse(readFileSync(join(AZLE, 'package.json'), 'utf8')) as { version: string }
  return version
}

/** Takes half a second, so callers check their cache first. */
export async function loadAzle(): Promise<Azle> {
  const file = join(AZLE, 'src/stable/build/commands/build/javascript.ts')
  const javaScript = (await tsImport(pathToFileURL(file).href, { parentURL: import.meta.url, tsconfig: false })) as {
    handleClassApiCanister(main: string): string
  }
  return { registration: (label) => javaScript.handleClassApiCanister(label) }
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
