/**
 * What every canister of ours runs with, on any network; `icp.yaml` and `dfx.json` say the same, and `dfx.test.ts` compares.
 *
 * A canister that runs out of cycles is emptied after its freezing threshold: half a year is time enough to notice, whoever pays. Nothing of ours needs more
 * than a few MiB of Wasm memory, and memory that was taken once is never given back: a leak is to stop writing long before it stops upgrades.
 */
export const CANISTER_SETTINGS = {
  freezingThresholdSeconds: 180 * 86_400,
  wasmMemoryLimitBytes: 256 * 2 ** 20,
} as const
