import { expect, test } from 'vitest'
import { isTest, projectFiles } from './project-files.ts'

// What the reader sees of dates, numbers, lists and orders goes by the language that they chose: nothing in the page asks the browser for its own.

const page = projectFiles(['.ts', '.tsx'])
  .filter(({ path }) => path.startsWith('src/frontend/src/') && !isTest(path))
  .map(({ path, text }) => ({ path: path.replace('src/frontend/src/', ''), text }))
const linesWith = (pattern: RegExp) =>
  page.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  )

test('nothing in the page is written or put in order as the browser would by itself', () => {
  expect(page.length).toBeGreaterThan(100)
  expect(linesWith(/\.toLocale(Date|Time)?String\(|\.localeCompare\(|\.toLocale(Lower|Upper)Case\(\)/)).toEqual([])
})

test('no format is made without a language, or in one that nobody chose', () => {
  expect(linesWith(/new Intl\.\w+\((\)|undefined|\[\]|\{|navigator)|\bnavigator\.languages?\b.*\bIntl\b/)).toEqual([])
  expect(linesWith(/new Intl\.\w+\(\[?['"`]/)).toEqual([
    // Names of files that numbers stand in, which nobody reads as a list.
    expect.stringMatching(/^viewers\/dicom\/series\.ts/),
    // The texts that are there from the start are English, and so are their counted forms.
    expect.stringMatching(/^words\/language\.ts.*PluralRules\('en'\)/),
  ])
})

test('numbers are not rounded into text past the reader’s decimal sign', () => {
  expect(linesWith(/\.to(Fixed|Precision|Exponential)\(/)).toEqual([])
})
