// A Wasm assembler of a few lines, so that tests say each byte of a function and can count its weight by hand.

export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const FUNCREF = 0x70
export const VOID = 0x40

export const op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i32Store: 0x36,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivU: 0x6e,
} as const

export function u32(value: number): number[] {
  const bytes = []
  let rest = value >>> 0
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}

export function s32(value: number): number[] {
  const bytes = []
  let rest = value | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

export const i32 = (value: number): number[] => [op.i32Const, ...s32(value)]
export const text = (value: string): number[] => {
  const encoded = [...new TextEncoder().encode(value)]
  return [...u32(encoded.length), ...encoded]
}
export const vector = (entries: readonly (readonly number[])[]): number[] => [...u32(entries.length), ...entries.flat()]
export const section = (id: number, content: readonly number[]): number[] => [id, ...u32(content.length), ...content]
export const custom = (name: string, content: readonly number[]): number[] => section(0, [...text(name), ...content])
export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

export interface Source {
  readonly types?: readonly { readonly params?: readonly number[]; readonly results?: readonly number[] }[]
  readonly imports?: readonly { readonly module?: string; readonly name: string; readonly type: number }[]
  /** `type` 0 unless told; `code` without the final `end`; locals are all i32. */
  readonly functions?: readonly {
    readonly type?: number
    readonly locals?: number
    readonly code?: readonly number[]
  }[]
  /** Initial size of one table of functions. */
  readonly table?: number
  /** Initial pages. */
  readonly memory?: number
  readonly globals?: readonly { readonly type: number; readonly mutable: boolean; readonly init: readonly number[] }[]
  readonly exports?: readonly { readonly name: string; readonly kind?: number; readonly index: number }[]
  readonly start?: number
  /** Functions put into the table from index 0 on. */
  readonly elements?: readonly number[]
  readonly passiveElements?: readonly number[]
  readonly passiveData?: readonly number[]
  readonly customs?: readonly { readonly name: string; readonly content?: readonly number[] }[]
}

/** Without `types`, type 0 is `() -> ()`. */
export function assemble(source: Source): Uint8Array<ArrayBuffer> {
  let bytes = [...HEADER]
  const append = (more: readonly number[]) => {
    bytes = bytes.concat(more)
  }
  const types = source.types ?? [{}]
  const put = (id: number, entries: readonly (readonly number[])[] | undefined) => {
    if (entries !== undefined && entries.length > 0) append(section(id, vector(entries)))
  }
  const list = (values: readonly number[] = []) => vector(values.map((value) => [value]))
  put(
    1,
    types.map(({ params, results }) => [0x60, ...list(params), ...list(results)]),
  )
  put(
    2,
    source.imports?.map(({ module, name, type }) => [...text(module ?? 'ic0'), ...text(name), 0, ...u32(type)]),
  )
  put(
    3,
    source.functions?.map(({ type }) => u32(type ?? 0)),
  )
  put(4, source.table === undefined ? undefined : [[FUNCREF, 0, ...u32(source.table)]])
  put(5, source.memory === undefined ? undefined : [[0, ...u32(source.memory)]])
  put(
    6,
    source.globals?.map(({ type, mutable, init }) => [type, mutable ? 1 : 0, ...init, op.end]),
  )
  put(
    7,
    source.exports?.map(({ name, kind, index }) => [...text(name), kind ?? 0, ...u32(index)]),
  )
  if (source.start !== undefined) append(section(8, u32(source.start)))
  const elements = []
  if (source.elements !== undefined) elements.push([0, ...i32(0), op.end, ...vector(source.elements.map(u32))])
  if (source.passiveElements !== undefined) elements.push([1, 0, ...vector(source.passiveElements.map(u32))])
  put(9, elements)
  if (source.passiveData !== undefined) append(section(12, [1]))
  put(
    10,
    source.functions?.map(({ locals, code }) => {
      const body = [...(locals === undefined ? [0] : [1, ...u32(locals), I32]), ...(code ?? []), op.end]
      return [...u32(body.length), ...body]
    }),
  )
  if (source.passiveData !== undefined) append(section(11, [1, 1, ...list(source.passiveData)]))
  for (const { name, content } of source.customs ?? []) append(custom(name, content ?? []))
  return Uint8Array.from(bytes)
}
