import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compiled, workerProgram } from './worker-program.ts'

let folder: string
let sources: string
let cache: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localnet-program-'))
  sources = join(folder, 'src')
  cache = join(folder, 'cache')
  mkdirSync(join(sources, 'host'), { recursive: true })
  writeFileSync(
    join(sources, 'host/worker.ts'),
    `import { word } from '../word.ts'\nexport const said: string = word\n`,
  )
  writeFileSync(join(sources, 'word.ts'), `export const word: string = 'one'\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const say = async (program: URL) => ((await import(program.href)) as { said: string }).said

test('the program is made once, and again when any of its sources changes', async () => {
  const first = await compiled(sources, cache)
  expect(await say(first)).toBe('one')
  expect(await compiled(sources, cache)).toEqual(first)
  writeFileSync(join(sources, 'word.ts'), `export const word: string = 'two'\n`)
  const second = await compiled(sources, cache)
  expect(await say(second)).toBe('two')
  expect(readdirSync(cache)).toHaveLength(2)
})

test('tests are no part of it', async () => {
  const before = await compiled(sources, cache)
  writeFileSync(join(sources, 'word.test.ts'), 'nothing')
  expect(await compiled(sources, cache)).toEqual(before)
})

test('many that want it at once get the same, and nothing is left half made', async () => {
  const programs = await Promise.all(Array.from({ length: 8 }, () => compiled(sources, cache)))
  expect(new Set(programs.map(String)).size).toBe(1)
  expect(readdirSync(cache)).toHaveLength(1)
})

test('programs that nobody starts any more go', async () => {
  await compiled(sources, cache)
  const [old = ''] = readdirSync(cache)
  utimesSync(join(cache, old), 0, 0)
  writeFileSync(join(sources, 'word.ts'), `export const word: string = 'three'\n`)
  await compiled(sources, cache)
  expect(readdirSync(cache)).toHaveLength(1)
  expect(readdirSync(cache)).not.toContain(old)
})

test('what does not compile is an error, and leaves nothing behind', async () => {
  writeFileSync(join(sources, 'word.ts'), 'export const word: string = (')
  await expect(compiled(sources, cache)).rejects.toThrow('Build failed')
  expect(readdirSync(folder)).not.toContain('cache')
})

test('the network itself runs a compiled program, whose code names the prepared modules', async () => {
  const program = fileURLToPath(await workerProgram())
  expect(program).toMatch(/node_modules\/\.cache\/localnet\/[0-9a-f]{32}\/worker\.mjs$/)
  expect(readFileSync(program, 'utf8')).toContain('PREPARATION_URL')
})
