// How long each instruction's immediates are, and what the network charges for it.
// Encoding: WebAssembly core specification, section 5.4. Weights: local network facts 6.1, measured by the replica's authors.

/** Shape of the bytes that follow an opcode. `unsupported` is zero, so an opcode nobody listed is refused. */
export const IMMEDIATE = {
  unsupported: 0,
  none: 1,
  number: 2,
  twoNumbers: 3,
  memoryArgument: 4,
  memoryIndex: 5,
  fourBytes: 6,
  eightBytes: 7,
  blockType: 8,
  branchTable: 9,
  valueTypes: 10,
  heapType: 11,
  bulkPrefix: 12,
  vectorPrefix: 13,
  oneByte: 14,
  sixteenBytes: 15,
  memoryArgumentAndByte: 16,
} as const

/** What an instruction does to the run of instructions that is charged together. */
export const FLOW = { straight: 0, endsRun: 1, startsLoop: 2 } as const

/** One row: opcodes `first` to `last`, their immediates and their weight. */
type Row = readonly [first: number, last: number, immediate: number, weight: number]

const { none, number, twoNumbers, memoryArgument, memoryIndex, blockType } = IMMEDIATE

const ROWS: readonly Row[] = [
  [0x00, 0x01, none, 1], // unreachable, nop
  [0x02, 0x03, blockType, 0], // block, loop
  [0x04, 0x04, blockType, 2], // if
  [0x05, 0x05, none, 0], // else
  [0x0b, 0x0b, none, 0], // end
  [0x0c, 0x0d, number, 2], // br, br_if
  [0x0e, 0x0e, IMMEDIATE.branchTable, 2],
  [0x0f, 0x0f, none, 1], // return
  [0x10, 0x10, number, 5], // call
  [0x11, 0x11, twoNumbers, 10], // call_indirect
  [0x12, 0x12, number, 3], // return_call
  [0x13, 0x13, twoNumbers, 60], // return_call_indirect
  [0x1a, 0x1b, none, 1], // drop, select
  [0x1c, 0x1c, IMMEDIATE.valueTypes, 1], // select with types
  [0x20, 0x22, number, 1], // local.get, local.set, local.tee
  [0x23, 0x24, number, 2], // global.get, global.set
  [0x25, 0x26, number, 5], // table.get, table.set
  [0x28, 0x3e, memoryArgument, 1], // loads and stores
  [0x3f, 0x3f, memoryIndex, 20], // memory.size
  [0x40, 0x40, memoryIndex, 300], // memory.grow
  [0x41, 0x42, number, 1], // i32.const, i64.const
  [0x43, 0x43, IMMEDIATE.fourBytes, 1], // f32.const
  [0x44, 0x44, IMMEDIATE.eightBytes, 1], // f64.const
  [0x45, 0x5a, none, 1], // integer comparisons
  [0x5b, 0x66, none, 3], // float comparisons
  [0x67, 0x6c, none, 1], // i32 clz to mul
  [0x6d, 0x70, none, 10], // i32 div and rem
  [0x71, 0x7e, none, 1], // i32 and to rotr, i64 clz to mul
  [0x7f, 0x82, none, 10], // i64 div and rem
  [0x83, 0x8a, none, 1], // i64 and to rotr
  [0x8b, 0x8c, none, 1], // f32 abs, neg
  [0x8d, 0x90, none, 2], // f32 ceil, floor, trunc, nearest
  [0x91, 0x91, none, 5], // f32.sqrt
  [0x92, 0x94, none, 2], // f32 add, sub, mul
  [0x95, 0x95, none, 3], // f32.div
  [0x96, 0x97, none, 18], // f32 min, max
  [0x98, 0x98, none, 2], // f32.copysign
  [0x99, 0x9a, none, 1], // f64 abs, neg
  [0x9b, 0x9e, none, 2], // f64 ceil, floor, trunc, nearest
  [0x9f, 0x9f, none, 8], // f64.sqrt
  [0xa0, 0xa2, none, 2], // f64 add, sub, mul
  [0xa3, 0xa3, none, 5], // f64.div
  [0xa4, 0xa5, none, 18], // f64 min, max
  [0xa6, 0xa6, none, 3], // f64.copysign
  [0xa7, 0xa7, none, 1], // i32.wrap_i64
  [0xa8, 0xab, none, 20], // i32.trunc
  [0xac, 0xad, none, 1], // i64.extend_i32
  [0xae, 0xb1, none, 20], // i64.trunc
  [0xb2, 0xb2, none, 3], // f32.convert_i32_s
  [0xb3, 0xb3, none, 16], // f32.convert_i32_u
  [0xb4, 0xb4, none, 3], // f32.convert_i64_s
  [0xb5, 0xb5, none, 16], // f32.convert_i64_u
  [0xb6, 0xb6, none, 1], // f32.demote_f64
  [0xb7, 0xb7, none, 3], // f64.convert_i32_s
  [0xb8, 0xb8, none, 16], // f64.convert_i32_u
  [0xb9, 0xb9, none, 3], // f64.convert_i64_s
  [0xba, 0xba, none, 16], // f64.convert_i64_u
  [0xbb, 0xc4, none, 1], // f64.promote_f32, reinterpret, sign extension
  [0xd0, 0xd0, IMMEDIATE.heapType, 1], // ref.null
  [0xd1, 0xd1, none, 5], // ref.is_null
  [0xd2, 0xd2, number, 130], // ref.func
  [0xfc, 0xfc, IMMEDIATE.bulkPrefix, 0],
  [0xfd, 0xfd, IMMEDIATE.vectorPrefix, 0],
]

