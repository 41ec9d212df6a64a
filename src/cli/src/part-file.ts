import type { ContentSink, Outcome } from '@medguard/client'
import { constants, copyFileSync, linkSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { UsageError, valueOf } from './exit-code.ts'
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

/** What is taken out of a vault, into a new file: it gets its name when the log has it. @throws UsageError where there is one of that name. */
export async function written<T>(
  out: string,
  write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<Outcome<T>>,
): Promise<T> {
  const part = await openPart(out, `${Date.now()}`)
  let sizeBytes = 0
  let report
  try {
    const sink = async (bytes: Uint8Array) => {
      await part.sink.write(bytes, sizeBytes)
      sizeBytes += bytes.length
    }
    report = valueOf(await write(sink))
  } catch (error) {
    await part.discard()
    throw error
  }
  await part.finish(sizeBytes).catch((error: unknown) => {
    const isTaken = errorCodeOf(error) === 'EEXIST'
    throw new UsageError(isTaken ? `${out} is there already` : `cannot write ${out}`, { cause: error })
  })
  return report
}
