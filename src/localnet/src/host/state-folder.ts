// The folder that keeps a network between runs. It is marked, so that no other folder is ever written to or emptied by mistake.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acquireLock } from '../storage/lock.ts'

const MARKER = 'localnet.json'
const STATE = 'state'

/** The folder cannot be used. The message says what to do. */
export class StateFolderProblem extends Error {
  override readonly name = 'StateFolderProblem'
}

/**
 * Makes the folder if need be.
 * @param clean forget what is saved; refused while a network runs on it.
 * @returns where storage keeps its files.
 * @throws StateFolderProblem when the folder holds something else; StorageError `locked` when it cannot be cleaned.
 */
export function prepareStateFolder(folder: string, clean: boolean): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const marker = join(folder, MARKER)
  if (!existsSync(marker)) {
    if (readdirSync(folder).length > 0) {
      throw new StateFolderProblem(`${folder} holds files that are not a network's. Name an empty or a new folder.`)
    }
    writeFileSync(marker, `${JSON.stringify({ holds: 'a localnet development network' })}\n`)
  }
  const state = join(folder, STATE)
  mkdirSync(state, { recursive: true, mode: 0o700 })
  if (clean) {
    const lock = acquireLock(state)
    try {
      for (const name of readdirSync(state)) if (!name.startsWith('lock-')) rmSync(join(state, name), { force: true })
    } finally {
      lock.release()
    }
  }
  return state
}
