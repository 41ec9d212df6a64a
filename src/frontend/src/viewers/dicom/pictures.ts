import dicomParser, { type DataSet, type Element } from 'dicom-parser'
import { type CodecName, decodeWith, type Decoded } from './codecs.ts'
import { type DicomFile, numberAt } from './dicom-file.ts'
import { type Picture, UnreadableFile } from './dicom-types.ts'
import { decodeRle } from './rle.ts'

// One picture of a file, decoded (PS3.5 sections 8 and A.4). Runs in the worker.

/** Of all transfer syntaxes those that are shown here. 12-bit JPEG (.51 with more than 8 bits) and lossless JPEG (.57, .70) have no decoder. */
const SYNTAXES: Readonly<Record<string, 'raw' | 'rawBigEndian' | 'rle' | CodecName>> = {
  '1.2.840.10008.1.2': 'raw',
  '1.2.840.10008.1.2.1': 'raw',
  '1.2.840.10008.1.2.2': 'rawBigEndian',
  '1.2.840.10008.1.2.5': 'rle',
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.80': 'jpegLs',
  '1.2.840.10008.1.2.4.81': 'jpegLs',
  '1.2.840.10008.1.2.4.90': 'jpeg2000',
  '1.2.840.10008.1.2.4.91': 'jpeg2000',
}
/** Allowed for 8 bits by its number, and of no use for it; with more bits no decoder here reads it. */
const JPEG_EXTENDED = '1.2.840.10008.1.2.4.51'

interface Layout {
  readonly columns: number
  readonly rows: number
  readonly samples: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly isSigned: boolean
  readonly photometric: string
  readonly isPlanar: boolean
}

/** @throws UnreadableFile */
export async function readPicture({ dataSet, facts, transferSyntax }: DicomFile, frame: number): Promise<Picture> {
  const pixels = dataSet.elements['x7fe00010']
  if (pixels === undefined || facts.kind !== 'pictures') throw new UnreadableFile('noPicture')
  if (!Number.isInteger(frame) || frame < 0 || frame >= facts.frames) throw new UnreadableFile('damaged')
  const layout = layoutOf(dataSet)
  const isSmallExtended = transferSyntax === JPEG_EXTENDED && layout.bitsAllocated === 8
  const coding = isSmallExtended ? 'jpeg' : SYNTAXES[transferSyntax]
  if (coding === undefined) throw new UnreadableFile('unsupported', nameOf(transferSyntax))
  const decoded = await decodedFrame(dataSet, pixels, layout, coding, frame, facts.frames)
  const isExpected =
    decoded.columns === layout.columns && decoded.rows === layout.rows && decoded.samples === layout.samples
  if (!isExpected) throw new UnreadableFile('damaged')
  // What JPEG and JPEG 2000 decoders give is red, green and blue, whatever it was before.
  const isRgb = coding === 'jpeg' || coding === 'jpeg2000' || !layout.photometric.startsWith('YBR')
  if (layout.photometric.startsWith('PALETTE')) return painted(dataSet, layout, decoded)
  return layout.samples === 1 ? grey(dataSet, layout, decoded) : colour(layout, decoded, isRgb)
}

function nameOf(transferSyntax: string): string {
  if (transferSyntax === JPEG_EXTENDED) return 'JPEG (12 bits)'
  return /^1\.2\.840\.10008\.1\.2\.4\.(57|70)$/.test(transferSyntax) ? 'JPEG (lossless)' : transferSyntax.slice(0, 64)
}

