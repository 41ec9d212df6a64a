// The type table of a Candid message, as far as it tells how small values can be. Candid specification, "Serialisation".

const MAGIC = [0x44, 0x49, 0x44, 0x4c]
const OPCODE = { opt: -18, vec: -19, record: -20, variant: -21, func: -22, service: -23 } as const
/** `null`, `reserved` and `empty`: values of these types have no bytes. */
const WEIGHTLESS: ReadonlySet<number> = new Set([-1, -16, -17])

interface Vector {
  readonly kind: 'vec'
  readonly of: number
}
interface Fields {
  readonly kind: 'record'
  readonly of: readonly number[]
}
type Entry = Vector | Fields | { readonly kind: 'other' }

interface Header {
  readonly entries: readonly Entry[]
  /** With the types of the arguments; null when those are none. */
  readonly sizeBytes: number | null
}

class Malformed extends Error {}
/** A number of more bytes than any in a type table needs: the decoder takes it, and no encoder makes it. */
class Overlong extends Error {}

/**
 * Whether a message could announce more values than it has bytes: it defines a vector of something without size. Bytes that are no
 * type table are left to the decoder to refuse, but for numbers that would hide such a vector by their length.
 */
export function hasWeightlessVector(bytes: Uint8Array): boolean {
  const header = readHeader(bytes)
  if (header === null) return false
  if (header === 'overlong') return true
  const { entries } = header
  const weightless = weightlessRecords(entries)
  return entries.some((entry) => entry.kind === 'vec' && (WEIGHTLESS.has(entry.of) || weightless.has(entry.of)))
}

/** @returns where the values begin; null for bytes that are no such header. */
export function headerBytes(bytes: Uint8Array): number | null {
  const header = readHeader(bytes)
  return header === null || header === 'overlong' ? null : header.sizeBytes
}

function readHeader(bytes: Uint8Array): Header | 'overlong' | null {
  try {
    return readTable(bytes)
  } catch (error) {
    if (error instanceof Overlong) return 'overlong'
    if (error instanceof Malformed) return null
    throw error
  }
}

/** Records all of whose fields are without size, found from the inside out. A record inside itself never ends, so it is none. */
function weightlessRecords(entries: readonly Entry[]): ReadonlySet<number> {
  const found = new Set<number>()
  const usedBy = new Map<number, number[]>()
  const heavy = entries.map((entry) =>
    entry.kind === 'record' ? entry.of.filter((type) => !WEIGHTLESS.has(type)).length : -1,
  )
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== 'record') continue
    for (const type of entry.of) if (type >= 0) usedBy.set(type, [...(usedBy.get(type) ?? []), index])
  }
  const next = [...heavy.keys()].filter((index) => heavy[index] === 0)
  for (let index = next.pop(); index !== undefined; index = next.pop()) {
    found.add(index)
    for (const user of usedBy.get(index) ?? []) {
      const left = (heavy[user] ?? 0) - 1
      heavy[user] = left
      if (left === 0) next.push(user)
    }
  }
  return found
}

function readTable(bytes: Uint8Array): Header {
  let at = 0
  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw new Malformed()
    return value
  }
  const unsigned = (): number => {
    let [value, weight] = [0, 1]
    for (;;) {
      const next = byte()
      value += (next & 0x7f) * weight
      if ((next & 0x80) === 0) return value
      weight *= 128
      if (weight > 2 ** 49) throw new Overlong()
    }
  }
  const signed = (): number => {
    let [value, weight] = [0, 1]
    for (;;) {
      const next = byte()
      value += (next & 0x7f) * weight
      weight *= 128
      if ((next & 0x80) === 0) return (next & 0x40) === 0 ? value : value - weight
      if (weight > 2 ** 49) throw new Overlong()
    }
  }
  const times = <T>(count: number, read: () => T): T[] => {
    // Whatever is read takes a byte at least.
    if (count > bytes.length - at) throw new Malformed()
    return Array.from({ length: count }, read)
  }
  const skip = (size: number) => {
    at += size
    if (at > bytes.length) throw new Malformed()
  }
  const entry = (): Entry => {
    const opcode = signed()
    switch (opcode) {
      case OPCODE.opt:
        signed()
        return { kind: 'other' }
      case OPCODE.vec:
        return { kind: 'vec', of: signed() }
      case OPCODE.record:
      case OPCODE.variant: {
        const of = times(unsigned(), () => {
          unsigned()
          return signed()
        })
        return opcode === OPCODE.record ? { kind: 'record', of } : { kind: 'other' }
      }
      case OPCODE.func:
        for (let list = 0; list < 2; list++) times(unsigned(), signed)
        times(unsigned(), byte)
        return { kind: 'other' }
      case OPCODE.service:
        times(unsigned(), () => {
          skip(unsigned())
          signed()
        })
        return { kind: 'other' }
      default:
        // A type of the future says how long it is.
        skip(unsigned())
        return { kind: 'other' }
    }
  }
  const sizeWith = (read: () => void): number | null => {
    try {
      read()
      return at
    } catch (error) {
      if (error instanceof Malformed) return null
      throw error
    }
  }
  for (const expected of MAGIC) if (byte() !== expected) throw new Malformed()
  const entries = times(unsigned(), entry)
  return { entries, sizeBytes: sizeWith(() => times(unsigned(), signed)) }
}
