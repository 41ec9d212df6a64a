import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@medguard/client'
import { mkdirSync, openSync, readFileSync, readdirSync, writeSync, closeSync, fsyncSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { UsageError } from './exit-code.ts'

const NAME = /^[a-z0-9][a-z0-9._-]{0,39}$/i

/** Local identities: one file each, readable by its owner only. Their names never leave this machine. */
export interface Identities {
  /** Made on first use. */
  open(name: string): Ed25519KeyIdentity
  /** A principal in text form, or the name of an identity that exists here. @throws UsageError otherwise. */
  resolve(who: string): string
  /** The local name of a principal, or null. */
  nameOf(principal: string): string | null
  /** Keeps a given 32-byte seed under a name; used for demo people. @throws UsageError when the name has another key. */
  keep(name: string, seed: Uint8Array): void
}

export function openIdentities(stateDir: string): Identities {
  const folder = join(stateDir, 'identities')

  const read = (name: string): Ed25519KeyIdentity | null => {
    if (!NAME.test(name))
      throw new UsageError(`not a name for an identity: letters, digits, dot, dash, at most 40: ${name}`)
    let seedHex: unknown
    try {
      const parsed: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
      seedHex = typeof parsed === 'object' && parsed !== null && 'seed' in parsed ? parsed.seed : undefined
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw new UsageError(`the identity file of ${name} cannot be read`, { cause: error })
    }
    if (typeof seedHex !== 'string' || !/^[0-9a-f]{64}$/.test(seedHex))
      throw new UsageError(`the identity file of ${name} is damaged`)
    return Ed25519KeyIdentity.generate(new Uint8Array(Buffer.from(seedHex, 'hex')))
  }

  const write = (name: string, seed: Uint8Array): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // `wx`: two commands that make the same identity at once must not overwrite each other's key.
    const file = openSync(join(folder, `${name}.json`), 'wx', 0o600)
    try {
      writeSync(file, `${JSON.stringify({ seed: Buffer.from(seed).toString('hex') })}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  const names = (): string[] => {
    try {
      return readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
    } catch {
      return [] // no folder yet: nobody has been made here
    }
  }

  return {
    open(name) {
      const known = read(name)
      if (known !== null) return known
      const seed = new Uint8Array(randomBytes(32))
      write(name, seed)
      return Ed25519KeyIdentity.generate(seed)
    },
    resolve(who) {
      const local = NAME.test(who) ? read(who) : null
      if (local !== null) return local.getPrincipal().toText()
      try {
        return Principal.fromText(who).toText()
      } catch (error) {
        throw new UsageError(`neither a share code nor an identity on this machine: ${who}`, { cause: error })
      }
    },
    nameOf(principal) {
      return names().find((name) => read(name)?.getPrincipal().toText() === principal) ?? null
    },
    keep(name, seed) {
      const known = read(name)
      const given = Ed25519KeyIdentity.generate(seed)
      if (known === null) write(name, seed)
      else if (known.getPrincipal().toText() !== given.getPrincipal().toText())
        throw new UsageError(`another identity is already called ${name}`)
    },
  }
}
