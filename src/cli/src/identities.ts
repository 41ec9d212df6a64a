import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@medguard/client'
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { UsageError } from './exit-code.ts'
import { errorCodeOf, writeNewFile } from './new-file.ts'

const NAME = /^[a-z0-9][a-z0-9._-]{0,39}$/i
const FILE_ENDING = '.json'
/** Reading, writing and the rest for anybody but the owner. */
const OTHERS_MODE = 0o077

/** Local identities: one file each, readable by its owner only. A name leaves this machine only inside what is sealed under it. */
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
  let namesByPrincipal: Map<string, string> | null = null

  const read = (name: string): Ed25519KeyIdentity | null => {
    if (!NAME.test(name))
      throw new UsageError(`not a name for an identity: letters, digits, dot, dash, at most 40: ${name}`)
    const path = join(folder, `${name}${FILE_ENDING}`)
    let seedHex: unknown
    try {
      // A key that came with somebody else's folder is theirs: what is sealed under it, they can read.
      if (process.platform !== 'win32' && (statSync(path).mode & OTHERS_MODE) !== 0)
        throw new UsageError(`others can read the key of ${name}: chmod 600 ${path} if it is yours`)
      const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
      seedHex = typeof parsed === 'object' && parsed !== null && 'seed' in parsed ? parsed.seed : undefined
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return null
      if (error instanceof UsageError) throw error
      throw new UsageError(`the identity file of ${name} cannot be read`, { cause: error })
    }
    if (typeof seedHex !== 'string' || !/^[0-9a-f]{64}$/.test(seedHex))
      throw new UsageError(`the identity file of ${name} is damaged`)
    return Ed25519KeyIdentity.generate(new Uint8Array(Buffer.from(seedHex, 'hex')))
  }

  /** The identity of that name, made from `seed` when there is none yet. */
  const readOrWrite = (name: string, seed: Uint8Array): Ed25519KeyIdentity => {
    const known = read(name)
    if (known !== null) return known
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    try {
      const json = `${JSON.stringify({ seed: Buffer.from(seed).toString('hex') })}\n`
      writeNewFile(join(folder, `${name}${FILE_ENDING}`), Buffer.from(json))
    } catch (error) {
      // Another command made it in the same moment: there is one key for one name, and theirs came first.
      if (errorCodeOf(error) !== 'EEXIST') throw error
    }
    const made = read(name)
    if (made === null) throw new UsageError(`the identity file of ${name} is gone again`)
    return made
  }

  const allNames = (): Map<string, string> => {
    const found = new Map<string, string>()
    for (const file of filesIn(folder)) {
      const name = file.endsWith(FILE_ENDING) ? file.slice(0, -FILE_ENDING.length) : ''
      if (!NAME.test(name)) continue
      try {
        const identity = read(name)
        if (identity !== null) found.set(identity.getPrincipal().toText(), name)
      } catch {
        // A file that is no key names nobody; whoever is asked for by that name learns why.
      }
    }
    return found
  }

  return {
    open: (name) => readOrWrite(name, new Uint8Array(randomBytes(32))),
    resolve(who) {
      const local = NAME.test(who) ? read(who) : null
      if (local !== null) return local.getPrincipal().toText()
      try {
        return Principal.fromText(who).toText()
      } catch (error) {
        throw new UsageError(`neither a share code nor an identity on this machine: ${who}`, { cause: error })
      }
    },
    nameOf: (principal) => (namesByPrincipal ??= allNames()).get(principal) ?? null,
    keep(name, seed) {
      const kept = readOrWrite(name, seed).getPrincipal().toText()
      if (kept !== Ed25519KeyIdentity.generate(seed).getPrincipal().toText())
        throw new UsageError(`another identity is already called ${name}`)
    },
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // no folder yet: nobody has been made here
  }
}
