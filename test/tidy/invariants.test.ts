import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from './project-files.ts'
import { proofRowsOf } from './proof-table.ts'

/** What other work brings, wholly or in part. */
const WORKS = ['Emergency access', 'Devices', 'Interoperability', 'App']
/** Rows that may name nothing but such work. */
const LATER = ['I6', 'I23', 'I25', 'F26', 'F27', 'F28', 'F32']

const rows = proofRowsOf(readFileSync(join(ROOT, 'docs/invariants.md'), 'utf8'), /^[IRF]\d+$/)

describe('the table of invariants', () => {
  test('has every invariant, rule and fault of the design, each once', () => {
    const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, i) => `${letter}${i + 1}`)
    const expected = [...numbered('I', 38), ...numbered('R', 24), ...numbered('F', 32)]
    expect(rows.map(({ name }) => name)).toEqual(expected)
  })

  test.each(rows.map((row) => [row.name, row] as const))(
    '%s names tests that are there, or the work that brings it',
    (name, row) => {
      const { proofs, beside } = row
      const works = [...beside.matchAll(/work: \*([^*]+)\*/g)].map(([, work = '']) => work)
      expect(beside.replaceAll(/(on the screen, )?work: \*[^*]+\*/g, '').trim()).toBe('')
      expect(works.filter((work) => !WORKS.includes(work))).toEqual([])
      if (!LATER.includes(name)) expect(proofs).not.toEqual([])
      expect(proofs.length + works.length).toBeGreaterThan(0)
    },
  )
})
