import { describe, expect, test } from 'vitest'
import { ar } from './ar.ts'
import { cs } from './cs.ts'
import { en } from './en.ts'
import { LANGUAGE_TAGS, type Language, type Texts } from './languages.ts'

const TEXTS: Readonly<Record<Language, Texts>> = { en, cs, ar }
const OTHERS = LANGUAGE_TAGS.filter((tag) => tag !== 'en')
const FORM = /_(zero|one|two|few|many|other)$/

/** `area.name` to text. */
const flat = (texts: Texts) =>
  new Map(Object.entries(texts).flatMap(([area, names]) => Object.entries(names).map(([k, v]) => [`${area}.${k}`, v])))
const stemOf = (key: string) => key.replace(FORM, '')
/** The English text that a text of another language stands for. */
const ENGLISH = flat(en)
const englishOf = (key: string) => ENGLISH.get(key) ?? ENGLISH.get(`${stemOf(key)}_other`) ?? ''

const found = (text: string, what: RegExp) => [...text.matchAll(what)].map((match) => match[1] ?? '').toSorted()
/** Names in braces. A form for one or two may say the count in a word. */
const placeholders = (text: string) => found(text, /\{\{(\w+)[^}]*\}\}/g).filter((name) => name !== 'count')
const marks = (text: string) => found(text, /<(\/?\w+)>/g)

describe.each(OTHERS)('texts in %s', (language) => {
  const texts = [...flat(TEXTS[language])]

  test('are those of English, neither fewer nor more', () => {
    const stems = (all: Texts) => [...new Set([...flat(all).keys()].map(stemOf))].toSorted()
    expect(stems(TEXTS[language])).toEqual(stems(en))
  })

  test('have each plural form of the language', () => {
    const forms = new Map<string, string[]>()
    for (const [key] of texts) {
      const form = FORM.exec(key)?.[1]
      if (form !== undefined) forms.set(stemOf(key), [...(forms.get(stemOf(key)) ?? []), form])
    }
    const all = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()
    for (const [stem, has] of forms) expect([stem, has.toSorted()]).toEqual([stem, all])
    expect(forms.size).toBeGreaterThan(0)
  })

  test('ask for the same values and mark the same things', () => {
    for (const [key, text] of texts) {
      const english = englishOf(key)
      expect([key, placeholders(text), marks(text)]).toEqual([key, placeholders(english), marks(english)])
    }
  })

  test('name the count in every form that stands for more than one number', () => {
    const silent = texts.filter(([key, text]) => {
      const form = FORM.exec(key)?.[1] ?? ''
      const counts = englishOf(key).includes('{{count}}')
      return counts && ['few', 'many', 'other'].includes(form) && !text.includes('{{count}}')
    })
    expect(silent).toEqual([])
  })

  test('are translated: no sentence is left as it is in English, and none is empty', () => {
    const words = (text: string) => text.replaceAll(/\{\{[^}]*\}\}|<[^>]*>|MedGuard/g, '').match(/\p{L}{2,}/gu) ?? []
    const left = texts.filter(([key, text]) => text === englishOf(key) && words(text).length > 1)
    expect(left).toEqual([])
    expect(texts.filter(([, text]) => text.trim() === '')).toEqual([])
  })
})

test('no text speaks the language of the machine room', () => {
  const machine = /principal|canister|wallet|\bgas\b|undefined|NaN/i
  for (const tag of LANGUAGE_TAGS)
    for (const [key, text] of flat(TEXTS[tag])) expect([key, machine.exec(text)]).toEqual([key, null])
})

test('quotes, ellipses and spaces are those of print, not of a keyboard', () => {
  for (const tag of LANGUAGE_TAGS)
    for (const [key, text] of flat(TEXTS[tag])) expect(`${key}: ${text}`).not.toMatch(/\.\.\.|"| {2}|^\s|\s$/)
})
