import { encodeValue, IDL, Principal, type Schema, type Service } from '@medguard/protocol'

import { TypePrinter } from './type-printer.ts'

/** One file of codecs. */
export interface CodecFile {
  /** Begins the names of what is exported: `audit` gives `auditEndpoints`. */
  readonly name: string
  readonly service: Service
  /** Where the type of the service comes from. */
  readonly serviceType: { readonly name: string; readonly from: string }
  /** Where the functions come from that codecs are made of: `canisters/shared/src/candid.ts`. */
  readonly runtime: string
  /** For the canister that answers: the type of its install and upgrade argument, which is optional. */
  readonly configuration?: Schema<unknown>
  /** Methods that other canisters call. */
  readonly calls?: readonly string[]
  /** Types that are stored as their Candid bytes, by the name of their codec. */
  readonly rows?: Readonly<Record<string, Schema<unknown>>>
}

/**
 * The source of a file of codecs: for each type one function that writes it, one that reads it, as straight as can be. A bundler keeps those
 * that a canister needs.
 */
export function printCodecs(file: CodecFile): string {
  const { service, serviceType, configuration, calls = [], rows = {} } = file
  const printer = new TypePrinter()
  const bodies: string[] = []
  const coders = new Map<string, { readonly name: string; readonly line: string }>()
  /** The name of a constant: equal types have one. */
  const coder = (kind: 'encoder' | 'decoder', schema: Schema<unknown>, hint: string) => {
    if (kind === 'decoder' && schema.did === '') return 'nothing'
    const key = `${kind} ${schema.did === '' ? '' : schema.idl.display()}`
    const known = coders.get(key)
    if (known !== undefined) return known.name
    const name = `${camel(hint)}${capital(kind)}`
    const type = schema.did === '' ? 'null' : printer.typeOf(schema, capital(hint))
    const header = headerOf(schema)
    const isNone = schema.did === ''
    const parts =
      kind === 'encoder'
        ? [isNone ? '() => {}' : printer.writer(schema, capital(hint))]
        : [printComparison(header), printer.reader(schema, capital(hint))]
    const okIndex = kind === 'encoder' ? indexOfEmptyOk(schema.idl) : null
    const made = okIndex === null ? `${kind}<${type}>(` : `acknowledger<${type}>(`
    const arguments_ = [printHeader(header), ...(okIndex === null ? [] : [okIndex]), ...parts]
    const line = `const ${name} = /* @__PURE__ */ ${made}${arguments_.join(', ')})`
    coders.set(key, { name, line })
    return name
  }
  if (configuration !== undefined) {
    bodies.push(
      `export const ${file.name}Endpoints: Endpoints<${serviceType.name}, ${printer.typeOf(configuration, 'Configuration')}> = {`,
      `  methods: {`,
      ...Object.entries(service).flatMap(([name, { mode, arg, ret, argBytesMax }]) => [
        `    ${name}: {`,
        `      mode: '${mode}',`,
        `      argBytesMax: ${argBytesMax},`,
        `      arg: ${coder('decoder', arg, `${name}Arg`)},`,
        `      ret: ${coder('encoder', ret, `${name}Ret`)},`,
        `    },`,
      ]),
      `  },`,
      `  configuration: /* @__PURE__ */ codec(${coder('encoder', configuration, 'configuration')}, ${coder('decoder', configuration, 'configuration')}),`,
      `  argument: ${coder('decoder', optional(configuration), 'argument')},`,
      `}`,
    )
  }
  for (const name of calls) {
    const method = service[name]
    if (method === undefined) throw new Error(`the service has no method ${name}`)
    const typeOf = (side: 'Arg' | 'Ret') => `${side}Of<${serviceType.name}['${name}']>`
    bodies.push(
      `export const ${camel(name)}Call: Call<${typeOf('Arg')}, ${typeOf('Ret')}> = {`,
      `  name: '${name}',`,
      `  arg: ${coder('encoder', method.arg, `${name}Arg`)},`,
      `  ret: ${coder('decoder', method.ret, `${name}Ret`)},`,
      `}`,
    )
  }
  for (const [name, schema] of Object.entries(rows)) {
    const type = printer.typeOf(schema, capital(name))
    const parts = [printer.writer(schema, capital(name)), printer.reader(schema, capital(name))]
    bodies.push(`export const ${name}: BodyCodec<${type}> = /* @__PURE__ */ bodyCodec(${parts.join(', ')})`)
  }
  const lines = [...coders.values()].map(({ line }) => line)
  const body = [...lines, '', ...bodies, '', ...printer.lines()].join('\n')
  return `${printImports(file, body)}\n\n${body}\n`
}

