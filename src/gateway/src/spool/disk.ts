import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'

// Every change to a folder of the gateway goes through here, so that tests can fail each one and end at any of them.

export interface DiskFile {
  sizeBytes(): Promise<number>
  /** Fewer bytes only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>
  /** All of them, or throws: then some of them may be there. */
  write(position: number, bytes: Uint8Array): Promise<void>
  truncate(length: number): Promise<void>
  /** Waits until content and length are on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}
/** All throw what `node:fs` throws. */
export interface Disk {
  /** With its parents, for its owner only. */
  makeFolder(path: string): Promise<void>
  /** Null where there is none. */
  openFile(path: string): Promise<DiskFile | null>
  /** In place of what has the name. */
  newFile(path: string): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  /** Of what is not there too. */
  remove(path: string): Promise<void>
  /** Waits until the names in it are on the disk. */
  syncFolder(path: string): Promise<void>
}

export const systemDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await chmod(path, 0o700)
  },
  async openFile(path) {
    try {
      return fileOf(await open(path, 'r+'))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    }
  },
  newFile: async (path) => fileOf(await open(path, 'w+', 0o600)),
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncFolder(path) {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
}

function fileOf(handle: Awaited<ReturnType<typeof open>>): DiskFile {
  return {
    sizeBytes: async () => (await handle.stat()).size,
    async read(position, length) {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
    async write(position, bytes) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
        done += bytesWritten
      }
    },
    truncate: (length) => handle.truncate(length),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

/** `ENOENT` and the like; empty for what is no error of the file system. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
