import type { HeadMemory } from '@medguard/client'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf } from './new-file.ts'

/**
 * Remembers the last verified head of each log, so that a log that goes back in time is noticed. One small file for each person and log: two
 * commands at once cannot lose each other's, and a file is replaced whole.
 */
export function fileHeadMemory(stateDir: string, who: string): HeadMemory {
  const folder = join(stateDir, 'heads')
  // Hashed, since neither name was made to be one of a file.
  const pathOf = (logId: string) =>
    join(folder, createHash('sha256').update(`${who} ${logId}`).digest('hex').slice(0, 32))
  return {
    read: async (logId) => {
      try {
        return readFileSync(pathOf(logId), 'utf8')
      } catch (error) {
        if (errorCodeOf(error) === 'ENOENT') return null
        throw error
      }
    },
    write: async (logId, head) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const path = pathOf(logId)
      const part = `${path}.${randomBytes(6).toString('hex')}.part`
      writeFileSync(part, head, { flag: 'wx', mode: 0o600 })
      renameSync(part, path)
    },
  }
}
