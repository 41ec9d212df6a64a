import {
  type AuthorKeeper,
  type AuthorSigner,
  authorSignerOf,
  exportAuthorKeys,
  importAuthorKeys,
  newAuthorKeys,
} from '@medguard/client'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

const OTHERS_MODE = 0o077

/** The key that the gateway signs with what it stores: a file in its folder, readable by its owner only. */
export function authorKeyIn(folder: string): AuthorKeeper {
  const path = join(folder, 'author-key.json')
  const read = async (): Promise<AuthorSigner | null> => {
    let text: string
    try {
      if (process.platform !== 'win32' && (statSync(path).mode & OTHERS_MODE) !== 0)
        throw new ConfigError('dataFolder', `others can read the signing key: chmod 600 ${path} if it is yours`)
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    }
    try {
      const jwk: unknown = JSON.parse(text)
      return await authorSignerOf(await importAuthorKeys(typeof jwk === 'object' && jwk !== null ? jwk : {}))
    } catch (cause) {
      throw new ConfigError('dataFolder', `the signing key is damaged: ${path}`, { cause })
    }
  }
  return {
    read,
    async make() {
      const jwk = await exportAuthorKeys(await newAuthorKeys(true))
      const part = `${path}.part`
      rmSync(part, { force: true })
      const file = openSync(part, 'wx', 0o600)
      try {
        writeFileSync(file, `${JSON.stringify(jwk)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      // Whole or not at all.
      renameSync(part, path)
      const made = await read()
      if (made === null) throw new ConfigError('dataFolder', `the signing key is gone again: ${path}`)
      return made
    },
    remove: async () => rmSync(path, { force: true }),
  }
}
