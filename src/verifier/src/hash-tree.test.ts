import { expect, test } from 'vitest'
import { decodeCbor } from './hash-tree.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

test.each([
  ['a number in more bytes than it needs', '1801'],
  ['a length in more bytes than it needs', '580101'],
  ['a list of no said length', '9f01ff'],
  ['a map of no said length', 'bf616101ff'],
  ['a key twice', 'a2616101616102'],
  ['a key that is no text', 'a10102'],
  ['a key that would become what the map inherits', 'a1695f5f70726f746f5f5f8101'],
  ['something behind it', '0000'],
  ['a tag inside', '81d9d9f700'],
  ['its tag twice', 'd9d9f7d9d9f700'],
  ['a string that ends too early', '5affffffff'],
  ['lists within each other, without end', '81'.repeat(200_000)],
  ['lists that say they hold millions', '9a01ffffff'.repeat(20)],
  ['such a list behind its tag twice', 'd9d9f7d9d9f79a01ffffff'],
  ['a list that says it holds one more', '8201'],
  ['nothing', ''],
])('CBOR with %s is refused', (_, hex) => {
  expect(() => decodeCbor(bytes(hex))).toThrow(Error)
})

test('CBOR in its one encoding is read, with or without the tag in front', () => {
  const map = { tree: [1, [0], [4, bytes('00'.repeat(32))]], signature: bytes('ff'.repeat(300)) }
  const encoded = `a264747265658301810082045820${'00'.repeat(32)}697369676e617475726559012c${'ff'.repeat(300)}`
  expect(decodeCbor(bytes(encoded))).toEqual(map)
  expect(decodeCbor(bytes(`d9d9f7${encoded}`))).toEqual(map)
})
