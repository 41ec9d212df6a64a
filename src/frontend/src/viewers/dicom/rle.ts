import { UnreadableFile } from './dicom-types.ts'

/**
 * DICOM's RLE Lossless (PS3.5 annex G): one PackBits segment for each byte of each sample, most significant first.
 *
 * @returns the bytes as they stand uncompressed, little endian, sample after sample of each pixel.
 * @throws UnreadableFile
 */
export function decodeRle(
  encoded: Uint8Array,
  pixels: number,
  samples: number,
  bytesPerSample: number,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const segments = samples * bytesPerSample
  if (encoded.length < 64 || view.getUint32(0, true) !== segments || segments > 15) throw new UnreadableFile('damaged')
  const out = new Uint8Array(pixels * segments)
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true)
    const next = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : encoded.length
    if (start < 64 || start > next || next > encoded.length) throw new UnreadableFile('damaged')
    const [sample, byte] = [Math.floor(segment / bytesPerSample), segment % bytesPerSample]
    const first = sample * bytesPerSample + (bytesPerSample - 1 - byte)
    unpackBits(encoded.subarray(start, next), out, first, segments, pixels)
  }
  return out
}

function unpackBits(packed: Uint8Array, out: Uint8Array, first: number, step: number, count: number): void {
  let done = 0
  for (let at = 0; at < packed.length && done < count;) {
    const control = packed[at++] ?? 0
    if (control === 128) continue
    const isRun = control > 128
    const length = isRun ? 257 - control : control + 1
    for (let i = 0; i < length && done < count; i++) out[first + done++ * step] = packed[isRun ? at : at + i] ?? 0
    at += isRun ? 1 : length
  }
  if (done < count) throw new UnreadableFile('damaged')
}
