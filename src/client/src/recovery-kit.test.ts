import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityOfKit, kitOf, newKit, readKit } from './recovery-kit.ts'

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('a recovery kit', () => {
  test('is read as it was written, however it is typed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { text, principal } = kitOf(seed)
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$/)
        expect(readKit(text)).toEqual(seed)
        expect(readKit(text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual(seed)
        expect(identityOfKit(text)?.getPrincipal().toText()).toBe(principal)
      }),
    )
  })
  test('with one letter wrong, two exchanged, or one missing is none', () => {
    fc.assert(
      fc.property(seeds, fc.nat(55), fc.integer({ min: 1, max: 31 }), (seed, at, by) => {
        const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
        const letters = kitOf(seed).text.replaceAll('-', '').split('')
        const wrong = LETTERS[(LETTERS.indexOf(letters[at] ?? '') + by) % 32] ?? ''
        const mistyped = letters.map((letter, i) => (i === at ? wrong : letter)).join('')
        // Twenty bits tell: among these few, none passes.
        expect(readKit(mistyped)).toBeNull()
        expect(readKit(letters.filter((_, i) => i !== at).join(''))).toBeNull()
      }),
      { seed: 7 },
    )
    for (const junk of ['', 'U'.repeat(56), '!'.repeat(56), 'ABCD']) expect(readKit(junk)).toBeNull()
  })
  test('is another each time', () => expect(newKit().text).not.toBe(newKit().text))
  test('is written as it always was', () => {
    const counting = Uint8Array.from({ length: 32 }, (_, i) => i)
    expect([kitOf(counting), kitOf(new Uint8Array(32)).text]).toMatchInlineSnapshot(`
      [
        {
          "principal": "yavxl-ppty4-enezb-hcalr-cdgzv-zoexx-7od3c-urvk6-rfzs4-552ct-7ae",
          "text": "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-2GAH-C5RR-34D1-P70X-3RFG-RA8A",
        },
        "0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-W5CD",
      ]
    `)
  })
})
