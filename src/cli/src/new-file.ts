import { randomBytes } from 'node:crypto'
import { closeSync, constants, copyFileSync, fsyncSync, linkSync, openSync, unlinkSync, writeFileSync } from 'node:fs'

/** What file systems without hard links say to one, for instance those of memory sticks. */
export const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Writes a file for its owner only, whole or not at all, and never over another: the bytes go into a file beside it, which gets the name at the
 * end. A crash leaves the `.part` file behind, never half a file under the name that was asked for.
 *
 * @throws Error with code `EEXIST` when the name is taken, be it by a link to nowhere; or what the file system says.
 */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  const part = `${path}.${randomBytes(6).toString('hex')}.part`
  const file = openSync(part, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    try {
      linkSync(part, path)
    } catch (error) {
      if (!NO_LINKS.has(errorCodeOf(error))) throw error
      copyFileSync(part, path, constants.COPYFILE_EXCL)
    }
  } finally {
    unlinkSync(part)
  }
}

/** `ENOENT` and the like; empty for what is no error of the file system. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
