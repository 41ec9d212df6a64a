import type { ContentSource } from '@medguard/client'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { UsageError } from './exit-code.ts'
import { passed } from './memory.ts'

/** A file that is read a slice at a time, so that its size does not matter. Close it after use. */
export interface FileSource extends ContentSource {
  close(): Promise<void>
}

/** @throws UsageError for what is no readable file. */
export async function openFile(path: string): Promise<FileSource> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY)
  } catch (error) {
    throw new UsageError(`cannot read ${path}`, { cause: error })
  }
  const stat = await file.stat()
  if (stat.isFile()) return sourceOn(file, stat.size)
  await file.close()
  throw new UsageError(`${path} is no file`)
}

/** The bytes of an open file; fewer than asked for when it has become shorter. */
export function sourceOn(file: FileHandle, sizeBytes: number): FileSource {
  return {
    sizeBytes,
    async read(start, end) {
      passed(end - start)
      const bytes = new Uint8Array(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
    close: () => file.close(),
  }
}
