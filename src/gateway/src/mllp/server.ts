import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { MESSAGE_BYTES_MAX } from '@medguard/fhir/hl7v2'
import type { Spool } from '../spool/index.ts'
import { type Answer, type AnsweringOptions, answerTo } from './answering.ts'
import { createRateLimit, type RateLimit } from './budget.ts'
import { createDeframer, framed } from './deframer.ts'

export interface MllpOptions extends Partial<Pick<AnsweringOptions, 'processingIds' | 'offset' | 'nowMs'>> {
  /** 0 for any. */
  readonly port: number
  /** Default loopback. Others only with `tls`. */
  readonly host?: string
  /** Mutual TLS 1.3: PEM. A peer is who its certificate, issued by `ca`, says. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string }
  readonly limits?: Partial<MllpLimits>
  /** Of each answer, for counting: holds nothing of the message. */
  readonly onAnswer?: (answer: Pick<Answer, 'ack' | 'isRepeat' | 'code'>) => void
}

export interface MllpLimits {
  /** From the first byte of a message to its last. */
  readonly frameMs: number
  /** A connection on which nothing happens. */
  readonly quietMs: number
  readonly connectionsMax: number
  readonly connectionsOfPeerMax: number
  /** Messages a second, of one peer. */
  readonly ratePerSecond: number
}
export const MLLP_LIMITS: MllpLimits = {
  frameMs: 30_000,
  quietMs: 15 * 60_000,
  connectionsMax: 64,
  connectionsOfPeerMax: 16,
  ratePerSecond: 500,
}
/** Of one connection: more wait in the system's buffers until these are answered. */
const UNANSWERED_MAX = 64
/** Of a peer that sends and does not read. */
const UNREAD_BYTES_MAX = 256 * 1024
const HANDSHAKE_MS = 10_000
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

export interface Mllp {
  readonly port: number
  readonly connections: number
  /** Takes nothing more; what was begun is answered. */
  close(): Promise<void>
}

/** Listens for messages of HL7 v2. @throws RangeError for an address that others reach, without TLS. */
export async function startMllp(options: MllpOptions, spool: Pick<Spool, 'append'>): Promise<Mllp> {
  const { host = '127.0.0.1', tls } = options
  if (tls === undefined && !LOOPBACK.has(host)) throw new RangeError('beyond loopback, MLLP needs mutual TLS')
  const limits = { ...MLLP_LIMITS, ...options.limits }
  const peers = new Map<string, number>()
  const open = new Set<{ close(): Promise<void> }>()
  const rate = createRateLimit(limits.ratePerSecond)

  const accept = (socket: Socket): void => {
    const peer = peerOf(socket)
    const ofPeer = peers.get(peer) ?? 0
    if (open.size >= limits.connectionsMax || ofPeer >= limits.connectionsOfPeerMax) return void socket.destroy()
    peers.set(peer, ofPeer + 1)
    const connection = serve(socket, { peer, limits, rate, options, spool })
    open.add(connection)
    socket.once('close', () => {
      open.delete(connection)
      const left = (peers.get(peer) ?? 1) - 1
      if (left > 0) peers.set(peer, left)
      else peers.delete(peer)
    })
  }
  const server: Server =
    tls === undefined
      ? createServer({ allowHalfOpen: true }, accept)
      : createTlsServer(
          {
            ...tls,
            allowHalfOpen: true,
            requestCert: true,
            rejectUnauthorized: true,
            minVersion: 'TLSv1.3',
            handshakeTimeout: HANDSHAKE_MS,
          },
          accept,
        )
  // Connections whose handshake is not finished count too.
  server.maxConnections = limits.connectionsMax * 2
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    get connections() {
      return open.size
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all([...open].map((connection) => connection.close()))
      await closed
    },
  }
}

/** The name in a certificate that our authority issued; else where it comes from. */
function peerOf(socket: Socket): string {
  if (!(socket instanceof TLSSocket)) return socket.remoteAddress ?? 'unknown'
  const { subject, fingerprint256 } = socket.getPeerCertificate()
  const names = [subject.CN].flat().filter((name) => name !== undefined && name !== '')
  return `certificate ${names.length === 0 ? fingerprint256 : names.join(' ')}`
}

function serve(
  socket: Socket,
  {
    peer,
    limits,
    rate,
    options,
    spool,
  }: {
    peer: string
    limits: MllpLimits
    rate: RateLimit
    options: MllpOptions
    spool: Pick<Spool, 'append'>
  },
): { close(): Promise<void> } {
  const { nowMs = Date.now, processingIds, offset, onAnswer } = options
  const deframer = createDeframer(MESSAGE_BYTES_MAX)
  let unanswered = 0
  let waiting: NodeJS.Timeout | undefined
  let isEnding = false
  /** Answers go out in the order in which messages came. */
  let answered: Promise<void> = Promise.resolve()

  const tell = async (before: Promise<void>, answering: Promise<Answer>): Promise<void> => {
    await before
    const answer = await answering
    onAnswer?.(answer)
    unanswered--
    if (!socket.destroyed) socket.write(framed(answer.text))
    if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy()
    goOn()
  }
  const deadline = createDeadline(() => socket.destroy())
  const goOn = (): void => {
    if (unanswered < UNANSWERED_MAX && waiting === undefined && !isEnding) socket.resume()
  }
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy()) // a peer that is gone: what it was not told it asks again
  socket.once('close', () => {
    deadline.stop()
    clearTimeout(waiting)
  })
  deadline.start(limits.quietMs)
  socket.on('data', (chunk: Buffer) => {
    const wasInside = deframer.isInside
    const frames = deframer.push(chunk)
    if (frames.length > 0 || !wasInside) deadline.start(deframer.isInside ? limits.frameMs : limits.quietMs)
    for (const frame of frames) {
      unanswered++
      const pauseMs = rate.take(peer, nowMs())
      if (pauseMs > 0 && waiting === undefined)
        waiting = setTimeout(() => {
          waiting = undefined
          goOn()
        }, pauseMs)
      const answering = answerTo(frame, peer, spool, { processingIds, offset, nowMs })
      answered = tell(answered, answering)
    }
    if (unanswered >= UNANSWERED_MAX || waiting !== undefined) socket.pause()
  })
  // Whoever has sent all still wants to be answered.
  socket.once('end', () => void answered.then(() => socket.end()))
  return {
    async close() {
      isEnding = true
      socket.pause()
      await answered
      await new Promise<void>((resolve) => {
        if (socket.closed) return resolve()
        socket.once('close', () => resolve())
        socket.end(() => socket.destroy())
      })
    },
  }
}

function createDeadline(over: () => void) {
  let timer: NodeJS.Timeout | undefined
  return {
    start(ms: number) {
      clearTimeout(timer)
      timer = setTimeout(over, ms)
    },
    stop: () => clearTimeout(timer),
  }
}
