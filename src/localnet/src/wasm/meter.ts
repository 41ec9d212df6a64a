import { InvalidModule } from '../contracts.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FUNCTION_BODY_BYTES_MAX, FUNCTION_LOCALS_MAX } from './limits.ts'
import { emptyPoints, POINT, scanBody, type MeteringPoints } from './scan.ts'
import { readValueType, type ParsedModule, type Range } from './sections.ts'

const OPCODE = { localGet: 0x20, localSet: 0x21, globalGet: 0x23, globalSet: 0x24 } as const
const I32_CONST = 0x41
const I64_CONST = 0x42
const I64_SUB = 0x7d
const I64_EXTEND_I32_U = 0xad
/** The counter is on the stack: `i64.const 0, i64.lt_s, if, unreachable, end`. */
const TRAP_IF_NEGATIVE = Uint8Array.of(0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b)
const TYPE_I32 = 0x7f

/**
 * Writes the module's functions so that they count their instructions down in a global, and trap with `unreachable` when it is negative
 * at the start of a function, at the head of a loop or before a bulk operation. No index of the module moves.
 *
 * @param code the content of the code section.
 * @param counterGlobal index of the mutable i64 global that counts.
 * @param touchedGlobal index of the mutable i32 global that notes a changed table or a dropped segment.
 */
export function writeMeteredCode(
  module: ParsedModule,
  code: Range,
  { counterGlobal, touchedGlobal }: { readonly counterGlobal: number; readonly touchedGlobal: number },
  out: ByteWriter,
): void {
  const reader = new ByteReader(module.bytes, code.from, code.to)
  const count = reader.u32()
  out.u32(count)
  const injected = injectedCode(counterGlobal, touchedGlobal)
  const points = emptyPoints()
  for (let index = 0; index < count; index++) {
    const size = reader.u32()
    const body = new ByteReader(module.bytes, reader.position, reader.position + size)
    reader.skip(size)
    const type = module.types[module.functions[index] ?? -1]
    if (type === undefined) throw new InvalidModule(`function ${index} has no type`)
    try {
      const written = out.sized(() => writeMeteredBody(body, type.params.length, injected, points, out))
      if (written > FUNCTION_BODY_BYTES_MAX) throw new InvalidModule('its body is too large to be metered')
    } catch (error) {
      if (!(error instanceof InvalidModule)) throw error
      throw new InvalidModule(`function ${module.imports.length + index}: ${error.message}`)
    }
  }
}

interface InjectedCode {
  readonly getCounter: Uint8Array
  readonly setCounter: Uint8Array
  /** `i32.const 1`, and the global that notes changed tables is set. */
  readonly touch: Uint8Array
}

function injectedCode(counterGlobal: number, touchedGlobal: number): InjectedCode {
  const access = (opcode: number) => {
    const writer = new ByteWriter(8)
    writer.byte(opcode)
    writer.u32(counterGlobal)
    return writer.finish()
  }
  const touch = new ByteWriter(8)
  touch.copy(Uint8Array.of(I32_CONST, 1, OPCODE.globalSet))
  touch.u32(touchedGlobal)
  return { getCounter: access(OPCODE.globalGet), setCounter: access(OPCODE.globalSet), touch: touch.finish() }
}

function writeMeteredBody(
  body: ByteReader,
  parameterCount: number,
  injected: InjectedCode,
  points: MeteringPoints,
  out: ByteWriter,
): void {
  const groupCount = body.u32()
  const groupsFrom = body.position
  let lengthLocal = parameterCount
  for (let group = 0; group < groupCount; group++) {
    lengthLocal += body.u32()
    readValueType(body)
  }
  const codeFrom = body.position
  const hasBulk = scanBody(body, points)
  if (hasBulk && lengthLocal >= FUNCTION_LOCALS_MAX) throw new InvalidModule('it has too many locals to be metered')

  out.u32(hasBulk ? groupCount + 1 : groupCount)
  out.copy(body.bytes, groupsFrom, codeFrom)
  if (hasBulk) {
    out.u32(1)
    out.byte(TYPE_I32)
  }
  let written = codeFrom
  for (let index = 0; index < points.positions.length; index++) {
    const position = points.positions[index] ?? body.end
    const kind = points.kinds[index]
    const cost = points.costs[index] ?? 0
    if (kind === POINT.run && cost === 0) continue
    out.copy(body.bytes, written, position)
    written = position
    if (kind === POINT.touch) {
      out.copy(injected.touch)
      continue
    }
    if (kind === POINT.bulk) {
      chargeLength(out, injected, lengthLocal)
      continue
    }
    if (cost > 0) charge(out, injected, cost)
    if (kind === POINT.entry) trapIfNegative(out, injected)
  }
  out.copy(body.bytes, written, body.end)
}

function charge(out: ByteWriter, injected: InjectedCode, cost: number): void {
  out.copy(injected.getCounter)
  out.byte(I64_CONST)
  out.positiveSigned(cost)
  out.byte(I64_SUB)
  out.copy(injected.setCounter)
}

function trapIfNegative(out: ByteWriter, injected: InjectedCode): void {
  out.copy(injected.getCounter)
  out.copy(TRAP_IF_NEGATIVE)
}

/** The length is the topmost operand of every bulk operation; it is put back for the operation itself. */
function chargeLength(out: ByteWriter, injected: InjectedCode, lengthLocal: number): void {
  out.byte(OPCODE.localSet)
  out.u32(lengthLocal)
  out.copy(injected.getCounter)
  out.byte(OPCODE.localGet)
  out.u32(lengthLocal)
  out.byte(I64_EXTEND_I32_U)
  out.byte(I64_SUB)
  out.copy(injected.setCounter)
  trapIfNegative(out, injected)
  out.byte(OPCODE.localGet)
  out.u32(lengthLocal)
}
