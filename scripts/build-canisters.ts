import { gzipSync } from 'node:zlib'

import { CANISTERS, UsageError } from './project.ts'
import { buildAssetModule } from './canister/asset-module.ts'
import { buildCanister } from './canister/build.ts'

export { buildCanister, type BuildOptions, type BuiltCanister } from './canister/build.ts'

/** The canister that serves the page: official code, or a placeholder for it. */
const FRONTEND = 'frontend'

/** `npm run build:canisters [-- [--plain] NAME…]` */
export async function main(args: readonly string[]): Promise<void> {
  const plain = args.includes('--plain')
  const names = args.filter((arg) => arg !== '--plain')
  const known: readonly string[] = [...CANISTERS, FRONTEND]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`no canister "${unknown}"; there are ${known.join(', ')}`)
  for (const name of names.length > 0 ? names : CANISTERS) {
    if (name === FRONTEND) {
      const { wasmHash, isPlaceholder } = buildAssetModule()
      console.log(`${name}  ${wasmHash}  ${isPlaceholder ? 'placeholder for a built-in asset canister' : 'as given'}`)
      continue
    }
    const startMs = performance.now()
    const { wasm, wasmHash, methods, kind, cached } = await buildCanister(name, { plain })
    const took = cached ? 'unchanged' : `${((performance.now() - startMs) / 1000).toFixed(1)} s`
    const [size, packed] = [wasm, gzipSync(wasm)].map(({ length }) => `${(length / 1e6).toFixed(2)} MB`)
    console.log(`${name}  ${wasmHash}  ${kind}  ${size} (gzip ${packed})  ${methods.length} methods  ${took}`)
  }
}
