import { chmodSync, mkdirSync } from 'node:fs'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceFault } from '../fault.ts'
import type { DeviceStore } from '../store.ts'

const PART = '.part'
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/**
 * A folder of files for its owner only. Each is written beside its place, brought to the disk, and put there by one renaming that is brought to the disk too: `kill -9` and a
 * power cut leave what was there before, or what is there now. What such an end left half-written goes: whoever opens it has its lock.
 */
export async function openFolder(path: string): Promise<DeviceStore> {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  for (const name of await readdir(path)) if (name.endsWith(PART)) await rm(join(path, name), { force: true })
  const settle = async (): Promise<void> => {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
  return {
    async read(name) {
      try {
        return new Uint8Array(await readFile(join(path, name)))
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null
        throw error
      }
    },
    async write(name, bytes) {
      const part = join(path, `${name}${PART}`)
      try {
        const file = await open(part, 'w', 0o600)
        try {
          await file.writeFile(bytes)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(part, join(path, name))
        await settle()
      } catch (error) {
        if (NO_ROOM.has(codeOf(error))) throw new DeviceFault('Full', 'there is no room on the disk', { cause: error })
        throw error
      }
    },
    async remove(name) {
      await rm(join(path, name), { force: true })
    },
    names: async () => (await readdir(path)).filter((name) => !name.endsWith(PART)),
  }
}

/** `ENOENT` and the like; empty for what is no error of the file system. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
