import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MEMORY_EXPORT } from '../contracts.ts'
import { I32, i32, op, s32, u32, VOID, type Source } from './assembler.fixture.ts'
import { ByteReader } from './byte-reader.ts'
import { BUDGET, run } from './run-metered.fixture.ts'

/** Instructions counted by a function `() -> ()` with one memory page. */
const counted = (code: readonly number[], more: Source = {}) => {
  const { used, trap } = run({ memory: 1, functions: [{ code, locals: 2 }], ...more })
  expect(trap).toBeNull()
  return used
}

describe('straight code', () => {
  test('an empty function costs one instruction', () => {
    expect(counted([])).toBe(1n)
  })

  test('constants, division and drop cost 1, 10 and 1', () => {
    expect(counted([...i32(7), ...i32(3), op.i32DivU, op.drop])).toBe(1n + 1n + 1n + 10n + 1n)
  })

  test('globals cost 2, loads and stores 1', () => {
    const globals = [{ type: I32, mutable: true, init: i32(9) }]
    const code = [op.globalGet, 0, op.globalSet, 0, ...i32(8), ...i32(8), op.i32Load, 2, 0, op.i32Store, 2, 0]
    expect(counted(code, { globals })).toBe(1n + 2n + 2n + 1n + 1n + 1n + 1n)
  })

  test('memory.size costs 20 and memory.grow 300', () => {
    expect(counted([op.memorySize, 0, op.memoryGrow, 0, op.drop])).toBe(1n + 20n + 300n + 1n)
  })

  const f32 = [op.f32Const, 0, 0, 0x80, 0x3f] // 1.0
  const f64 = [op.f64Const, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f] // 1.0
  const i64 = [op.i64Const, 1]
  const int = i32(1)
  const weighed: readonly [name: string, operands: readonly (readonly number[])[], opcode: number[], weight: bigint][] =
    [
      ['i32.eqz', [int], [0x45], 1n],
      ['i64.ge_u', [i64, i64], [0x5a], 1n],
      ['f32.eq', [f32, f32], [0x5b], 3n],
      ['f64.ge', [f64, f64], [0x66], 3n],
      ['i32.clz', [int], [0x67], 1n],
      ['i32.rem_u', [int, int], [0x70], 10n],
      ['i32.rotr', [int, int], [0x78], 1n],
      ['i64.div_s', [i64, i64], [0x7f], 10n],
      ['i64.rem_u', [i64, i64], [0x82], 10n],
      ['i64.and', [i64, i64], [0x83], 1n],
      ['f32.neg', [f32], [0x8c], 1n],
      ['f32.ceil', [f32], [0x8d], 2n],
      ['f32.sqrt', [f32], [0x91], 5n],
      ['f32.mul', [f32, f32], [0x94], 2n],
      ['f32.div', [f32, f32], [0x95], 3n],
      ['f32.min', [f32, f32], [0x96], 18n],
      ['f32.copysign', [f32, f32], [0x98], 2n],
      ['f64.abs', [f64], [0x99], 1n],
      ['f64.nearest', [f64], [0x9e], 2n],
      ['f64.sqrt', [f64], [0x9f], 8n],
      ['f64.add', [f64, f64], [0xa0], 2n],
      ['f64.div', [f64, f64], [0xa3], 5n],
      ['f64.max', [f64, f64], [0xa5], 18n],
      ['f64.copysign', [f64, f64], [0xa6], 3n],
      ['i32.wrap_i64', [i64], [0xa7], 1n],
      ['i32.trunc_f64_u', [f64], [0xab], 20n],
      ['i64.extend_i32_u', [int], [0xad], 1n],
      ['i64.trunc_f32_s', [f32], [0xae], 20n],
      ['f32.convert_i32_s', [int], [0xb2], 3n],
      ['f32.convert_i64_u', [i64], [0xb5], 16n],
      ['f32.demote_f64', [f64], [0xb6], 1n],
      ['f64.convert_i32_u', [int], [0xb8], 16n],
      ['f64.convert_i64_s', [i64], [0xb9], 3n],
      ['f64.promote_f32', [f32], [0xbb], 1n],
      ['f64.reinterpret_i64', [i64], [0xbf], 1n],
      ['i64.extend32_s', [i64], [0xc4], 1n],
      ['i64.trunc_sat_f64_u', [f64], [0xfc, 7], 20n],
      ['ref.null', [], [0xd0, 0x70], 1n],
      ['ref.is_null', [[0xd0, 0x70]], [0xd1], 5n],
      ['ref.func', [], [0xd2, 0], 130n],
      ['select with types', [int, int, int], [0x1c, 1, I32], 1n],
      ['table.get', [i32(0)], [0x25, 0], 5n],
      ['table.size', [], [0xfc, 16, 0], 100n],
      ['table.grow', [[0xd0, 0x70], i32(1)], [0xfc, 15, 0], 300n],
      [
        'i32x4.mul',
        [
          [0xfd, 12, ...Array(16).fill(1)],
          [0xfd, 12, ...Array(16).fill(2)],
        ],
        [0xfd, 0xb5, 0x01],
        2n,
      ],
      [
        'i8x16.shuffle',
        [
          [0xfd, 12, ...Array(16).fill(1)],
          [0xfd, 12, ...Array(16).fill(2)],
        ],
        [0xfd, 13, ...Array(16).fill(0)],
        3n,
      ],
      ['v128.load', [i32(0)], [0xfd, 0, 4, 0], 1n],
      ['v128.load8_lane', [i32(0), [0xfd, 12, ...Array(16).fill(1)]], [0xfd, 84, 0, 0, 3], 1n],
      ['i32x4.extract_lane', [[0xfd, 12, ...Array(16).fill(1)]], [0xfd, 27, 2], 1n],
    ]
  test.each(weighed)('%s costs its weight', (_name, operands, opcode, weight) => {
    // Every operand is a constant of weight 1, and the result is dropped for 1.
    const expected = 1n + BigInt(operands.length) + weight + 1n
    expect(counted([...operands.flat(), ...opcode, op.drop], { table: 1 })).toBe(expected)
  })
})

