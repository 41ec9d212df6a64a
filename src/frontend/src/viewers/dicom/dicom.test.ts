import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dicomEcg, type DicomPictures, dicomPictures, drawnSlice } from '@medguard/synthetic'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode, type EncoderName } from '../../../../../test/e2e/fixtures/encoders.ts'
import { readDicom } from './dicom-file.ts'
import { type Picture, UnreadableFile } from './dicom-types.ts'
import { readEcg } from './ecg.ts'
import { readPicture } from './pictures.ts'

const SIZE = 32
const patient = { name: 'Bergstrom^Tressa^^Ms', id: 'MG-1' }
const plain: DicomPictures = {
  patient,
  rows: SIZE,
  columns: SIZE,
  instance: 3,
  isSigned: true,
  pixels: drawnSlice(SIZE, 3),
  windows: [{ center: 40, width: 400, name: 'Tissue' }],
}
const grey = (picture: Picture) => {
  if (picture.kind !== 'grey') throw new Error('it is grey')
  return picture
}
const pictureOf = async (options: Partial<DicomPictures>, frame = 0) =>
  readPicture(readDicom(dicomPictures({ ...plain, ...options })), frame)
const bytes8 = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => (i * 7) % 256)
const rgb = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * 5) % 256)

describe('a DICOM file', () => {
  test('says what it is', () => {
    expect(readDicom(dicomPictures(plain)).facts).toMatchObject({
      patientName: 'Ms Tressa Bergstrom',
      birthDate: '1964-01-01',
      studyDate: '2026-03-14',
      modality: 'CT',
      instanceNumber: 3,
      position: -6,
      kind: 'pictures',
      frames: 1,
      columns: SIZE,
      presets: [{ center: 40, width: 400, name: 'Tissue' }],
      pixelAspect: 1,
    })
  })

  test('shows the values that were measured, uncompressed', async () => {
    const picture = grey(await pictureOf({}))
    expect(new Uint8Array(picture.values.buffer)).toEqual(plain.pixels)
    expect(picture).toMatchObject({ lowest: -1000, highest: 700, slope: 1, intercept: 0, isInverted: false })
  })

  test.each([
    ['jpegLs', '1.2.840.10008.1.2.4.80'],
    ['jpeg2000', '1.2.840.10008.1.2.4.90'],
  ] as const)('shows the same in 16 bits of %s', async (name: EncoderName, transferSyntax) => {
    const values = Uint16Array.from(
      new Int16Array((plain.pixels as Uint8Array).slice().buffer),
      (value) => value + 1024,
    )
    const frame = { width: SIZE, height: SIZE, bitsPerSample: 16, componentCount: 1, isSigned: false }
    const encoded = await encode(name, { ...frame, bytes: new Uint8Array(values.buffer) })
    const picture = grey(await pictureOf({ isSigned: false, transferSyntax, pixels: [encoded], intercept: -1024 }))
    expect(picture.values).toEqual(values)
    expect(picture.intercept).toBe(-1024)
  })

  test('shows colour in baseline JPEG, nearly', async () => {
    const frame = { width: SIZE, height: SIZE, bitsPerSample: 8, componentCount: 3, isSigned: false }
    const flat = rgb.map((_, i) => [200, 100, 50][i % 3] ?? 0)
    const encoded = await encode('jpeg', { ...frame, bytes: flat })
    const picture = await pictureOf(
      {
        bits: 8,
        isSigned: false,
        samples: 3,
        photometric: 'YBR_FULL_422',
        transferSyntax: '1.2.840.10008.1.2.4.50',
        pixels: [encoded, encoded],
        frames: 2,
        frameMs: 40,
      },
      1,
    )
    if (picture.kind !== 'colour') throw new Error('it is in colour')
    expect(Math.abs((picture.rgba[0] ?? 0) - 200)).toBeLessThan(8)
    expect(Math.abs((picture.rgba[2] ?? 0) - 50)).toBeLessThan(8)
  })

  test('shows run lengths, in 8 and 16 bits and in colour', async () => {
    const rle = { transferSyntax: '1.2.840.10008.1.2.5' }
    const signed = grey(await pictureOf({ ...rle, pixels: [runLengths(plain.pixels as Uint8Array, 1, 2)] }))
    expect(new Uint8Array(signed.values.buffer)).toEqual(plain.pixels)
    const small = grey(await pictureOf({ ...rle, bits: 8, isSigned: false, pixels: [runLengths(bytes8, 1, 1)] }))
    expect(Uint8Array.from(small.values)).toEqual(bytes8)
    const colour = await pictureOf({ ...rle, bits: 8, isSigned: false, samples: 3, pixels: [runLengths(rgb, 3, 1)] })
    expect(colour.kind === 'colour' && [...colour.rgba.subarray(0, 7)]).toEqual([0, 5, 10, 255, 15, 20, 25])
  })

  test('shows every picture of several, and no further one', async () => {
    const two = new Uint8Array([...bytes8, ...bytes8.toReversed()])
    const film = { bits: 8, isSigned: false, frames: 2, pixels: two } as const
    expect(Uint8Array.from(grey(await pictureOf(film, 1)).values)).toEqual(bytes8.toReversed())
    await expect(pictureOf(film, 2)).rejects.toMatchObject({ why: 'damaged' })
    await expect(pictureOf({ ...film, frames: 3 }, 2)).rejects.toMatchObject({ why: 'damaged' })
  })

  test('of an encoding that no decoder knows says which', async () => {
    const lossless = { transferSyntax: '1.2.840.10008.1.2.4.70', pixels: [new Uint8Array(10)] }
    await expect(pictureOf(lossless)).rejects.toMatchObject({ why: 'unsupported', detail: 'JPEG (lossless)' })
    const twelve = { transferSyntax: '1.2.840.10008.1.2.4.51', pixels: [new Uint8Array(10)] }
    await expect(pictureOf(twelve)).rejects.toMatchObject({ why: 'unsupported', detail: 'JPEG (12 bits)' })
  })
})

