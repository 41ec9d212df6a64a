import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { codeOf } from './disk.ts'
import { SpoolFault } from './fault.ts'

/**
 * One process at a time on one folder, which is made where there is none. What holds is a socket, which the system takes back from whoever dies, however they die.
 *
 * @returns releases it.
 * @throws SpoolFault `InUse`.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const folder = realpathSync(path)
  const name = `medguard-gateway-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  const addresses: Partial<Record<NodeJS.Platform, string>> = { linux: `\0${name}`, win32: `\\\\.\\pipe\\${name}` }
  const address = addresses[process.platform] ?? join(folder, 'lock')
  const isFile = addresses[process.platform] === undefined
  const hold = async (): Promise<() => Promise<void>> => {
    const server = await listen(address)
    return () => new Promise((resolve) => server.close(() => resolve()))
  }
  try {
    return await hold()
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    // A file of a process that died, where sockets are files.
    if (!isFile || (await answers(address))) throw new SpoolFault('InUse', `another gateway works with ${path}`)
    rmSync(address, { force: true })
    return hold()
  }
}

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
