import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Line {
  readonly port: number
  /** Ends every connection, and each that is tried from now on. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** The way to a network on this machine, which can be cut. */
export async function openLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let isUp = true
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    if (!isUp) return void socket.destroy()
    const onward = connect(port, '127.0.0.1')
    onward.on('error', () => socket.destroy())
    socket.once('close', () => onward.destroy())
    onward.once('close', () => socket.destroy())
    socket.pipe(onward).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      isUp = false
      for (const socket of sockets) socket.destroy()
    },
    mend: () => void (isUp = true),
    close: () =>
      new Promise<void>((resolve) => server.close(() => resolve()) && sockets.forEach((each) => each.destroy())),
  }
}
