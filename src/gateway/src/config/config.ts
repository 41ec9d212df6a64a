import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { isScope } from '../smart/scopes.ts'
import { WAITING_MAX } from '../spool/index.ts'
import type { RegisteredClient } from '../smart/assertions.ts'

// The one file that an institution writes. Whatever is wrong in it is said by its place, before anything starts.

export interface HttpConfig {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** What clients call it, where that is not where it listens: behind a proxy, for instance. */
  readonly publicUrl: string | null
  readonly tls: { readonly certificate: string; readonly key: string } | null
  readonly clients: readonly RegisteredClient[]
  /** Of each client. */
  readonly requestsPerMinute: number
}
export interface GatewayConfig {
  /** A network file, or the address of a development network on this machine. */
  readonly network: string
  /** File of the gateway's own key. */
  readonly identity: string
  /** Everything that it keeps lies in there. */
  readonly dataFolder: string
  readonly http: HttpConfig
  /** Null where no messages come. */
  readonly hl7v2: Hl7v2Config | null
}
/** Where messages of HL7 v2 come in (docs/hl7v2.md). */
export interface Hl7v2Config {
  readonly host: string
  readonly port: number
  /** Mutual TLS: whose certificates `authority` issued may send. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly authority: string } | null
  /** File of the key that what waits on the disk is sealed under. */
  readonly keyFile: string
  /** Of senders' clocks, for times that name none: `+01:00`. */
  readonly offset: string | null
  /** So many may wait on the disk; then no more are taken until some are delivered. */
  readonly waitingMax: number
}

/** What is wrong, and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly place: string
  constructor(place: string, what: string, options?: ErrorOptions) {
    super(`${place}: ${what}`, options)
    this.place = place
  }
}

const REQUESTS_PER_MINUTE = 600
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/
export const isLoopback = (host: string): boolean => LOOPBACK.test(host)

/** @throws ConfigError */
export function readConfig(path: string): GatewayConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(path, 'cannot be read', { cause })
  }
  return parseConfig(text, dirname(path))
}

/** @param folder that paths in it start from. @throws ConfigError */
export function parseConfig(text: string, folder: string): GatewayConfig {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ConfigError('the file', 'is not JSON', { cause })
  }
  const root = fieldsOf('the file', json, ['network', 'identity', 'dataFolder', 'http', 'hl7v2'])
  const file = (place: string, value: unknown) => inFolder(folder, textOf(place, value))
  const network = textOf('network', root['network'])
  return {
    network: /^https?:/.test(network) ? network : inFolder(folder, network),
    identity: file('identity', root['identity']),
    dataFolder: file('dataFolder', root['dataFolder']),
    http: httpOf(root['http'], file),
    hl7v2: root['hl7v2'] === undefined ? null : hl7v2Of(root['hl7v2'], file),
  }
}

function httpOf(json: unknown, file: (place: string, value: unknown) => string): HttpConfig {
  const http = fieldsOf('http', json, ['host', 'port', 'publicUrl', 'tls', 'clients', 'requestsPerMinute'])
  const host = http['host'] === undefined ? '127.0.0.1' : textOf('http.host', http['host'])
  const tls = http['tls'] === undefined ? null : fieldsOf('http.tls', http['tls'], ['certificate', 'key'])
  if (tls === null && !isLoopback(host))
    throw new ConfigError(
      'http.host',
      'outside of this machine only with http.tls: what is asked and answered is about patients',
    )
  const publicUrl = http['publicUrl'] === undefined ? null : originOf(http['publicUrl'])
  return {
    host,
    port: wholeOf('http.port', http['port'], { min: 0, max: 65_535 }),
    publicUrl,
    tls:
      tls === null
        ? null
        : { certificate: file('http.tls.certificate', tls['certificate']), key: file('http.tls.key', tls['key']) },
    clients: clientsOf(http['clients']),
    requestsPerMinute:
      http['requestsPerMinute'] === undefined
        ? REQUESTS_PER_MINUTE
        : wholeOf('http.requestsPerMinute', http['requestsPerMinute'], { min: 1, max: 1_000_000 }),
  }
}

