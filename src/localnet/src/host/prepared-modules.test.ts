import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InvalidModule } from '../contracts.ts'
import { ALLOWED_IMPORTS } from '../system-api/index.ts'
import { prepareModule } from '../wasm/index.ts'
import { codeVersion, keepModules } from './prepared-modules.ts'
import { tallyWasm } from './tally.fixture.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'localnet-modules-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const WASM = tallyWasm()
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)
const files = () => readdirSync(dir)

/** A new opening of the folder, which counts what it had to prepare. */
function open(version = 'v') {
  let made = 0
  const kept = keepModules(dir, version, (uploaded, allowed) => {
    made++
    return prepareModule(uploaded, allowed)
  })
  return { ...kept, made: () => made }
}

test('a module is prepared once and found by every later opening', () => {
  const first = open().prepare(WASM, ALLOWED_IMPORTS)
  const later = open()
  expect(later.prepare(WASM, ALLOWED_IMPORTS)).toEqual(first)
  expect(later.made()).toBe(0)
  expect(first).toEqual(prepareModule(WASM, ALLOWED_IMPORTS))
})

test('another program, or other System API functions, prepare anew', () => {
  open().prepare(WASM, ALLOWED_IMPORTS)
  const other = open('w')
  other.prepare(WASM, ALLOWED_IMPORTS)
  expect(other.made()).toBe(1)
  const fewer = open()
  expect(() => fewer.prepare(WASM, new Map())).toThrow('it imports ic0')
})

test('a damaged, cut or foreign file is made again', () => {
  const good = open().prepare(WASM, ALLOWED_IMPORTS)
  const path = join(dir, files()[0] ?? '')
  const bytes = readFileSync(path)
  const damaged = Buffer.from(bytes)
  damaged[damaged.length >> 1] = ~(damaged[damaged.length >> 1] ?? 0)
  for (const content of [damaged, bytes.subarray(0, 1000), Buffer.alloc(0), Buffer.alloc(100)]) {
    writeFileSync(path, content)
    const again = open()
    expect(again.prepare(WASM, ALLOWED_IMPORTS)).toEqual(good)
    expect(again.made()).toBe(1)
    expect(readFileSync(path)).toEqual(bytes)
  }
})

test('what no canister uses any more goes, and so does what a crash left half written', () => {
  open().prepare(WASM, ALLOWED_IMPORTS)
  writeFileSync(join(dir, 'prepared-half.new'), 'half')
  writeFileSync(join(dir, 'state.log'), 'the state')
  const later = open()
  later.prepare(EMPTY_MODULE, ALLOWED_IMPORTS)
  later.forgetUnused()
  expect(files()).toHaveLength(2)
  expect(files()).toContain('state.log')
  const last = open()
  last.prepare(EMPTY_MODULE, ALLOWED_IMPORTS)
  expect(last.made()).toBe(0)
})

test('an invalid module is refused each time, and a folder that cannot be written to changes nothing', () => {
  for (let time = 0; time < 2; time++) {
    expect(() => open().prepare(WASM.subarray(0, 20), ALLOWED_IMPORTS)).toThrow(InvalidModule)
  }
  expect(files()).toEqual([])
  const nowhere = keepModules(join(dir, 'absent'), 'v', prepareModule)
  expect(nowhere.prepare(WASM, ALLOWED_IMPORTS)).toEqual(prepareModule(WASM, ALLOWED_IMPORTS))
})

test('code has another version when any file beside it changes', () => {
  const url = new URL(`file://${dir}/index.ts`).href
  writeFileSync(join(dir, 'index.ts'), 'one')
  writeFileSync(join(dir, 'weights.ts'), 'call 5')
  const before = codeVersion(url)
  expect(codeVersion(url)).toBe(before)
  writeFileSync(join(dir, 'weights.ts'), 'call 6')
  expect(codeVersion(url)).not.toBe(before)
})
