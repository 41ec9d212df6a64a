import { gzipSync } from 'node:zlib'
import { decodePairingCode, encodePairingCode, type PairingCode, toHex } from '@medguard/protocol'
import { ReadingFault } from '@medguard/readings'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import vectors from '../../../test/vectors/device-wire.json' with { type: 'json' }
import { DeviceFault } from './fault.ts'
import { identityOf, readPairing } from './pairing.ts'
import { readingIn } from './reading-input.ts'
import { sendAll, waitMsOf } from './sending.ts'

const HERE = { device: 'Cuff', nowMs: 1_780_000_000_000, offsetMinutes: 120 }
const PULSE = { code: '8867-4', unit: '/min', value: 62 }

describe('waiting before the next try', () => {
  test('grows to five minutes, never together with others, and not before it was asked for', () => {
    const all = Array.from({ length: 12 }, (_, turn) => [0, 1].map((random) => waitMsOf(turn, null, () => random)))
    expect(all.slice(0, 3)).toEqual([
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
    ])
    expect(all.at(-1)).toEqual([150_000, 300_000])
    expect(waitMsOf(0, 60_000, () => 0)).toBe(60_000)
    expect(waitMsOf(0, 1e12, () => 0)).toBe(3_600_000)
    expect(waitMsOf(0, -5, () => 1)).toBe(1_000)
  })

  test('begins anew after each batch, and ends with what waits, however often nothing is taken', async () => {
    const answers = ['later', 'later', 'kept', 'later', 'kept', 'nothing'] as const
    let turn = 0
    const waits: string[] = []
    await sendAll(
      {
        send: async () => {
          const kind = answers[turn++] ?? 'nothing'
          return kind === 'later' ? { kind, why: 'Unreachable', afterMs: null } : { kind }
        },
      },
      { random: () => 1, pause: async () => {}, onWait: (why, ms) => waits.push(`${why} ${ms}`) },
    )
    expect(waits).toEqual(['Unreachable 1000', 'Unreachable 2000', 'Unreachable 1000'])
  })
})

function decoded(code: string) {
  const found = decodePairingCode(code)
  if (found === null) throw new Error('the vector is a code')
  return found
}

describe('a pairing code', () => {
  const SECRET = 'ab'.repeat(32)
  const { code: vector, url, privateKey } = vectors.pairing
  /** As codes were at first. */
  const codeOf = (value: unknown) => `medguard-device:${Buffer.from(JSON.stringify(value)).toString('base64url')}`
  const good = {
    format: 1,
    url: 'https://icp-api.io',
    rootKey: '00'.repeat(133),
    canisters: { consent: 'aaaaa-aa', records: 'bkyz2-fmaaa-aaaaa-qaaaq-cai' },
    deviceId: '01'.repeat(16),
    patientId: '02'.repeat(16),
    cid: '03'.repeat(16),
    sealingKey: '04'.repeat(96),
    algorithm: 'Ed25519',
    publicKey: '05'.repeat(32),
    privateKey: SECRET,
  }
  test('is read as it was written, also one of before that a device has kept', () => {
    expect(readPairing(` ${codeOf(good)}\n`)).toMatchObject({ url: good.url, records: good.canisters.records })
    const given = readPairing(` ${vector}\n`)
    expect(given).toMatchObject({ url, algorithm: 'Ed25519', records: 'rdmx6-jaaaa-aaaaa-aaadq-cai' })
    expect(toHex(given.privateKey ?? new Uint8Array())).toBe(privateKey)
    expect(identityOf(given).getPrincipal().toText()).toMatch(/-/)
    const own = { ...decoded(vector), key: { kind: 'P-256', bytes: new Uint8Array(65).fill(4) } } as const
    expect(readPairing(encodePairingCode(own))).toMatchObject({ algorithm: 'P-256', privateKey: null })
  })

  test('that was copied wrongly anywhere is refused', () => {
    for (let i = 0; i < vector.length; i++) {
      const wrong = vector[i] === 'x' ? 'y' : 'x'
      expect(() => readPairing(vector.slice(0, i) + wrong + vector.slice(i + 1)), `at ${i}`).toThrow(DeviceFault)
      expect(() => readPairing(vector.slice(0, i)), `cut off at ${i}`).toThrow(DeviceFault)
    }
    const others: Partial<PairingCode>[] = [
      { url: 'https://exämple.com' },
      { cid: new Uint8Array(15) },
      { rootKey: new Uint8Array(133) },
    ]
    for (const bad of others) expect(() => encodePairingCode({ ...decoded(vector), ...bad })).toThrow(RangeError)
  })

  test.each([
    ['of something else', 'https://example.com'],
    ['cut off', codeOf(good).slice(0, 90)],
    ['of another format', codeOf({ ...good, format: 2 })],
    ['without a key to seal with', codeOf({ ...good, sealingKey: undefined })],
    ['with a short id', codeOf({ ...good, deviceId: '01' })],
    ['with half a key', codeOf({ ...good, privateKey: SECRET.slice(2) })],
    ['over a plain line', encodePairingCode({ ...decoded(vector), url: 'http://example.com' })],
    ['over a plain line, as it was at first', codeOf({ ...good, url: 'http://example.com' })],
    ['for no canister', codeOf({ ...good, canisters: { records: 'x' } })],
    ['without end', codeOf({ ...good, more: 'x'.repeat(10_000) })],
  ])('%s is refused, without a word of what it holds', (_, code) => {
    try {
      readPairing(code)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ name: 'DeviceFault', code: 'BadPairing' })
      expect(String(error)).not.toContain(SECRET.slice(2, 20))
      expect(error).not.toHaveProperty('cause')
    }
  })
})

