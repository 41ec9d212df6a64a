import '@medguard/fhir/hl7v2' // before Medplum's own, which look for a global that it brings
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { Hl7Message } from '@medplum/core'
import { Hl7Client } from '@medplum/hl7'
import { afterEach, describe, expect, test } from 'vitest'
import { openSpool } from '../spool/index.ts'
import { modelDisk } from '../spool/model-disk.fixture.ts'
import { newAuthority } from '../../../../test/product/certificates.fixture.ts'
import { createRateLimit } from './budget.ts'
import { createDeframer } from './deframer.ts'
import { type Mllp, type MllpOptions, startMllp } from './index.ts'

// F27, D14: real sockets, and peers of every manner.

const VECTORS = new URL('../../../../test/vectors/hl7v2/', import.meta.url)
const panel = readFileSync(new URL('own-oru-r01-lab-panel.hl7', VECTORS), 'utf8')
const numbered = (number: number | string) => panel.replace('|MG0001|', `|N${number}|`)
const frame = (text: string) => Buffer.concat([Uint8Array.of(0x0b), Buffer.from(text), Uint8Array.of(0x1c, 0x0d)])

const folders: string[] = []
async function memorySpool() {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-mllp-'))
  folders.push(folder)
  const disk = modelDisk()
  const spool = await openSpool(folder, new Uint8Array(32), { disk })
  return { ...spool, disk, entries: () => Promise.all(spool.pending().map((id) => spool.read(id))) }
}

const opened: { close(): Promise<void> }[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const each of opened.splice(0)) await each.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
async function start(options: Partial<MllpOptions> = {}) {
  const spool = await memorySpool()
  const mllp = await startMllp({ port: 0, ...options }, spool)
  opened.push(mllp, spool)
  return { spool, mllp }
}
/** A connection whose answers are read one by one: `AA N1`. */
async function dial(mllp: Mllp) {
  const socket = connect(mllp.port, '127.0.0.1')
  await once(socket, 'connect')
  return listen(socket)
}
function listen(socket: Socket) {
  sockets.push(socket)
  const deframer = createDeframer(1_000_000)
  const texts: string[] = []
  let isClosed = false
  socket.on('error', () => {})
  socket.on('close', () => (isClosed = true))
  socket.on('data', (chunk: Buffer) => {
    for (const { bytes } of deframer.push(chunk)) texts.push(Buffer.from(bytes).toString())
  })
  return {
    socket,
    send: (bytes: Uint8Array | string) => void socket.write(bytes),
    texts,
    said: () => texts.map((text) => text.split('\r')[1]!.split('|').slice(1, 3).join(' ')),
    heard: async (count: number) => {
      await expect.poll(() => texts.length).toBeGreaterThanOrEqual(count)
      return texts.map((text) => text.split('\r')[1]!.split('|').slice(1, 3).join(' '))
    },
    closed: async () => {
      await expect.poll(() => isClosed).toBe(true)
    },
  }
}

