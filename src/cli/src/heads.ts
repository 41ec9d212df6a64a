import type { HeadMemory } from '@medguard/client'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Remembers the last verified head of each log in one small file, so that a log that goes back in time is noticed. */
export function fileHeadMemory(stateDir: string, who: string): HeadMemory {
  const path = join(stateDir, 'heads.json')
  const readAll = (): Record<string, string> => {
    try {
      const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
      return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, string>) : {}
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
      throw error
    }
  }
  return {
    read: async (logId) => readAll()[`${who} ${logId}`] ?? null,
    write: async (logId, head) => {
      mkdirSync(stateDir, { recursive: true })
      writeFileSync(`${path}.${process.pid}`, JSON.stringify({ ...readAll(), [`${who} ${logId}`]: head }), {
        mode: 0o600,
      })
      renameSync(`${path}.${process.pid}`, path)
    },
  }
}