describe('a reading as JSON', () => {
  test('is of its moment, of the clock on its wall, or of now', () => {
    expect(readingIn({ ...PULSE, time: '2026-05-01T08:00:00-05:00' }, HERE)).toMatchObject({
      timeMs: Date.UTC(2026, 4, 1, 13),
      clockMs: Date.UTC(2026, 4, 1, 13),
      offsetMinutes: -300,
      receivedMs: HERE.nowMs,
      source: { device: 'Cuff' },
    })
    expect(readingIn({ ...PULSE, clock: '2026-05-01T08:00:00', device: 'Band' }, HERE)).toMatchObject({
      timeMs: Date.UTC(2026, 4, 1, 6),
      clockMs: Date.UTC(2026, 4, 1, 8),
      flags: ['zoneAssumed'],
      source: { device: 'Band' },
    })
    expect(readingIn({ ...PULSE, clock: '2000-01-01T00:00:00' }, HERE)).toMatchObject({
      timeMs: HERE.nowMs,
      flags: ['clockWrong'],
    })
    expect(readingIn(PULSE, HERE)).toMatchObject({ timeMs: HERE.nowMs, clockMs: HERE.nowMs })
  })

  test.each([
    ['nothing', null, 'BadValue'],
    ['a list', [PULSE], 'BadValue'],
    ['a field that nobody knows', { ...PULSE, pulse: 1 }, 'BadValue'],
    ['no code', { unit: '/min', value: 1 }, 'BadCode'],
    ['a code that is none', { ...PULSE, code: '8867-5' }, 'BadCode'],
    ['a unit in a list', { ...PULSE, unit: ['/min'] }, 'BadUnit'],
    ['a value as text', { ...PULSE, value: '62' }, 'BadValue'],
    ['parts that are none', { ...PULSE, value: null, components: { code: '8480-6' } }, 'BadComponents'],
    ['a moment without a zone', { ...PULSE, time: '2026-05-01T08:00:00' }, 'BadTime'],
    ['a wall clock with a zone', { ...PULSE, clock: '2026-05-01T08:00:00Z' }, 'BadTime'],
    ['two clocks', { ...PULSE, time: '2026-05-01T08:00:00Z', clock: '2026-05-01T08:00:00' }, 'BadTime'],
    ['flags that are none', { ...PULSE, flags: ['fine'] }, 'BadFlags'],
    ['a meal that is none', { ...PULSE, meal: 'brunch' }, 'BadFlags'],
  ])('that is %s is refused by name', (_, value, kind) => {
    expect(() => readingIn(value, HERE)).toThrow(new ReadingFault({ kind } as ReadingFault['problem']))
  })
})

test('what posts over HTTPS from a browser is small, and needs nothing of Node', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { httpsRoad, identityOf, openDevice, readPairing, sendAll } from './index.ts'",
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  })
  expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(75_000)
})
