import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

/**
 * One process at a time on one folder, which is made where there is none. What holds is a socket, which the system takes back from whoever dies, however they die; no file tells about a process that
 * is gone.
 *
 * @param program whose folder it is: programs of other names do not hold it up.
 * @returns releases it; null where another process has it.
 */
export async function lockFolder(path: string, program: string): Promise<(() => Promise<void>) | null> {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const folder = realpathSync(path)
  const name = `${program}-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  // On Linux in the abstract namespace, where there is no file.
  const addresses: Partial<Record<NodeJS.Platform, string>> = { linux: `\0${name}`, win32: `\\\\.\\pipe\\${name}` }
  const address = addresses[process.platform] ?? join(folder, 'lock')
  const isFile = addresses[process.platform] === undefined
  const held = await heldAt(address)
  if (held !== null) return held
  // A file of a process that died, where sockets are files.
  if (!isFile || (await answers(address))) return null
  rmSync(address, { force: true })
  return heldAt(address)
}

async function heldAt(address: string): Promise<(() => Promise<void>) | null> {
  const server = createServer((socket) => socket.destroy())
  const isHeld = await listens(server, address)
  return isHeld ? () => new Promise((resolve) => server.close(() => resolve())) : null
}

/** False where somebody listens, or listened until they died. */
function listens(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(address, () => {
      server.unref()
      resolve(true)
    })
  })
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
