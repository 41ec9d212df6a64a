import fc from 'fast-check'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, describe, expect, test } from 'vitest'
import {
  atText,
  dayText,
  dayTimeText,
  leftText,
  markText,
  momentText,
  monthText,
  relativeDayText,
  sizeText,
  timeText,
  unitText,
} from '../app/dates.ts'
import { chooseLanguage, compareTexts, languageStore, listText, numberText, startLanguage, t } from './language.ts'
import { languageFor, localeFor } from './languages.ts'
import { Marked } from './Marked.tsx'

function browser(wanted: readonly string[], kept: Record<string, string> = {}) {
  const storage = {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
  }
  return { storage, wanted, root: { lang: 'en', dir: '' }, kept }
}
afterEach(() => startLanguage(browser(['en-GB'])))

describe('which language', () => {
  test.each([
    [['cs-CZ', 'en'], 'cs'],
    [['ar-EG'], 'ar'],
    [['xx', 'AR', 'en'], 'ar'],
    [['xx'], 'en'],
    [[], 'en'],
  ] as const)('a browser that wants %j gets %s', (wanted, language) => {
    expect(languageFor(wanted)).toBe(language)
  })

  test('what was chosen before wins over the browser, and nonsense in its place does not', async () => {
    const chosen = browser(['cs'], { 'medguard.language': 'ar' })
    await startLanguage(chosen)
    expect([languageStore.getState().language, chosen.root]).toEqual(['ar', { lang: 'ar', dir: 'rtl' }])
    await startLanguage(browser(['cs'], { 'medguard.language': 'toString' }))
    expect(languageStore.getState().language).toBe('cs')
  })

  test('a choice is kept, the browser’s own language is not written down', async () => {
    const page = browser(['cs'])
    await startLanguage(page)
    expect(page.kept).toEqual({})
    await chooseLanguage('ar')
    expect(page.kept).toEqual({ 'medguard.language': 'ar' })
    expect(page.root).toEqual({ lang: 'ar', dir: 'rtl' })
  })

  test('of two choices made at once the last one holds', async () => {
    await Promise.all([chooseLanguage('ar'), chooseLanguage('cs')])
    expect([languageStore.getState().language, t('shell.home')]).toEqual(['cs', 'Domů'])
  })

  test('the region follows the browser; calendar and digits are those of the clinic', () => {
    expect(localeFor('ar', ['ar-SA'])).toBe('ar-SA-u-ca-gregory-nu-latn')
    expect(localeFor('en', ['cs', 'en-US'])).toMatch(/^en-US-/)
    expect(localeFor('en', ['cs'])).toMatch(/^en-GB-/)
  })
})

const spoken = fc.constantFrom('en-US', 'en-GB', 'cs-CZ', 'ar-EG', 'ar-SA', 'fa-IR', 'tr-TR')
const times = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2100, 0) })

test('every formatter goes by the language and region of now, whatever was spoken before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(spoken, { minLength: 2, maxLength: 4 }), times, fc.double(), async (tags, ms, number) => {
      for (const tag of tags) {
        await startLanguage(browser([tag]))
        const { locale } = languageStore.getState()
        const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(ms)
        const value = (options: Intl.NumberFormatOptions = {}) => new Intl.NumberFormat(locale, options).format(number)
        expect({
          day: dayText(ms),
          month: monthText(ms),
          time: timeText(ms),
          dayTime: dayTimeText(ms),
          mark: markText(ms),
          number: numberText(number),
          share: numberText(number, { style: 'percent' }),
          unit: unitText(3, 'minute'),
          order: ['ch', 'č', 'd', 'i 10', 'i 9'].toSorted(compareTexts),
        }).toEqual({
          day: date({ day: 'numeric', month: 'long', year: 'numeric' }),
          month: date({ month: 'long', year: 'numeric' }),
          time: date({ hour: '2-digit', minute: '2-digit' }),
          dayTime: date({ dateStyle: 'long', timeStyle: 'short' }),
          mark: date({ day: 'numeric', month: 'short', year: '2-digit' }),
          number: value(),
          share: value({ style: 'percent' }),
          unit: new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(3),
          order: ['ch', 'č', 'd', 'i 10', 'i 9'].toSorted(new Intl.Collator(locale, { numeric: true }).compare),
        })
        // One calendar and one set of digits on a page that has results and doses on it.
        expect(`${dayText(ms)} ${numberText(number)}`).not.toMatch(/[\u0660-\u0669\u06f0-\u06f9]/)
      }
    }),
    { numRuns: 30 },
  )
})

describe('what a language does with numbers and dates', () => {
  const now = new Date(2025, 4, 12, 13, 0).getTime()
  const later = new Date(2025, 4, 13, 14, 2).getTime()

  test('Czech has a form for one, for a few and for many, and for parts of one', async () => {
    await chooseLanguage('cs')
    expect([1, 3, 5, 1.5].map((count) => t('records.entries', { count }))).toEqual([
      '1 položka',
      '3 položky',
      '5 položek',
      '1,5 položky',
    ])
    expect(dayText(now)).toBe('12. května 2025')
    expect(leftText(now + 3 * 86_400_000, now)).toBe('3 dny')
    expect([momentText(later, now), atText(later, now)]).toEqual(['zítra 14:02', 'zítra v 14:02'])
    expect(sizeText(4_249_000)).toBe('4,2 MB')
    expect(listText(['a', 'b', 'c'])).toBe('a, b a\u00a0c')
  })

  test('Arabic has six forms, names of its own for months, and Western digits', async () => {
    await chooseLanguage('ar')
    expect([0, 1, 2, 3, 11, 100].map((count) => t('records.entries', { count }))).toEqual([
      'لا مدخلات',
      'مدخل واحد',
      'مدخلان',
      '3 مدخلات',
      '11 مدخلًا',
      '100 مدخل',
    ])
    expect(dayText(now)).toBe('12 مايو 2025')
    expect(relativeDayText(now, now)).toBe('اليوم')
    expect(numberText(1234.5)).toBe('1,234.5')
  })

  test('codes and names keep their direction inside a sentence of the other one', async () => {
    expect(t('language.failed', { language: 'العربية' })).toContain('\u2068العربية\u2069')
    expect(t('language.failed', { language: 'Deutsch' })).not.toContain('\u2068')
    await chooseLanguage('ar')
    expect(t('language.failed', { language: 'Deutsch' })).toContain('\u2068Deutsch\u2069')
  })
})

describe('values are text', () => {
  test.each(['{{time}}', '$t(shell.home)', '<b>x</b>', '&amp;', '$&', '{{- time}}'])('%s stays what it is', (value) => {
    expect(t('shell.seenAt', { time: value })).toBe(`What you see is from ${value}.`)
  })

  test('a name in the sentence begins small where the language wants that', () => {
    expect(t('page.problem', { what: 'Not shared', problem: 'No room left' })).toBe('Not shared: no room left')
  })

  test('what is marked is drawn by its mark, the rest is text', () => {
    const element = createElement(Marked<'enrol.onlyYou'>, {
      text: 'enrol.onlyYou',
      marks: { b: (inside) => createElement('strong', null, inside) },
    })
    expect(renderToStaticMarkup(element)).toMatch(/^<strong>Only you can read it\.<\/strong> Everything is/)
  })
})
