import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createOutcalls } from './index.ts'
import type { OutcallRequest } from './outcall.ts'

test('more outcalls than the computer has room for wait their turn, and all are answered', async () => {
  const held: ServerResponse[] = []
  let most = 0
  const server = createServer((_message, response) => {
    held.push(response)
    most = Math.max(most, held.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const wanted = Array.from({ length: 300 }, (_, id): OutcallRequest => {
    return { id, url, method: 'GET', headers: [], body: null, maxResponseBytes: 1000, copies: 1 }
  })
  const answered = new Map<number, string>()
  const machine = {
    takeOutcalls: () => wanted.splice(0),
    answerOutcall: (id: number, results: readonly { readonly kind: string }[]) =>
      void answered.set(id, results.map(({ kind }) => kind).join()),
  }
  const outcalls = createOutcalls(machine, { loopback: true }, () => outcalls.answer())
  outcalls.start()
  await expect.poll(() => held.length).toBe(128)
  while (answered.size < 300) {
    for (const response of held.splice(0)) response.end('x')
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect([...answered.values()].every((kinds) => kinds === 'response')).toBe(true)
  expect(most).toBeLessThanOrEqual(128)
  outcalls.close()
  server.close()
})
