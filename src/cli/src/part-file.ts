import type { ContentSink } from '@medguard/client'
import { constants, copyFileSync, linkSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { UsageError } from './exit-code.ts'
import { sourceOn } from './file-source.ts'
import { passed } from './memory.ts'
import { errorCodeOf, NO_LINKS } from './new-file.ts'

/** A file on its way: under another name until all of it is verified. */
export interface PartFile {
  readonly sink: ContentSink
  /** Gives it the name that was asked for, never over another file. @throws Error with code `EEXIST`. */
  finish(sizeBytes: number): Promise<void>
  /** What came is not what was stored: nothing of it stays. */
  discard(): Promise<void>
  /** Interrupted: what came stays, for the next try. */
  leave(): Promise<void>
}

/**
 * Opens `PATH.TAG.part` for its owner only, with what an earlier try left in it. A try that was killed leaves that file; the next one with the same
 * tag goes on with it.
 *
 * @param tag of the content: another content gets another file.
 * @throws UsageError when it cannot be written, or is not a file of this person's alone.
 */
export async function openPart(path: string, tag: string): Promise<PartFile> {
  const part = `${path}.${tag}.part`
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
  const file = await open(part, flags, 0o600).catch((error: unknown) => {
    throw new UsageError(`cannot write ${part}`, { cause: error })
  })
  const stat = await file.stat()
  if (!stat.isFile() || (stat.mode & 0o077) !== 0 || stat.nlink !== 1) {
    await file.close()
    throw new UsageError(`${part} is not a file that only you can read: remove it`)
  }
  return {
    sink: {
      begun: sourceOn(file, stat.size),
      async write(piece, start) {
        passed(piece.length)
        for (let done = 0; done < piece.length;) {
          const { bytesWritten } = await file.write(piece, done, piece.length - done, start + done)
          done += bytesWritten
        }
      },
    },
    async finish(sizeBytes) {
      await file.truncate(sizeBytes)
      await file.sync()
      await file.close()
      try {
        linkSync(part, path)
      } catch (error) {
        if (!NO_LINKS.has(errorCodeOf(error))) throw error
        copyFileSync(part, path, constants.COPYFILE_EXCL)
      }
      unlinkSync(part)
    },
    async discard() {
      await file.close()
      unlinkSync(part)
    },
    async leave() {
      const { size } = await file.stat()
      await file.close()
      if (size === 0) unlinkSync(part)
    },
  }
}