describe('branches', () => {
  const oneParameter = [{ params: [I32] }]

  test('an if charges the arm that runs and no other', () => {
    const code = [op.localGet, 0, op.if, VOID, op.nop, op.else, op.nop, op.nop, op.nop, op.end, op.nop]
    const source = { types: oneParameter, functions: [{ code }] }
    expect(run(source, [1]).used).toBe(1n + 1n + 2n + 1n + 1n)
    expect(run(source, [0]).used).toBe(1n + 1n + 2n + 3n + 1n)
  })

  test('a loop charges every turn', () => {
    // Entering costs 1; a turn is local.get 1, const 1, sub 1, local.tee 1, br_if 2; nop once after it.
    const code = [op.loop, VOID, op.localGet, 0, ...i32(1), op.i32Sub, op.localTee, 0, op.brIf, 0, op.end, op.nop]
    const source = { types: oneParameter, functions: [{ code }] }
    expect(run(source, [1]).used).toBe(1n + 6n + 1n)
    expect(run(source, [1000]).used).toBe(1n + 6000n + 1n)
  })

  test('br_table charges the way it takes', () => {
    const code = [
      [op.block, VOID, op.block, VOID, op.block, VOID],
      [op.localGet, 0, op.brTable, 2, 0, 1, 2, op.end],
      [op.nop, op.br, 1, op.end],
      [op.nop, op.nop, op.nop, op.end],
    ].flat()
    const source = { types: oneParameter, functions: [{ code }] }
    const entry = 1n + 1n + 2n
    expect(run(source, [0]).used).toBe(entry + 1n + 2n)
    expect(run(source, [1]).used).toBe(entry + 3n)
    expect(run(source, [7]).used).toBe(entry)
  })

  test('code after return is not charged', () => {
    expect(counted([op.nop, op.return, op.nop, op.nop])).toBe(1n + 1n + 1n)
  })
})

describe('calls', () => {
  const callee = { code: [op.nop, op.nop] } // 1 to enter, 2 to run

  test('a call costs 5, an indirect call 10 and its index', () => {
    expect(counted([op.call, 1], { functions: [{ code: [op.call, 1] }, callee] })).toBe(1n + 5n + 3n)
    const indirect = [...i32(0), op.callIndirect, 0, 0]
    const source = { table: 1, elements: [1], functions: [{ code: indirect }, callee] }
    expect(counted(indirect, source)).toBe(1n + 1n + 10n + 3n)
  })

  test('a tail call costs 3, an indirect one 60', () => {
    expect(counted([], { functions: [{ code: [op.returnCall, 1, op.nop] }, callee] })).toBe(1n + 3n + 3n)
    const indirect = [...i32(0), op.returnCallIndirect, 0, 0]
    expect(counted([], { table: 1, elements: [1], functions: [{ code: indirect }, callee] })).toBe(1n + 1n + 60n + 3n)
  })
})

