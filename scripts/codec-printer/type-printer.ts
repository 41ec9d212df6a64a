import { IDL, type Schema } from '@medguard/protocol'

/** Names of the functions that read and write a type without parts, and of the TypeScript type. */
interface Leaf {
  readonly name: string
  readonly type: string
}
/** A small record without a name is written where it stands. */
const INLINE_FIELDS_MAX = 3
type Composite = IDL.RecordClass | IDL.VariantClass

/**
 * Prints each record and variant once: its TypeScript type, and the functions that read and write it where somebody asked for them. What a type
 * is called comes from the contract, or from where it was met first.
 */
export class TypePrinter {
  readonly #names = new Map<string, string>()
  readonly #types = new Map<string, string[]>()
  readonly #readers = new Map<string, string[]>()
  readonly #writers = new Map<string, string[]>()
  /** By structure: equal types are one type. */
  readonly #named = new Map<string, string>()

  /** The TypeScript type. `hint` names it unless the contract does. */
  typeOf(schema: Schema<unknown>, hint: string): string {
    this.#learn(schema)
    return this.#type(schema.idl, hint)
  }
  /** An expression: a function that reads the value part. */
  reader(schema: Schema<unknown>, hint: string): string {
    this.#learn(schema)
    return this.#readFunction(schema.idl, hint)
  }
  /** An expression: a function that writes the value part. */
  writer(schema: Schema<unknown>, hint: string): string {
    this.#learn(schema)
    return this.#writeFunction(schema.idl, hint)
  }
  lines(): string[] {
    return [this.#types, this.#readers, this.#writers].flatMap((blocks) => [...blocks.values()].flat())
  }

  #learn(schema: Schema<unknown>): void {
    for (const { name, idl } of schema.uses) if (isComposite(idl)) this.#named.set(idl.display(), name)
  }

  #nameOf(type: Composite, hint: string): string {
    const key = type.display()
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const wanted = this.#named.get(key) ?? hint
    const taken = new Set(this.#names.values())
    let name = wanted
    for (let i = 2; taken.has(name); i++) name = `${wanted}${i}`
    this.#names.set(key, name)
    return name
  }

  #type(type: IDL.Type, hint: string): string {
    if (isComposite(type)) {
      const name = this.#nameOf(type, hint)
      if (this.#types.has(name)) return name
      this.#types.set(name, []) // keeps its place before its parts
      const fields = type._fields.map(([field, inner]) => `${field}: ${this.#type(inner, name + capital(field))}`)
      const printed =
        type instanceof IDL.RecordClass ? `{ ${fields.join('; ')} }` : fields.map((field) => `{ ${field} }`).join(' | ')
      this.#types.set(name, [`type ${name} = ${printed}`])
      return name
    }
    if (type instanceof IDL.OptClass) return `[] | [${this.#type(type._type, hint)}]`
    if (type instanceof IDL.VecClass && !isBlob(type)) {
      const inner = this.#type(type._type, hint)
      return `${/[|[]/.test(inner) ? `(${inner})` : inner}[]`
    }
    return leafOf(type).type
  }

  /** An expression that is the value. Fields are evaluated in their order, which is that of the wire. */
  #read(type: IDL.Type, hint: string): string {
    if (type instanceof IDL.RecordClass && !this.#isNamed(type)) return this.#recordLiteral(type, hint)
    if (isComposite(type)) return `${this.#readFunction(type, hint)}()`
    if (type instanceof IDL.OptClass) return `readBool() ? [${this.#read(type._type, hint)}] : []`
    if (type instanceof IDL.VecClass && !isBlob(type)) {
      if (isEmpty(type._type)) throw new Error('a vector of nothing could be endless')
      return `readVec(${this.#readFunction(type._type, hint)})`
    }
    const { name } = leafOf(type)
    return name === 'Null' ? 'null' : `read${name}()`
  }

