import { Principal } from '@medguard/client'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from './exit-code.ts'
import { errorCodeOf } from './new-file.ts'

/** In the state folder: further canisters of the log that `npm start` has opened, in their order. Other networks have a network file. */
export const LOG_SHARDS_FILE = 'log-shards.json'

/** @throws UsageError for a file that is damaged: without it, lines would be missing and nobody would say so. */
export function readLogShards(stateDir: string): string[] {
  const path = join(stateDir, LOG_SHARDS_FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return []
    throw error
  }
  try {
    return (JSON.parse(text) as string[]).map((id) => Principal.fromText(id).toText())
  } catch {
    throw new UsageError(`${path} is damaged`)
  }
}

/** Whole or not at all: without what stood there, no canister takes its configuration any more. */
export function writeLogShards(stateDir: string, logShards: readonly string[]): void {
  mkdirSync(stateDir, { recursive: true })
  const path = join(stateDir, LOG_SHARDS_FILE)
  writeFileSync(`${path}.part`, JSON.stringify(logShards), { flush: true })
  renameSync(`${path}.part`, path)
}
