// The one file that imports the Candid library. Canisters link nothing of it: what they encode and decode is made by the build.
import { IDL } from '@dfinity/candid'
import type { Principal } from './principal.ts'

export { IDL }

declare const shape: unique symbol

/** A Candid type as a value; `T` is what JavaScript holds for it. */
export interface Schema<T> {
  readonly idl: IDL.Type
  /** How the `.did` writes it: the name of a named type, or its text. */
  readonly did: string
  /** Named types this one needs, in order of first use. */
  readonly uses: readonly Named[]
  readonly [shape]?: T
}
interface Named {
  readonly name: string
  readonly did: string
  readonly idl: IDL.Type
}
export type Infer<S> = S extends Schema<infer T> ? T : never
type Fields = { readonly [name: string]: Schema<unknown> }
type RecordOf<F extends Fields> = { [K in keyof F]: Infer<F[K]> }
type VariantOf<F extends Fields> = { [K in keyof F]: { [P in K]: Infer<F[K]> } }[keyof F]

const primitive = <T>(idl: IDL.Type, did: string): Schema<T> => ({ idl, did, uses: [] })

/** Stands for "no argument"; JavaScript passes null. */
export const none: Schema<null> = { idl: IDL.Null, did: '', uses: [] }
export const nul = primitive<null>(IDL.Null, 'null')
export const bool = primitive<boolean>(IDL.Bool, 'bool')
export const nat8 = primitive<number>(IDL.Nat8, 'nat8')
export const nat32 = primitive<number>(IDL.Nat32, 'nat32')
export const nat64 = primitive<bigint>(IDL.Nat64, 'nat64')
export const text = primitive<string>(IDL.Text, 'text')
export const principal = primitive<Principal>(IDL.Principal, 'principal')
export const blob = primitive<Uint8Array>(IDL.Vec(IDL.Nat8), 'blob')

export const opt = <T>(inner: Schema<T>): Schema<[] | [T]> => ({
  idl: IDL.Opt(inner.idl),
  did: `opt ${inner.did}`,
  uses: inner.uses,
})
/** The library reads a vector of numbers as a typed array, which is no `T[]`: it has other methods and equals none. */
class NumbersClass extends IDL.VecClass<unknown> {
  override decodeValue(...args: Parameters<IDL.VecClass<unknown>['decodeValue']>): unknown[] {
    return Array.from(super.decodeValue(...args))
  }
}
/** Not for `nat8`: bytes are a `blob`. */
export const vec = <T>(inner: Schema<T>): Schema<T[]> => ({
  idl: inner.idl instanceof IDL.FixedNatClass ? new NumbersClass(inner.idl) : IDL.Vec(inner.idl),
  did: `vec ${inner.did}`,
  uses: inner.uses,
})
export const record = <F extends Fields>(fields: F): Schema<RecordOf<F>> => ({
  idl: IDL.Record(idlFields(fields)),
  did: `record { ${didFields(fields, false)} }`,
  uses: usesOf(fields),
})
export const variant = <F extends Fields>(arms: F): Schema<VariantOf<F>> => ({
  idl: IDL.Variant(idlFields(arms)),
  did: `variant { ${didFields(arms, true)} }`,
  uses: usesOf(arms),
})
/** Gives a type a name in the `.did`; the wire does not change. */
export const named = <T>(name: string, inner: Schema<T>): Schema<T> => ({
  idl: inner.idl,
  did: name,
  uses: [...inner.uses, { name, did: inner.did, idl: inner.idl }],
})

export interface Method<A, R> {
  readonly mode: 'update' | 'query'
  /** One record per method (rule R17), or `none`. */
  readonly arg: Schema<A>
  readonly ret: Schema<R>
  /** Largest Candid argument in bytes that is looked at; more is refused before decoding. */
  readonly argBytesMax: number
}
export type Service = { readonly [method: string]: Method<unknown, unknown> }