  #recordLiteral(type: IDL.RecordClass, hint: string): string {
    const fields = type._fields.map(([field, inner]) => `${field}: ${this.#read(inner, hint + capital(field))}`)
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
  }

  #readFunction(type: IDL.Type, hint: string): string {
    if (!isComposite(type)) {
      const isLeaf = !(type instanceof IDL.OptClass || (type instanceof IDL.VecClass && !isBlob(type)))
      if (isLeaf && leafOf(type).name !== 'Null') return `read${leafOf(type).name}`
      return `(): ${this.#type(type, hint)} => ${this.#read(type, hint)}`
    }
    const name = this.#nameOf(type, hint)
    if (!this.#readers.has(name)) {
      this.#readers.set(name, [])
      const printed = this.#type(type, hint)
      this.#readers.set(name, [
        `function read${name}(): ${printed} {`,
        ...(type instanceof IDL.RecordClass
          ? [`  return ${this.#recordLiteral(type, name)}`]
          : [
              '  switch (readLeb()) {',
              ...type._fields.flatMap(([arm, inner], index) => [
                `    case ${index}:`,
                `      return { ${arm}: ${this.#read(inner, name + capital(arm))} }`,
              ]),
              '    default:',
              '      throw BAD_BYTES',
              '  }',
            ]),
        '}',
      ])
    }
    return `read${name}`
  }

  /** Statements that write `value`. */
  #write(type: IDL.Type, value: string, hint: string): string {
    if (type instanceof IDL.RecordClass && type._fields.length <= INLINE_FIELDS_MAX && !this.#isNamed(type))
      return this.#writeFields(type, value, hint)
    if (isComposite(type)) return `${this.#writeFunction(type, hint)}(${value})`
    if (type instanceof IDL.OptClass) {
      const present = this.#write(type._type, `${value}[0]`, hint)
      return `if (${value}.length === 0) writeByte(0)\nelse {\n  writeByte(1)\n${indent(present)}\n}`
    }
    if (type instanceof IDL.VecClass && !isBlob(type))
      return `writeVec(${value}, ${this.#writeFunction(type._type, hint)})`
    const { name } = leafOf(type)
    return name === 'Null' ? '' : `write${name}(${value})`
  }

  #writeFields(type: IDL.RecordClass, value: string, hint: string): string {
    return type._fields
      .map(([field, inner]) => this.#write(inner, `${value}.${field}`, hint + capital(field)))
      .filter((statement) => statement !== '')
      .join('\n')
  }

  #writeFunction(type: IDL.Type, hint: string): string {
    if (!isComposite(type)) {
      const isPlain = type instanceof IDL.OptClass || (type instanceof IDL.VecClass && !isBlob(type))
      if (!isPlain) return leafOf(type).name === 'Null' ? '() => {}' : `write${leafOf(type).name}`
      return `(value: Encodable<${this.#type(type, hint)}>): void => {\n${indent(this.#write(type, 'value', hint))}\n}`
    }
    const name = this.#nameOf(type, hint)
    if (!this.#writers.has(name)) {
      this.#writers.set(name, [])
      const printed = this.#type(type, hint)
      const isRecord = type instanceof IDL.RecordClass
      const parameter = isRecord ? `Encodable<${printed}>` : `Arms<Encodable<${printed}>>`
      const statements = isRecord
        ? [this.#writeFields(type, 'value', name)]
        : [`${type._fields.map((arm, index) => this.#writeArm(arm, index, name)).join('else ')}else throw NO_ARM`]
      this.#writers.set(name, [
        `function write${name}(value: ${parameter}): void {`,
        ...statements.filter((statement) => statement !== '').map(indent),
        '}',
      ])
    }
    return `write${name}`
  }

  #writeArm([arm, inner]: [string, IDL.Type], index: number, name: string): string {
    if (index > 0x7f) throw new Error('the index of an arm is one byte')
    const content = this.#write(inner, `value.${arm}`, name + capital(arm))
    const head = `if (value.${arm} !== undefined) `
    return content === '' ? `${head}writeByte(${index})\n` : `${head}{\n  writeByte(${index})\n${indent(content)}\n} `
  }

  #isNamed = (type: Composite) => this.#named.has(type.display())
}

const isComposite = (type: IDL.Type): type is Composite =>
  type instanceof IDL.RecordClass || type instanceof IDL.VariantClass
const isBlob = (type: IDL.VecClass<unknown>): boolean =>
  type._type instanceof IDL.FixedNatClass && type._type._bits === 8

/** Whether its values take no bytes. */
const isEmpty = (type: IDL.Type): boolean =>
  type instanceof IDL.NullClass ||
  (type instanceof IDL.RecordClass && type._fields.every(([, inner]) => isEmpty(inner)))

/** @throws Error for a type that the contract does not use. */
function leafOf(type: IDL.Type): Leaf {
  if (type instanceof IDL.VecClass && isBlob(type)) return { name: 'Blob', type: 'Uint8Array' }
  if (type instanceof IDL.FixedNatClass && [8, 32, 64].includes(type._bits))
    return { name: `Nat${type._bits}`, type: type._bits === 64 ? 'bigint' : 'number' }
  if (type instanceof IDL.PrincipalClass) return { name: 'Principal', type: 'Principal' }
  if (type instanceof IDL.TextClass) return { name: 'Text', type: 'string' }
  if (type instanceof IDL.BoolClass) return { name: 'Bool', type: 'boolean' }
  if (type instanceof IDL.NullClass) return { name: 'Null', type: 'null' }
  throw new Error(`no codec for ${type.display()}`)
}

const capital = (name: string) => name.replace(/^./, (first) => first.toUpperCase())
const indent = (text: string) =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n')