/** @throws UnreadableFile for what is not as the standard has it, or more than there could be. */
function layoutOf(dataSet: DataSet): Layout {
  const layout: Layout = {
    columns: dataSet.uint16('x00280011') ?? 0,
    rows: dataSet.uint16('x00280010') ?? 0,
    samples: dataSet.uint16('x00280002') ?? 1,
    bitsAllocated: dataSet.uint16('x00280100') ?? 0,
    bitsStored: dataSet.uint16('x00280101') ?? dataSet.uint16('x00280100') ?? 0,
    isSigned: dataSet.uint16('x00280103') === 1,
    photometric: (dataSet.string('x00280004') ?? 'MONOCHROME2').trim(),
    isPlanar: dataSet.uint16('x00280006') === 1,
  }
  const { samples, bitsAllocated, bitsStored, photometric } = layout
  if (![8, 16].includes(bitsAllocated) || photometric === 'YBR_PARTIAL_420' || photometric === 'YBR_PARTIAL_422')
    throw new UnreadableFile('unsupported', `${bitsAllocated} bits, ${photometric.slice(0, 20)}`)
  if (![1, 3].includes(samples) || (samples === 3 && bitsAllocated !== 8))
    throw new UnreadableFile('unsupported', `${samples} × ${bitsAllocated} bits`)
  if (bitsStored < 1 || bitsStored > bitsAllocated) throw new UnreadableFile('damaged')
  return layout
}

async function decodedFrame(
  dataSet: DataSet,
  pixels: Element,
  layout: Layout,
  coding: 'raw' | 'rawBigEndian' | 'rle' | CodecName,
  frame: number,
  frames: number,
): Promise<Decoded> {
  const { columns, rows, samples, bitsAllocated, isSigned } = layout
  const plain = { columns, rows, samples, bits: bitsAllocated, isSigned }
  const bytesPerSample = bitsAllocated / 8
  if (coding === 'raw' || coding === 'rawBigEndian') {
    const isHalfColour = layout.photometric === 'YBR_FULL_422'
    if (isHalfColour) throw new UnreadableFile('unsupported', layout.photometric)
    const length = columns * rows * samples * bytesPerSample
    const start = pixels.dataOffset + frame * length
    if (frame * length + length > pixels.length) throw new UnreadableFile('damaged')
    const bytes = new Uint8Array(dataSet.byteArray.subarray(start, start + length))
    if (bytes.length !== length) throw new UnreadableFile('damaged')
    if (coding === 'rawBigEndian' && bytesPerSample === 2) swapPairs(bytes)
    return { ...plain, bytes: layout.isPlanar && samples === 3 ? interleaved(bytes) : bytes }
  }
  const encoded = encodedFrame(dataSet, pixels, coding, frame, frames)
  if (coding !== 'rle') return decodeWith(coding, encoded)
  return { ...plain, bytes: decodeRle(encoded, columns * rows, samples, bytesPerSample) }
}

function encodedFrame(dataSet: DataSet, pixels: Element, coding: string, frame: number, frames: number): Uint8Array {
  const { fragments, basicOffsetTable } = pixels
  if (fragments === undefined || fragments.length === 0) throw new UnreadableFile('damaged')
  try {
    if (basicOffsetTable !== undefined && basicOffsetTable.length > 0)
      return new Uint8Array(dicomParser.readEncapsulatedImageFrame(dataSet, pixels, frame))
    const read = dicomParser.readEncapsulatedPixelDataFromFragments
    if (frames === 1) return new Uint8Array(read(dataSet, pixels, 0, fragments.length))
    if (fragments.length === frames) return new Uint8Array(read(dataSet, pixels, frame, 1))
    if (coding === 'rle' || coding === 'jpeg2000') throw new UnreadableFile('unsupported', 'pictures in parts')
    const offsets = dicomParser.createJPEGBasicOffsetTable(dataSet, pixels)
    return new Uint8Array(dicomParser.readEncapsulatedImageFrame(dataSet, pixels, frame, offsets))
  } catch (error) {
    throw error instanceof UnreadableFile ? error : new UnreadableFile('damaged')
  }
}

