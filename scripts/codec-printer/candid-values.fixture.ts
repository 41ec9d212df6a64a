// Random types and values of Candid, and the library as a reference.
import { IDL, Principal } from '@medguard/protocol'
import fc from 'fast-check'

export function valuesOf(type: IDL.Type): fc.Arbitrary<unknown> {
  if (type instanceof IDL.RecordClass)
    return fc.record(Object.fromEntries(type._fields.map(([name, inner]) => [name, valuesOf(inner)])), {
      noNullPrototype: true,
    })
  if (type instanceof IDL.VariantClass)
    return fc.oneof(...type._fields.map(([name, inner]) => valuesOf(inner).map((value) => ({ [name]: value }))))
  if (type instanceof IDL.OptClass) return fc.array(valuesOf(type._type), { maxLength: 1 })
  if (type instanceof IDL.VecClass)
    return type._type === IDL.Nat8
      ? fc.uint8Array({ maxLength: 300 })
      : fc.array(valuesOf(type._type), { maxLength: 5 })
  if (type === IDL.Bool) return fc.boolean()
  if (type === IDL.Nat8) return fc.nat(255)
  if (type === IDL.Nat16) return fc.nat(0xffff)
  if (type === IDL.Nat32) return fc.nat(0xffff_ffff)
  if (type === IDL.Nat64) return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
  if (type === IDL.Int8) return fc.integer({ min: -128, max: 127 })
  if (type === IDL.Float64) return fc.double()
  if (type === IDL.Text) return fc.string({ unit: 'grapheme', maxLength: 20 })
  if (type === IDL.Principal)
    return fc.uint8Array({ maxLength: 29 }).map((bytes) => Principal.fromUint8Array(new Uint8Array(bytes)))
  return fc.constant(null)
}

const isNeverNull = (type: IDL.Type): boolean =>
  !(type instanceof IDL.OptClass || type === IDL.Null || type === IDL.Reserved)
const hasBytes = (type: IDL.Type): boolean =>
  type instanceof IDL.RecordClass
    ? type._fields.some(([, inner]) => hasBytes(inner))
    : type !== IDL.Null && type !== IDL.Reserved

/**
 * Types that our contract may have, but for optionals of optionals and fields of null: the library reads those by an older specification (the
 * official vectors have them).
 */
const OURS = [IDL.Null, IDL.Bool, IDL.Nat8, IDL.Nat32, IDL.Nat64, IDL.Text, IDL.Principal, IDL.Vec(IDL.Nat8)]
/** What a sender may use besides. */
const FOREIGN = [IDL.Nat16, IDL.Int8, IDL.Float64, IDL.Reserved, IDL.Vec(IDL.Nat32)]

const NAMES = ['a', 'b', 'c', 'requestId', 'count', 'status']
const fieldsOf = (inner: fc.Arbitrary<IDL.Type>, minKeys: number) =>
  fc.dictionary(fc.constantFrom(...NAMES), inner, { minKeys, maxKeys: 4, noNullPrototype: true })

const typesFrom = (leaves: readonly IDL.Type[]): fc.Arbitrary<IDL.Type> =>
  fc.letrec<{ type: IDL.Type }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 3, arbitrary: fc.constantFrom(...leaves) },
      {
        weight: 2,
        arbitrary: fieldsOf(
          tie('type').filter((type) => type !== IDL.Null),
          1,
        ).map((fields) => IDL.Record(fields)),
      },
      { weight: 1, arbitrary: fieldsOf(tie('type'), 1).map((arms) => IDL.Variant(arms)) },
      {
        weight: 1,
        arbitrary: tie('type')
          .filter(isNeverNull)
          .map((inner) => IDL.Opt(inner)),
      },
      {
        weight: 1,
        arbitrary: tie('type')
          .filter(hasBytes)
          .map((inner) => IDL.Vec(inner)),
      },
    ),
  })).type

export const ownTypes = typesFrom(OURS)
const anyTypes = typesFrom([...OURS, ...FOREIGN])

/** A type that is like `type`, more or less: parts added, left out, made optional, or of another type altogether. */
export function likeTypes(type: IDL.Type): fc.Arbitrary<IDL.Type> {
  return fc.oneof({ weight: 12, arbitrary: sameShape(type) }, { weight: 1, arbitrary: anyTypes })
}
function sameShape(type: IDL.Type): fc.Arbitrary<IDL.Type> {
  if (type instanceof IDL.RecordClass || type instanceof IDL.VariantClass) {
    const isRecord = type instanceof IDL.RecordClass
    const parts = type._fields.map(([name, inner]) =>
      fc.option(
        likeTypes(inner).map((like) => [name, like] as const),
        { freq: 8, nil: null },
      ),
    )
    const more = fc.option(fc.tuple(fc.constantFrom('added', 'later'), anyTypes), { freq: 3, nil: null })
    return fc.tuple(...parts, more).map((fields) => {
      const present = fields.filter((field) => field !== null)
      const named = Object.fromEntries(present.length > 0 ? present : [['a', IDL.Bool]])
      return isRecord ? IDL.Record(named) : IDL.Variant(named)
    })
  }
  if (type instanceof IDL.OptClass) {
    const like = likeTypes(type._type)
    return fc.oneof(
      { weight: 4, arbitrary: like.filter(isNeverNull).map((inner) => IDL.Opt(inner)) },
      like,
      fc.constant(IDL.Null),
    )
  }
  if (type instanceof IDL.VecClass && type._type !== IDL.Nat8)
    return likeTypes(type._type as IDL.Type)
      .filter(hasBytes)
      .map((inner) => IDL.Vec(inner))
  return fc.constant(type)
}

/** The library gives numbers in a vector a typed array of their own; the contract's type says an array. */
export function plain(value: unknown): unknown {
  if (value instanceof BigUint64Array || value instanceof Uint32Array) return [...value]
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Principal)
    return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

/** The library takes the bytes of any vector for numbers, whatever their type; Candid compares it. */
class ComparedNumbers extends IDL.VecClass<unknown> {
  override decodeValue(...args: Parameters<IDL.VecClass<unknown>['decodeValue']>): unknown[] {
    const wire = (args[1] as IDL.RecClass).getType?.()
    const isSame = wire instanceof IDL.VecClass && (wire._type as IDL.Type).name === this._type.name
    if (!isSame) throw new Error('a vector of another type')
    return super.decodeValue(...args)
  }
}
/** The same type, as the library ought to read it. */
export function reference(type: IDL.Type): IDL.Type {
  const fields = (composite: IDL.RecordClass | IDL.VariantClass) =>
    Object.fromEntries(composite._fields.map(([name, inner]) => [name, reference(inner)]))
  if (type instanceof IDL.RecordClass) return IDL.Record(fields(type))
  if (type instanceof IDL.VariantClass) return IDL.Variant(fields(type))
  if (type instanceof IDL.OptClass) return IDL.Opt(reference(type._type))
  if (!(type instanceof IDL.VecClass)) return type
  const inner = type._type as IDL.Type
  return inner instanceof IDL.FixedNatClass ? new ComparedNumbers(inner) : IDL.Vec(reference(inner))
}
