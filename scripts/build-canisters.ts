import { CANISTERS, UsageError } from './project.ts'
import { buildCanister } from './canister/build.ts'

export { buildCanister, type BuildOptions, type BuiltCanister } from './canister/build.ts'

/** `npm run build:canisters [-- NAME…]` */
export async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !CANISTERS.some((known) => known === name))
  if (unknown !== undefined) throw new UsageError(`no canister "${unknown}"; there are ${CANISTERS.join(', ')}`)
  for (const name of names.length > 0 ? names : CANISTERS) {
    const startMs = performance.now()
    const { wasm, wasmHash, methods, cached } = await buildCanister(name)
    const took = cached ? 'unchanged' : `${((performance.now() - startMs) / 1000).toFixed(1)} s`
    console.log(`${name}  ${wasmHash}  ${(wasm.length / 1e6).toFixed(2)} MB  ${methods.length} methods  ${took}`)
  }
}
