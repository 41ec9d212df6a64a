/** The few facts of the Wasm binary format that the build touches. WebAssembly Core Specification, "Binary Format". */

const CUSTOM_SECTION_ID = 0

/** Appends a custom section. The network shows `icp:public <name>` to everybody as canister metadata. */
export function appendCustomSection(wasm: Uint8Array, name: string, content: Uint8Array): Uint8Array {
  const nameBytes = new TextEncoder().encode(name)
  const nameSize = leb128(nameBytes.length)
  const sectionSize = leb128(nameSize.length + nameBytes.length + content.length)
  return new Uint8Array(
    Buffer.concat([wasm, Uint8Array.of(CUSTOM_SECTION_ID), sectionSize, nameSize, nameBytes, content]),
  )
}

/** Unsigned LEB128. */
function leb128(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return Uint8Array.from(bytes)
}

const EXPORT_SECTION_ID = 7
/** Magic number and version. */
const HEADER_BYTES = 8

/** Rewrites the export section without some names; every other byte stays as it is. */
export function removeExports(wasm: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  let at = HEADER_BYTES
  while (at < wasm.length) {
    const [sizeBytes, start] = readLeb128(wasm, at + 1)
    if (wasm[at] === EXPORT_SECTION_ID) {
      const section = exportsWithout(wasm, start, names)
      const head = [wasm.subarray(0, at), Uint8Array.of(EXPORT_SECTION_ID), leb128(section.length), section]
      return new Uint8Array(Buffer.concat([...head, wasm.subarray(start + sizeBytes)]))
    }
    at = start + sizeBytes
  }
  throw new RangeError('the module has no export section')
}

function exportsWithout(wasm: Uint8Array, start: number, names: ReadonlySet<string>): Uint8Array {
  let [left, at] = readLeb128(wasm, start)
  const kept: Uint8Array[] = []
  for (; left > 0; left--) {
    const entryAt = at
    const [nameBytes, nameAt] = readLeb128(wasm, at)
    const name = new TextDecoder().decode(wasm.subarray(nameAt, nameAt + nameBytes))
    ;[, at] = readLeb128(wasm, nameAt + nameBytes + 1) // one byte of kind, then the index
    if (!names.has(name)) kept.push(wasm.subarray(entryAt, at))
  }
  return Buffer.concat([leb128(kept.length), ...kept])
}

/** @returns the value, and where the next thing begins. */
function readLeb128(wasm: Uint8Array, from: number): [value: number, next: number] {
  let value = 0
  for (let at = from, shift = 0; shift < 35; at++, shift += 7) {
    const byte = wasm[at]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return [value, at + 1]
  }
  throw new RangeError(`malformed number at ${from}`)
}

export type MethodKind = 'update' | 'query' | 'composite_query'
export interface Method {
  readonly name: string
  readonly kind: MethodKind
}

/** The timers of Azle's template call the canister itself through this one, which refuses everybody else. */
const TIMER_EXECUTOR = 'canister_update <ic-cdk internal> timer_executor'

/** Counters and a no-op that Azle's template offers to everybody. How many calls are in flight is nobody's business. */
const TEMPLATE_PROBES: ReadonlySet<string> = new Set([
  'canister_update _azle_chunk',
  'canister_query _azle_actions_len',
  'canister_query _azle_get_benchmarks',
  'canister_query _azle_heap_allocation',
  'canister_query _azle_inter_canister_call_futures_len',
  'canister_query _azle_is_job_queue_empty',
  'canister_query _azle_reject_callbacks_len',
  'canister_query _azle_resolve_callbacks_len',
  'canister_query _azle_timer_callbacks_len',
])
export const removeProbes = (wasm: Uint8Array) => removeExports(wasm, TEMPLATE_PROBES)

/** No `canister_pre_upgrade` (a trap there would block upgrades for ever) and no heartbeat. */
const ALLOWED_HOOKS: ReadonlySet<string> = new Set([
  'canister_init',
  'canister_post_upgrade',
  'canister_inspect_message',
  'canister_global_timer',
  'canister_on_low_wasm_memory',
])

/**
 * Compares the entry points of a module with what was declared.
 * @returns one sentence for each difference; empty when the module exports exactly the declared methods and allowed hooks.
 */
export function checkEntryPoints(wasm: Uint8Array<ArrayBuffer>, declared: readonly Method[]): string[] {
  const wanted = new Set(declared.map(({ name, kind }) => `canister_${kind} ${name}`))
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(wasm))
    .map(({ name }) => name)
    .filter((name) => name.startsWith('canister_') || name.startsWith('canister '))
  const problems = exported
    .filter(
      (name) => !wanted.has(name) && name !== TIMER_EXECUTOR && !TEMPLATE_PROBES.has(name) && !ALLOWED_HOOKS.has(name),
    )
    .map((name) => `exports "${name}", which nothing declares`)
  for (const name of wanted) if (!exported.includes(name)) problems.push(`does not export "${name}", which is declared`)
  return problems
}