function hl7v2Of(json: unknown, file: (place: string, value: unknown) => string): Hl7v2Config {
  const fields = fieldsOf('hl7v2', json, ['host', 'port', 'tls', 'keyFile', 'offset', 'waitingMax'])
  const host = fields['host'] === undefined ? '127.0.0.1' : textOf('hl7v2.host', fields['host'])
  const names = ['certificate', 'key', 'authority'] as const
  const tls = fields['tls'] === undefined ? null : fieldsOf('hl7v2.tls', fields['tls'], names)
  if (tls === null && !isLoopback(host))
    throw new ConfigError('hl7v2.host', 'outside of this machine only with hl7v2.tls: messages are about patients')
  const offset = fields['offset'] === undefined ? null : textOf('hl7v2.offset', fields['offset'])
  if (offset !== null && !/^[+-]\d{2}:\d{2}$/.test(offset)) throw new ConfigError('hl7v2.offset', 'such as +01:00')
  const [certificate, key, authority] = names.map((name) => (tls === null ? '' : file(`hl7v2.tls.${name}`, tls[name])))
  return {
    host,
    port: wholeOf('hl7v2.port', fields['port'], { min: 0, max: 65_535 }),
    tls: tls === null ? null : { certificate: certificate ?? '', key: key ?? '', authority: authority ?? '' },
    keyFile: file('hl7v2.keyFile', fields['keyFile']),
    offset,
    waitingMax:
      fields['waitingMax'] === undefined
        ? WAITING_MAX
        : wholeOf('hl7v2.waitingMax', fields['waitingMax'], { min: 1, max: WAITING_MAX }),
  }
}

function originOf(value: unknown): string {
  const text = textOf('http.publicUrl', value)
  const url = URL.canParse(text) ? new URL(text) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (url === null || !isSafe || url.origin !== text)
    throw new ConfigError('http.publicUrl', 'an origin such as https://gateway.example.org, without a slash at its end')
  return text
}

function clientsOf(json: unknown): RegisteredClient[] {
  if (!Array.isArray(json) || json.length === 0)
    throw new ConfigError('http.clients', 'a list of at least one: nobody asks this gateway without a registered key')
  const clients = json.map((each: unknown, i): RegisteredClient => {
    const place = `http.clients[${i}]`
    const fields = fieldsOf(place, each, ['clientId', 'jwks', 'scopes'])
    const scopes = fields['scopes']
    if (
      !Array.isArray(scopes) ||
      scopes.length === 0 ||
      !scopes.every((scope) => typeof scope === 'string' && isScope(scope))
    )
      throw new ConfigError(`${place}.scopes`, 'a list such as ["system/Observation.rs", "access-requests"]')
    return {
      clientId: textOf(`${place}.clientId`, fields['clientId']),
      jwks: jwksOf(`${place}.jwks`, fields['jwks']),
      scopes: scopes as string[],
    }
  })
  if (new Set(clients.map(({ clientId }) => clientId)).size !== clients.length)
    throw new ConfigError('http.clients', 'two clients have one clientId')
  return clients
}

const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']
function jwksOf(place: string, json: unknown): RegisteredClient['jwks'] {
  const { keys } = fieldsOf(place, json, ['keys'])
  if (!Array.isArray(keys) || keys.length === 0) throw new ConfigError(place, 'a JWK set with at least one public key')
  return {
    keys: keys.map((key: unknown, i) => {
      const at = `${place}.keys[${i}]`
      if (typeof key !== 'object' || key === null) throw new ConfigError(at, 'not a key')
      if (PRIVATE_PARTS.some((part) => part in key))
        throw new ConfigError(at, 'a private key: it stays with its client')
      const { kty, kid } = key as { kty?: unknown; kid?: unknown }
      if ((kty !== 'RSA' && kty !== 'EC') || typeof kid !== 'string') throw new ConfigError(at, 'RSA or EC, with a kid')
      return { ...key, kty }
    }),
  }
}

type Fields = Readonly<Record<string, unknown>>
/** Nothing misspelt passes for absent. */
function fieldsOf(place: string, json: unknown, known: readonly string[]): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new ConfigError(place, 'an object')
  for (const name of Object.keys(json))
    if (!known.includes(name)) throw new ConfigError(place, `does not know ${name}; it knows ${known.join(', ')}`)
  return json as Fields
}
function textOf(place: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError(place, 'a text')
  return value
}
function wholeOf(place: string, value: unknown, { min, max }: { min: number; max: number }): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw new ConfigError(place, `a whole number from ${min} to ${max}`)
  return value
}
const inFolder = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path))
