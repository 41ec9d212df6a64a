import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { DEVELOPMENT_CANISTERS } from '@medguard/client'
import { DEFAULT_PORT } from '@medguard/localnet'
import { beforeAll, describe, expect, test } from 'vitest'

import { buildApp } from './build-app.ts'
import { buildCanister } from './canister/build.ts'
import { CANISTER_SETTINGS } from './deploy/settings.ts'
import { CANISTERS, ROOT } from './project.ts'

// Fields that we may use, as dfx documents them: dfinity/sdk, `docs/dfx-json-schema.json`, versions 0.28 to 0.32. dfx itself passes over
// a field that it does not know, so a misspelt one would never be missed.
type Shape = (value: unknown) => boolean
const text: Shape = (value) => typeof value === 'string' && value !== ''
const texts: Shape = (value) => Array.isArray(value) && value.every(text)
const commands: Shape = (value) => text(value) || texts(value)
const oneOf =
  (...values: readonly string[]): Shape =>
  (value) =>
    typeof value === 'string' && values.includes(value)

/** Optional fields of every canister. */
const CANISTER: Readonly<Record<string, Shape>> = {
  dependencies: texts,
  initialization_values: (value) =>
    problems(value, { freezing_threshold: Number.isInteger, wasm_memory_limit: Number.isInteger }).length === 0,
  gzip: (value) => typeof value === 'boolean',
  init_arg: text,
  post_install: commands,
  pre_install: commands,
  specified_id: text, // used on networks other than the Internet Computer, where it is passed over with a warning
}
/** Fields of each type of canister; all but `build` are mandatory. */
const BY_TYPE: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  custom: { type: oneOf('custom'), candid: text, wasm: text, build: commands },
  assets: { type: oneOf('assets'), source: texts, build: commands },
}
const NETWORK: Readonly<Record<string, Shape>> = { bind: text, type: oneOf('ephemeral', 'persistent') }
const TOP: Readonly<Record<string, Shape>> = {
  version: (value) => Number.isInteger(value) && Number(value) >= 0,
  canisters: (value) => typeof value === 'object',
  networks: (value) => typeof value === 'object',
}

/** What is wrong with an object, a line each. */
function problems(value: unknown, shape: Readonly<Record<string, Shape>>, mandatory: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return ['is no object']
  const missing = mandatory.filter((name) => !Object.hasOwn(value, name)).map((name) => `${name} is missing`)
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const check = shape[name]
    if (check === undefined) return [`${name} is not in dfx's documentation`]
    return check(field) ? [] : [`${name} has another type`]
  })
  return [...missing, ...wrong]
}

function canisterProblems(canister: unknown): string[] {
  const { type } = Object(canister) as { readonly type?: unknown }
  const own = typeof type === 'string' ? BY_TYPE[type] : undefined
  if (own === undefined) return ['type is none that we use']
  const mandatory = Object.keys(own).filter((name) => name !== 'build')
  return problems(canister, { ...CANISTER, ...own }, mandatory)
}

interface Canister {
  readonly type: 'custom' | 'assets'
  readonly candid?: string
  readonly wasm?: string
  readonly source?: readonly string[]
  readonly build?: string
  readonly dependencies?: readonly string[]
  readonly specified_id?: string
  readonly initialization_values?: { readonly freezing_threshold: number; readonly wasm_memory_limit?: number }
}
const dfx = JSON.parse(readFileSync(join(ROOT, 'dfx.json'), 'utf8')) as {
  readonly canisters: Readonly<Record<string, Canister>>
  readonly networks: Readonly<Record<string, { readonly bind: string }>>
}
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}
const canisters = Object.entries(dfx.canisters)

