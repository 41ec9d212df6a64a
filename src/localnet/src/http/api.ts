// The replica's HTTPS interface: call, query, read_state and status. Interface specification, "HTTPS interface".
// One root subnet needs no delegations, so v2, v3 and v4 of a request differ in nothing but whether a call waits.
import { Principal } from '@dfinity/principal'
import { type Certifier, encodeTagged, equalBytes, type NodeKey, subnetLeaves } from '../certificates/index.ts'
import type { Host, Reject, StoredRequest } from '../contracts.ts'
import type { Lies } from '../faults/index.ts'
import { authenticate } from './authentication.ts'
import { createCallCertificates } from './call-certificates.ts'
import { checkEffectiveCanister } from './effective-canister.ts'
import { type CallContent, type Envelope, readCallEnvelope, readReadStateEnvelope } from './envelope.ts'
import { HttpProblem } from './problem.ts'
import { readableLeaves } from './read-state.ts'

export interface ApiAnswer {
  readonly status: 200 | 202
  /** Empty, or CBOR with tag 55799. */
  readonly body: Uint8Array
}

export interface Route {
  readonly version: 2 | 3 | 4
  readonly kind: 'canister' | 'subnet'
  readonly id: Uint8Array
  readonly request: 'call' | 'query' | 'read_state'
}

/** Argument of an ingress message. Interface specification, "Resource limits". */
const INGRESS_BYTES_MAX = 2 * 1024 * 1024
const ROUTE = /^\/api\/v([234])\/(canister|subnet)\/([^/]+)\/(call|query|read_state)$/

/** @returns null when no such address exists. @throws HttpProblem 400 for an id that is no principal. */
export function parseRoute(path: string): Route | null {
  const [, version, kind, id, request] = ROUTE.exec(path) ?? []
  if (version === undefined || kind === undefined || id === undefined || request === undefined) return null
  const route = { version: Number(version), kind, request, id: parsePrincipal(id) } as Route
  if (route.version === 4 && route.request !== 'call') return null
  if (route.kind === 'subnet' && route.version < 3 && route.request !== 'read_state') return null
  return route
}

function parsePrincipal(text: string): Uint8Array {
  try {
    return Principal.fromText(decodeURIComponent(text)).toUint8Array()
  } catch {
    throw new HttpProblem(400, `Invalid principal in the address: ${JSON.stringify(text.slice(0, 100))}`)
  }
}

export interface ApiOptions {
  readonly host: Host
  readonly certifier: Certifier
  readonly nodeKey: NodeKey
  /** How long a v3 or v4 call waits before it answers 202; 10 s in the replica. */
  readonly callWaitMs: number
  /** Tells something else than the truth in reply to some queries. */
  readonly lies?: Lies
}

export function createApi({ host, certifier, nodeKey, callWaitMs, lies }: ApiOptions) {
  const { rootKeyDer, subnetId } = certifier
  const subnet = subnetLeaves({ subnetId, rootKeyDer, nodeId: nodeKey.nodeId, nodeKeyDer: nodeKey.publicKeyDer })
  const certifyCall = createCallCertificates(certifier, () => host.timeNs())

  function checkRoute(route: Route, content: CallContent): void {
    if (route.kind === 'canister') return checkEffectiveCanister(route.id, content)
    expectOwnSubnet(route)
    const allowed = route.request === 'call' ? ['create_canister'] : ['list_canisters']
    if (content.canisterId.length > 0 || !allowed.includes(content.method)) {
      throw new HttpProblem(400, `The subnet address takes ${allowed.join(', ')} of the management canister only.`)
    }
  }

  function expectOwnSubnet(route: Route): void {
    if (!equalBytes(route.id, subnetId)) throw new HttpProblem(400, 'The address names a subnet that is not here.')
  }

  async function call(route: Route, body: Uint8Array): Promise<ApiAnswer> {
    const { content, requestId } = await authentic(readCallEnvelope(body, 'call'))
    checkRoute(route, content)
    if (content.arg.length > INGRESS_BYTES_MAX) {
      throw new HttpProblem(413, `Message argument of ${content.arg.length} bytes is larger than ${INGRESS_BYTES_MAX}.`)
    }
    const { sender, canisterId, method, arg, ingressExpiryNs } = content
    const waitMs = route.version === 2 ? 0 : callWaitMs
    const answer = await host.call({ requestId, sender, canisterId, method, arg, ingressExpiryNs }, waitMs)
    if (answer.kind === 'refused') {
      const refused = rejectFields(answer.reject)
      return cbor(route.version === 2 ? refused : { status: 'non_replicated_rejection', ...refused })
    }
    if (route.version === 2 || !isTerminal(answer.request)) return { status: 202, body: new Uint8Array() }
    return cbor({ status: 'replied', certificate: await certifyCall(requestId, answer.request) })
  }

  async function query(route: Route, body: Uint8Array): Promise<ApiAnswer> {
    const { content, requestId } = await authentic(readCallEnvelope(body, 'query'))
    checkRoute(route, content)
    const { sender, canisterId, method, arg } = content
    const truth = await host.query({ sender, canisterId, method, arg })
    const at = () => ({ canister: textOf(canisterId), method, from: textOf(sender) })
    const outcome = lies === undefined ? truth : lies.tell(at(), content, truth)
    const signatures = [nodeKey.signResponse({ outcome, requestId, timeNs: await host.timeNs() })]
    return outcome.kind === 'reply'
      ? cbor({ status: 'replied', reply: { arg: outcome.reply }, signatures })
      : cbor({ status: 'rejected', ...rejectFields(outcome.reject), signatures })
  }

  async function readState(route: Route, body: Uint8Array): Promise<ApiAnswer> {
    const envelope = readReadStateEnvelope(body)
    const targets = authenticate(envelope, { nowNs: await host.timeNs(), rootKeyDer })
    if (route.kind === 'subnet') expectOwnSubnet(route)
    const { sender, paths } = envelope.content
    const leaves = await readableLeaves(paths, { sender, targets, route }, { host, subnet, subnetId })
    return cbor({ certificate: certifier.certificate(leaves, await host.timeNs()) })
  }

  async function authentic(envelope: Envelope<CallContent>): Promise<Envelope<CallContent>> {
    authenticate(envelope, { nowNs: await host.timeNs(), rootKeyDer })
    return envelope
  }

  const handlers = { call, query, read_state: readState }
  return {
    /** @throws HttpProblem for whatever the sender did wrong. */
    answer: (route: Route, body: Uint8Array): Promise<ApiAnswer> => handlers[route.request](route, body),
    status(): ApiAnswer {
      return cbor({
        root_key: rootKeyDer,
        impl_version: 'localnet',
        replica_health_status: 'healthy',
        certified_height: 1,
      })
    },
  }
}

const cbor = (value: unknown): ApiAnswer => ({ status: 200, body: encodeTagged(value) })

function rejectFields(reject: Reject) {
  return { reject_code: reject.code, reject_message: reject.message, error_code: reject.errorCode }
}

const textOf = (id: Uint8Array): string => Principal.fromUint8Array(id).toText()
const isTerminal = ({ state }: StoredRequest): boolean => state.status === 'replied' || state.status === 'rejected'