/** After the prefix 0xfc. */
const BULK_ROWS: readonly Row[] = [
  [0, 7, none, 20], // trunc_sat
  [8, 8, twoNumbers, 100], // memory.init
  [9, 9, number, 300], // data.drop
  [10, 10, twoNumbers, 100], // memory.copy
  [11, 11, memoryIndex, 100], // memory.fill
  [12, 12, twoNumbers, 100], // table.init
  [13, 13, number, 300], // elem.drop
  [14, 14, twoNumbers, 100], // table.copy
  [15, 15, number, 300], // table.grow
  [16, 16, number, 100], // table.size
  [17, 17, number, 100], // table.fill
]

/** After the prefix 0xfd: 128-bit SIMD. Relaxed SIMD (0x100 and up) differs between machines and is refused. */
const VECTOR_ROWS: readonly Row[] = [
  [0, 255, none, 1], // whatever is not said otherwise below
  [0, 11, memoryArgument, 1], // loads and v128.store
  [12, 12, IMMEDIATE.sixteenBytes, 1], // v128.const
  [13, 13, IMMEDIATE.sixteenBytes, 3], // i8x16.shuffle
  [21, 34, IMMEDIATE.oneByte, 1], // extract and replace lane
  [38, 38, none, 2], // i8x16.lt_u
  [40, 40, none, 2], // i8x16.gt_u
  [48, 48, none, 2], // i16x8.lt_u
  [50, 50, none, 2], // i16x8.gt_u
  [58, 58, none, 2], // i32x4.lt_u
  [60, 60, none, 2], // i32x4.gt_u
  [84, 91, IMMEDIATE.memoryArgumentAndByte, 1], // load and store of one lane
  [92, 93, memoryArgument, 1], // load32_zero, load64_zero
  [98, 98, none, 3], // i8x16.popcnt
  [103, 106, none, 2], // f32x4 ceil, floor, trunc, nearest
  [107, 108, none, 3], // i8x16 shl, shr_s
  [109, 109, none, 2], // i8x16.shr_u
  [116, 117, none, 2], // f64x2 ceil, floor
  [122, 122, none, 2], // f64x2.trunc
  [125, 125, none, 2], // i16x8.extadd_pairwise_i8x16_u
  [127, 127, none, 3], // i32x4.extadd_pairwise_i16x8_u
  [139, 141, none, 2], // i16x8 shifts
  [148, 148, none, 2], // f64x2.nearest
  [157, 157, none, 2], // i16x8.extmul_high_i8x16_s
  [159, 159, none, 2], // i16x8.extmul_high_i8x16_u
  [171, 173, none, 2], // i32x4 shifts
  [181, 181, none, 2], // i32x4.mul
  [188, 191, none, 2], // i32x4.extmul
  [203, 203, none, 2], // i64x2.shl
  [204, 204, none, 3], // i64x2.shr_s
  [205, 205, none, 2], // i64x2.shr_u
  [213, 213, none, 4], // i64x2.mul
  [224, 225, none, 2], // f32x4 abs, neg
  [227, 227, none, 5], // f32x4.sqrt
  [228, 230, none, 2], // f32x4 add, sub, mul
  [231, 231, none, 10], // f32x4.div
  [232, 233, none, 4], // f32x4 min, max
  [236, 237, none, 2], // f64x2 abs, neg
  [239, 239, none, 14], // f64x2.sqrt
  [240, 242, none, 2], // f64x2 add, sub, mul
  [243, 243, none, 12], // f64x2.div
  [244, 244, none, 4], // f64x2.min
  [245, 245, none, 5], // f64x2.max
  [248, 248, none, 2], // i32x4.trunc_sat_f32x4_s
  [249, 249, none, 4], // i32x4.trunc_sat_f32x4_u
  [251, 251, none, 4], // f32x4.convert_i32x4_u
  [252, 252, none, 2], // i32x4.trunc_sat_f64x2_s_zero
  [253, 253, none, 3], // i32x4.trunc_sat_f64x2_u_zero
]

