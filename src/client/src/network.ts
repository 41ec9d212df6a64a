import { productionMasterKey } from '@medguard/crypto'
import { fromHex, Principal } from '@medguard/protocol'

import { printable } from './printable.ts'

const PRODUCTION_KEYS = ['key_1', 'test_key_1'] as const

/** Whether a BLS signature (G1, 48 bytes) of the network over a message fits its key (G2, 96 bytes). Never throws for what does not. */
export type SignatureCheck = (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => Promise<boolean>

/** Everything that decides whom to trust, pinned: none of it is ever fetched from the network it describes. */
export interface Network {
  /** Origin of the API, for instance `https://icp-api.io`; plain http on this machine only. */
  readonly url: string
  /** DER, 133 bytes. */
  readonly rootKey: Uint8Array
  readonly canisters: {
    readonly consent: string
    readonly records: string
    /** The log, or the first of its canisters. */
    readonly audit: string
    /** Further canisters of the log, in their order. */
    readonly logShards?: readonly string[]
  }
  /** Master public key of key derivation, 96 bytes. */
  readonly masterKey: Uint8Array
  /** Where the nodes stand, in the words of whoever deployed it. It is said, not proven, and decides nothing. */
  readonly region?: string
  /** Another check of certificates than the agent's own. */
  readonly checkSignature?: SignatureCheck
}

/** What proves an answer. */
export type Trust = Pick<Network, 'rootKey' | 'checkSignature'>

/** All canisters that are ours. */
export const canisterIds = ({ canisters: { consent, records, audit, logShards = [] } }: Network): string[] => [
  consent,
  records,
  audit,
  ...logShards,
]
/** Of the log's canisters, the first one first. */
export const logIds = ({ canisters: { audit, logShards = [] } }: Network): string[] => [audit, ...logShards]

const LOG_SHARDS_MAX = 64
const ROOT_KEY_BYTES = 133
const REGION_CHARS_MAX = 80
const LOOPBACK = /^(127(\.\d{1,3}){3}|([a-z0-9-]+\.)*localhost|\[::1\])$/

/** Reads a network file: JSON with the fields of `Network`, the root key in hexadecimal. Null for anything else. */
export function parseNetwork(json: string): Network | null {
  let file: unknown
  try {
    file = JSON.parse(json)
  } catch {
    return null // not JSON; the caller says which file
  }
  const url = textAt(file, 'url')
  const rootKey = fromHex(textAt(file, 'rootKey') ?? '')
  const canisters = fieldAt(file, 'canisters')
  const [consent, records, audit] = ['consent', 'records', 'audit'].map((name) => canisterId(textAt(canisters, name)))
  const region = textAt(file, 'region')
  const keyName = PRODUCTION_KEYS.find((name) => name === textAt(file, 'keyName'))
  if (url === null || !isOrigin(url) || rootKey?.length !== ROOT_KEY_BYTES || keyName === undefined) return null
  const logShards = shardIds(fieldAt(canisters, 'logShards'))
  if (!consent || !records || !audit || logShards === null) return null
  if (new Set([consent, records, audit, ...logShards]).size !== 3 + logShards.length) return null
  return {
    url: new URL(url).origin,
    rootKey,
    canisters: { consent, records, audit, ...(logShards.length > 0 && { logShards }) },
    masterKey: productionMasterKey(keyName),
    ...(region !== null && { region: printable(region).slice(0, REGION_CHARS_MAX) }),
  }
}

/** Answers are signed, questions are not sealed: off this machine nobody on the way shall see who asks which canister for what. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

function canisterId(text: string | null): string | null {
  try {
    return text === null ? null : Principal.fromText(text).toText()
  } catch {
    return null // a misspelt id: the whole file is refused
  }
}

/** None where the file names none. */
function shardIds(named: unknown): string[] | null {
  if (named === undefined) return []
  if (!Array.isArray(named) || named.length > LOG_SHARDS_MAX) return null
  const ids = named.map((id: unknown) => canisterId(typeof id === 'string' ? id : null))
  return ids.every((id) => id !== null) ? ids : null
}

function fieldAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
function textAt(value: unknown, name: string): string | null {
  const field = fieldAt(value, name)
  return typeof field === 'string' ? field : null
}
