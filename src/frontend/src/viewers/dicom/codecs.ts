import { UnreadableFile } from './dicom-types.ts'

// The decoders of compressed pictures: WebAssembly that comes with the app, each fetched when a file needs it.

export interface Decoded {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly columns: number
  readonly rows: number
  readonly samples: number
  /** Of one sample: 8 or 16. */
  readonly bits: number
  readonly isSigned: boolean
}
export type CodecName = 'jpeg' | 'jpegLs' | 'jpeg2000'

/** As Emscripten's glue has them. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array
  getDecodedBuffer(): Uint8Array
  decode(): void
  getFrameInfo(): {
    readonly width: number
    readonly height: number
    readonly bitsPerSample: number
    readonly componentCount: number
    readonly isSigned: boolean
  }
  delete(): void
}
type Glue<Name extends string> = (settings: {
  readonly wasmBinary: ArrayBuffer
  readonly print: () => void
  readonly printErr: () => void
}) => Promise<Readonly<Record<Name, new () => Decoder>>>

const loading = new Map<CodecName, Promise<new () => Decoder>>()

const LOAD: Readonly<Record<CodecName, () => Promise<new () => Decoder>>> = {
  async jpeg() {
    const [glue, wasm] = await Promise.all([
      import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'),
      import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?base64'),
    ])
    return (await started(glue.default as Glue<'JPEGDecoder'>, wasm.default)).JPEGDecoder
  },
  async jpegLs() {
    const [glue, wasm] = await Promise.all([
      import('@cornerstonejs/codec-charls/decodewasmjs'),
      import('@cornerstonejs/codec-charls/decodewasm?base64'),
    ])
    return (await started(glue.default as Glue<'JpegLSDecoder'>, wasm.default)).JpegLSDecoder
  },
  async jpeg2000() {
    const [glue, wasm] = await Promise.all([
      import('@cornerstonejs/codec-openjpeg/decodewasmjs'),
      import('@cornerstonejs/codec-openjpeg/decodewasm?base64'),
    ])
    return (await started(glue.default as Glue<'J2KDecoder'>, wasm.default)).J2KDecoder
  },
}

/** The bytes come inside a script: this worker may fetch nothing, not even from its own origin. */
async function started<Name extends string>(glue: Glue<Name>, base64: string) {
  const silent = () => {}
  return glue({ wasmBinary: bytesIn(base64), print: silent, printErr: silent })
}

const bytesIn = (base64: string): ArrayBuffer => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer

/** @throws UnreadableFile */
export async function decodeWith(name: CodecName, encoded: Uint8Array): Promise<Decoded> {
  const load = loading.get(name) ?? LOAD[name]()
  loading.set(name, load)
  const decoder = new (await load)()
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded)
    decoder.decode()
    const { width, height, bitsPerSample, componentCount, isSigned } = decoder.getFrameInfo()
    const bits = bitsPerSample > 8 ? 16 : 8
    // A copy: the original lies in the decoder's memory.
    const bytes = new Uint8Array(decoder.getDecodedBuffer())
    if (bytes.length < (width * height * componentCount * bits) / 8) throw new UnreadableFile('damaged')
    return { bytes, columns: width, rows: height, samples: componentCount, bits, isSigned }
  } catch {
    throw new UnreadableFile('damaged') // what a decoder throws is a number
  } finally {
    decoder.delete()
  }
}
