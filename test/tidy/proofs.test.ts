import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectFiles, ROOT } from './project-files.ts'
import { proofRowsOf, proofsIn } from './proof-table.ts'

/** As a title stands in a test file: whole, in quotes of its own. */
const quoted = (title: string) => ["'", '`'].map((quote) => `${quote}${title}${quote},`)

test('a document that names a test names one that is there', () => {
  const texts = new Map(projectFiles(['.test.ts', '.spec.ts']).map(({ path, text }) => [path, text]))
  const named = projectFiles(['.md']).flatMap(({ path, text }) => proofsIn(text).map((proof) => ({ path, ...proof })))
  expect(named.filter(({ path }) => path === 'docs/device-conformance.md').length).toBeGreaterThan(15)
  const absent = named.filter(({ file, title }) => !quoted(title).some((each) => texts.get(file)?.includes(each)))
  expect(absent).toEqual([])
})

/** What the page is for, of the list of requirements; `UR`: what people asked other projects for. */
const REQUIREMENTS = {
  A: [2, 6, 10, 13, 16, 22, 23, 24, 25, 30],
  B: [2, 10, 12, 14, 15, 19],
  C: [5, 13],
  D: [2, 9, 10, 12],
} as const
const REQUESTS = [1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 16, 17, 23, 24, 25]

describe('the table of what a person can do', () => {
  const rows = proofRowsOf(readFileSync(join(ROOT, 'docs/proofs.md'), 'utf8'), /^([A-D]\d\d|UR\d+)$/)

  test('has every row, each once', () => {
    const required = Object.entries(REQUIREMENTS).flatMap(([letter, numbers]) =>
      numbers.map((number) => `${letter}${String(number).padStart(2, '0')}`),
    )
    expect(rows.map(({ name }) => name)).toEqual([...required, ...REQUESTS.map((number) => `UR${number}`)])
  })

  test.each(rows.map((row) => [row.name, row] as const))('%s names tests, or what measures it', (_, row) => {
    expect(row.proofs).not.toEqual([])
    expect(row.beside.replaceAll(/measured by `npm run bench -- \w+`/g, '')).toBe('')
  })
})
