import { IDL } from '@medguard/protocol'

/** A well-typed argument with one thing wrong. */
export interface Malformed {
  readonly what: string
  readonly arg: unknown
  /** Whether no method can have a use for it; otherwise it may be taken, but only with a typed answer. */
  readonly mustRefuse: boolean
}

interface Change {
  readonly what: string
  readonly value: unknown
  readonly mustRefuse: boolean
}

/** Ids, keys, hashes, wraps and manifests have one length each. */
const FIXED_LENGTHS = new Set([16, 32, 48, 72, 268])

/** Every field of a good argument in turn, made too short, too long, too small, too large, empty or double. */
export function malformed(type: IDL.Type, good: unknown): Malformed[] {
  if (type instanceof IDL.NullClass) return []
  return changesOf(type, good).map(({ what, value, mustRefuse }) => ({ what, arg: value, mustRefuse }))
}

function changesOf(type: IDL.Type, value: unknown): Change[] {
  if (type instanceof IDL.RecordClass) return recordChanges(type, value as Record<string, unknown>)
  if (type instanceof IDL.VariantClass) return []
  if (type instanceof IDL.OptClass) {
    const [inner] = value as [] | [unknown]
    if (inner === undefined) return []
    return changesOf(innerType(type), inner).map((change) => ({ ...change, value: [change.value] }))
  }
  if (value instanceof Uint8Array) return bytesChanges(value)
  if (Array.isArray(value)) return vectorChanges(type, value)
  if (typeof value === 'string')
    return [
      { what: 'empty', value: '', mustRefuse: true },
      { what: 'long', value: 'k'.repeat(300), mustRefuse: true },
      { what: 'with a control character', value: `${value}\u0000`, mustRefuse: true },
    ]
  if (typeof value === 'number') return numberChanges(type)
  if (typeof value === 'bigint')
    return [0n, 1n << 63n, (1n << 64n) - 1n].map((n) => ({ what: `= ${n}`, value: n, mustRefuse: false }))
  return []
}

function recordChanges(type: IDL.RecordClass, value: Record<string, unknown>): Change[] {
  return type._fields.flatMap(([name, field]) =>
    changesOf(field, value[name]).map((change) => ({
      what: `${name} ${change.what}`,
      value: { ...value, [name]: change.value },
      mustRefuse: change.mustRefuse,
    })),
  )
}

function bytesChanges(value: Uint8Array): Change[] {
  const isFixed = FIXED_LENGTHS.has(value.length)
  const longer = new Uint8Array(value.length + 1)
  longer.set(value)
  return [
    { what: 'empty', value: new Uint8Array(), mustRefuse: isFixed },
    { what: 'one byte short', value: value.slice(0, -1), mustRefuse: isFixed },
    { what: 'one byte long', value: longer, mustRefuse: isFixed },
    { what: 'long', value: new Uint8Array(value.length + 200), mustRefuse: isFixed },
  ]
}

function vectorChanges(type: IDL.Type, value: readonly unknown[]): Change[] {
  const [first] = value
  const doubled = first === undefined ? [] : [{ what: 'with a double', value: [first, ...value], mustRefuse: true }]
  const inner = first === undefined ? [] : changesOf(innerType(type), first)
  return [
    { what: 'without elements', value: [], mustRefuse: true },
    ...doubled,
    ...inner.map((change) => ({ ...change, what: `[0] ${change.what}`, value: [change.value, ...value.slice(1)] })),
  ]
}

function numberChanges(type: IDL.Type): Change[] {
  const max = type.name === 'nat8' ? 255 : 0xffff_ffff
  return [0, max, Math.floor(max / 2) + 1].map((n) => ({ what: `= ${n}`, value: n, mustRefuse: false }))
}

/** What an `opt` or `vec` is made of. */
const innerType = (type: IDL.Type): IDL.Type => (type as unknown as { readonly _type: IDL.Type })._type
