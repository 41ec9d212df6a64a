// The replica's HTTPS interface: call, query, read_state and status. Interface specification, "HTTPS interface".
// The versions of a request differ in whether a call waits and in where delegations keep canister ranges. The root subnet's certificates
// have no delegation, so there only the waiting is left.
import { setTimeout as delay } from 'node:timers/promises'
import { Principal } from '@dfinity/principal'
import { encodeTagged, equalBytes, type SubnetKeys, subnetLeaves } from '../certificates/index.ts'
import type { CallerInfo, Host, RangesForm, Reject, StoredRequest } from '../contracts.ts'
import type { Lies } from '../faults/index.ts'
import { holds } from '../subnets/index.ts'
import { authenticate } from './authentication.ts'
import { type CertifyCall, createCallCertificates } from './call-certificates.ts'
import { checkEffectiveCanister } from './effective-canister.ts'
import { type CallContent, type Envelope, readCallEnvelope, readReadStateEnvelope } from './envelope.ts'
import { HttpProblem } from './problem.ts'
import { readableLeaves, type ReadSubnet } from './read-state.ts'

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
  /** The root subnet first. */
  readonly keys: readonly [root: SubnetKeys, ...others: SubnetKeys[]]
  /** How long a v3 or v4 call waits before it answers 202; 10 s in the replica. */
  readonly callWaitMs: number
  /** How much later than it arrived a call begins. */
  readonly artificialDelayMs?: number
  /** Tells something else than the truth in reply to some queries. */
  readonly lies?: Lies
}

/** The subnet that an address leads to. */
interface Place extends SubnetKeys, ReadSubnet {
  readonly certifyCall: (form: RangesForm) => CertifyCall
}

/** Where the delegation of an answer keeps the canister ranges. Interface specification, "HTTPS interface". */
function rangesFormOf({ kind, request, version }: Route): RangesForm {
  if (version === 2 || (request === 'call' && version === 3)) return 'flat'
  return kind === 'subnet' ? 'none' : 'sharded'
}

