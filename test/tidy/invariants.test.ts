import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from './project-files.ts'

/** What other work brings, wholly or in part. */
const WORKS = ['Emergency access', 'Devices', 'Interoperability', 'App']
/** Rows that may name nothing but such work. */
const LATER = ['I6', 'I23', 'I25', 'F26', 'F27', 'F28', 'F32']

interface Row {
  readonly name: string
  readonly what: string
  readonly proofs: readonly { readonly file: string; readonly title: string }[]
  readonly works: readonly string[]
  /** What of its last column was none of the two. */
  readonly rest: string
}

function rowsOf(markdown: string): Row[] {
  return markdown.split('\n').flatMap((line) => {
    const [, name, what, by] = /^\| ([IRF]\d+) \| (.+?) \| (.*) \|$/.exec(line) ?? []
    if (name === undefined || what === undefined || by === undefined) return []
    const proofs = [...by.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title }))
    const works = [...by.matchAll(/work: \*([^*]+)\*/g)].map(([, work = '']) => work)
    const rest = by.replaceAll(/`[^`]+` "[^"]+"|(on the screen, )?work: \*[^*]+\*/g, '').replaceAll(/[; ]/g, '')
    return [{ name, what, proofs, works, rest }]
  })
}

const rows = rowsOf(readFileSync(join(ROOT, 'docs/invariants.md'), 'utf8'))

describe('the table of invariants', () => {
  test('has every invariant, rule and fault of the design, each once', () => {
    const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, i) => `${letter}${i + 1}`)
    const expected = [...numbered('I', 38), ...numbered('R', 24), ...numbered('F', 32)]
    expect(rows.map(({ name }) => name)).toEqual(expected)
  })

  test.each(rows.map((row) => [row.name, row] as const))(
    '%s names tests that are there, or the work that brings it',
    (name, row) => {
      const { proofs, works, rest } = row
      expect(rest).toBe('')
      expect(works.filter((work) => !WORKS.includes(work))).toEqual([])
      if (!LATER.includes(name)) expect(proofs).not.toEqual([])
      expect(proofs.length + works.length).toBeGreaterThan(0)
      for (const { file } of proofs) expect(file).toMatch(/\.(test|spec)\.ts$/) // that they are there: proofs.test.ts
    },
  )
})
