import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidModule, type ImportSignature } from '../contracts.ts'
import {
  assemble,
  custom,
  HEADER,
  I32,
  I64,
  i32,
  op,
  section,
  text,
  vector,
  VOID,
  type Source,
} from './assembler.fixture.ts'
import { prepareModule } from './index.ts'

const SIGNATURES: ReadonlyMap<string, ImportSignature> = new Map([
  ['msg_reply', { params: [], results: [] }],
  ['time', { params: [], results: ['i64'] }],
  ['debug_print', { params: ['i32', 'i32'], results: [] }],
])

const prepare = (source: Source) => prepareModule(assemble(source), SIGNATURES)
const oneFunction = (code: readonly number[], more: Source = {}): Source => ({ functions: [{ code }], ...more })

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const many = <Entry>(count: number, entry: (index: number) => Entry) =>
  Array.from({ length: count }, (_, index) => entry(index))

const prepareOrRefuse = (bytes: Uint8Array) => {
  try {
    return prepareModule(bytes, SIGNATURES).wasm
  } catch (error) {
    if (error instanceof InvalidModule) return null
    throw error
  }
}

describe('what is accepted', () => {
  const source: Source = {
    types: [{}, { results: [I64] }],
    imports: [
      { name: 'time', type: 1 },
      { name: 'msg_reply', type: 0 },
      { name: 'time', type: 1 },
    ],
    functions: [{}],
    exports: [
      { name: 'canister_init', index: 3 },
      { name: 'canister_global_timer', index: 3 },
      { name: 'canister_query read', index: 3 },
      { name: 'canister_update <ic-cdk internal> timer_executor', index: 3 },
      { name: 'canister_composite_query fan out', index: 3 },
      { name: 'get_candid_pointer', index: 3 },
    ],
    customs: [
      { name: 'icp:public candid:service', content: [1, 2] },
      { name: 'icp:private a name with spaces', content: [3] },
      { name: 'producers', content: [5] },
    ],
  }

  test('methods, hooks, imports and metadata are read off the module', () => {
    const prepared = prepare(source)
    expect([...prepared.methods]).toEqual([
      ['read', 'query'],
      ['<ic-cdk internal> timer_executor', 'update'],
      ['fan out', 'composite_query'],
    ])
    expect([...prepared.hooks]).toEqual(['init', 'global_timer'])
    expect(prepared.imports).toEqual(['time', 'msg_reply'])
    expect(prepared.customSections).toEqual([
      { visibility: 'public', name: 'candid:service', content: Uint8Array.of(1, 2) },
      { visibility: 'private', name: 'a name with spaces', content: Uint8Array.of(3) },
    ])
    expect(prepared).toMatchObject({ hasStart: false, hasMemory: false, hasTable: false, persistentGlobals: [] })
  })

  test('gzip is unpacked, and the module hash is that of the upload', () => {
    const raw = assemble(source)
    const packed = new Uint8Array(gzipSync(raw))
    expect(prepareModule(raw, SIGNATURES).moduleHash).toEqual(sha256(raw))
    const prepared = prepareModule(packed, SIGNATURES)
    expect(prepared.moduleHash).toEqual(sha256(packed))
    expect(prepared.wasm).toEqual(prepareModule(raw, SIGNATURES).wasm)
  })

  test('a module without a single section runs', () => {
    expect(WebAssembly.validate(new Uint8Array(prepare({ types: [] }).wasm))).toBe(true)
  })

  test('function names are kept for backtraces', () => {
    const names = vector([[0, ...text('patient')]])
    const { wasm } = prepare(
      oneFunction([op.unreachable], {
        exports: [{ name: 'run', index: 0 }],
        customs: [{ name: 'name', content: [1, names.length, ...names] }],
      }),
    )
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(wasm)))
    expect(exports['run']).toThrow(expect.objectContaining({ stack: expect.stringContaining('patient') }))
  })
})

