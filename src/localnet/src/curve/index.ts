// The network's arithmetic on BLS12-381: by Wasm, which takes an eighth of the time, as soon as it is there.
import type { Curve } from './curve.ts'
import { javascript } from './javascript.ts'

export type { Curve } from './curve.ts'
export { javascript } from './javascript.ts'

let fast: Curve | null = null
let loading: Promise<void> | null = null

/**
 * Nobody waits for the Wasm, and a network that signs nothing never loads it: whoever asks first starts that, and until it is there JavaScript
 * computes the same bytes.
 */
export function curve(): Curve {
  if (fast !== null) return fast
  loading ??= load()
  return javascript
}

async function load(): Promise<void> {
  const { loadWasmCurve } = await import('./wasm.ts')
  fast = await loadWasmCurve()
}
