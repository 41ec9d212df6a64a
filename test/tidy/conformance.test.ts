import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { projectFiles, ROOT } from './project-files.ts'

const [page] = projectFiles(['docs/conformance.md'])
const named = [...(page?.text ?? '').matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name)
const suite = projectFiles(['.test.ts'])
  .map(({ path }) => path)
  .filter((path) => path.startsWith('test/conformance/'))

describe('docs/conformance.md', () => {
  test('names no file that is not there', () => {
    const placeOf = (name: string) => (name.includes('/') ? name : `test/conformance/${name}`)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !existsSync(join(ROOT, placeOf(name))))).toEqual([])
  })

  test('lists every test of the suite', () => {
    expect(suite.length).toBeGreaterThan(0)
    expect(suite.filter((path) => !named.includes(path.replace('test/conformance/', '')))).toEqual([])
  })
})
