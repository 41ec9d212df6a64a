// An embedded Internet Computer for development, tests and demonstrations: one process, one port, any canister.
import { Principal } from '@dfinity/principal'
import { createNetworkKeys, hex, rootCertifier } from './certificates/index.ts'
import type { Host, Subnet } from './contracts.ts'
import { openHost, type ThreadHost } from './host/index.ts'
import { prepareStateFolder, StateFolderProblem } from './host/state-folder.ts'
import { administerFaults } from './faults/administration.ts'
import { createLies } from './faults/index.ts'
import { ADMIN_TOKEN_CHARS_MIN, expectFree, listen, PortUnavailable } from './http/index.ts'
import {
  createIdentityProvider,
  developmentIdentity,
  PROVIDER_CANISTER_ID,
  SignInRefused,
} from './identity-provider/index.ts'
import { assetCanisterCandid, builtInModule } from './native/index.ts'
import { StorageError } from './storage/index.ts'
import { type OutcallOptions, outcallRules } from './outcalls/index.ts'
import { planSubnets, type SubnetOptions, SubnetsProblem } from './subnets/index.ts'

export type {
  CanisterFacts,
  Deliverable,
  FaultHooks,
  Host,
  Machine,
  Meters,
  Outcome,
  Reject,
  StoredRequest,
} from './contracts.ts'
/** The network without thread, port or clock of its own: tests that decide which message runs next. */
export { openMachine } from './host/open-machine.ts'
export {
  BadFaultRule,
  createFaults,
  type Fault,
  type FaultKind,
  type FaultRule,
  type Faults,
  type Fired,
  type Where,
} from './faults/index.ts'
export { createPrng, type Prng } from './prng.ts'
export { openSimulation, type Simulation, type SimulationOptions } from './simulation/index.ts'
export { type DevelopmentIdentity } from './identity-provider/index.ts'
export { type OutcallOptions, OutcallsProblem } from './outcalls/index.ts'
export { type SubnetOptions } from './subnets/index.ts'
export { developmentIdentity, PortUnavailable, SignInRefused, StateFolderProblem, SubnetsProblem }

/** The module to install where this network's own asset canister is to answer. On any other network it is empty. */
export const assetCanisterModule = (): Uint8Array =>
  builtInModule('asset-canister', assetCanisterCandid(), { supported_certificate_versions: '1,2' })

export const DEFAULT_PORT = 4943
const CALL_WAIT_MS = 10_000

const certifier = rootCertifier()
/** Root key of every localnet, DER, 133 bytes. Clients pin it instead of asking for it. */
export const LOCALNET_ROOT_KEY: Uint8Array = certifier.rootKeyDer
/** Id of its root subnet, text; the only one unless others are asked for. */
export const LOCALNET_SUBNET_ID: string = Principal.fromUint8Array(certifier.subnetId).toText()
/** Canister id of the built-in sign-in page, text: `http://<id>.localhost:<port>/#authorize`. */
export const IDENTITY_PROVIDER_ID: string = Principal.fromUint8Array(PROVIDER_CANISTER_ID).toText()

export interface LocalnetOptions {
  /** 0 for any free one; 4943 unless told. */
  readonly port?: number
  /** Folder that keeps the network between runs; null, the default, keeps nothing. */
  readonly stateDir?: string | null
  /** Forget what the folder holds; nothing is forgotten where another network runs on it, or the port is in use. */
  readonly clean?: boolean
  /** Called when nothing stands against `clean` any more, before anything is forgotten: for what others keep about the network. */
  readonly beforeClean?: () => void
  /** `manual` stands still until `host.advance`; for tests. */
  readonly clock?: 'real' | 'manual'
  /** Subnets beside the root subnet; none unless told. A state folder has to be opened with those it began with. */
  readonly subnets?: readonly SubnetOptions[]
  /** What canisters may ask of the world; HTTPS only, by one node, unless told. */
  readonly outcalls?: OutcallOptions
  /** How long a call waits for its end before it answers 202; 10,000 as in the replica. */
  readonly callWaitMs?: number
  /**
   * Whether web addresses of canisters answer only what is certified, as gateways of the Internet Computer do; true unless told.
   * Raw hosts, `<id>.raw.localhost`, answer anything, and so do canisters that answer by an update.
   */
  readonly strict?: boolean
  /** How much later than it arrived an update call begins; 0 unless told. */
  readonly artificialDelayMs?: number
  /**
   * Opens the administration endpoint, `http/admin.ts`, which breaks the network on command: for programs on this machine that know the token, of
   * at least 32 characters. Absent, as by default, there is none, and no fault can be planned. `seed` decides what rules leave to chance.
   */
  readonly admin?: { readonly token: string; readonly seed?: string }
  /** Told of requests that failed by a fault of the network. Prints to standard error unless told. */
  readonly onFault?: (error: unknown) => void
}