export const update = <A, R>(arg: Schema<A>, ret: Schema<R>, argBytesMax: number): Method<A, R> => ({
  mode: 'update',
  arg,
  ret,
  argBytesMax,
})
export const query = <A, R>(arg: Schema<A>, ret: Schema<R>, argBytesMax: number): Method<A, R> => ({
  mode: 'query',
  arg,
  ret,
  argBytesMax,
})
export type ArgOf<M> = M extends Method<infer A, unknown> ? A : never
export type RetOf<M> = M extends Method<infer _A, infer R> ? R : never

/** Encodes the single argument of a method. */
export function encodeArg<A>(method: Method<A, unknown>, arg: A): Uint8Array {
  return new Uint8Array(IDL.encode(typesOf(method.arg), isNone(method.arg) ? [] : [arg]))
}
/** @throws Error when the bytes are not of the method's argument type; untrusted bytes go through the guard first. */
export function decodeArg<A>(method: Method<A, unknown>, bytes: Uint8Array): A {
  return decodeOne(method.arg, bytes) as A
}
export function encodeRet<R>(method: Method<never, R> | Method<unknown, R>, value: R): Uint8Array {
  return new Uint8Array(IDL.encode([method.ret.idl], [value]))
}
/** @throws Error when the bytes are not of the method's result type. */
export function decodeRet<R>(method: Method<never, R> | Method<unknown, R>, bytes: Uint8Array): R {
  return decodeOne(method.ret, bytes) as R
}
export function encodeValue<T>(schema: Schema<T>, value: T): Uint8Array {
  return new Uint8Array(IDL.encode([schema.idl], [value]))
}
/** @throws Error when the bytes are not of that type. */
export function decodeValue<T>(schema: Schema<T>, bytes: Uint8Array): T {
  return decodeOne(schema, bytes) as T
}

/** What agent-js wants in order to build an actor. */
export function idlFactoryOf(service: Service): IDL.InterfaceFactory {
  return () => IDL.Service(Object.fromEntries(Object.entries(service).map(([name, m]) => [name, idlFunc(m)])))
}

/** Prints the `.did` of a service; committed beside the canister and compared by a test. */
export function printDid(service: Service, upgradeArg: Schema<unknown>): string {
  const named = new Map<string, string>()
  const collect = (schema: Schema<unknown>) => {
    for (const { name, did } of schema.uses) named.set(name, did)
  }
  collect(upgradeArg)
  for (const method of Object.values(service)) {
    collect(method.arg)
    collect(method.ret)
  }
  const types = [...named].map(([name, did]) => `type ${name} = ${did};`)
  const methods = Object.entries(service).map(
    ([name, m]) => `  ${name} : (${m.arg.did}) -> (${m.ret.did})${m.mode === 'query' ? ' query' : ''};`,
  )
  return [...types, `service : (${upgradeArg.did}) -> {`, ...methods, '}', ''].join('\n')
}

const idlFunc = (m: Method<unknown, unknown>) => {
  const modes = m.mode === 'query' ? ['query'] : []
  return isNone(m.arg) ? IDL.Func([], [m.ret.idl], modes) : IDL.Func([m.arg.idl], [m.ret.idl], modes)
}
const isNone = (schema: Schema<unknown>) => schema.did === ''
const typesOf = (schema: Schema<unknown>): IDL.Type[] => (isNone(schema) ? [] : [schema.idl])

function decodeOne(schema: Schema<unknown>, bytes: Uint8Array): unknown {
  const values = IDL.decode(typesOf(schema), bytes)
  return isNone(schema) ? null : values[0]
}

function idlFields(fields: Fields): Record<string, IDL.Type> {
  return Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, schema.idl]))
}

function didFields(fields: Fields, isVariant: boolean): string {
  return Object.entries(fields)
    .map(([name, schema]) => (isVariant && schema.did === 'null' ? name : `${name} : ${schema.did}`))
    .join('; ')
}

function usesOf(fields: Fields): Named[] {
  return Object.values(fields).flatMap((schema) => schema.uses)
}
