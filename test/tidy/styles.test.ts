import { posix } from 'node:path'

import { expect, test } from 'vitest'

import { isTest, projectFiles, type ProjectFile } from './project-files.ts'

// Styles come with the pages that import them. A page that uses a class of another page's looks right to whoever was on that page before, and to nobody else.

const SOURCE = 'src/frontend/src/'
const files = new Map(projectFiles(['.ts', '.tsx', '.css']).map((file) => [file.path, file]))
const sources = [...files.values()].filter(({ path }) => path.startsWith(SOURCE) && !isTest(path))

const IMPORT = /^(?!import type)(?:import|export|\}) (?:[^']*from )?'(\.[^']+)'/gm
const LAZY = /import\('(\.[^']+\.tsx)'\)/g
const CLASS = /\bmg-[a-z0-9]+(?:-[a-z0-9]+)*/g

const named = (file: ProjectFile, pattern: RegExp): string[] =>
  [...file.text.matchAll(pattern)].map(([, path = '']) => posix.join(posix.dirname(file.path), path))

/** What comes with a file at once: itself, and whatever it imports. */
function withImports(path: string, found = new Set<string>()): Set<string> {
  const file = files.get(path)
  if (file === undefined || found.has(path)) return found
  found.add(path)
  for (const each of named(file, IMPORT)) withImports(each, found)
  return found
}

test('whatever is fetched when it is needed brings the styles of what it shows', () => {
  const shell = withImports(`${SOURCE}main.tsx`)
  const fetched = new Set(sources.flatMap((file) => named(file, LAZY)))
  expect(fetched.size).toBeGreaterThan(40)
  const stylesOf = (path: string): string[] =>
    path.endsWith('.css')
      ? [...new Set(files.get(path)?.text.match(/\.mg-[a-z0-9-]+/g))].map((each) => each.slice(1))
      : []
  const everywhere = new Set(sources.flatMap(({ path }) => stylesOf(path)))
  const missing = [...fetched, `${SOURCE}main.tsx`].flatMap((entry) => {
    const own = withImports(entry)
    const there = new Set([...shell, ...own].flatMap(stylesOf))
    return [...own]
      .filter((path) => !path.endsWith('.css'))
      .flatMap((path) => (files.get(path)?.text.match(CLASS) ?? []).map((name) => ({ path, name })))
      .filter(({ name }) => everywhere.has(name) && !there.has(name))
      .map(({ path, name }) => `${entry}: ${path} uses ${name}`)
  })
  expect([...new Set(missing)]).toEqual([])
})