describe('an ECG', () => {
  test('has twelve leads in millivolts, and what the device noted', () => {
    const ecg = readEcg(readDicom(dicomEcg(patient)))
    expect(ecg.leads.map(({ name }) => name)).toEqual([
      'I',
      'II',
      'III',
      'aVR',
      'aVL',
      'aVF',
      'V1',
      'V2',
      'V3',
      'V4',
      'V5',
      'V6',
    ])
    expect(ecg).toMatchObject({ samplesPerSecond: 500, seconds: 10 })
    expect(Math.max(...(ecg.leads[1]?.samples ?? []))).toBeCloseTo(0.99, 1)
    expect(ecg.notes).toEqual([
      { name: 'Heart rate', value: '70 /min' },
      { name: '', value: 'Sinus rhythm, computed' },
    ])
  })
})

describe('a hostile file', () => {
  const known = (error: unknown) => error instanceof UnreadableFile
  const tried = async (bytes: Uint8Array): Promise<void> => {
    try {
      const file = readDicom(bytes)
      if (file.facts.kind === 'ecg') readEcg(file)
      else await readPicture(file, 0)
    } catch (error) {
      // Other errors are told as `damaged` by the worker; here they show which check is missing.
      if (!known(error) && !(error instanceof RangeError)) throw error
    }
  }

  test('that is none, is cut, or has any byte changed is read or refused', async () => {
    const files = [dicomPictures(plain), dicomEcg(patient).slice(0, 6_000)]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.nat(),
        async (file, at, byte, end) => {
          const changed = file.slice(0, 200 + (end % file.length))
          changed[132 + (at % 600)] = byte
          await tried(changed)
        },
      ),
      { numRuns: 300 },
    )
    for (const bytes of [new Uint8Array(), new Uint8Array(200), new TextEncoder().encode('<script>')])
      expect(() => readDicom(bytes)).toThrow(UnreadableFile)
  })

  test('that promises more pixels than it has, or than anybody has, gets no memory for them', async () => {
    await expect(pictureOf({ rows: 65_535, columns: 65_535 })).rejects.toMatchObject({ why: 'tooLarge' })
    await expect(pictureOf({ rows: 4_000 })).rejects.toMatchObject({ why: 'damaged' })
    const broken = { transferSyntax: '1.2.840.10008.1.2.4.90', pixels: [new Uint8Array(100).fill(7)] }
    await expect(pictureOf(broken)).rejects.toMatchObject({ why: 'damaged' })
    const run = new Uint8Array(70)
    run[0] = 2
    await expect(pictureOf({ transferSyntax: '1.2.840.10008.1.2.5', pixels: [run] })).rejects.toMatchObject({
      why: 'damaged',
    })
  })
})

const samples = join(import.meta.dirname, '../../../../../../shared/data/dicom')
describe.skipIf(!existsSync(samples))('files of other makers', () => {
  test.each(existsSync(samples) ? readdirSync(samples).filter((name) => name.endsWith('.dcm')) : [])(
    '%s',
    async (name) => {
      const file = () => readDicom(new Uint8Array(readFileSync(join(samples, name))))
      if (name.includes('test-SR')) return expect(file).toThrow('noPicture')
      if (name.includes('JPGExtended'))
        return expect(readPicture(file(), 0)).rejects.toMatchObject({ why: 'unsupported' })
      if (name.includes('waveform')) return expect(readEcg(file()).leads).toHaveLength(12)
      const { facts } = file()
      const picture = await readPicture(file(), facts.frames - 1)
      expect(picture).toMatchObject({ columns: facts.columns, rows: facts.rows })
      const seen = picture.kind === 'grey' ? picture.values : picture.rgba
      expect(new Set(seen.subarray(0, 100_000)).size).toBeGreaterThan(2)
    },
  )
})

/** Literal runs only, which every decoder has to read; a long one first, to have both. */
function runLengths(bytes: Uint8Array, perPixel: number, bytesPerSample: number): Uint8Array {
  const segments = perPixel * bytesPerSample
  const head = new Uint32Array(16)
  head[0] = segments
  const parts: number[][] = []
  for (let segment = 0, at = 64; segment < segments; segment++) {
    const sample = Math.floor(segment / bytesPerSample)
    const byte = bytesPerSample - 1 - (segment % bytesPerSample)
    const plane = [...bytes].filter((_, i) => i % segments === sample * bytesPerSample + byte)
    const packed: number[] = []
    for (let i = 0; i < plane.length;) {
      let run = 1
      while (run < 128 && plane[i + run] === plane[i]) run++
      if (run > 2) packed.push(257 - run, plane[i] ?? 0)
      else packed.push(0, plane[i] ?? 0)
      i += run > 2 ? run : 1
    }
    head[1 + segment] = at
    parts.push(packed)
    at += packed.length
  }
  return new Uint8Array([...new Uint8Array(head.buffer), ...parts.flat()])
}