function grey(dataSet: DataSet, layout: Layout, { bytes, bits, isSigned }: Decoded): Picture {
  const { columns, rows, bitsStored } = layout
  const signed = layout.isSigned || isSigned
  const count = columns * rows
  const values = signed ? new Int16Array(count) : new Uint16Array(count)
  const wide = bits === 16 ? new Uint16Array(bytes.buffer, 0, count) : bytes
  // Bits beyond those stored may hold anything, an overlay of old machines for instance.
  const [mask, sign] = [2 ** bitsStored - 1, 2 ** (bitsStored - 1)]
  let [lowest, highest] = [Infinity, -Infinity]
  for (let i = 0; i < count; i++) {
    const stored = (wide[i] ?? 0) & mask
    const value = signed && stored >= sign ? stored - 2 * sign : stored
    values[i] = value
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  return {
    kind: 'grey',
    columns,
    rows,
    values,
    slope: numberAt(dataSet, 'x00281053') ?? 1,
    intercept: numberAt(dataSet, 'x00281052') ?? 0,
    lowest,
    highest,
    isInverted: layout.photometric === 'MONOCHROME1',
  }
}

function colour({ columns, rows }: Layout, { bytes }: Decoded, isRgb: boolean): Picture {
  const rgba = new Uint8ClampedArray(columns * rows * 4)
  for (let from = 0, to = 0; to < rgba.length; from += 3, to += 4) {
    const [a, b, c] = [bytes[from] ?? 0, (bytes[from + 1] ?? 0) - 128, (bytes[from + 2] ?? 0) - 128]
    // PS3.3 C.7.6.3.1.2
    rgba[to] = isRgb ? a : a + 1.402 * c
    rgba[to + 1] = isRgb ? b + 128 : a - 0.344136 * b - 0.714136 * c
    rgba[to + 2] = isRgb ? c + 128 : a + 1.772 * b
    rgba[to + 3] = 255
  }
  return { kind: 'colour', columns, rows, rgba }
}

/** A number for each pixel, and three tables that say its red, green and blue (PS3.3 C.7.6.3.1.5). */
function painted(dataSet: DataSet, { columns, rows, samples }: Layout, { bytes, bits }: Decoded): Picture {
  if (samples !== 1) throw new UnreadableFile('damaged')
  const tables = ['x00281201', 'x00281202', 'x00281203'].map((tag, i) => {
    const element = dataSet.elements[tag]
    const descriptor = `x0028110${i + 1}`
    const entries = dataSet.uint16(descriptor, 0) || 65_536
    const isWide = dataSet.uint16(descriptor, 2) === 16
    if (element === undefined) throw new UnreadableFile('unsupported', 'PALETTE COLOR')
    return Uint8Array.from({ length: entries }, (_, n) =>
      isWide || element.length >= 2 * entries
        ? (dataSet.uint16(tag, n) ?? 0) >> (isWide ? 8 : 0)
        : (dataSet.byteArray[element.dataOffset + n] ?? 0),
    )
  })
  const first = dataSet.uint16('x00281101', 1) ?? 0
  const count = columns * rows
  const wide = bits === 16 ? new Uint16Array(bytes.buffer, 0, count) : bytes
  const rgba = new Uint8ClampedArray(count * 4)
  for (let i = 0; i < count; i++) {
    for (const [channel, table] of tables.entries()) {
      const at = Math.min(table.length - 1, Math.max(0, (wide[i] ?? 0) - first))
      rgba[4 * i + channel] = table[at] ?? 0
    }
    rgba[4 * i + 3] = 255
  }
  return { kind: 'colour', columns, rows, rgba }
}

function interleaved(planes: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = planes.length / 3
  const out = new Uint8Array(planes.length)
  for (let i = 0; i < count; i++)
    for (let channel = 0; channel < 3; channel++) out[3 * i + channel] = planes[channel * count + i] ?? 0
  return out
}

function swapPairs(bytes: Uint8Array): void {
  for (let i = 0; i + 1 < bytes.length; i += 2) [bytes[i], bytes[i + 1]] = [bytes[i + 1] ?? 0, bytes[i] ?? 0]
}
