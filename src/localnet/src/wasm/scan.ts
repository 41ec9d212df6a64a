import { InvalidModule } from '../contracts.ts'
import { type ByteReader } from './byte-reader.ts'
import * as instructions from './instructions.ts'
import { readValueType } from './sections.ts'

// Bound once: loaders that run TypeScript turn each use of an imported name into a call, which would triple the time of the loop below.
const { BULK_OPCODES, FLOW, IMMEDIATE, OPCODES, VECTOR_OPCODES } = instructions

/**
 * Where code is added. `run`: charge what follows; `entry`: the same, and stop when nothing is left; `bulk`: charge the length on the
 * stack; `touch`: note that a table or a segment is changed.
 */
export const POINT = { run: 0, entry: 1, bulk: 2, touch: 3 } as const

const TABLE_SET = 0x26

/** Places in one function body, in order. Kept as columns and reused: a large module has half a million of them. */
export interface MeteringPoints {
  readonly positions: number[]
  readonly kinds: number[]
  /** Sum of the weights from this point to the end of its run; 0 for `bulk` and `touch`. */
  readonly costs: number[]
}

export const emptyPoints = (): MeteringPoints => ({ positions: [], kinds: [], costs: [] })

/**
 * Finds where a function body must be charged, as the replica does (local network facts 6.2): a run of instructions is charged where
 * it begins, and ends after `loop`, `if`, `else`, `end`, every branch, `return`, `unreachable` and tail calls. Entering a function adds 1.
 *
 * @param reader stands on the first instruction and ends with the body.
 * @returns whether the body has a bulk operation, and so needs a local for its length.
 */
export function scanBody(reader: ByteReader, points: MeteringPoints): boolean {
  const { positions, kinds, costs } = points
  positions.length = kinds.length = costs.length = 0
  let hasBulk = false
  let openRun = 0
  let cost = 1
  positions.push(reader.position)
  kinds.push(POINT.entry)
  costs.push(0)
  while (!reader.atEnd) {
    const at = reader.position
    const opcode = reader.byte()
    const immediate = OPCODES.immediates[opcode] ?? IMMEDIATE.unsupported
    if (immediate === IMMEDIATE.bulkPrefix) {
      const bulk = reader.u32()
      skipImmediate(reader, BULK_OPCODES.immediates[bulk] ?? IMMEDIATE.unsupported, opcode, bulk)
      cost += BULK_OPCODES.weights[bulk] ?? 0
      if (instructions.touchesTables(bulk)) {
        positions.push(at)
        kinds.push(POINT.touch)
        costs.push(0)
      }
      if (instructions.takesLength(bulk)) {
        hasBulk = true
        positions.push(at)
        kinds.push(POINT.bulk)
        costs.push(0)
      }
      continue
    }
    if (immediate === IMMEDIATE.vectorPrefix) {
      const vector = reader.u32()
      skipImmediate(reader, VECTOR_OPCODES.immediates[vector] ?? IMMEDIATE.unsupported, opcode, vector)
      cost += VECTOR_OPCODES.weights[vector] ?? 0
      continue
    }
    if (opcode === TABLE_SET) {
      positions.push(at)
      kinds.push(POINT.touch)
      costs.push(0)
    }
    skipImmediate(reader, immediate, opcode)
    cost += OPCODES.weights[opcode] ?? 0
    const flow = OPCODES.flows[opcode]
    if (flow === FLOW.straight) continue
    costs[openRun] = cost
    openRun = positions.length
    cost = 0
    positions.push(reader.position)
    kinds.push(flow === FLOW.startsLoop ? POINT.entry : POINT.run)
    costs.push(0)
  }
  // After the `end` of the function nothing is left to charge.
  costs[openRun] = cost
  return hasBulk
}

function skipImmediate(reader: ByteReader, immediate: number, opcode: number, prefixed?: number): void {
  switch (immediate) {
    case IMMEDIATE.none:
      return
    case IMMEDIATE.number:
      return reader.skipNumber()
    case IMMEDIATE.twoNumbers:
      reader.skipNumber()
      return reader.skipNumber()
    case IMMEDIATE.memoryArgument:
      return skipMemoryArgument(reader)
    case IMMEDIATE.memoryIndex:
      return reader.skip(1)
    case IMMEDIATE.oneByte:
      return reader.skip(1)
    case IMMEDIATE.fourBytes:
      return reader.skip(4)
    case IMMEDIATE.eightBytes:
      return reader.skip(8)
    case IMMEDIATE.sixteenBytes:
      return reader.skip(16)
    case IMMEDIATE.memoryArgumentAndByte:
      skipMemoryArgument(reader)
      return reader.skip(1)
    case IMMEDIATE.blockType:
      return skipBlockType(reader)
    case IMMEDIATE.branchTable:
      for (let targets = reader.u32() + 1; targets > 0; targets--) reader.skipNumber()
      return
    case IMMEDIATE.valueTypes:
      for (let types = reader.u32(); types > 0; types--) readValueType(reader)
      return
    case IMMEDIATE.heapType: {
      const type = reader.byte()
      if (type === 0x70 || type === 0x6f) return
      throw new InvalidModule(`heap type 0x${type.toString(16)} is not supported`)
    }
    default: {
      const name = `0x${opcode.toString(16)}${prefixed === undefined ? '' : ` 0x${prefixed.toString(16)}`}`
      throw new InvalidModule(`opcode ${name} (${instructions.proposalOf(opcode)}) is not supported`)
    }
  }
}

function skipMemoryArgument(reader: ByteReader): void {
  // Bit 6 of the alignment announces a memory index.
  if (reader.u32() >= 64) throw new InvalidModule('more than one memory is not supported')
  reader.skipNumber()
}

function skipBlockType(reader: ByteReader): void {
  const first = reader.byte()
  if (first === 0x40) return
  reader.position--
  // One byte from 0x40 to 0x7f is a negative number: a value type. Anything else is the index of a function type.
  if (first > 0x40 && first < 0x80) readValueType(reader)
  else reader.skipNumber()
}
