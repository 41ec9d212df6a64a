import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { folded, termsOf, wordsOf } from './search-terms.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('words to look for', () => {
  test.each([
    ['Žaludeční vřed, příště znovu', 'zaludecni vred priste znovu'],
    ['Łódź — Straße', 'lodz strasse'],
    ['Hb 13.5 g/dL', 'hb 13 5 g dl'],
    ['ﬁbrin ２０２５', 'fibrin 2025'],
    // With and without vowel signs, hamza, article and stretching; digits as they are written there.
    ['الْتِهَابُ الرِّئَةِ', 'تهاب ريه'],
    ['الإلتهاب رئة', 'تهاب ريه'],
    ['مستشفى ـــ مستشفي', 'مستشفي مستشفي'],
    ['٢٠٢٥ ۲۰۲۵', '2025 2025'],
    ['', ''],
  ])('%s', (text, terms) => {
    expect(termsOf(text).join(' ')).toBe(terms)
  })

  test('are folded once and for all, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const term of termsOf(text)) {
          expect(folded(term)).toBe(term)
          expect(term).not.toMatch(/\s/)
        }
      }),
    )
  })
})

test('words of a plain text are the same as beside others', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      expect([...termsOf(text), 'e']).toEqual(termsOf(`${text} é`))
    }),
  )
})

describe('what is read of a content', () => {
  test('text, and what FHIR says to people', () => {
    expect(wordsOf('text/plain; charset=utf-8', bytes('Zánět plic, zánět'))).toBe('zanet plic')
    const observation = {
      resourceType: 'Observation',
      id: 'abc-hidden',
      code: { coding: [{ system: 'http://loinc.org', code: '2276-4', display: 'Ferritin' }], text: 'Feritin v séru' },
      subject: { reference: 'Patient/hidden' },
      note: [{ text: 'Lačný' }],
      text: { div: '<div>hidden</div>', status: 'generated' },
    }
    const read = wordsOf('application/fhir+json', bytes(JSON.stringify(observation)))
    expect(read).toBe('observation 2276 4 ferritin feritin v seru lacny generated')
  })

  test('of anything else, of what is too large, and of nothing: nothing', () => {
    expect(wordsOf('image/png', bytes('text'))).toBeNull()
    expect(wordsOf('application/pdf', bytes('text'))).toBeNull()
    expect(wordsOf('text/plain', new Uint8Array(2 * 2 ** 20 + 1).fill(97))).toBeNull()
    expect(wordsOf('text/plain', bytes(' – '))).toBeNull()
  })

  test('of a document as deep as it is long, and of one that is broken, as far as there is something', () => {
    const deep = `${'['.repeat(100_000)}"deep"${']'.repeat(100_000)}`
    expect(wordsOf('application/json', bytes(deep))).toBe('deep')
    expect(wordsOf('application/json', bytes('{"a": "cut off'))).toBe('a cut off')
  })

  test('at most so many words', () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `word${i}`).join(' ')
    expect(wordsOf('text/plain', bytes(text))?.split(' ')).toHaveLength(4_000)
  })
})
