import type { PreparedModule } from '../contracts.ts'

// [Note: built-in marker] A module with the custom section `icp:private localnet:built-in` is a placeholder: its content names the
// native canister that this network runs instead of the module's own code. Any other network finds a valid module without methods.
const SECTION = 'localnet:built-in'
const CUSTOM_SECTION = 0
/** `\0asm`, version 1. */
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const encoder = new TextEncoder()

/** The name in the marker; null for an ordinary module. */
export function builtInName({ customSections }: Pick<PreparedModule, 'customSections'>): string | null {
  const marker = customSections.find(({ name, visibility }) => name === SECTION && visibility === 'private')
  return marker === undefined ? null : new TextDecoder().decode(marker.content)
}

/**
 * A placeholder for the native canister of that name.
 * @param candid its interface, for tools that ask the network for it. @param metadata other public sections, by name.
 */
export function builtInModule(
  name: string,
  candid?: string,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...PREAMBLE,
    ...section(`icp:private ${SECTION}`, encoder.encode(name)),
    ...Object.entries({ ...(candid !== undefined && { 'candid:service': candid }), ...metadata }).flatMap(
      ([of, content]) => section(`icp:public ${of}`, encoder.encode(content)),
    ),
  ])
}

function section(name: string, content: Uint8Array): number[] {
  const nameBytes = encoder.encode(name)
  const body = [...leb128(nameBytes.length), ...nameBytes, ...content]
  return [CUSTOM_SECTION, ...leb128(body.length), ...body]
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)]
}