export function createApi({ host, keys, callWaitMs, artificialDelayMs = 0, lies }: ApiOptions) {
  const { rootKeyDer } = keys[0].certifier
  const facts = keys.map(({ subnet, certifier, nodeKey }) => ({
    ...subnet,
    publicKeyDer: certifier.publicKeyDer,
    nodeId: nodeKey.nodeId,
    nodeKeyDer: nodeKey.publicKeyDer,
  }))
  const places = keys.map((own): Place => {
    const { subnet, certifier } = own
    const certify = (form: RangesForm) => createCallCertificates(certifier, form, () => host.timeNs())
    const isRoot = own === keys[0]
    const [flat, sharded, none] = [certify('flat'), certify('sharded'), certify('none')]
    return {
      ...own,
      host,
      subnets: subnetLeaves(facts, subnet.id),
      answersFor: ({ subnetId }) => (subnetId === undefined ? isRoot : equalBytes(subnetId, subnet.id)),
      // Without a delegation there is one form, and the more answers share a signature the better.
      certifyCall: (form) => (isRoot || form === 'flat' ? flat : form === 'sharded' ? sharded : none),
    }
  })
  const [root] = places

  /** @throws HttpProblem 400 for a subnet that is not here. */
  function placeOf({ kind, id }: Route): Place {
    const found = places.find(({ subnet }) => (kind === 'subnet' ? equalBytes(subnet.id, id) : holds(subnet, id)))
    if (found !== undefined) return found
    if (kind === 'subnet' || root === undefined) {
      throw new HttpProblem(400, 'The address names a subnet that is not here.')
    }
    // The management canister is on every subnet, and an id that nobody has on none. The root subnet answers, for any of them.
    return { ...root, answersFor: () => true }
  }

  function checkRoute(route: Route, content: CallContent): void {
    if (route.kind === 'canister') return checkEffectiveCanister(route.id, content)
    const allowed = route.request === 'call' ? ['create_canister'] : ['list_canisters']
    if (content.canisterId.length > 0 || !allowed.includes(content.method)) {
      throw new HttpProblem(400, `The subnet address takes ${allowed.join(', ')} of the management canister only.`)
    }
  }

  /** What the address says about where a management call belongs; nothing for an id that is on no subnet. */
  const subnetIdOf = (route: Route, { subnet }: Place): { readonly subnetId?: Uint8Array } =>
    route.kind === 'subnet' || holds(subnet, route.id) ? { subnetId: subnet.id } : {}

  async function call(route: Route, body: Uint8Array): Promise<ApiAnswer> {
    const { content, requestId } = await authentic(readCallEnvelope(body, 'call'))
    const place = placeOf(route)
    checkRoute(route, content)
    if (content.arg.length > INGRESS_BYTES_MAX) {
      throw new HttpProblem(413, `Message argument of ${content.arg.length} bytes is larger than ${INGRESS_BYTES_MAX}.`)
    }
    const { sender, canisterId, method, arg, ingressExpiryNs } = content
    const waitMs = route.version === 2 ? 0 : callWaitMs
    if (artificialDelayMs > 0) await delay(artificialDelayMs)
    const note = { ...callerInfoOf(content), ...subnetIdOf(route, place) }
    const message = { requestId, sender, canisterId, method, arg, ingressExpiryNs, ...note }
    const answer = await host.call(message, waitMs)
    if (answer.kind === 'refused') {
      const refused = rejectFields(answer.reject)
      return cbor(route.version === 2 ? refused : { status: 'non_replicated_rejection', ...refused })
    }
    if (route.version === 2 || !isTerminal(answer.request)) return { status: 202, body: new Uint8Array() }
    const certify = place.certifyCall(rangesFormOf(route))
    return cbor({ status: 'replied', certificate: await certify(requestId, answer.request) })
  }

  async function query(route: Route, body: Uint8Array): Promise<ApiAnswer> {
    const { content, requestId } = await authentic(readCallEnvelope(body, 'query'))
    const place = placeOf(route)
    checkRoute(route, content)
    const { sender, canisterId, method, arg } = content
    const note = { ...callerInfoOf(content), ...subnetIdOf(route, place) }
    const message = { sender, canisterId, method, arg, rangesForm: rangesFormOf(route), ...note }
    const truth = await host.query(message)
    const at = () => ({ canister: textOf(canisterId), method, from: textOf(sender) })
    const outcome = lies === undefined ? truth : lies.tell(at(), content, truth)
    const signatures = [place.nodeKey.signResponse({ outcome, requestId, timeNs: await host.timeNs() })]
    return outcome.kind === 'reply'
      ? cbor({ status: 'replied', reply: { arg: outcome.reply }, signatures })
      : cbor({ status: 'rejected', ...rejectFields(outcome.reject), signatures })
  }

  async function readState(route: Route, body: Uint8Array): Promise<ApiAnswer> {
    const envelope = readReadStateEnvelope(body)
    const targets = authenticate(envelope, { nowNs: await host.timeNs(), rootKeyDer })
    const place = placeOf(route)
    const { sender, paths } = envelope.content
    const leaves = await readableLeaves(paths, { sender, targets, route }, place)
    return cbor({ certificate: place.certifier.certificate(leaves, await host.timeNs(), rangesFormOf(route)) })
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

/** Copies: views would carry the whole body along. */
const callerInfoOf = ({ senderInfo }: CallContent): { callerInfo?: CallerInfo } =>
  senderInfo === null ? {} : { callerInfo: { data: senderInfo.info.slice(), signer: senderInfo.signer.slice() } }

const textOf = (id: Uint8Array): string => Principal.fromUint8Array(id).toText()
const isTerminal = ({ state }: StoredRequest): boolean => state.status === 'replied' || state.status === 'rejected'
