import type { NamedFile } from '@medguard/client'
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from './exit-code.ts'
import { sourceOn } from './file-source.ts'

/** The files of a folder and of those in it. */
export interface Folder {
  readonly files: readonly NamedFile[]
  /** Hidden ones, links and what is no file. */
  readonly left: number
  readonly close: () => Promise<void>
}

const DEPTH_MAX = 16

/**
 * The files that lie in a folder, read a slice at a time with one of them open at any moment: a study has thousands. Links are not followed, so that what
 * is stored is what lies there.
 *
 * @throws UsageError for what is no readable folder, or has nothing in it.
 */
export async function openFolder(path: string): Promise<Folder> {
  const files: NamedFile[] = []
  let left = 0
  let current: { readonly path: string; readonly handle: FileHandle } | null = null

  const handleOf = async (file: string): Promise<FileHandle> => {
    if (current?.path === file) return current.handle
    await current?.handle.close()
    current = null
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    current = { path: file, handle }
    return handle
  }
  const walk = async (folder: string, prefix: string, depth: number): Promise<void> => {
    if (depth > DEPTH_MAX) throw new UsageError(`${folder} is too deep`)
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const at = join(folder, entry.name)
      const isHidden = entry.name.startsWith('.')
      if (entry.isDirectory() && !isHidden) await walk(at, `${prefix}${entry.name}/`, depth + 1)
      else if (entry.isFile() && !isHidden) {
        const { size: sizeBytes } = await lstat(at)
        const read = async (start: number, end: number) => sourceOn(await handleOf(at), sizeBytes).read(start, end)
        files.push({ name: `${prefix}${entry.name}`, content: { sizeBytes, read } })
      } else left++
    }
  }
  await walk(path, '', 1).catch((error: unknown) => {
    throw error instanceof UsageError ? error : new UsageError(`cannot read ${path}`, { cause: error })
  })
  if (files.length === 0) throw new UsageError(`there are no files in ${path}`)
  return {
    files,
    left,
    close: async () => {
      await current?.handle.close()
    },
  }
}