describe('a message', () => {
  test('is acknowledged once the spool has it, to a client that is not ours', async () => {
    const { spool, mllp } = await start()
    const client = new Hl7Client({ host: '127.0.0.1', port: mllp.port })
    const ack = await client.sendAndWait(Hl7Message.parse(numbered(1)))
    await client.close()
    expect(ack.getAckType()).toBe('AA')
    expect(ack.getSegment('MSA')?.getField(2).toString()).toBe('N1')
    const entries = await spool.entries()
    expect(entries).toMatchObject([{ kind: 'hl7v2', source: '127.0.0.1' }])
    expect(Buffer.from(entries[0]!.payload).toString().trim()).toBe(numbered(1).trim())
  })

  test('comes in pieces, two in a packet, with a character cut in two and breaks between, and is answered in order', async () => {
    const { spool, mllp } = await start()
    const peer = await dial(mllp)
    const bytes = Buffer.concat([frame(numbered(1)), Buffer.from('\r\n'), frame(numbered(2))])
    const inside = bytes.indexOf('ť') + 1
    for (const part of [
      bytes.subarray(0, 1),
      bytes.subarray(1, inside),
      bytes.subarray(inside, -1),
      bytes.subarray(-1),
    ]) {
      peer.send(part)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await peer.heard(2)).toEqual(['AA N1', 'AA N2'])
    peer.send(Buffer.concat(Array.from({ length: 300 }, (_, number) => frame(numbered(`P${number}`)))))
    expect((await peer.heard(302)).slice(2)).toEqual(Array.from({ length: 300 }, (_, number) => `AA NP${number}`))
    expect(Buffer.from((await spool.entries())[1]!.payload).toString()).toBe(numbered(2))
  })

  test('that is repeated hears what it heard; another one under its id is refused', async () => {
    let nowMs = Date.UTC(2026, 0, 2)
    const { spool, mllp } = await start({ nowMs: () => (nowMs += 60_000) })
    const peer = await dial(mllp)
    peer.send(frame(numbered(1)))
    peer.send(frame(numbered(1)))
    peer.send(frame(numbered(1).replace('|11.2|', '|99.9|')))
    expect(await peer.heard(3)).toEqual(['AA N1', 'AA N1', 'AE N1'])
    expect(peer.texts[1]).toBe(peer.texts[0])
    expect(peer.texts[2]).toContain('205^Duplicate key identifier')
    expect(spool.pending()).toHaveLength(1)
  })

  test('that is not right, not framed, too long or of a test is refused, and what follows is taken', async () => {
    const { spool, mllp } = await start()
    const peer = await dial(mllp)
    peer.send(frame(readFileSync(new URL('own-bad-truncated.hl7', VECTORS), 'utf8')))
    peer.send(Buffer.concat([Buffer.from(numbered('X')), Uint8Array.of(0x1c, 0x0d)]))
    peer.send(Buffer.concat([Uint8Array.of(0x0b), Buffer.from(numbered('CUT'))]))
    peer.send(frame(numbered('LONG') + 'x'.repeat(1_100_000)))
    peer.send(frame(numbered('T').replace('|P|2.5.1', '|T|2.5.1')))
    peer.send(frame(numbered(1)))
    expect(await peer.heard(6)).toEqual(['AE MG0901', 'AR ', 'AR NCUT', 'AR NLONG', 'AR NT', 'AA N1'])
    expect(spool.pending()).toHaveLength(1)
  })

  test('for which there is no room is to be sent again, and then it is taken', async () => {
    const { spool, mllp } = await start()
    const peer = await dial(mllp)
    spool.disk.failAt(spool.disk.changes + 1, 'ENOSPC', true)
    peer.send(frame(numbered(1)))
    expect(await peer.heard(1)).toEqual(['AE N1'])
    peer.send(frame(numbered(1)))
    expect((await peer.heard(2))[1]).toBe('AA N1')
  })
})