describe('what is refused, and why', () => {
  const cases: Record<string, [source: Source, message: string]> = {
    'an unknown System API function': [
      { imports: [{ name: 'msg_replies', type: 0 }] },
      'it imports ic0.msg_replies, which the network does not provide',
    ],
    'a module other than ic0': [
      { imports: [{ module: 'env', name: 'time', type: 0 }] },
      'it imports env.time, which the network does not provide',
    ],
    'an import of the wrong type': [
      { types: [{ params: [I32], results: [I32] }], imports: [{ name: 'time', type: 0 }] },
      'it imports ic0.time as (i32) -> (i32); its type is () -> (i64)',
    ],
    'an unknown name that starts with canister_': [
      oneFunction([], { exports: [{ name: 'canister_start', index: 0 }] }),
      'it exports the reserved name "canister_start"',
    ],
    'a method kind without a name': [
      oneFunction([], { exports: [{ name: 'canister_update', index: 0 }] }),
      'it exports the reserved name "canister_update"',
    ],
    'an entry point with a result': [
      { types: [{ results: [I32] }], functions: [{ code: i32(1) }], exports: [{ name: 'canister_query q', index: 0 }] },
      'its export "canister_query q" has type () -> (i32); entry points have type () -> ()',
    ],
    'an entry point that is a memory': [
      { memory: 1, exports: [{ name: 'canister_init', kind: 2, index: 0 }] },
      'its export "canister_init" is not a function',
    ],
    'one method as update and query': [
      oneFunction([], {
        exports: [
          { name: 'canister_update m', index: 0 },
          { name: 'canister_query m', index: 0 },
        ],
      }),
      'it exports the method "m" in more than one kind',
    ],
    'an export the host needs for itself': [
      oneFunction([], { exports: [{ name: 'canister counter_instructions', index: 0 }] }),
      'it exports "canister counter_instructions", a name the network needs for itself',
    ],
    'a function called memory beside a memory': [
      oneFunction([], { memory: 1, exports: [{ name: 'memory', index: 0 }] }),
      'it exports "memory", a name the network needs for itself',
    ],
    'more than 1000 methods': [
      oneFunction([], { exports: many(1001, (i) => ({ name: `canister_query ${i}`, index: 0 })) }),
      'it exports 1001 methods, more than 1000',
    ],
    'method names longer than 20 000 characters together': [
      oneFunction([], { exports: many(2, (i) => ({ name: `canister_query ${i}${'a'.repeat(10_000)}`, index: 0 })) }),
      'its method names are longer than 20000 characters together',
    ],
    'more than 50 000 functions': [
      { functions: many(50_001, () => ({})) },
      'it defines 50001 functions, more than 50000',
    ],
    'more than 1000 globals': [
      { globals: many(1001, () => ({ type: I32, mutable: false, init: i32(0) })) },
      'it defines 1001 globals, more than 1000',
    ],
    'more than 16 metadata sections': [
      { customs: many(17, (i) => ({ name: `icp:public ${i}` })) },
      'it has 17 icp: custom sections, more than 16',
    ],
    'metadata above 1 MiB': [
      { customs: [{ name: 'icp:public x', content: many(1024 * 1024, () => 0) }] },
      'its icp: custom sections are larger than 1048576 bytes together',
    ],
    'one metadata name, public and private': [
      { customs: [{ name: 'icp:public x' }, { name: 'icp:private x' }] },
      'it has more than one custom section for the name "x"',
    ],
    'metadata of neither kind': [
      { customs: [{ name: 'icp:secret x' }] },
      'its custom section "icp:secret x" is neither icp:public nor icp:private',
    ],
    'a mutable global that cannot be stored': [
      { globals: [{ type: 0x70, mutable: true, init: [0xd0, 0x70] }] },
      'global 0 is a mutable funcref, which cannot be kept between messages',
    ],
    threads: [oneFunction([0xfe, 0x03, 0x00]), 'opcode 0xfe (threads) is not supported'],
    exceptions: [oneFunction([0x06, VOID, op.end]), 'opcode 0x6 (exception handling) is not supported'],
    'code that does not type-check': [
      oneFunction([op.i32Add, op.drop]),
      'not enough arguments on the stack for i32.add',
    ],
    'code that reaches for the counter': [oneFunction([op.i64Const, 0, op.globalSet, 0]), 'Invalid global index: 0'],
    'code that reaches for the local we add': [
      { memory: 1, functions: [{ code: [...i32(0), ...i32(0), ...i32(0), 0xfc, 11, 0, op.localGet, 0, op.drop] }] },
      'invalid local index: 0',
    ],
  }
  test.each(Object.entries(cases))('%s', (_name, [source, message]) => {
    expect(() => prepare(source)).toThrow(InvalidModule)
    expect(() => prepare(source)).toThrow(message)
  })

  test('relaxed SIMD, whichever of engine and scanner sees it first', () => {
    expect(() => prepare(oneFunction([0xfd, 0x80, 0x02]))).toThrow(InvalidModule)
  })

  const binaries: Record<string, [bytes: readonly number[], message: string]> = {
    'nothing at all': [[], 'it starts neither as Wasm'],
    'another file format': [[0x7f, 0x45, 0x4c, 0x46], 'it starts neither as Wasm'],
    'a component': [[0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], 'only version 1'],
    'a header cut short': [[0x00, 0x61, 0x73, 0x6d, 0x01], 'unexpected end at byte 4'],
    'a section longer than the file': [[...HEADER, 1, 200, 1, 0], 'unexpected end'],
    'an unknown section': [[...HEADER, ...section(14, [])], 'unknown section 14'],
    'a tag section': [[...HEADER, ...section(13, [0])], 'exception handling is not supported'],
    'a section twice': [[...HEADER, ...section(1, [0]), ...section(1, [0])], 'section 1 appears twice'],
    'an imported memory': [
      [...HEADER, ...section(2, vector([[...text('env'), ...text('memory'), 2, 0, 1]]))],
      'it imports the memory env.memory',
    ],
    'two memories': [
      [
        ...HEADER,
        ...section(
          5,
          vector([
            [0, 1],
            [0, 1],
          ]),
        ),
      ],
      'it has 2 memories, more than one',
    ],
    'a shared memory': [[...HEADER, ...section(5, vector([[3, 1, 1]]))], 'a shared memory (threads) is not supported'],
    'a 64-bit memory': [[...HEADER, ...section(5, vector([[4, 1]]))], 'a 64-bit memory (memory64) is not supported'],
    'a struct type': [[...HEADER, ...section(1, vector([[0x5f, 0]]))], 'type form 0x5f is not supported'],
    'a name that is not UTF-8': [[...HEADER, ...section(0, [1, 0xff])], 'name that is not UTF-8 at byte 10'],
    'a code section above 10 MiB': [
      [...HEADER, 10, 0x81, 0x80, 0x80, 0x05, ...new Uint8Array(10 * 1024 * 1024 + 1)],
      'its code section is larger than 10485760 bytes',
    ],
    'damaged gzip': [[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3], 'the gzip data is damaged'],
    'gzip of something else': [[...gzipSync('patient')], 'the gzip data holds no Wasm'],
    'a gzip bomb': [[...gzipSync(new Uint8Array(100 * 1024 * 1024 + 1))], 'it is larger than 104857600 bytes'],
    'sections out of order': [[...HEADER, ...section(7, [0]), ...section(1, [0])], 'unexpected section <Type>'],
  }
  test.each(Object.entries(binaries))('%s', (_name, [bytes, message]) => {
    const refused = () => prepareModule(Uint8Array.from(bytes), SIGNATURES)
    expect(refused).toThrow(InvalidModule)
    expect(refused).toThrow(message)
  })

  test('a damaged module is refused or stays metered and valid, and nothing else happens', () => {
    const good = assemble({
      types: [{}, { params: [I32], results: [I32] }],
      imports: [{ name: 'msg_reply', type: 0 }],
      memory: 1,
      table: 2,
      globals: [{ type: I32, mutable: true, init: i32(1) }],
      elements: [1],
      passiveData: [1, 2, 3],
      functions: [
        { code: [op.call, 0, ...i32(0), ...i32(0), ...i32(1), 0xfc, 8, 0, 0] },
        { type: 1, locals: 2, code: [op.localGet, 0, op.if, I32, ...i32(1), op.else, ...i32(2), op.end] },
      ],
      exports: [{ name: 'canister_update m', index: 1 }],
      customs: [{ name: 'icp:public candid:service', content: [1] }],
    })
    const edits = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(edits, fc.option(fc.nat({ max: good.length })), (changes, length) => {
        const bytes = good.slice(0, length ?? good.length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        const wasm = prepareOrRefuse(bytes)
        return wasm === null || (WebAssembly.validate(bytes) && WebAssembly.validate(new Uint8Array(wasm)))
      }),
      { numRuns: 2000 },
    )
  })

  test('custom sections may stand anywhere', () => {
    const [, , ...rest] = [...HEADER]
    const bytes = [0x00, 0x61, ...rest, ...custom('a', [1]), ...section(1, vector([[0x60, 0, 0]])), ...custom('b', [2])]
    expect(WebAssembly.validate(new Uint8Array(prepareModule(Uint8Array.from(bytes), SIGNATURES).wasm))).toBe(true)
  })
})
