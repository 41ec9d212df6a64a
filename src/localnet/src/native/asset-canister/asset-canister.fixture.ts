// An asset canister on a network of its own, as tests use it: through the released agent, its answers held against the network's own
// verifier.
import { Actor, type ActorSubclass, type HttpAgent, type Identity } from '@dfinity/agent'
import { IDL } from '@dfinity/candid'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import type { Principal } from '@dfinity/principal'
import { verifyRequestResponsePair } from '@dfinity/response-verification'
import { agentFor, deploy } from '../../host/deploy.fixture.ts'
import { assetCanisterModule, type Localnet, type LocalnetOptions, startLocalnet } from '../../index.ts'
import { type HeaderField, type HttpResponseValue, METHODS } from './interface.ts'

const service = IDL.Service(
  Object.fromEntries(
    Object.entries(METHODS).map(([name, { kind, args, results }]) => [
      name,
      IDL.Func(args, results, kind === 'query' ? ['query'] : []),
    ]),
  ),
)
export type AssetActor = ActorSubclass<Record<keyof typeof METHODS, (...args: unknown[]) => Promise<unknown>>>

export interface AssetNetwork {
  readonly network: Localnet
  readonly owner: HttpAgent
  readonly canisterId: Principal
  /** The canister as its installer calls it. */
  readonly canister: AssetActor
  as(identity: Identity): Promise<AssetActor>
}

export async function startAssetNetwork(options: LocalnetOptions = {}): Promise<AssetNetwork> {
  const network = await startLocalnet({ port: 0, ...options })
  const owner = await agentFor(network, Ed25519KeyIdentity.generate())
  const canisterId = await deploy(owner, assetCanisterModule())
  return {
    network,
    owner,
    canisterId,
    canister: assetActor(owner, canisterId),
    as: async (identity) => assetActor(await agentFor(network, identity), canisterId),
  }
}

export const assetActor = (agent: HttpAgent, canisterId: Principal): AssetActor =>
  Actor.createActor(() => service, { agent, canisterId }) as unknown as AssetActor

export interface Asked {
  readonly url: string
  readonly headers?: readonly HeaderField[]
  readonly version?: 1 | 2
}

export interface Answered {
  readonly status: number
  readonly headers: readonly HeaderField[]
  readonly body: Uint8Array
  readonly text: string
}

/** Asks the canister itself, not the gateway, and puts a streamed body together. */
export async function ask(canister: AssetActor, { url, headers = [], version = 2 }: Asked): Promise<Answered> {
  const request = { method: 'GET', url, headers, body: new Uint8Array(), certificate_version: [version] }
  const response = (await canister.http_request(request)) as HttpResponseValue
  const parts = [Uint8Array.from(response.body)]
  let token = response.streaming_strategy[0]?.Callback.token
  while (token !== undefined) {
    const [chunk] = (await canister.http_request_streaming_callback(token)) as [
      { body: Uint8Array; token: [] | [typeof token] },
    ]
    parts.push(Uint8Array.from(chunk.body))
    token = chunk.token[0]
  }
  const body = new Uint8Array(Buffer.concat(parts))
  return { status: response.status_code, headers: response.headers, body, text: Buffer.from(body).toString('utf8') }
}

export const header = ({ headers }: Pick<Answered, 'headers'>, name: string): string | undefined =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1]

/** The network's own check. @returns the version it was checked by, and what of it is certified. @throws its error. */
export async function verify(
  { network, canisterId }: Pick<AssetNetwork, 'network' | 'canisterId'>,
  { url, headers = [], version = 2 }: Asked,
  answered: Answered,
) {
  return verifyRequestResponsePair(
    { method: 'GET', url, headers: [...headers], body: new Uint8Array(), certificate_version: [version] },
    { status_code: answered.status, headers: [...answered.headers], body: answered.body },
    canisterId.toUint8Array(),
    await network.host.timeNs(),
    300_000_000_000n,
    network.rootKey,
    version,
  )
}
