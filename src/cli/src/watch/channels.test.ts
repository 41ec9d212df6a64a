import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMailbox } from '../../../../test/product/mailbox.fixture.ts'
import { deliverBy, Undelivered } from './channels.ts'

const CHANNEL = { kind: 'mail', name: 'mail', language: 'en', to: 'nurse@clinic.test' } as const
const MESSAGE = { kind: 'look', id: 'x', count: 1, isAgain: false, isPartly: false, devices: [], link: null } as const

// A mail server that greets, and then answers for ever, a line at a time: it is never silent, so no wait for silence ends it.
let left: Promise<unknown>
const server = createServer((socket) => {
  left = once(socket, 'close')
  socket.write('220 mail.test\r\n')
  const drip = setInterval(() => socket.write('250-not yet\r\n'), 10)
  socket.on('close', () => clearInterval(drip))
  socket.on('error', () => {}).resume()
})
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => void server.close())

test('a mail server that never comes to an end is left after a while', async () => {
  const { port } = server.address() as AddressInfo
  const from = 'watch@clinic.test'
  const mail = { host: '127.0.0.1', port, security: 'none', user: null, password: null, from, authority: null } as const
  await expect(deliverBy(mail, 200)(CHANNEL, MESSAGE)).rejects.toThrow(Undelivered)
  await left
}, 5_000)

test('a server that is asked for TLS gets the message over it, and one that has none gets nothing', async () => {
  for (const offers of ['starttls', 'none'] as const) {
    const { config, authority, letters, close } = await openMailbox(offers)
    const deliver = deliverBy({ ...config, security: 'starttls', authority })
    if (offers === 'none') await expect(deliver(CHANNEL, MESSAGE)).rejects.toThrow('ETLS')
    else await deliver(CHANNEL, MESSAGE)
    expect(letters).toHaveLength(offers === 'none' ? 0 : 1)
    await close()
  }
})
