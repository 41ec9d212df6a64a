import {
  type AuthorKeeper,
  type AuthorSigner,
  authorSignerOf,
  exportAuthorKeys,
  importAuthorKeys,
  newAuthorKeys,
} from '@medguard/client'
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from './exit-code.ts'
import { errorCodeOf, writeNewFile } from './new-file.ts'

/** Reading, writing and the rest for anybody but the owner. */
const OTHERS_MODE = 0o077

/**
 * The key that an identity of this machine signs records with: a file beside the identities, readable by its owner only.
 * @param name of the identity.
 */
export function authorKeyFile(stateDir: string, name: string): AuthorKeeper {
  const folder = join(stateDir, 'authors')
  const path = join(folder, `${name}.json`)
  /** @throws UsageError for a key that is damaged, or that others can read. */
  const read = async (): Promise<AuthorSigner | null> => {
    let text: string
    try {
      if (process.platform !== 'win32' && (statSync(path).mode & OTHERS_MODE) !== 0)
        throw new UsageError(`others can read the signing key of ${name}: chmod 600 ${path} if it is yours`)
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return null
      throw error
    }
    try {
      const jwk: unknown = JSON.parse(text)
      return await authorSignerOf(await importAuthorKeys(typeof jwk === 'object' && jwk !== null ? jwk : {}))
    } catch (error) {
      throw new UsageError(`the signing key of ${name} is damaged: ${path}`, { cause: error })
    }
  }
  return {
    read,
    async make() {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const jwk = await exportAuthorKeys(await newAuthorKeys(true))
      try {
        writeNewFile(path, Buffer.from(`${JSON.stringify(jwk)}\n`))
      } catch (error) {
        // Another command made it in the same moment: theirs came first.
        if (errorCodeOf(error) !== 'EEXIST') throw error
      }
      const made = await read()
      if (made === null) throw new UsageError(`the signing key of ${name} is gone again`)
      return made
    },
    remove: async () => rmSync(path, { force: true }),
  }
}