const three = (length: number) => [...i32(0), ...i32(0), ...i32(length)]

describe('bulk operations', () => {
  const withLists = { passiveData: [1, 2, 3, 4, 5], passiveElements: [0, 0, 0], table: 4 }
  const bulk: readonly [name: string, code: number[], expected: bigint][] = [
    ['memory.init', [...three(5), 0xfc, 8, 0, 0], 108n],
    ['memory.copy', [...three(1000), 0xfc, 10, 0, 0], 1103n],
    ['memory.fill', [...three(65536), 0xfc, 11, 0], 65639n],
    ['table.init', [...three(3), 0xfc, 12, 1, 0], 106n],
    ['table.copy', [...three(4), 0xfc, 14, 0, 0], 107n],
    ['table.fill', [...i32(0), 0xd0, 0x70, ...i32(2), 0xfc, 17, 0], 105n],
    ['data.drop', [0xfc, 9, 0], 300n],
    ['elem.drop', [0xfc, 13, 1], 300n],
  ]
  test.each(bulk)('%s costs its weight and its length', (_name, code, expected) => {
    expect(counted(code, { ...withLists, elements: [0] })).toBe(1n + expected)
  })

  test('a fill that the budget cannot pay writes nothing', () => {
    const code = [...i32(0), ...i32(255), ...i32(1000), 0xfc, 11, 0]
    const { trap, left, instance } = run({ memory: 1, functions: [{ code }] }, [], 1000n)
    expect(trap).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(left).toBe(1000n - 1n - 103n - 1000n)
    const memory = instance.exports[MEMORY_EXPORT] as WebAssembly.Memory
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true)
  })

  test('a length of 2^32 - 1 counts as such, not as -1', () => {
    const { trap, left } = run({ memory: 1, functions: [{ code: [...three(-1), 0xfc, 11, 0] }] })
    expect(trap).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(BUDGET - left).toBe(1n + 103n + 0xffff_ffffn)
  })

  test('locals of other types before the one we add keep their places', () => {
    const code = [...i32(5), op.localSet, 1, ...three(9), 0xfc, 11, 0, op.localGet, 1, op.localGet, 0, op.i32Add]
    const types = [{ params: [I32], results: [I32] }]
    expect(run({ memory: 1, types, functions: [{ locals: 1, code }] }, [37]).result).toBe(42)
  })
})

describe('the end of the budget', () => {
  test('an endless loop stops', () => {
    const { trap, left } = run({ functions: [{ code: [op.loop, VOID, op.br, 0, op.end] }] }, [], 1000n)
    expect(trap).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(left).toBeLessThan(0n)
  })

  test('an endless chain of tail calls stops', () => {
    const { trap, left } = run({ functions: [{ code: [op.returnCall, 0] }] }, [], 1000n)
    expect(trap).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(left).toBe(-4n)
  })

  test('an empty loop stops too', () => {
    const code = [op.loop, VOID, ...i32(1), op.brIf, 0, op.end]
    expect(run({ functions: [{ code }] }, [], 1000n).left).toBeLessThan(0n)
  })

  test('a budget spent to the last instruction is enough', () => {
    expect(run({ functions: [{ code: [op.nop] }] }, [], 2n)).toMatchObject({ trap: null, left: 0n })
    expect(run({ functions: [{ code: [op.nop] }] }, [], 1n).trap).toBeInstanceOf(WebAssembly.RuntimeError)
  })

  test('a trap of the module itself leaves the counter as it stood', () => {
    const { trap, left } = run({ functions: [{ code: [op.unreachable] }] })
    expect(trap).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(left).toBe(BUDGET - 2n)
  })
})

const read = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes), 0, bytes.length).u32()

test('numbers are read as LEB128 says, and no longer than their type', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      expect(read(...u32(value))).toBe(value)
    }),
  )
  expect(s32(-1)).toEqual([0x7f])
  expect(() => read(0xff, 0xff, 0xff, 0xff, 0x1f)).toThrow('number longer than 32 bits')
  expect(() => read(0x80)).toThrow('unexpected end')
})