function printImports({ serviceType, runtime }: CodecFile, body: string): string {
  const used = (names: readonly string[]) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(body))
  const protocol = used(['ArgOf', 'Principal', 'RetOf'])
  const ownType = used([serviceType.name])
  const isProtocol = serviceType.from === '@medguard/protocol'
  const types = (isProtocol ? [...protocol, ...ownType] : protocol).toSorted()
  return [
    '// Made by the build from the contract (scripts/generate-codecs.ts): change that.',
    ...(types.length === 0 ? [] : [`import type { ${types.join(', ')} } from '@medguard/protocol'`]),
    ...(isProtocol ? [] : [`import type { ${serviceType.name} } from '${serviceType.from}'`]),
    'import {',
    ...used(RUNTIME).map((name) => `  ${RUNTIME_TYPES.has(name) ? 'type ' : ''}${name},`),
    `} from '${runtime}'`,
  ].join('\n')
}
const RUNTIME_TYPES = new Set(['Arms', 'Call', 'Encodable', 'Endpoints', 'BodyCodec'])
const RUNTIME = [
  ...RUNTIME_TYPES,
  'acknowledger',
  'BAD_BYTES',
  'codec',
  'decoder',
  'encoder',
  'nothing',
  'NO_ARM',
  'bodyCodec',
  ...['Blob', 'Bool', 'Leb', 'Nat32', 'Nat64', 'Nat8', 'Principal', 'Text', 'Vec'].map((type) => `read${type}`),
  ...['Blob', 'Bool', 'Byte', 'Nat32', 'Nat64', 'Nat8', 'Principal', 'Text', 'Vec'].map((type) => `write${type}`),
]

/** Magic word, table and types, as the library writes them. */
export function headerOf(schema: Schema<unknown>): Uint8Array {
  if (schema.did === '') return Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0)
  const example = exampleOf(schema.idl)
  const whole = encodeValue(schema, example)
  return whole.slice(0, whole.length - new Uint8Array(schema.idl.encodeValue(example)).length)
}

/** Where `Ok : null` stands in a result. */
function indexOfEmptyOk(type: IDL.Type): number | null {
  const index =
    type instanceof IDL.VariantClass
      ? type._fields.findIndex(([name, inner]) => name === 'Ok' && inner instanceof IDL.NullClass)
      : -1
  return index < 0 ? null : index
}

function wordsOf(header: Uint8Array): number[] {
  const padded = new Uint8Array(Math.ceil(header.length / 4) * 4)
  padded.set(header)
  const view = new DataView(padded.buffer)
  return Array.from({ length: padded.length / 4 }, (_, i) => view.getInt32(4 * i, true))
}
const printHeader = (header: Uint8Array) => `() => [${wordsOf(header).join(', ')}], ${header.length}`

/** Whether words begin with the header; of the last one only the bytes that belong to it count. */
function printComparison(header: Uint8Array): string {
  const rest = header.length % 4
  const comparisons = wordsOf(header).map((word, i, { length }) =>
    i === length - 1 && rest > 0 ? `((w[${i}] ?? 0) & ${2 ** (8 * rest) - 1}) === ${word}` : `w[${i}] === ${word}`,
  )
  return `(w) => ${comparisons.join(' && ')}`
}

function exampleOf(type: IDL.Type): unknown {
  if (type instanceof IDL.RecordClass)
    return Object.fromEntries(type._fields.map(([name, inner]) => [name, exampleOf(inner)]))
  if (type instanceof IDL.VariantClass) {
    const [name, inner] = type._fields[0] ?? ['', IDL.Null]
    return { [name]: exampleOf(inner) }
  }
  if (type instanceof IDL.OptClass || type instanceof IDL.VecClass) return []
  if (type instanceof IDL.PrincipalClass) return Principal.managementCanister()
  if (type instanceof IDL.TextClass) return ''
  if (type instanceof IDL.BoolClass) return false
  if (type instanceof IDL.NullClass) return null
  return type instanceof IDL.FixedNatClass && type._bits === 64 ? 0n : 0
}

const optional = (schema: Schema<unknown>): Schema<unknown> => ({
  idl: IDL.Opt(schema.idl),
  did: `opt ${schema.did}`,
  uses: schema.uses,
})
const capital = (name: string) => camel(name).replace(/^./, (first) => first.toUpperCase())
/** The network's own methods are in snake case. */
const camel = (name: string) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
