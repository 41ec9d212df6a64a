/**
 * Candid for the one type a method has. The library builds and reads the table of types for every message: 20 M instructions for a reply with our
 * refusals in it, and any 130 bytes of strange types can cost it twice that. Here both directions go straight through the value. Bytes whose table
 * is the one we would write (all clients built from our contract) are read by comparing it; others by the types they bring, within the
 * guard's budget.
 *
 * Stricter than Candid in one place: an optional field of another type is refused, where the specification reads it as absent.
 */
import { CandidWire, encodeValue, IDL, type Schema, type TableLimits } from '@medguard/protocol'
import { BAD_BYTES, BAD_TYPE, BAD_WIRE, Foreign, Input, Output } from './candid-bytes.ts'
import { type Coder, coderOf } from './candid-coders.ts'

/** What a sender's table may have more than ours: fields we do not know yet, and their types. */
const MORE_MAX = 8

export interface Codec<T> {
  encode(value: T): Uint8Array
  /** @returns the value, or a fixed word for bytes that are refused. */
  decode(bytes: Uint8Array): Decoded<T>
}
type Decoded<T> = { readonly value: T } | { readonly refused: string }

/** @param schema What the one argument or result is; `none` for none at all. */
export function compileCodec<T>(schema: Schema<T>): Codec<T> {
  if (schema.did === '') return NO_VALUE as Codec<T>
  const coder = coderOf(schema.idl)
  const example = coder.example
  const whole = encodeValue(schema, example as T)
  const header = whole.slice(0, whole.length - new Uint8Array(schema.idl.encodeValue(example)).length)
  const headerText = latin1(header)
  const limits = { types: (header[4] ?? 0) + MORE_MAX, fields: fieldsIn(schema.idl) + MORE_MAX }
  return {
    encode(value) {
      const output = new Output(header)
      coder.write(output, value)
      return output.bytes.subarray(0, output.at)
    },
    decode(bytes) {
      const isExpected = bytes.length >= header.length && latin1(bytes.subarray(0, header.length)) === headerText
      return (
        isExpected ? decodeExpected(coder, bytes, header.length) : decodeForeign(coder, bytes, limits)
      ) as Decoded<T>
    },
  }
}

function decodeExpected(coder: Coder, bytes: Uint8Array, headerBytes: number): Decoded<unknown> {
  const input = new Input(bytes, headerBytes)
  try {
    const value = coder.read(input)
    return input.at === bytes.length ? { value } : { refused: 'trailing' }
  } catch (error) {
    if (error === BAD_BYTES) return { refused: 'value' }
    throw error
  }
}

function decodeForeign(coder: Coder, bytes: Uint8Array, limits: TableLimits): Decoded<unknown> {
  const wire = new CandidWire(bytes, undefined, limits)
  const [type] = (wire.readTypes() ? wire.readArgumentTypes(1) : null) ?? []
  if (type === undefined) return { refused: wire.code }
  const foreign = new Foreign(wire)
  try {
    const value = coder.accept(foreign, type, 0)
    return wire.isAtEnd() ? { value } : { refused: wire.code }
  } catch (error) {
    if (error === BAD_BYTES) return { refused: 'value' }
    if (error === BAD_TYPE) return { refused: 'type' }
    if (error === BAD_WIRE) return { refused: wire.code }
    throw error
  }
}

const NO_ARGUMENTS = new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0, 0])
const NO_VALUE: Codec<null> = {
  encode: () => NO_ARGUMENTS,
  decode(bytes) {
    const wire = new CandidWire(bytes, undefined, { types: MORE_MAX, fields: MORE_MAX })
    return wire.readTypes() && wire.passArguments(0) ? { value: null } : { refused: wire.code }
  },
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])

/** The most that one record or variant of this type has. */
function fieldsIn(type: IDL.Type): number {
  if (type instanceof IDL.OptClass || type instanceof IDL.VecClass) return fieldsIn(type._type)
  if (!(type instanceof IDL.RecordClass || type instanceof IDL.VariantClass)) return 0
  return Math.max(type._fields.length, ...type._fields.map(([, inner]) => fieldsIn(inner)))
}
