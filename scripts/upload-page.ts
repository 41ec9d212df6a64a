import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { AgentError, HttpAgent, type Identity } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { DEFAULT_PORT, LOCALNET_ROOT_KEY } from '@medguard/localnet'
import { Principal } from '@medguard/protocol'

import { pageFolder } from './build-app.ts'
import { DEVELOPMENT_CANISTERS, DEVELOPMENT_OPERATOR } from './deploy.ts'
import { icpEnvironment, icpIdentity } from './deploy/icp-environment.ts'
import { pemIdentity } from './deploy/pem-identity.ts'
import { assetCanisterThrough } from './page/asset-canister.ts'
import { headersForPage, readPage } from './page/page-files.ts'
import { uploadPage } from './page/upload.ts'
import { readOptions } from './options.ts'
import { UsageError, type CanisterName } from './project.ts'

const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`
const USAGE = `usage: npm run upload-page [-- --url URL --root-key HEX --canister ID --identity FILE --folder DIR]

  Brings an asset canister to hold the built page: sends what changed, deletes what is gone.

  --url       of the network (default ${DEFAULT_URL})
  --root-key  of the network, DER in hexadecimal (default: the development network's for a URL on this machine, else the Internet Computer's)
  --canister  id of the asset canister (default: the development network's frontend)
  --identity  PEM file of a key that may commit (default: who deploys on the development network)
  --folder    the built page (default src/frontend/dist, or what build:app made under icp)

  As a sync step of icp, canister, network and identity come from icp.`

interface Target {
  readonly url: string
  /** DER; undefined is the Internet Computer's. */
  readonly rootKey: Uint8Array | undefined
  readonly canisterId: Principal
  readonly identity: Identity
  readonly folder: string
  /** Whom the page talks to, unless the page itself says. */
  readonly canisters: Readonly<Record<CanisterName, string>>
}

/** Exit code 0 when the canister holds the page, 1 when it does not; the message says why. */
export async function main(args: readonly string[]): Promise<void> {
  const { url, rootKey, canisterId, identity, folder, canisters } = await readTarget(args)
  const site = isLocal(url) ? `http://${canisterId.toText()}.localhost:${new URL(url).port || '80'}` : url
  const files = readPage(folder, headersForPage(folder, site, canisters))
  const agent = HttpAgent.createSync({ host: url, identity, shouldFetchRootKey: false, ...(rootKey && { rootKey }) })
  try {
    const { changed, deleted, sizeBytes } = await uploadPage(assetCanisterThrough(agent, canisterId), files)
    if (changed.length === 0 && deleted.length === 0) return console.log(`page  unchanged  ${canisterId.toText()}`)
    for (const key of changed) console.log(`page  sent       ${key}`)
    for (const key of deleted) console.log(`page  deleted    ${key}`)
    console.log(`page  ${changed.length} of ${files.length} files sent, ${sizeBytes} bytes  ${canisterId.toText()}`)
  } catch (error) {
    throw error instanceof AgentError ? new UsageError(reasonOf(error, url, identity)) : error
  }
}

function reasonOf(error: AgentError, url: string, identity: Identity): string {
  const who = identity.getPrincipal().toText()
  if (error.message.includes('does not have')) return `${who} may not upload there: ${firstLine(error)}`
  return `the page was not uploaded to ${url}: ${firstLine(error)}`
}

/** Agents add the request and its ids, a line each. */
const firstLine = ({ message }: Error): string => message.split('\n').slice(0, 4).join(' ').slice(0, 500)

const isLocal = (url: string): boolean => /^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(url).hostname)

async function readTarget(args: readonly string[]): Promise<Target> {
  const text = { type: 'string' } as const
  const options = { url: text, 'root-key': text, canister: text, identity: text, folder: text }
  const values = readOptions(args, options, USAGE)
  const icp = values.url === undefined ? await icpEnvironment() : null
  const url = values.url ?? icp?.url ?? DEFAULT_URL
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`${url} is no URL\n\n${USAGE}`)
  const isDevelopment = isLocal(url)
  if (values.canister === undefined && icp === null && !isDevelopment)
    throw new UsageError(`--canister is needed for ${url}`)
  return {
    url,
    rootKey: rootKeyOf(values['root-key'] ?? icp?.rootKey, isDevelopment),
    canisterId: canisterOf(values.canister ?? icp?.canisterId ?? DEVELOPMENT_CANISTERS.frontend),
    identity: await identityOf(values.identity, icp !== null, url),
    folder: values.folder === undefined ? pageFolder(icp) : resolve(values.folder),
    canisters: icp?.canisters ?? DEVELOPMENT_CANISTERS,
  }
}

function rootKeyOf(hex: string | undefined, isDevelopment: boolean): Uint8Array | undefined {
  if (hex === undefined) return isDevelopment ? LOCALNET_ROOT_KEY : undefined
  if (!/^[0-9a-f]{266}$/i.test(hex)) throw new UsageError('a root key is 133 bytes in hexadecimal')
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

function canisterOf(id: string): Principal {
  try {
    return Principal.fromText(id)
  } catch {
    throw new UsageError(`${id} is no canister id`)
  }
}

async function identityOf(file: string | undefined, isUnderIcp: boolean, url: string): Promise<Identity> {
  if (file !== undefined) {
    if (!existsSync(file)) throw new UsageError(`cannot read ${file}`)
    return pemIdentity(readFileSync(file, 'utf8'))
  }
  if (isUnderIcp) return icpIdentity()
  if (!isLocal(url)) throw new UsageError(`--identity is needed for ${url}`)
  return Ed25519KeyIdentity.generate(DEVELOPMENT_OPERATOR.seed)
}
