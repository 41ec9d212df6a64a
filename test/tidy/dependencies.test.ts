import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { importsOf, isTest, projectFiles, ROOT, SOURCE_ENDINGS } from './project-files.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const {
  dependencies = {},
  devDependencies = {},
  optionalDependencies = {},
} = JSON.parse(read('package.json')) as Manifest
const declared = { ...dependencies, ...devDependencies, ...optionalDependencies }
const { packages } = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly link?: boolean; readonly resolved?: string }>
  >
}
const installed = Object.keys(packages).filter((path) => path.includes('node_modules/'))
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

describe('dependencies', () => {
  test('each is listed in docs/dependencies.md with a reason, and nothing else is', () => {
    const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)]
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(Object.keys(declared)))
    expect(rows).toHaveLength(Object.keys(declared).length)
    for (const row of rows) expect(row[2]?.length).toBeGreaterThan(8)
  })

  test('each is pinned to one exact version', () => {
    for (const [name, version] of Object.entries(declared)) expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+$/)
  })

  test('what must not exist twice exists once: two copies of Principal would make caller checks fail', () => {
    const once = ['react', 'react-dom', 'zustand', 'esbuild', 'binaryen', '@noble/curves', '@noble/hashes']
    const copies = (name: string) => installed.filter((path) => nameOf(path) === name)
    const dfinity = installed.map(nameOf).filter((name) => name.startsWith('@dfinity/'))
    expect(dfinity).toEqual([...new Set(dfinity)])
    // Azle keeps a bundler of its own, which builds nothing of ours.
    for (const name of once)
      expect(copies(name).filter((path) => !path.startsWith('node_modules/azle/'))).toHaveLength(1)
  })

  test('the lockfile names no registry', () => {
    const resolved = Object.entries(packages).filter(
      ([, { resolved: from, link }]) => from !== undefined && link !== true,
    )
    expect(resolved).toEqual([])
  })

  test('workspaces declare none of their own, so that one list tells all', () => {
    const own = projectFiles(['package.json'])
      .filter(({ path }) => path !== 'package.json')
      .filter(
        ({ text }) =>
          Object.keys({
            ...(JSON.parse(text) as Manifest).dependencies,
            ...(JSON.parse(text) as Manifest).devDependencies,
          }).length > 0,
      )
    expect(own).toEqual([])
  })

  test('every package that code imports is declared', () => {
    const undeclared = projectFiles(SOURCE_ENDINGS).flatMap(({ path, text }) =>
      importsOf(text)
        .filter((specifier) => /^[@a-z][\w@/.-]*$/.test(specifier) && !/^(node:|@medguard\/)/.test(specifier))
        .map((specifier) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !Object.hasOwn(declared, name))
        .map((name) => `${path}: ${name}`),
    )
    expect(undeclared).toEqual([])
  })

  test('what ships in the page is few: at most 32 packages', () => {
    const shipped = new Set(
      projectFiles(SOURCE_ENDINGS)
        .filter(
          ({ path }) =>
            /^src\/(frontend|client|crypto|protocol|readings|tlog)\//.test(path) &&
            !/\/src\/node\//.test(path) &&
            !isTest(path),
        )
        .flatMap(({ text }) => importsOf(text))
        .filter((specifier) => /^[@a-z][\w@/.-]*$/.test(specifier) && !/^(node:|@medguard\/)/.test(specifier))
        .map((specifier) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    expect(shipped.size).toBeLessThanOrEqual(32)
  })
})
