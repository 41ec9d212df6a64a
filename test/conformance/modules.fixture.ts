// Modules with what the universal canister does not have: custom sections, odd exports, limits.
import { concat, leb128, utf8 } from './request.fixture.ts'

const section = (id: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(id), leb128(content.length), content)

/** The module with custom sections behind it. Names stand as they are given. */
export function withMetadata(
  wasm: Uint8Array,
  sections: readonly (readonly [name: string | Uint8Array, content: Uint8Array])[],
): Uint8Array {
  const customs = sections.map(([name, content]) => {
    const label = typeof name === 'string' ? utf8(name) : name
    return section(0, concat(leb128(label.length), label, content))
  })
  return concat(wasm, ...customs)
}
