import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { newAuthority } from './certificates.fixture.ts'

/** A letter as a mail server took it. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly id: string
  readonly whole: string
}

/**
 * A mail server on this machine, for one user, which keeps what it takes: over TLS from the start or from when the client asks for it, or never.
 */
export async function openMailbox(security: 'tls' | 'starttls' | 'none' = 'tls') {
  const authority = newAuthority()
  const letters: Letter[] = []
  let refuses: (to: string) => boolean = () => false
  let onLetter: (letter: Letter) => void = () => {}
  const server = new SMTPServer({
    secure: security === 'tls',
    disabledCommands: security === 'none' ? ['STARTTLS'] : [],
    ...authority.issue('mail'),
    onAuth: ({ username, password }, _, answer) =>
      username === 'watch' && password === 'secret' ? answer(null, { user: 'watch' }) : answer(new Error('who?')),
    onRcptTo: ({ address }, _, answer) =>
      answer(refuses(address) ? Object.assign(new Error('no'), { responseCode: 550 }) : null),
    onData(stream, { envelope }, answer) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const whole = Buffer.concat(parts).toString()
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(whole)?.[1]?.trim() ?? ''
        const to = envelope.rcptTo.map(({ address }) => address).join()
        const letter = { to, subject: field('Subject'), id: field('Message-ID'), whole }
        letters.push(letter)
        onLetter(letter)
        answer()
      })
    },
  })
  server.on('error', () => {}) // a client that was killed
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    letters,
    authority: authority.cert,
    port,
    /** What `mail` is in the file of a watch, its authority aside. */
    config: { host: 'localhost', port, security, user: 'watch', password: 'secret', from: 'watch@clinic.test' },
    refuse: (who: (to: string) => boolean) => void (refuses = who),
    /** Before whoever sent it hears that it was taken. */
    onLetter: (work: (letter: Letter) => void) => void (onLetter = work),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
export type Mailbox = Awaited<ReturnType<typeof openMailbox>>

/** Takes webhooks on this machine. */
export async function openHook() {
  const taken: { readonly body: string; readonly headers: Readonly<Record<string, unknown>> }[] = []
  let status = 204
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (status === 204) taken.push({ body: Buffer.concat(parts).toString(), headers: request.headers })
      response.writeHead(status).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    taken,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: (code: number) => void (status = code),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
