// MLLP, release 1: <VT> message <FS> <CR>. Bytes as they are: which character set they are in, the message itself says.
//
// Of our own, since the library's connection decodes before that is known, puts what it has together again for each packet, and loses what stands behind a message that it cannot read.

const VT = 0x0b
const FS = 0x1c
const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20

/** `unframed`: something that has an end and no beginning. `unended`: cut off by the beginning of the next. `tooLong`: its first bytes. */
export type Frame = { readonly kind: 'message' | 'unframed' | 'unended' | 'tooLong'; readonly bytes: Uint8Array }

export interface Deframer {
  /** @returns what became whole, in order. */
  push(chunk: Uint8Array): Frame[]
  /** Whether something has begun that has not ended. */
  readonly isInside: boolean
}

/** Holds at most `bytesMax` bytes, whatever comes. */
export function createDeframer(bytesMax: number): Deframer {
  let parts: Uint8Array[] = []
  let heldBytes = 0
  let isTooLong = false
  let state: 'between' | 'stray' | 'inside' = 'between'
  let wasFs = false

  const keep = (bytes: Uint8Array): void => {
    if (state !== 'inside') return
    const room = bytes.subarray(0, bytesMax + 2 - heldBytes)
    isTooLong ||= room.length < bytes.length
    if (room.length > 0) parts.push(Uint8Array.from(room))
    heldBytes += room.length
  }
  const take = (): Uint8Array => {
    const bytes = Buffer.concat(parts)
    ;[parts, heldBytes] = [[], 0]
    return bytes
  }
  /** @param endBytes of what is held, not part of the message. */
  const ended = (kind: Frame['kind'], endBytes: number): Frame => {
    const bytes = take()
    const frame: Frame = isTooLong
      ? { kind: 'tooLong', bytes }
      : { kind, bytes: bytes.subarray(0, bytes.length - endBytes) }
    ;[state, isTooLong] = ['between', false]
    return frame.kind === 'message' && frame.bytes.length > bytesMax ? { ...frame, kind: 'tooLong' } : frame
  }

  return {
    push(chunk) {
      const frames: Frame[] = []
      let from = 0
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] ?? 0
        if (byte === VT) {
          if (state === 'inside') {
            keep(chunk.subarray(from, at))
            frames.push(ended('unended', 0))
          }
          ;[state, from] = ['inside', at + 1]
        } else if (byte === CR && wasFs) {
          const kind = state === 'stray' ? 'unframed' : 'message'
          if (state === 'inside') keep(chunk.subarray(from, at))
          if (state !== 'between') frames.push(ended(kind, kind === 'message' ? 1 : 0))
          from = at + 1
        } else if (state === 'between' && byte !== CR && byte !== LF && byte !== SPACE && byte !== FS) {
          state = 'stray'
        }
        wasFs = byte === FS
      }
      keep(chunk.subarray(from))
      return frames
    },
    get isInside() {
      return state !== 'between'
    },
  }
}

export const framed = (text: string): Uint8Array =>
  Buffer.concat([Uint8Array.of(VT), Buffer.from(text), Uint8Array.of(FS, CR)])
