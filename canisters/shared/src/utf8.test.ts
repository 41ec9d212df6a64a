import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { TextDecoder as OurDecoder, TextEncoder as OurEncoder } from './utf8.ts'

const ours = new OurDecoder()
const oursFatal = new OurDecoder('utf8', { fatal: true })

/** Bytes that are nearly UTF-8: the mistakes that matter are one byte away from text. */
const nearlyText = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }))
  .map(([text, changes]) => {
    const bytes = new TextEncoder().encode(text)
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
    return bytes
  })

/** The text, or `TypeError` for a refusal. */
const attempt = (decoder: { decode(bytes: Uint8Array): string }, bytes: Uint8Array) => {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    return error instanceof TypeError ? TypeError : error
  }
}

describe('UTF-8 in canisters', () => {
  test('encodes any string, lone surrogates too, as the platform does', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), (text) => {
        expect(new OurEncoder().encode(text)).toEqual(new TextEncoder().encode(text))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(ours.decode(new OurEncoder().encode(text))).toBe(
          new TextDecoder().decode(new TextEncoder().encode(text)),
        )
      }),
    )
  })

  test('decodes any bytes as the platform does, replacing what is ill-formed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), nearlyText), (bytes) => {
        expect(ours.decode(bytes)).toBe(new TextDecoder().decode(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  test('refuses with `fatal` exactly the bytes that the platform refuses', () => {
    const platform = new TextDecoder('utf-8', { fatal: true })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 12 }), nearlyText), (bytes) => {
        expect(attempt(oursFatal, bytes)).toBe(attempt(platform, bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  test('drops one byte order mark, or keeps it when asked', () => {
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61])
    expect(ours.decode(marked)).toBe(new TextDecoder().decode(marked))
    expect(new OurDecoder('utf-8', { ignoreBOM: true }).decode(marked)).toBe('\ufeff\ufeffa')
  })

  test('decodes text longer than one piece and reads views at their own offset', () => {
    const text = 'añ€😀'.repeat(5_000)
    const bytes = new TextEncoder().encode(`xx${text}`)
    expect(ours.decode(bytes.subarray(2))).toBe(text)
    expect(ours.decode(new DataView(bytes.buffer, 2))).toBe(text)
    expect(ours.decode(bytes.slice(2).buffer)).toBe(text)
    expect(ours.decode()).toBe('')
  })

  test('refuses encodings and modes it does not have', () => {
    expect(() => new OurDecoder('utf-16le')).toThrow(RangeError)
    expect(() => ours.decode(new Uint8Array(1), { stream: true })).toThrow(TypeError)
  })
})
