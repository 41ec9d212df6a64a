import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { DeviceFault } from '../fault.ts'
import { codeOf } from './folder.ts'

/**
 * One process at a time on one folder, which is made where there is none: two would seal two contents under one step of a chain. What holds is a socket, which the system takes back from whoever dies, however
 * they die; no file tells about a process that is gone.
 *
 * @returns releases it.
 * @throws DeviceFault `InUse`.
 */
export async function lockFolder(path: string): Promise<() => void> {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const folder = realpathSync(path)
  const name = `medguard-device-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  const address =
    process.platform === 'linux'
      ? `\0${name}` // the abstract namespace: no file
      : process.platform === 'win32'
        ? `\\\\.\\pipe\\${name}`
        : join(folder, 'lock')
  const inUse = () => new DeviceFault('InUse', `another medguard-device works with ${path}`)
  try {
    return release(await listen(address))
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    // A file of a process that died, where sockets are files.
    if (address.startsWith('\0') || (await answers(address))) throw inUse()
    rmSync(address, { force: true })
    return release(await listen(address))
  }
}

const release = (server: Server) => () => void server.close()

function listen(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(address, () => {
      server.unref()
      resolve(server)
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
