import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

import { assetCanisterModule } from '@medguard/localnet'

import { ROOT, UsageError } from '../project.ts'

/** Names a file with the official asset canister, for networks that have none of their own. */
export const ASSET_WASM_VARIABLE = 'MEDGUARD_ASSET_WASM'
const MAGICS = ['0061736d', '1f8b08']

const FOLDER = join(ROOT, '.azle/frontend')

export interface AssetModule {
  /** Absolute, `<folder>/frontend.wasm`. */
  readonly wasmPath: string
  readonly wasm: Uint8Array
  /** SHA-256, lower-case hexadecimal. */
  readonly wasmHash: string
  /** A mark that a development network answers with its built-in asset canister; on any other network nothing answers. */
  readonly isPlaceholder: boolean
}

/**
 * Puts the module of the canister `frontend` in its place: the file that MEDGUARD_ASSET_WASM names, or a placeholder.
 *
 * @param folder absolute, made if need be; `.azle/frontend` unless told.
 * @throws UsageError for a file that is no module, and for a placeholder that would be deployed to the Internet Computer.
 */
export function buildAssetModule(environment: NodeJS.ProcessEnv = process.env, folder = FOLDER): AssetModule {
  const given = environment[ASSET_WASM_VARIABLE]
  if (given === undefined && environment['ICP_CLI_ENVIRONMENT'] === 'ic') {
    throw new UsageError(
      `the Internet Computer has no asset canister built in: set ${ASSET_WASM_VARIABLE} to the module of github.com/dfinity/certified-assets`,
    )
  }
  const wasm = given === undefined ? assetCanisterModule() : readModule(resolve(given))
  const wasmPath = join(folder, 'frontend.wasm')
  mkdirSync(folder, { recursive: true })
  writeFileSync(wasmPath, wasm)
  const wasmHash = createHash('sha256').update(wasm).digest('hex')
  return { wasmPath, wasm, wasmHash, isPlaceholder: given === undefined }
}

function readModule(path: string): Uint8Array {
  if (!existsSync(path)) throw new UsageError(`cannot read ${relative(process.cwd(), path)}`)
  const bytes = new Uint8Array(readFileSync(path))
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex')
  if (MAGICS.some((magic) => start.startsWith(magic))) return bytes
  throw new UsageError(`${relative(process.cwd(), path)} is no Wasm module`)
}
