import { createHash } from 'node:crypto'

import { assetCanisterModule, type Localnet } from '@medguard/localnet'
import { Principal } from '@medguard/protocol'

import { assetCanisterWithin } from '../page/asset-canister.ts'
import { headersForPage, readPage } from '../page/page-files.ts'
import { uploadPage, type Uploaded } from '../page/upload.ts'
import { DEVELOPMENT_CANISTERS, developmentCanisterId } from './development.ts'
import { createManagement, type Management } from './management.ts'

/** How a module says that it stands for a canister of the network's own. */
const PLACEHOLDER_MARK = 'localnet:built-in'

/**
 * Brings the built page to a development network: an asset canister at the frontend's id, then what changed of the page. Another module
 * that somebody has installed there, such as the official asset canister's, stays and is given the page in the same way.
 * @param operator controls the canister.
 * @param canisters whom the page talks to.
 * @throws UsageError without a built page, DeployFault when the canister refuses it.
 */
export async function deployPage(
  { host, siteUrl }: Pick<Localnet, 'host' | 'siteUrl'>,
  folder: string,
  operator: Principal,
  canisters: Parameters<typeof headersForPage>[2] = DEVELOPMENT_CANISTERS,
): Promise<Uploaded> {
  const management = createManagement(host, operator)
  const id = developmentCanisterId('frontend')
  const facts = await host.canister(id.toUint8Array())
  const isPlaceholder = facts?.metadata.some(({ name }) => name === PLACEHOLDER_MARK) === true
  const installed = facts?.moduleHash ?? null
  if (installed === null || isPlaceholder) await bringPlaceholder(management, id, installed)
  const files = readPage(folder, headersForPage(folder, siteUrl(id.toText()), canisters))
  return uploadPage(
    assetCanisterWithin((method, arg) => management.call(id, method, arg)),
    files,
  )
}

async function bringPlaceholder(management: Management, id: Principal, installed: Uint8Array | null): Promise<void> {
  const wasm = assetCanisterModule()
  const wasmHash = createHash('sha256').update(wasm).digest()
  if (installed !== null && wasmHash.equals(installed)) return
  await management.install(id, { mode: installed === null ? 'install' : 'upgrade', wasm, wasmHash })
}