/** Ids are text. To create a canister on a subnet, address the request at any id of its ranges. */
export interface LocalnetSubnet {
  readonly id: string
  readonly kind: 'application' | 'system'
  readonly canisterRanges: readonly (readonly [first: string, last: string])[]
}

export interface Localnet {
  /** `http://127.0.0.1:<port>`: names under `localhost` do not resolve everywhere. */
  readonly url: string
  readonly port: number
  /** DER, 133 bytes. */
  readonly rootKey: Uint8Array
  readonly identityProviderUrl: string
  /** All of them, the root subnet first. */
  readonly subnets: readonly LocalnetSubnet[]
  readonly host: Host
  /** `http://<canisterId>.localhost:<port>`. @throws Error for what is no canister id. */
  siteUrl(canisterId: string): string
  /** Resolves, never rejects, when the network itself broke and answers nothing any more. */
  readonly broken: Promise<Error>
  close(): Promise<void>
}

/**
 * @throws RangeError for a short administration token, PortUnavailable, StateFolderProblem, SubnetsProblem or OutcallsProblem. Nothing is left
 * running then.
 */
export async function startLocalnet(options: LocalnetOptions = {}): Promise<Localnet> {
  const { port = DEFAULT_PORT, stateDir = null, clean = false, clock = 'real', callWaitMs = CALL_WAIT_MS } = options
  const { strict = true, subnets = [], artificialDelayMs = 0, outcalls = {} } = options
  outcallRules(outcalls)
  const planned = planSubnets(subnets)
  const onFault = options.onFault ?? ((error) => console.error('localnet:', error))
  const { admin } = options
  if (admin !== undefined && admin.token.length < ADMIN_TOKEN_CHARS_MIN) {
    throw new RangeError(`the administration token has fewer than ${ADMIN_TOKEN_CHARS_MIN} characters`)
  }
  const faultSeed = admin === undefined ? null : (admin.seed ?? '')
  let opened: ThreadHost | null = null
  try {
    if (clean) await expectFree(port)
    const clear = clean ? (options.beforeClean ?? (() => {})) : null
    const folder = stateDir === null ? null : prepareStateFolder(stateDir, clear, planned)
    const host = await openHost({ stateDir: folder, clock, subnets, outcalls, faultSeed })
    opened = host
    const provider = createIdentityProvider(() => host.timeNs())
    const sites = new Map([[hex(PROVIDER_CANISTER_ID), provider]])
    const keys = createNetworkKeys(planned)
    const administration = admin === undefined ? null : administerFaults(admin.seed ?? '', (act) => host.faults(act))
    const server = await listen(port, {
      host,
      keys,
      callWaitMs,
      artificialDelayMs,
      sites,
      strict,
      onFault,
      ...(admin === undefined || administration === null
        ? {}
        : {
            admin: { token: admin.token, faults: administration },
            lies: createLies(administration.nodeFaults),
          }),
    })
    const siteUrl = (canisterId: string) => `http://${Principal.fromText(canisterId).toText()}.localhost:${server.port}`
    return {
      url: `http://127.0.0.1:${server.port}`,
      port: server.port,
      rootKey: certifier.rootKeyDer,
      identityProviderUrl: siteUrl(IDENTITY_PROVIDER_ID),
      subnets: keys.map(({ subnet }) => inText(subnet)),
      host,
      siteUrl,
      broken: host.broken,
      async close() {
        await server.close()
        await host.close()
      },
    }
  } catch (error) {
    await opened?.close()
    // In use, damaged, of another version, or full: whichever it is, the folder is what the caller must look at.
    throw error instanceof StorageError ? new StateFolderProblem(error.message, { cause: error }) : error
  }
}

const inText = ({ id, kind, canisterRanges }: Subnet): LocalnetSubnet => ({
  id: Principal.fromUint8Array(id).toText(),
  kind,
  canisterRanges: canisterRanges.map(([first, last]) => [
    Principal.fromUint8Array(first).toText(),
    Principal.fromUint8Array(last).toText(),
  ]),
})
