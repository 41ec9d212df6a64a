// Reads a signed request. Interface specification, "Authentication" and "HTTPS interface". All of it comes from a stranger.
import {
  type Cbor,
  type CborMap,
  decodeUntrusted,
  InvalidCbor,
  isArray,
  isMap,
  type Path,
  representationHash,
} from '../certificates/index.ts'
import { HttpProblem } from './problem.ts'

export type RequestKind = 'call' | 'query' | 'read_state'

/** What a canister says about the sender; the signature is the canister's. interface specification, "Identity attributes" */
export interface SenderInfo {
  readonly info: Uint8Array
  readonly signer: Uint8Array
  readonly signature: Uint8Array
}

export interface CallContent {
  readonly kind: 'call' | 'query'
  readonly sender: Uint8Array
  readonly senderInfo: SenderInfo | null
  readonly ingressExpiryNs: bigint
  readonly canisterId: Uint8Array
  readonly method: string
  readonly arg: Uint8Array
}

export interface ReadStateContent {
  readonly kind: 'read_state'
  readonly sender: Uint8Array
  readonly ingressExpiryNs: bigint
  readonly paths: readonly Path[]
}

export interface Delegation {
  readonly publicKeyDer: Uint8Array
  readonly expirationNs: bigint
  readonly targets: readonly Uint8Array[] | null
  readonly queriesOnly: boolean
  /** Representation-independent hash, 32 bytes: what the previous key signed. */
  readonly hash: Uint8Array
  readonly signature: Uint8Array
}

export interface Envelope<Content> {
  readonly content: Content
  /** 32 bytes. */
  readonly requestId: Uint8Array
  readonly publicKeyDer: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly delegations: readonly Delegation[] | null
}

const PRINCIPAL_BYTES_MAX = 29
const NONCE_BYTES_MAX = 32
const METHOD_CHARS_MAX = 20_000
const PATHS_MAX = 1000
const LABELS_MAX = 127
const TARGETS_MAX = 1000
const DELEGATIONS_MAX = 20
const U64_MAX = 2n ** 64n - 1n

/**
 * @returns content with types and sizes checked; nothing about its signature is.
 * @throws HttpProblem 400 that names the field.
 */
export function readCallEnvelope(body: Uint8Array, kind: 'call' | 'query'): Envelope<CallContent> {
  return readEnvelope(body, kind, (content) => {
    const method = text(content, 'method_name')
    if (method.length > METHOD_CHARS_MAX) throw bad('method_name is too long')
    return {
      kind,
      sender: principal(content, 'sender'),
      senderInfo: readSenderInfo(present(content, 'sender_info')),
      ingressExpiryNs: nat64(content, 'ingress_expiry'),
      canisterId: principal(content, 'canister_id'),
      method,
      arg: bytes(content, 'arg'),
    }
  })
}

function readSenderInfo(value: Cbor | undefined): SenderInfo | null {
  if (value === undefined) return null
  if (!isMap(value)) throw bad('sender_info must be a map')
  return { info: bytes(value, 'info'), signer: principal(value, 'signer'), signature: bytes(value, 'sig') }
}

/** @throws HttpProblem 400 that names the field. */
export function readReadStateEnvelope(body: Uint8Array): Envelope<ReadStateContent> {
  return readEnvelope(body, 'read_state', (content) => {
    const paths = list(content, 'paths').map((path) => {
      if (!isArray(path) || path.length > LABELS_MAX) throw bad(`a path must be a list of at most ${LABELS_MAX} labels`)
      return path.map((label) => {
        if (!(label instanceof Uint8Array)) throw bad('a path label must be bytes')
        return label
      })
    })
    if (paths.length > PATHS_MAX) throw bad(`more than ${PATHS_MAX} paths`)
    return {
      kind: 'read_state',
      sender: principal(content, 'sender'),
      ingressExpiryNs: nat64(content, 'ingress_expiry'),
      paths,
    }
  })
}

