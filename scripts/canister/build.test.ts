import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { CANISTERS, ROOT } from '../project.ts'
import { buildCanister } from './build.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-build-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const SOURCE = `
  import { IDL, inspectMessage, msgArgData, msgReply, query, update } from 'azle'
  export default class Small {
    @query([IDL.Text], IDL.Text) greet(name: string): string { return 'hello ' + name }
    @update([], undefined, { manual: true }) echo(): void { msgReply(msgArgData()) }
    @inspectMessage() inspect(): boolean { return true }
  }
`
/** A canister of our toolkit, which pre-initialised modules need, in a folder of its own. @returns its entry. */
function copyLives(place: string): string {
  mkdirSync(join(folder, place), { recursive: true })
  for (const file of ['lives.ts', 'lives-codecs.ts', 'lives-service.ts']) {
    copyFileSync(join(ROOT, 'test/canisters', file), join(folder, place, file))
  }
  return join(folder, place, 'lives.ts')
}
function write(name: string, source: string, did?: string) {
  const entry = join(folder, `${name}.ts`)
  writeFileSync(entry, source)
  if (did !== undefined) writeFileSync(join(folder, `${name}.did`), did)
  return { entry, outDir: join(folder, 'out') }
}

describe('the canister build', () => {
  test('makes a valid module with its interface in a public section, and the same one again from the cache', async () => {
    const options = write('small', SOURCE)
    const first = await buildCanister('small', options)
    expect(first).toMatchObject({
      cached: false,
      methods: [
        { name: 'greet', kind: 'query' },
        { name: 'echo', kind: 'update' },
      ],
    })
    const module = new WebAssembly.Module(first.wasm)
    const [section] = WebAssembly.Module.customSections(module, 'icp:public candid:service')
    expect(new TextDecoder().decode(section)).toBe(first.candid)
    expect(WebAssembly.Module.imports(module).every((entry) => entry.module === 'ic0')).toBe(true)

    const second = await buildCanister('small', options)
    expect(second).toMatchObject({ cached: true, wasmHash: first.wasmHash, methods: first.methods })
    expect(Buffer.compare(second.wasm, first.wasm)).toBe(0)
  })

  test('offers strangers nothing of the template but the timers, which refuse them', async () => {
    const exported = ({ wasm }: { wasm: Uint8Array<ArrayBuffer> }) =>
      WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name)
    const options = write('small', SOURCE)
    const shipped = exported(await buildCanister('small', options))
    expect(shipped.filter((name) => /^canister_(update|query|composite_query) /.test(name)).toSorted()).toEqual([
      'canister_query greet',
      'canister_update <ic-cdk internal> timer_executor',
      'canister_update echo',
    ])
    const probed = exported(
      await buildCanister('small', { ...options, keepProbes: true, outDir: join(folder, 'probed') }),
    )
    expect(probed).toContain('canister_query _azle_reject_callbacks_len')
    expect(probed).toEqual(expect.arrayContaining(shipped))
  })

  test.each([
    ['pre-initialised', false],
    ['plain', true],
  ] as const)('builds the same %s bytes twice, and in another folder', async (kind, plain) => {
    const build = (place: string, outDir: string) =>
      buildCanister('lives', { entry: copyLives(place), outDir: join(folder, outDir, kind), plain })
    const one = await build('one', 'one')
    expect(await build('one', 'again')).toMatchObject({ cached: false, wasmHash: one.wasmHash, kind })
    expect(await build('two', 'two')).toMatchObject({ cached: false, wasmHash: one.wasmHash, kind })
  })

  test('makes a plain module of a canister that is not of our toolkit, and offers strangers the same in both kinds', async () => {
    expect(await buildCanister('small', write('small', SOURCE))).toMatchObject({ kind: 'plain' })
    const offered = await Promise.all(
      ['plain', 'pre-initialised'].map(async (kind) => {
        const options = { entry: copyLives('one'), outDir: join(folder, 'one', kind), plain: kind === 'plain' }
        const { wasm } = await buildCanister('lives', options)
        const names = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name)
        return names.filter((name) => name.startsWith('canister')).toSorted()
      }),
    )
    expect(offered[0]).toEqual(offered[1])
    expect(offered[0]).toEqual([
      'canister_global_timer',
      'canister_init',
      'canister_inspect_message',
      'canister_post_upgrade',
      'canister_query clock',
      'canister_query randomInQuery',
      'canister_query state',
      'canister_update <ic-cdk internal> timer_executor',
      'canister_update dive',
      'canister_update fail',
      'canister_update print',
      'canister_update raise',
      'canister_update raiseLater',
      'canister_update random',
      'canister_update randomForLibraries',
    ])
  })

  test('says what a canister asks of the network while it loads, when there is none', async () => {
    const options = write('early', `globalThis._azleIc.canisterSelf()${SOURCE}`)
    await expect(buildCanister('early', options)).rejects.toThrow(
      'canister early fails while loading: it calls canister_self_size while it loads',
    )
  })

  test('builds anew when a source or the output changed', async () => {
    const options = write('changing', SOURCE)
    const first = await buildCanister('changing', options)
    write('changing', SOURCE.replace('hello', 'good day'))
    const second = await buildCanister('changing', options)
    expect(second.cached).toBe(false)
    expect(second.wasmHash).not.toBe(first.wasmHash)

    writeFileSync(second.wasmPath, readFileSync(second.wasmPath).subarray(0, 1000))
    expect(await buildCanister('changing', options)).toMatchObject({ cached: false, wasmHash: second.wasmHash })
  })

  test.each(CANISTERS)('links nothing of the Candid library into %s', async (name) => {
    const { wasmPath } = await buildCanister(name)
    const library = readFileSync(join(ROOT, 'node_modules/@dfinity/candid/lib/esm/idl.js'), 'utf8')
    const itsErrors = [...library.matchAll(/Error\('([^']+)'/g)].map(([, text = '']) => text)
    expect(itsErrors.length).toBeGreaterThan(20)
    const bundle = readFileSync(wasmPath.replace(/wasm$/, 'js'), 'utf8')
    expect(itsErrors.filter((text) => bundle.includes(text))).toEqual([])
  })

  test('refuses a module whose methods are not those of its .did', async () => {
    const did = 'service : { greet : (text) -> (text) query; forgotten : () -> () }'
    const options = write('strict', SOURCE, did)
    await expect(buildCanister('strict', options)).rejects.toThrow(
      'exports "canister_update echo", which nothing declares; does not export "canister_update forgotten"',
    )
  })

  test('refuses hooks that could block an upgrade or run unasked', async () => {
    const source = SOURCE.replace('{ IDL,', '{ IDL, heartbeat, preUpgrade,').replace(
      '@inspectMessage()',
      '@heartbeat beat(): void {} @preUpgrade save(): void {} @inspectMessage()',
    )
    await expect(buildCanister('hooked', write('hooked', source))).rejects.toThrow(
      /canister_pre_upgrade.*canister_heartbeat/,
    )
  })

  test('says which canister does not compile, does not load or does not exist', async () => {
    await expect(buildCanister('broken', write('broken', 'export default class {'))).rejects.toThrow(
      'canister broken does not compile',
    )
    await expect(buildCanister('thrower', write('thrower', `throw new Error('no luck')`))).rejects.toThrow(
      /canister thrower fails while loading: .*no luck/s,
    )
    await expect(buildCanister('absent')).rejects.toThrow('canister absent has no canisters/absent/src/index.ts')
    await expect(buildCanister('../up')).rejects.toThrow('is not a canister name')
  })
})
