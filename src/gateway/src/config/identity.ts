import { Ed25519KeyIdentity } from '@dfinity/identity'
import { developmentNetwork, type Network, parseNetwork } from '@medguard/client'
import { checkSignature } from '@medguard/client/node'
import { hkdfSync } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { ConfigError, isLoopback } from './config.ts'

/** Reading, writing and the rest for anybody but the owner. */
const OTHERS_MODE = 0o077

/** A file that the configuration names. @throws ConfigError */
export function readNamed(place: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(place, `${path} cannot be read`, { cause })
  }
}

/** One that its owner alone may read. @throws ConfigError */
function readSecret(place: string, path: string): string {
  const text = readNamed(place, path)
  if (process.platform !== 'win32' && (statSync(path).mode & OTHERS_MODE) !== 0)
    throw new ConfigError(place, `others can read it: chmod 600 ${path} if it is yours`)
  return text
}

/** The gateway's own key, as `medguard --as NAME whoami` makes one. @throws ConfigError for one that others can read. */
export function readIdentity(path: string): Ed25519KeyIdentity {
  const [, seed] = /^\s*\{\s*"seed"\s*:\s*"([0-9a-f]{64})"\s*\}\s*$/.exec(readSecret('identity', path)) ?? []
  if (seed === undefined) throw new ConfigError('identity', `${path} is no key`)
  return Ed25519KeyIdentity.generate(new Uint8Array(Buffer.from(seed, 'hex')))
}

/**
 * What the gateway keeps for itself is sealed under a key of its own key's: 32 bytes. That one lies elsewhere than what is sealed, and who has it could ask the network in the gateway's name anyway.
 */
export function sealingKeyOf(identity: Ed25519KeyIdentity): Uint8Array {
  const { secretKey } = identity.getKeyPair()
  return new Uint8Array(hkdfSync('sha256', new Uint8Array(secretKey), new Uint8Array(), 'medguard gateway creates', 32))
}

/** 32 bytes in hexadecimal, as `openssl rand -hex 32` makes them. @throws ConfigError for one that others can read. */
export function readSealingKey(path: string): Uint8Array {
  const [hex] = /^[0-9a-f]{64}(?=\s*$)/.exec(readSecret('hl7v2.keyFile', path)) ?? []
  if (hex === undefined) throw new ConfigError('hl7v2.keyFile', `${path} is not 64 hexadecimal digits`)
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

/** Whom to trust is pinned in a file; only a development network on this machine goes by its address. @throws ConfigError */
export function readNetwork(where: string): Network {
  if (URL.canParse(where) && /^https?:/.test(where)) {
    const { hostname, origin } = new URL(where)
    if (isLoopback(hostname.replace(/^\[|\]$/g, ''))) return { ...developmentNetwork(origin), checkSignature }
    throw new ConfigError('network', `${origin} is not on this machine: name a network file (docs/network-file.md)`)
  }
  const network = parseNetwork(readNamed('network', where))
  if (network === null) throw new ConfigError('network', `${where} is not a network file`)
  return { ...network, checkSignature }
}