function readEnvelope<Content>(
  body: Uint8Array,
  kind: RequestKind,
  read: (content: CborMap) => Content,
): Envelope<Content> {
  const envelope = decode(body)
  const content = envelope.get('content')
  if (!isMap(content)) throw bad('content must be a map')
  const type = text(content, 'request_type')
  if (type !== kind) throw bad(`request_type is ${JSON.stringify(type)}, this address takes ${JSON.stringify(kind)}`)
  const nonce = present(content, 'nonce')
  if (nonce !== undefined && !(nonce instanceof Uint8Array && nonce.length <= NONCE_BYTES_MAX)) {
    throw bad(`nonce must be at most ${NONCE_BYTES_MAX} bytes`)
  }
  const checked = read(content)
  const delegations = present(envelope, 'sender_delegation')
  return {
    content: checked,
    requestId: hashOf(content),
    publicKeyDer: present(envelope, 'sender_pubkey') === undefined ? null : bytes(envelope, 'sender_pubkey'),
    signature: present(envelope, 'sender_sig') === undefined ? null : bytes(envelope, 'sender_sig'),
    delegations: delegations === undefined ? null : readDelegations(list(envelope, 'sender_delegation')),
  }
}

function readDelegations(items: readonly Cbor[]): Delegation[] {
  if (items.length > DELEGATIONS_MAX) throw bad(`Invalid delegation: chain of more than ${DELEGATIONS_MAX}`)
  return items.map((item) => {
    if (!isMap(item)) throw bad('a delegation must be a map')
    const map = item.get('delegation')
    if (!isMap(map)) throw bad('delegation must be a map')
    for (const key of map.keys()) {
      // An unknown field may be a limit that we would not enforce.
      if (!DELEGATION_FIELDS.has(key)) throw bad(`Invalid delegation: unknown field ${JSON.stringify(key)}`)
    }
    const permissions = present(map, 'permissions')
    if (permissions !== undefined && permissions !== 'queries' && permissions !== 'all') {
      throw bad('Invalid delegation: permissions must be "queries" or "all"')
    }
    return {
      publicKeyDer: bytes(map, 'pubkey'),
      expirationNs: nat64(map, 'expiration'),
      targets: present(map, 'targets') === undefined ? null : readTargets(list(map, 'targets')),
      queriesOnly: permissions === 'queries',
      hash: hashOf(map),
      signature: bytes(item, 'signature'),
    }
  })
}

const DELEGATION_FIELDS: ReadonlySet<string> = new Set(['pubkey', 'expiration', 'targets', 'permissions'])

function readTargets(items: readonly Cbor[]): Uint8Array[] {
  if (items.length > TARGETS_MAX) throw bad(`Invalid delegation: more than ${TARGETS_MAX} targets`)
  return items.map((item) => {
    if (!(item instanceof Uint8Array) || item.length > PRINCIPAL_BYTES_MAX)
      throw bad('a delegation target must be a principal')
    return item
  })
}

function decode(body: Uint8Array): CborMap {
  let value: Cbor
  try {
    value = decodeUntrusted(body)
  } catch (error) {
    if (error instanceof InvalidCbor) throw bad(`Could not parse body as CBOR: ${error.message}`)
    throw error
  }
  if (!isMap(value)) throw bad('Could not parse body: an envelope must be a map')
  return value
}

function hashOf(map: CborMap): Uint8Array {
  try {
    return representationHash(map)
  } catch (error) {
    if (error instanceof TypeError) throw bad(`Could not hash the request: ${error.message}`)
    throw error
  }
}

const bad = (message: string) => new HttpProblem(400, message)

/** Clients in the wild send null for fields they leave out. */
function present(map: CborMap, key: string): Cbor | undefined {
  return map.get(key) ?? undefined
}

function bytes(map: CborMap, key: string): Uint8Array {
  const value = map.get(key)
  if (!(value instanceof Uint8Array)) throw bad(`${key} must be bytes`)
  return value
}

function principal(map: CborMap, key: string): Uint8Array {
  const value = bytes(map, key)
  if (value.length > PRINCIPAL_BYTES_MAX)
    throw bad(`${key} must be a principal of at most ${PRINCIPAL_BYTES_MAX} bytes`)
  return value
}

function text(map: CborMap, key: string): string {
  const value = map.get(key)
  if (typeof value !== 'string') throw bad(`${key} must be text`)
  return value
}

function list(map: CborMap, key: string): readonly Cbor[] {
  const value = map.get(key)
  if (!isArray(value)) throw bad(`${key} must be a list`)
  return value
}

function nat64(map: CborMap, key: string): bigint {
  const value = map.get(key)
  if ((typeof value !== 'number' && typeof value !== 'bigint') || value < 0 || BigInt(value) > U64_MAX) {
    throw bad(`${key} must be a natural number of 64 bits`)
  }
  return BigInt(value)
}
