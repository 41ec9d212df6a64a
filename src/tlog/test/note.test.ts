import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cosignedText,
  decodeCheckpoint,
  decodeCosignature,
  decodeNote,
  decodeNoteKey,
  encodeCheckpoint,
  encodeCosignature,
  encodeNote,
  encodeNoteKey,
  EMPTY_SEQUENCE,
  fromBase64,
  isOfKey,
  noteBytes,
  sequenceHash,
  toBase64,
} from '../src/index.ts'

const hash = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/signed-notes.json', import.meta.url), 'utf8'),
) as {
  readonly checkpoint: {
    readonly origin: string
    readonly size: number
    readonly rootHex: string
    readonly text: string
  }
  readonly keys: readonly {
    readonly name: string
    readonly type: number
    readonly publicKeyHex: string
    readonly key: string
  }[]
  readonly note: string
  readonly cosigned: { readonly timeS: string; readonly text: string }
}
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

test('base64 is that of RFC 4648, section 10, and has one spelling', () => {
  const ascii = (text: string) => new TextEncoder().encode(text)
  for (const [plain, text] of [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    expect(toBase64(ascii(plain))).toBe(text)
    expect(fromBase64(text)).toEqual(ascii(plain))
  }
  for (const text of ['Zh==', 'Zm9=', 'Zg', 'Zg=', 'Z===', 'Zg==Zg==', 'Zm9v\n', 'Zm 9', 'Zm-v'])
    expect(fromBase64(text)).toBeNull()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (all) => {
      expect(toBase64(all)).toBe(Buffer.from(all).toString('base64'))
    }),
  )
  fc.assert(
    fc.property(fc.base64String(), (text) => {
      expect(toBase64(fromBase64(text) ?? new Uint8Array())).toBe(fromBase64(text) === null ? '' : text)
    }),
  )
})

describe('the formats are those of the specification', () => {
  test('a checkpoint, keys, a cosigned text and a note are as in the vectors', () => {
    const { checkpoint, keys, note, cosigned } = vectors
    const root = new Uint8Array(Buffer.from(checkpoint.rootHex, 'hex'))
    expect(encodeCheckpoint({ ...checkpoint, root })).toBe(checkpoint.text)
    expect(decodeCheckpoint(checkpoint.text)).toEqual({ origin: checkpoint.origin, size: checkpoint.size, root })
    for (const { name, type, publicKeyHex, key } of keys) {
      const publicKey = new Uint8Array(Buffer.from(publicKeyHex, 'hex'))
      expect(encodeNoteKey(hash, { name, type, publicKey })).toBe(key)
      expect(decodeNoteKey(hash, key)).toMatchObject({ name, type, publicKey })
    }
    const signed = decodeNote(note)!
    expect(signed.text).toBe(checkpoint.text)
    expect(encodeNote(signed)).toBe(note)
    expect(signed.signatures.map(({ name }) => name)).toEqual(keys.map(({ name }) => name))
    for (const [i, { key }] of keys.entries())
      expect(isOfKey(signed.signatures[i]!, decodeNoteKey(hash, key)!)).toBe(true)
    expect(cosignedText(BigInt(cosigned.timeS), checkpoint.text)).toBe(cosigned.text)
    expect(noteBytes(note)).toEqual(new TextEncoder().encode(note))
  })
})

const checkpoint = fc.record({ origin: fc.stringMatching(/^[!-*,-~]{1,60}$/), size: fc.maxSafeNat(), root: bytes(32) })

describe('what is written', () => {
  test('is read: checkpoints', () => {
    fc.assert(
      fc.property(checkpoint, (value) => {
        expect(decodeCheckpoint(encodeCheckpoint(value))).toEqual(value)
      }),
    )
  })
  test('is read: notes', () => {
    const line = fc.record({ name: fc.stringMatching(/^[!-*,-~]{1,60}$/), keyHash: bytes(4), signature: bytes(72) })
    fc.assert(
      fc.property(checkpoint, fc.array(line, { minLength: 1, maxLength: 5 }), (value, signatures) => {
        const note = { text: encodeCheckpoint(value), signatures }
        expect(decodeNote(encodeNote(note))).toEqual(note)
      }),
    )
  })
  test('is read: cosignatures', () => {
    const signature = new Uint8Array(64).fill(3)
    expect(decodeCosignature(encodeCosignature(7n, signature))).toEqual({ timeS: 7n, signature })
    expect(decodeCosignature(new Uint8Array(64))).toBeNull()
  })
})

describe('what is written nowhere', () => {
  test('is no checkpoint, note or key', () => {
    for (const text of [
      '',
      'a\n1\n',
      'a\n01\nx\n',
      `a\n1\n${toBase64(new Uint8Array(31))}\n`,
      `a b\n1\n${toBase64(new Uint8Array(32))}\n`,
      `a\n1\n${toBase64(new Uint8Array(32))}\nmore\n`,
    ])
      expect(decodeCheckpoint(text), text).toBeNull()
    for (const text of [
      '',
      'text\n',
      'text\n\n',
      'text\n\n— name\n',
      'text\n\n- name AAAAAAA=\n',
      'text\n\n— name AAAA\n',
      'text\n\n— na me AAAAAAA=\n',
    ])
      expect(decodeNote(text), text).toBeNull()
    for (const text of ['', 'name', 'name+00000000+AQ==', vectors.keys[0]!.key.replace('+', '+0')])
      expect(decodeNoteKey(hash, text), text).toBeNull()
    expect(() => encodeCheckpoint({ origin: 'two words', size: 1, root: new Uint8Array(32) })).toThrow(RangeError)
  })
  test('any text ends well', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        decodeCheckpoint(text)
        decodeNote(text)
        decodeNoteKey(hash, text)
      }),
    )
  })
})

test('what a sequence comes to depends on every leaf and on their order', () => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const of = (...leaves: Uint8Array[]) =>
    Buffer.from(leaves.reduce((sum, leaf) => sequenceHash(hash, sum, leaf), EMPTY_SEQUENCE as Uint8Array)).toString(
      'hex',
    )
  expect(new Set([of(), of(one), of(other), of(one, other), of(other, one), of(one, one)]).size).toBe(6)
  expect(of(one)).toBe(
    createHash('sha256').update('medguard/sequence/1').update(new Uint8Array(32)).update(one).digest('hex'),
  )
})
