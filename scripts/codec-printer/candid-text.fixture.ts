// As much of Candid's text format as the official vectors need: types, and values of a type.
import { IDL, Principal } from '@medguard/protocol'

/** Thrown for types that no contract of ours has: unbounded numbers, references, recursion. */
export class OutOfScope extends Error {
  override readonly name = 'OutOfScope'
}

const LEAVES: Readonly<Record<string, IDL.Type>> = {
  null: IDL.Null,
  bool: IDL.Bool,
  nat8: IDL.Nat8,
  nat32: IDL.Nat32,
  nat64: IDL.Nat64,
  text: IDL.Text,
  principal: IDL.Principal,
}

class Tokens {
  readonly #tokens: readonly string[]
  #at = 0
  constructor(text: string) {
    this.#tokens = text.match(/"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z_0-9]*|-?[0-9][0-9_.]*|[^\s]/g) ?? []
  }
  get next(): string {
    return this.#tokens[this.#at] ?? ''
  }
  get second(): string {
    return this.#tokens[this.#at + 1] ?? ''
  }
  take(): string {
    return this.#tokens[this.#at++] ?? ''
  }
  expect(token: string): void {
    const found = this.take()
    if (found !== token) throw new SyntaxError(`"${found}" where "${token}" belongs`)
  }
  /** What stands between brackets. */
  list<T>(open: string, separator: string, close: string, read: (index: number) => T): T[] {
    const items: T[] = []
    this.expect(open)
    while (this.next !== close) {
      items.push(read(items.length))
      if (this.next !== close) this.expect(separator)
    }
    this.expect(close)
    return items
  }
}

/** `(opt nat8, text)` @throws OutOfScope */
export function readTypes(text: string, named: Readonly<Record<string, string>>): IDL.Type[] {
  const tokens = new Tokens(text)
  return tokens.list('(', ',', ')', () => readType(tokens, named, []))
}

type Named = Readonly<Record<string, string>>

function readType(tokens: Tokens, named: Named, within: readonly string[]): IDL.Type {
  const word = tokens.take()
  const leaf = LEAVES[word]
  if (leaf !== undefined) return leaf
  if (word === 'opt') return IDL.Opt(readType(tokens, named, within))
  if (word === 'vec') return IDL.Vec(readType(tokens, named, within))
  if (word === 'record' || word === 'variant') {
    const fields = tokens.list('{', ';', '}', (index) => {
      const hasLabel = tokens.second === ':' || word === 'variant'
      const label = hasLabel ? labelOf(tokens.take()) : `_${index}_`
      if (tokens.next === ':') tokens.take()
      else if (hasLabel) return [label, IDL.Null] as const
      return [label, readType(tokens, named, within)] as const
    })
    if (word === 'variant' && fields.length === 0) throw new OutOfScope('a variant without arms')
    return word === 'record' ? IDL.Record(Object.fromEntries(fields)) : IDL.Variant(Object.fromEntries(fields))
  }
  const definition = named[word]
  if (definition === undefined || within.includes(word)) throw new OutOfScope(word)
  return readType(new Tokens(definition), named, [...within, word])
}

function labelOf(token: string): string {
  const label = /^[0-9]/.test(token) ? `_${token}_` : token
  if (!/^[A-Za-z_][A-Za-z_0-9]*$/.test(label)) throw new OutOfScope(`the name ${label}`)
  return label
}

/** `(opt 42, "x")` as values of `types`. */
export function readValues(text: string, types: readonly IDL.Type[]): unknown[] {
  const tokens = new Tokens(text)
  return tokens.list('(', ',', ')', (index) => readValue(tokens, types[index] ?? IDL.Null))
}

function readValue(tokens: Tokens, type: IDL.Type): unknown {
  const word = tokens.take()
  if (type instanceof IDL.OptClass) return word === 'null' ? [] : [readValue(tokens, type._type)]
  if (word === 'null') return null
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'blob') return bytesOf(tokens.take())
  if (word === 'principal') return Principal.fromText(new TextDecoder().decode(bytesOf(tokens.take())))
  if (word === 'vec' && type instanceof IDL.VecClass)
    return tokens.list('{', ';', '}', () => readValue(tokens, type._type as IDL.Type))
  if (word === 'record' && type instanceof IDL.RecordClass) {
    const fields = tokens.list('{', ';', '}', (index) => {
      const label = tokens.second === '=' ? labelOf(tokens.take()) : `_${index}_`
      if (tokens.next === '=') tokens.take()
      return [label, readValue(tokens, partOf(type, label))] as const
    })
    const absent = type._fields.map(([label, part]) => [label, part instanceof IDL.OptClass ? [] : null] as const)
    return { ...Object.fromEntries(absent), ...Object.fromEntries(fields) }
  }
  if (word === 'variant' && type instanceof IDL.VariantClass) {
    const [arm] = tokens.list('{', ';', '}', () => {
      const label = labelOf(tokens.take())
      if (tokens.next !== '=') return [label, null] as const
      tokens.take()
      return [label, readValue(tokens, partOf(type, label))] as const
    })
    return Object.fromEntries(arm === undefined ? [] : [arm])
  }
  if (word.startsWith('"')) return new TextDecoder().decode(bytesOf(word))
  return type === IDL.Nat64 ? BigInt(word) : Number(word)
}

const partOf = (type: IDL.RecordClass | IDL.VariantClass, label: string): IDL.Type =>
  type._fields.find(([name]) => name === label)?.[1] ?? IDL.Null

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** Quoted text as its bytes: `\2a` is one of them. */
function bytesOf(quoted: string): Uint8Array {
  const parts = quoted.slice(1, -1).match(/\\u\{[^}]*\}|\\[0-9a-fA-F]{2}|\\.|[^\\]+/g) ?? []
  return new Uint8Array(
    Buffer.concat(
      parts.map((part) => {
        if (part.startsWith('\\u')) return Buffer.from(String.fromCodePoint(Number.parseInt(part.slice(3, -1), 16)))
        if (/^\\[0-9a-fA-F]{2}/.test(part)) return Buffer.from(part.slice(1), 'hex')
        return Buffer.from(part.startsWith('\\') ? (ESCAPES[part.slice(1)] ?? part.slice(1)) : part)
      }),
    ),
  )
}
