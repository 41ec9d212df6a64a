import { createHmac } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Channel, MailServer } from './config.ts'
import { type Message, textOf } from './texts.ts'

/** Nobody waits longer for a server that does not answer: others are to be told, too. */
const WAIT_MS = 15_000
/** For all of a message: a server that answers a little now and then, and never in the end, stops nothing. */
const WHOLE_MS = 30_000

/** Hands a message over. @throws Undelivered */
export type Deliver = (channel: Channel, message: Message) => Promise<void>

/** Why nothing was taken, in a word or two that name nobody. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered'
}

export const deliverBy =
  (server: MailServer | null, wholeMs = WHOLE_MS): Deliver =>
  async (channel, message) => {
    if (channel.kind === 'webhook') return post(channel, message)
    if (server === null) throw new Undelivered('no server')
    return mail(server, channel, message, AbortSignal.timeout(wholeMs))
  }

async function mail(
  server: MailServer,
  { to, language }: Extract<Channel, { kind: 'mail' }>,
  message: Message,
  signal: AbortSignal,
) {
  const { host, port, security, user, password, from, authority } = server
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: WAIT_MS,
    greetingTimeout: WAIT_MS,
    socketTimeout: WAIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: 'TLSv1.2', ...(authority === null ? {} : { ca: authority }) },
    ...(user === null || password === null ? {} : { auth: { user, pass: password } }),
  })
  try {
    const domain = from.slice(from.indexOf('@') + 1)
    await transport.sendMail({
      from,
      to,
      signal,
      messageId: `<${message.id}@${domain}>`,
      // RFC 3834: nobody's absence answers it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...textOf(message, language),
    })
  } catch (cause) {
    throw new Undelivered(reasonOf(cause), { cause })
  } finally {
    transport.close()
  }
}

/** As "Standard Webhooks" has it, so that whoever takes it can check it with what they have. */
async function post({ url, secret, language }: Extract<Channel, { kind: 'webhook' }>, message: Message) {
  const { id, ...rest } = message
  const seconds = String(Math.floor(Date.now() / 1000))
  const body = JSON.stringify({ type: 'medguard.watch', ...rest, words: textOf(message, language).text })
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')
  let answer: Response
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${signature}`,
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(WAIT_MS),
    })
    await answer.body?.cancel()
  } catch (cause) {
    throw new Undelivered(reasonOf(cause), { cause })
  }
  if (!answer.ok) throw new Undelivered(`answered ${answer.status}`)
}

/** The code of an error: what a server says may repeat an address. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed'
  const { code, responseCode } = cause as { readonly code?: unknown; readonly responseCode?: unknown }
  const inner = cause.cause instanceof Error ? reasonOf(cause.cause) : cause.name
  const word = typeof code === 'string' ? code : inner
  return typeof responseCode === 'number' ? `${word} ${responseCode}` : word
}