const flows = new Uint8Array(256)
// if, else, end, branches, return, unreachable and tail calls end a run; `block` does not.
for (const opcode of [0x00, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13]) flows[opcode] = FLOW.endsRun
flows[0x03] = FLOW.startsLoop

/** Immediates and weights by opcode; `bulk` after the prefix 0xfc, `vector` after 0xfd. */
export const OPCODES = { immediates: column(ROWS, 2), weights: column(ROWS, 3), flows }
export const BULK_OPCODES = { immediates: column(BULK_ROWS, 2), weights: column(BULK_ROWS, 3) }
export const VECTOR_OPCODES = { immediates: column(VECTOR_ROWS, 2), weights: column(VECTOR_ROWS, 3) }

/** Sub-opcodes after 0xfc whose topmost operand is a length: memory and table init, copy, fill. */
export function takesLength(bulkOpcode: number): boolean {
  return (bulkOpcode >= 10 && bulkOpcode !== 13 && bulkOpcode < 15) || bulkOpcode === 8 || bulkOpcode === 17
}

/** Sub-opcodes after 0xfc that change a table or drop a segment: data.drop, elem.drop, table init, copy, grow, fill. */
export const touchesTables = (bulkOpcode: number): boolean =>
  bulkOpcode === 9 || (bulkOpcode >= 12 && bulkOpcode <= 15) || bulkOpcode === 17

/** The proposal an unsupported opcode belongs to, for the refusal. */
export function proposalOf(opcode: number): string {
  if (opcode === 0xfe) return 'threads'
  if (opcode === 0xfb || (opcode >= 0xd3 && opcode <= 0xd6)) return 'garbage collection'
  if ((opcode >= 0x06 && opcode <= 0x0a) || (opcode >= 0x18 && opcode <= 0x19) || opcode === 0x1f) {
    return 'exception handling'
  }
  if (opcode === 0x14 || opcode === 0x15) return 'typed function references'
  return 'no known proposal'
}

function column(rows: readonly Row[], at: 2 | 3): Uint16Array {
  const values = new Uint16Array(256)
  for (const row of rows) values.fill(row[at], row[0], row[1] + 1)
  return values
}