describe('dfx.json', () => {
  test('has only fields that dfx documents, of the types it documents', () => {
    expect(problems(dfx, TOP, ['canisters'])).toEqual([])
    for (const [name, canister] of canisters) expect(canisterProblems(canister), name).toEqual([])
    for (const [name, network] of Object.entries(dfx.networks)) expect(problems(network, NETWORK), name).toEqual([])
  })

  test.each([
    [
      'a misspelt field',
      { type: 'assets', source: ['a'], dependancies: [] },
      "dependancies is not in dfx's documentation",
    ],
    ['a field of another type', { type: 'assets', source: 'a' }, 'source has another type'],
    ['a field that is missing', { type: 'custom', candid: 'a.did' }, 'wasm is missing'],
    [
      'a field of another kind of canister',
      { type: 'assets', source: ['a'], wasm: 'a' },
      "wasm is not in dfx's documentation",
    ],
    ['an unknown kind', { type: 'azle' }, 'type is none that we use'],
  ])('would not pass with %s', (_, canister, problem) => {
    expect(canisterProblems(canister)).toContain(problem)
  })

  test('names our canisters, with the ids that a development build of the page pins', () => {
    expect(canisters.map(([name]) => name).toSorted()).toEqual(Object.keys(DEVELOPMENT_CANISTERS).toSorted())
    const ids = Object.fromEntries(canisters.map(([name, { specified_id }]) => [name, specified_id]))
    expect(ids).toEqual(DEVELOPMENT_CANISTERS)
  })

  test('names dependencies that exist, in no circle', () => {
    const dependsOn = (name: string): readonly string[] => dfx.canisters[name]?.dependencies ?? []
    const reachable = (name: string, seen: ReadonlySet<string> = new Set()): ReadonlySet<string> =>
      dependsOn(name).reduce((all, next) => (all.has(next) ? all : reachable(next, new Set([...all, next]))), seen)
    for (const [name] of canisters) {
      for (const dependency of dependsOn(name)) expect(dfx.canisters, name).toHaveProperty(dependency)
      expect(reachable(name), name).not.toContain(name)
    }
    // The page is built for the ids of the other three.
    expect([...dependsOn('frontend')].toSorted()).toEqual([...CANISTERS].toSorted())
  })

  test('sets what a canister runs with as icp.yaml and the development network do', () => {
    const { freezingThresholdSeconds, wasmMemoryLimitBytes } = CANISTER_SETTINGS
    expect(freezingThresholdSeconds, 'risk 1 of the key design').toBeGreaterThanOrEqual(180 * 86_400)
    const settings = { freezing_threshold: freezingThresholdSeconds, wasm_memory_limit: wasmMemoryLimitBytes }
    const manifest = readFileSync(join(ROOT, 'icp.yaml'), 'utf8')
    // How much memory the page's canister needs, those who wrote it know.
    const { freezing_threshold } = settings
    for (const [name, wanted] of [
      ...CANISTERS.map((each) => [each, settings] as const),
      ['frontend', { freezing_threshold }] as const,
    ]) {
      expect(dfx.canisters[name]?.initialization_values, name).toEqual(wanted)
      const [, own = ''] = manifest.split(`  - name: ${name}\n`)
      for (const [setting, value] of Object.entries(wanted))
        expect(own.split('    build:')[0], name).toContain(`      ${setting}: ${value} #`)
    }
  })

  test('puts its local network where the page looks for it', () => {
    expect(dfx.networks['local']?.bind).toBe(`127.0.0.1:${DEFAULT_PORT}`)
  })
})

describe('what dfx.json names', () => {
  beforeAll(async () => {
    for (const name of CANISTERS) await buildCanister(name)
    await buildApp()
  })

  test('is there once the build commands have run', async () => {
    for (const [name, { build, candid, wasm, source = [] }] of canisters) {
      const [, script = '', argument] = /^npm run (\S+)(?: -- (\S+))?$/.exec(build ?? '') ?? []
      expect(scripts, name).toHaveProperty([script])
      if (wasm !== undefined) {
        expect(argument).toBe(name)
        expect(join(ROOT, wasm)).toBe((await buildCanister(name)).wasmPath)
      }
      for (const path of [candid, wasm, ...source.map((folder) => `${folder}/index.html`)]) {
        if (path !== undefined) expect(existsSync(join(ROOT, path)), path).toBe(true)
      }
    }
  })
})
