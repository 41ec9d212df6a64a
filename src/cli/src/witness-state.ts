import type { SignedCheckpoint } from '@medguard/client'
import { cosignNote, witnessKeyOf } from '@medguard/verifier'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from './exit-code.ts'
import { errorCodeOf } from './new-file.ts'

const NAME = /^[a-z0-9][a-z0-9.-]{0,99}$/

/** What a witness remembers. Losing it means to begin anew under a new key: a witness that forgets would cosign a fork. */
interface State {
  /** 32 bytes, hexadecimal. */
  readonly seed: string
  /** What it cosigned last, and the log's key by then. */
  readonly last: {
    readonly origin: string
    readonly treeSize: number
    readonly root: string
    readonly key: string
  } | null
}
export interface Witness {
  readonly key: string
  readonly last: State['last']
  /** Remembers the checkpoint, then cosigns it. @throws UsageError for another log, or one with another key. */
  cosign(checkpoint: SignedCheckpoint, nowMs: bigint): string
}

/** @param name As others know this witness: letters, digits, dots, dashes. */
export function openWitness(stateDir: string, name: string): Witness {
  if (!NAME.test(name)) throw new UsageError(`not a name for a witness: ${name}`)
  const folder = join(stateDir, 'witnesses')
  const path = join(folder, `${name}.json`)
  const state = read(path) ?? { seed: randomBytes(32).toString('hex'), last: null }
  const seed = new Uint8Array(Buffer.from(state.seed, 'hex'))
  return {
    key: witnessKeyOf(name, seed),
    last: state.last,
    cosign({ note, key, origin, treeSize, root }, nowMs) {
      const { last } = state
      if (last !== null && (last.origin !== origin || last.key !== key))
        throw new UsageError(`${name} is the witness of ${last.origin} under another key: use another name`)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const part = `${path}.${randomBytes(6).toString('hex')}.part`
      const next: State = { seed: state.seed, last: { origin, treeSize, root, key } }
      writeFileSync(part, `${JSON.stringify(next)}\n`, { flag: 'wx', mode: 0o600, flush: true })
      renameSync(part, path) // first remembered, then said
      return cosignNote(note, name, seed, nowMs / 1000n)
    },
  }
}

function read(path: string): State | null {
  let text: string
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw new UsageError(`others can read the key of a witness: chmod 600 ${path} if it is yours`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
  try {
    const state = JSON.parse(text) as State
    if (/^[0-9a-f]{64}$/.test(state.seed)) return state
  } catch {
    // said below
  }
  throw new UsageError(`${path} is damaged`)
}
