import { CandidTable } from './candid-table.ts'
import { WIRE } from './candid-opcodes.ts'

const DEPTH_MAX = 16
const TEXT_BYTES_MAX = 4096
const PRINCIPAL_BYTES_MAX = 29

const {
  null: NULL,
  bool: BOOL,
  nat8: NAT8,
  text: TEXT,
  opt: OPT,
  vec: VEC,
  record: RECORD,
  principal: PRINCIPAL,
} = WIRE
/** Bytes of the primitive types -1 to -14; 0 where the size varies or the type is refused. */
const FIXED_BYTES = [0, 0, 1, 0, 0, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8]

/** Candid bytes read by what they say of themselves: a table, and values of its types. */
export class CandidWire extends CandidTable {
  passArguments(expected: number): boolean {
    const types = this.readArgumentTypes(expected)
    if (types === null) return false
    for (const type of types) if (!this.walk(type, 0)) return false
    return this.isAtEnd()
  }

  /** Passes over one value. */
  walk(type: number, depth: number): boolean {
    if (--this.steps < 0) return this.fail('steps')
    if (type < 0) return this.walkPrimitive(type)
    if (depth >= DEPTH_MAX) return this.fail('depth')
    const kind = this.kinds[type]
    const parts = this.parts[type] ?? []
    if (kind === RECORD) {
      const count = parts.length
      for (let i = 0; i < count; i++) if (!this.walk(parts[i] ?? NULL, depth + 1)) return false
      return true
    }
    if (kind === VEC) return this.walkVector(parts[0] ?? NULL, depth)
    if (kind === OPT) {
      const flag = this.leb()
      if (flag === 1) return this.walk(parts[0] ?? NULL, depth + 1)
      return flag === 0 || (flag > 1 ? this.fail('value') : false)
    }
    const arm = this.leb()
    if (arm < 0) return false
    const part = parts[arm]
    return part === undefined ? this.fail('value') : this.walk(part, depth + 1)
  }

  /** How many elements follow, or -1. No element is empty, so a length beyond the bytes that are left is a lie. */
  vectorLength(element: number): number {
    const length = this.leb()
    if (length < 0) return -1
    const isLie = length > this.end - this.at
    if (isLie || (element !== NAT8 && length > this.steps)) {
      this.code = isLie ? 'length' : 'steps'
      return -1
    }
    return length
  }

  walkVector(element: number, depth: number): boolean {
    const length = this.vectorLength(element)
    if (length < 0) return false
    if (element === NAT8) {
      this.at += length
      return true
    }
    const fixed = FIXED_BYTES[-element] ?? 0
    if (fixed > 0) {
      this.steps -= length
      return this.walkFixed(element, fixed * length)
    }
    for (let i = 0; i < length; i++) if (!this.walk(element, depth + 1)) return false
    return true
  }

  walkPrimitive(type: number): boolean {
    if (type === TEXT) return this.walkText()
    if (type === PRINCIPAL) return this.walkPrincipal()
    return this.walkFixed(type, FIXED_BYTES[-type] ?? 0)
  }

  /** Numbers are any bytes; booleans are not, nobody's either. */
  walkFixed(type: number, sizeBytes: number): boolean {
    const bytes = this.bytes
    const start = this.at
    const end = start + sizeBytes
    this.at = end
    if (end > this.end) return this.fail('truncated')
    if (type !== BOOL) return true
    if (sizeBytes === 1) return (bytes[start] ?? 0) <= 1 || this.fail('value')
    // As many as the budget of steps allows: one native call, where a loop would cost four times as much.
    const most = Math.max.apply(null, bytes.subarray(start, end) as unknown as number[])
    return most <= 1 || this.fail('value')
  }

  walkPrincipal(): boolean {
    if (this.bytes[this.at++] !== 1) return this.fail(this.at > this.end ? 'truncated' : 'value')
    const length = this.leb()
    if (length < 0) return false
    if (length > PRINCIPAL_BYTES_MAX) return this.fail('value')
    this.at += length
    return this.at <= this.end || this.fail('truncated')
  }

  walkText(): boolean {
    const length = this.leb()
    if (length < 0) return false
    if (length > this.end - this.at) return this.fail('length')
    if (length > TEXT_BYTES_MAX) return this.fail('text')
    const start = this.at
    this.at += length
    return isUtf8(this.bytes.subarray(start, this.at)) || this.fail('text')
  }
}

/** @param bytes At most 4,096, so that one `apply` takes them all. The work is native: a loop would cost a thousand times more. */
function isUtf8(bytes: Uint8Array): boolean {
  const latin1 = String.fromCharCode.apply(null, bytes as unknown as number[])
  // A regular expression would cost six times as much: any byte above 127 becomes %C2 or %C3 and more, and nothing else does.
  if (encodeURI(latin1).indexOf('%C') < 0) return true
  try {
    decodeURIComponent(escape(latin1))
    return true
  } catch {
    return false
  }
}
