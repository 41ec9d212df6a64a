/**
 * Candid for the one type a method has. The library builds and reads a table of types for every message: 20 M instructions for a reply with our
 * refusals in it, and any 130 bytes of strange types can cost it twice that. Here the build writes code for each type of the contract
 * (`codecs/`, by `scripts/generate-codecs.ts`): bytes that begin with the header we would write (those of all clients built from our contract)
 * are read straight through, all others are translated first, within the guard's budget.
 */
import { whilePreInitialising } from './boot.ts'
import { isSpliced } from './native.ts'
import { beginsWith } from './same-bytes.ts'
import { BAD_BYTES, isAtEnd, load, readFrom, words } from './candid-read.ts'
import { type Expected, expectedBy, translate } from './candid-foreign.ts'
import { begin, type Encodable, finish, finishBriefly } from './candid-write.ts'

export interface Encoder<T> {
  /** @returns bytes that nobody may change. @throws RangeError for a number that its type does not hold. */
  encode(value: Encodable<T>): Uint8Array
  /** The same, in bytes that the next encoder overwrites: for whoever hands them to the host at once, which copies them. */
  encodeBriefly(value: Encodable<T>): Uint8Array
}
export interface Decoder<T> {
  /** @returns the value, or a fixed word for bytes that are refused. Never throws. */
  decode(bytes: Uint8Array): Decoded<T>
}
export interface Codec<T> extends Decoder<T>, Pick<Encoder<T>, 'encode'> {}
/** Values without a header: the elements of a vector, or what a store keeps. */
export type BodyCodec<T> = Codec<T>
export type Decoded<T> = { readonly value: T; readonly refused?: undefined } | { readonly refused: string }

/** Magic word, table and types of a message (Candid specification, "Binary Format"), as little-endian words of four bytes. */
type HeaderWords = () => readonly number[]

function bytesOf(header: HeaderWords, sizeBytes: number): Uint8Array {
  return new Uint8Array(Int32Array.from(header()).buffer, 0, sizeBytes)
}

/** @param write writes the value part with the functions of `candid-write.ts`. */
export function encoder<T>(header: HeaderWords, headerBytes: number, write: (value: Encodable<T>) => void): Encoder<T> {
  // While the module loads: a query forgets what it has made, and each would make it again for 0.1 M instructions.
  const bytes = bytesOf(header, headerBytes)
  if (headerBytes === NO_VALUES_BYTES) return { encode: () => bytes, encodeBriefly: () => bytes }
  return {
    encode(value) {
      begin(bytes, headerBytes)
      write(value)
      return finish()
    },
    encodeBriefly(value) {
      begin(bytes, headerBytes)
      write(value)
      return finishBriefly()
    },
  }
}
/** `DIDL`, no types, no values. */
const NO_VALUES_BYTES = 6
/** From there on comparing headers natively costs less than word by word. */
const LONG_HEADER_BYTES = 80

/**
 * Of a result whose `Ok` says nothing, as most writing methods have: that answer is the same bytes each time.
 * @param okIndex of the arm `Ok`.
 */
export function acknowledger<T>(
  header: HeaderWords,
  headerBytes: number,
  okIndex: number,
  write: (value: Encodable<T>) => void,
): Encoder<T> {
  const other = encoder(header, headerBytes, write)
  const done = new Uint8Array(headerBytes + 1)
  done.set(bytesOf(header, headerBytes))
  done[headerBytes] = okIndex
  type MaybeOk = { readonly Ok?: unknown }
  return {
    encode: (value) => ((value as MaybeOk).Ok === null ? done : other.encode(value)),
    encodeBriefly: (value) => ((value as MaybeOk).Ok === null ? done : other.encodeBriefly(value)),
  }
}

/**
 * @param isHeader whether `words` begin with the header, each word compared with a number: a loop costs twice as much.
 * @param read reads the value part with the functions of `candid-read.ts`.
 */
export function decoder<T>(
  header: HeaderWords,
  headerBytes: number,
  isHeader: (words: Int32Array) => boolean,
  read: () => T,
): Decoder<T> {
  let expected: Expected | null = null
  const expect = (): Expected => (expected ??= expectedBy(bytesOf(header, headerBytes)))
  // A query would make it again each time, for as much as all else that is done with strange bytes.
  whilePreInitialising(expect)
  const long = isSpliced && headerBytes >= LONG_HEADER_BYTES ? bytesOf(header, headerBytes) : null
  // Behind the table a header says how many arguments there are, and of which type: a byte each, in tables of ours.
  const table = bytesOf(header, headerBytes - 2)
  return {
    decode(bytes) {
      if (load(bytes) >= headerBytes && (long === null ? isHeader(words) : beginsWith(bytes, long)))
        return readAll(read, headerBytes)
      // Our own table with another number of arguments behind it: nothing of that needs to be read.
      if (long !== null && bytes[headerBytes - 2] !== 1 && beginsWith(bytes, table)) return { refused: 'arguments' }
      const translated = translate(expect(), bytes)
      if (typeof translated === 'string') return { refused: translated }
      load(translated)
      return readAll(read, 0)
    },
  }
}

/** What is sent where there is no argument. It also keeps the engine from forgetting how such an object is laid out. */
const NOTHING: Decoded<null> = { value: null }
const translation = /* @__PURE__ */ decoder<null>(
  () => [0x4c444944, 0],
  6,
  () => false,
  () => null,
)
/** The decoder of methods without argument. */
export const nothing: Decoder<null> = {
  decode: (bytes) =>
    bytes.length === 6 &&
    bytes[0] === 0x44 &&
    bytes[1] === 0x49 &&
    bytes[2] === 0x44 &&
    bytes[3] === 0x4c &&
    bytes[4] === 0 &&
    bytes[5] === 0
      ? NOTHING
      : translation.decode(bytes),
}

export function bodyCodec<T>(write: (value: Encodable<T>) => void, read: () => T): BodyCodec<T> {
  return {
    encode(value) {
      begin(NO_HEADER, 0)
      write(value)
      return finish()
    },
    decode(bytes) {
      load(bytes)
      return readAll(read, 0)
    },
  }
}
const NO_HEADER = new Uint8Array(0)

/** Everything from `start` on, of the message that is loaded, is one value. */
function readAll<T>(read: () => T, start: number): Decoded<T> {
  readFrom(start)
  try {
    const value = read()
    return isAtEnd() ? { value } : { refused: 'trailing' }
  } catch (error) {
    if (error === BAD_BYTES) return { refused: 'value' }
    throw error
  }
}

export const codec = <T>(encoder: Encoder<T>, decoder: Decoder<T>): Codec<T> => ({
  encode: (value) => encoder.encode(value),
  decode: (bytes) => decoder.decode(bytes),
})
