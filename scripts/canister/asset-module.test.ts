import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { UsageError } from '../project.ts'
import { ASSET_WASM_VARIABLE, buildAssetModule } from './asset-module.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asset-module-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const given = (name: string, bytes: readonly number[]): NodeJS.ProcessEnv => {
  const path = join(folder, name)
  writeFileSync(path, Uint8Array.from(bytes))
  return { [ASSET_WASM_VARIABLE]: path }
}

/** Not where the product builds it: another test may be deploying that. */
const build = (environment: NodeJS.ProcessEnv) => buildAssetModule(environment, join(folder, 'out'))

describe('the module of the page', () => {
  test('is a placeholder where none is given: valid Wasm with a mark for the built-in asset canister', () => {
    const { wasm, wasmPath, isPlaceholder } = build({})
    expect(isPlaceholder).toBe(true)
    expect(WebAssembly.validate(new Uint8Array(wasm))).toBe(true)
    expect(Buffer.from(wasm).includes('icp:private localnet:built-in')).toBe(true)
    expect(new Uint8Array(readFileSync(wasmPath))).toEqual(wasm)
    expect(build({ ICP_CLI_ENVIRONMENT: 'local' }).isPlaceholder).toBe(true)
  })

  test.each([
    ['plain.wasm', [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]],
    ['packed.wasm.gz', [0x1f, 0x8b, 0x08, 0x00, 0x00]],
  ])('is the file that is given, %s', (name, bytes) => {
    const { wasm, isPlaceholder } = build({ ...given(name, bytes), ICP_CLI_ENVIRONMENT: 'ic' })
    expect([isPlaceholder, [...wasm]]).toEqual([false, bytes])
  })

  test('is never a placeholder on the Internet Computer, and never something else than Wasm', () => {
    expect(() => build({ ICP_CLI_ENVIRONMENT: 'ic' })).toThrow(ASSET_WASM_VARIABLE)
    expect(() => build(given('page.html', [0x3c, 0x21, 0x64, 0x6f]))).toThrow(UsageError)
    expect(() => build({ [ASSET_WASM_VARIABLE]: join(folder, 'absent') })).toThrow('cannot read')
  })
})