describe('a peer', () => {
  test('that stops in a message or sends a byte now and then is cut off, and others are served meanwhile', async () => {
    const { spool, mllp } = await start({ limits: { frameMs: 400 } })
    const [stalled, trickling, fine] = [await dial(mllp), await dial(mllp), await dial(mllp)]
    stalled.send(frame(numbered(1)).subarray(0, 200))
    trickling.send('\u000b')
    const drip = setInterval(() => trickling.send('M'), 50)
    try {
      fine.send(frame(numbered(2)))
      expect(await fine.heard(1)).toEqual(['AA N2'])
      await Promise.all([stalled.closed(), trickling.closed()])
    } finally {
      clearInterval(drip)
    }
    const garbage = await dial(mllp)
    garbage.send('GET / HTTP/1.1')
    await garbage.closed()
    expect(spool.pending()).toHaveLength(1)
    fine.send(frame(numbered(3)))
    expect((await fine.heard(2))[1]).toBe('AA N3')
  })

  test('that says nothing gives its place back, and beyond the budget nobody is let in', async () => {
    const { mllp } = await start({ limits: { quietMs: 300, connectionsMax: 3, connectionsOfPeerMax: 2 } })
    const [one, two, third] = [await dial(mllp), await dial(mllp), await dial(mllp)]
    await third.closed()
    expect(mllp.connections).toBe(2)
    await Promise.all([one.closed(), two.closed()])
    expect(mllp.connections).toBe(0)
    const next = await dial(mllp)
    next.send(frame(numbered(1)))
    expect(await next.heard(1)).toEqual(['AA N1'])
  })

  test('sends no faster than its rate', async () => {
    const rate = createRateLimit(10)
    const waits = Array.from({ length: 12 }, () => rate.take('lab', 1000))
    expect(waits).toEqual([...Array.from({ length: 10 }, () => 0), 100, 200])
    expect([rate.take('other', 1000), rate.take('lab', 3000)]).toEqual([0, 0])
    const { mllp } = await start({ limits: { ratePerSecond: 20 } })
    const peer = await dial(mllp)
    const startMs = performance.now()
    peer.send(Buffer.concat(Array.from({ length: 10 }, (_, number) => frame(numbered(number)))))
    await peer.heard(10)
    for (let number = 10; number < 30; number++) {
      peer.send(frame(numbered(number)))
      await peer.heard(number + 1)
    }
    // 30 messages, 20 of them at once: half a second for the rest.
    expect(performance.now() - startMs).toBeGreaterThan(400)
  })

  test('that goes once it has sent is answered before the end, and closing waits for what was begun', async () => {
    const { spool, mllp } = await start()
    const peer = await dial(mllp)
    peer.send(frame(numbered(1)))
    peer.socket.end()
    expect(await peer.heard(1)).toEqual(['AA N1'])
    await peer.closed()
    const other = await dial(mllp)
    other.send(frame(numbered(2)))
    await expect.poll(() => spool.pending().length).toBe(2)
    await mllp.close()
    expect(await other.heard(1)).toEqual(['AA N2'])
  })
})

describe('mutual TLS', () => {
  test('lets in whom the authority vouches for, under that name, with TLS 1.3 and nothing less', async () => {
    const [authority, strangers] = [newAuthority(), newAuthority('Strangers')]
    const server = { ...authority.issue('gateway'), ca: authority.cert }
    const { spool, mllp } = await start({ host: '127.0.0.1', tls: server })
    const dialTls = (options: object) =>
      listen(
        connectTls({ port: mllp.port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost', ...options }),
      )
    const good = dialTls(authority.issue('laboratory 7'))
    good.send(frame(numbered(1)))
    expect(await good.heard(1)).toEqual(['AA N1'])
    expect(await spool.entries()).toMatchObject([{ source: 'certificate laboratory 7' }])
    for (const bad of [{}, strangers.issue('laboratory 7'), { ...authority.issue('x'), maxVersion: 'TLSv1.2' }]) {
      const peer = dialTls(bad)
      peer.send(frame(numbered('BAD')))
      await peer.closed()
      expect(peer.texts).toEqual([])
    }
    const plain = await dial(mllp)
    plain.send(frame(numbered('PLAIN')))
    await plain.closed()
    expect(spool.pending()).toHaveLength(1)
    await expect(startMllp({ port: 0, host: '0.0.0.0' }, spool)).rejects.toThrow(/mutual TLS/)
  })
})

test('whatever is cut where, the same messages come out', () => {
  const bytes = Buffer.concat([frame('one'), Buffer.from('\r\n'), frame('two'), frame('three')])
  for (let at = 1; at < bytes.length; at++)
    for (const then of [at + 1, at + 3]) {
      const deframer = createDeframer(100)
      const parts = [bytes.subarray(0, at), bytes.subarray(at, then), bytes.subarray(then)]
      const texts = parts
        .flatMap((part) => deframer.push(part))
        .map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString()}`)
      expect(texts).toEqual(['message one', 'message two', 'message three'])
      expect(deframer.isInside).toBe(false)
    }
  expect(createDeframer(3).push(frame('four'))).toMatchObject([{ kind: 'tooLong' }])
  expect(createDeframer(4).push(frame('four'))).toMatchObject([{ kind: 'message' }])
})
