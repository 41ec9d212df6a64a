// Builds the probe canister with Azle's own builder, used as a library. About a second; nothing is cached.
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { build } from 'esbuild'
import { tsImport } from 'tsx/esm/api'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const AZLE = join(HERE, '../../../node_modules/azle')
const BUILD = join(AZLE, 'src/stable/build/commands/build')
const TEMPLATE = join(AZLE, 'dist/canister_templates/stable.wasm')

interface Builder {
  handleClassApiCanister(main: string): string
}
interface Assembler {
  manipulateWasmBinary(
    javaScript: string,
    template: string,
    data: { envVars: readonly (readonly [string, string])[]; mainJsPath: string },
    validate: boolean,
    methods?: unknown,
  ): Promise<Uint8Array>
}
interface Prober {
  execute(wasm: Uint8Array): Promise<{ readonly methodMeta: unknown }>
}

export async function buildProbeCanister(): Promise<Uint8Array> {
  // Azle's sources are TypeScript that only runs through tsx, whatever runs this file.
  const load = (file: string) => tsImport(join(BUILD, file), { parentURL: import.meta.url, tsconfig: false })
  const builder = (await load('javascript.ts')) as Builder
  const assembler = (await load('wasm_binary/manipulate.ts')) as Assembler
  const prober = (await load('candid_and_method_meta/execute.ts')) as Prober
  const contents = `
    import 'azle/_internal/globals'
    import { getDefaultVisitorData, IDL, idlToString } from 'azle'
    import * as CanisterModule from './probe-canister.mjs'
    createGetCandidAndMethodMetaFunction(CanisterModule)
    ${builder.handleClassApiCanister('probe')}
  `
  const bundle = await build({
    stdin: { contents, resolveDir: HERE, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  })
  const javaScript = bundle.outputFiles[0]?.text
  if (javaScript === undefined) throw new Error('the bundler gave no output')
  const assemble = (methods?: unknown) =>
    assembler.manipulateWasmBinary(javaScript, TEMPLATE, { envVars: [], mainJsPath: 'main.js' }, false, methods)
  const { methodMeta } = await prober.execute(await assemble())
  return await assemble(methodMeta)
}
