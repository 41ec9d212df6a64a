/**
 * DICOM files (PS3.10, explicit little endian) of made-up examinations: a drawn slice and a computed heartbeat. Enough of the standard for a viewer; no device
 * made them, and they say so.
 */

export interface DicomPatient {
  /** `Bergstrom^Tressa` */
  readonly name: string
  readonly id: string
  /** YYYY-MM-DD */
  readonly birthDate?: string
}
export interface DicomPictures {
  readonly patient: DicomPatient
  readonly rows: number
  readonly columns: number
  /** Position in its series, from 1. */
  readonly instance: number
  readonly seriesUid?: string
  readonly bits?: 8 | 16
  readonly isSigned?: boolean
  readonly samples?: 1 | 3
  readonly photometric?: string
  readonly frames?: number
  readonly frameMs?: number
  /** Transfer syntax, if not explicit little endian as it stands. */
  readonly transferSyntax?: string
  /** Uncompressed, frame after frame; or one encoded fragment for each frame, with its transfer syntax. */
  readonly pixels: Uint8Array | readonly Uint8Array[]
  readonly windows?: readonly { readonly center: number; readonly width: number; readonly name: string }[]
  readonly slope?: number
  readonly intercept?: number
}

const UID = '1.2.826.0.1.3680043.8.498.1'
const EXPLICIT = '1.2.840.10008.1.2.1'
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7'
const TWELVE_LEAD_ECG = '1.2.840.10008.5.1.4.1.1.9.1.1'
const LONG = new Set(['OB', 'OW', 'SQ', 'UN', 'UT'])

type Value =
  | string
  | Uint8Array
  | readonly (readonly Tagged[])[]
  | { readonly us: readonly number[] }
  | { readonly ul: number }
type Tagged = readonly [tag: number, vr: string, value: Value]

export function dicomPictures(options: DicomPictures): Uint8Array<ArrayBuffer> {
  const { patient, rows, columns, instance, bits = 16, isSigned = false, samples = 1, frames = 1, pixels } = options
  const photometric = options.photometric ?? (samples === 3 ? 'RGB' : 'MONOCHROME2')
  const us = (...values: number[]) => ({ us: values })
  const windows = options.windows ?? []
  const joined = (pick: (window: (typeof windows)[number]) => string | number) => windows.map(pick).join('\\')
  return dicomFile(SECONDARY_CAPTURE, options.transferSyntax ?? EXPLICIT, [
    ...about(patient, 'CT', 'Chest, drawn'),
    [0x0008103e, 'LO', 'Drawn slices'],
    ...(options.frameMs === undefined ? [] : [[0x00181063, 'DS', String(options.frameMs)] as const]),
    [0x0020000d, 'UI', `${UID}.2`],
    [0x0020000e, 'UI', options.seriesUid ?? `${UID}.3`],
    [0x00200011, 'IS', '1'],
    [0x00200013, 'IS', String(instance)],
    [0x00200032, 'DS', `0\\0\\${-2 * instance}`],
    [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x00280002, 'US', us(samples)],
    [0x00280004, 'CS', photometric],
    ...(samples === 3 ? [[0x00280006, 'US', us(0)] as const] : []),
    [0x00280008, 'IS', String(frames)],
    [0x00280010, 'US', us(rows)],
    [0x00280011, 'US', us(columns)],
    [0x00280030, 'DS', '0.8\\0.8'],
    [0x00280100, 'US', us(bits)],
    [0x00280101, 'US', us(bits)],
    [0x00280102, 'US', us(bits - 1)],
    [0x00280103, 'US', us(isSigned ? 1 : 0)],
    ...(windows.length === 0
      ? []
      : ([
          [0x00281050, 'DS', joined(({ center }) => center)],
          [0x00281051, 'DS', joined(({ width }) => width)],
          [0x00281055, 'LO', joined(({ name }) => name)],
        ] as const)),
    [0x00281052, 'DS', String(options.intercept ?? 0)],
    [0x00281053, 'DS', String(options.slope ?? 1)],
    [0x7fe00010, bits === 8 ? 'OB' : 'OW', pixels instanceof Uint8Array ? pixels : encapsulated(pixels)],
  ])
}

/** A slice of a chest, roughly: air, tissue, a spine and a round spot that moves with the slice. Hounsfield units, signed 16 bit. */
export function drawnSlice(size: number, slice: number): Uint8Array<ArrayBuffer> {
  const values = new Int16Array(size * size)
  const within = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) =>
    ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1
  for (let i = 0; i < values.length; i++) {
    const [x, y] = [(i % size) / size, Math.floor(i / size) / size]
    const isSpine = within(x, y, 0.5, 0.75, 0.06, 0.07)
    const isSpot = within(x, y, 0.33, 0.35 + 0.02 * slice, 0.035, 0.035)
    const isLung = within(x, y, 0.32, 0.48, 0.14, 0.24) || within(x, y, 0.68, 0.48, 0.14, 0.24)
    const isBody = within(x, y, 0.5, 0.5, 0.42, 0.34)
    values[i] = isSpine ? 700 : isSpot ? 60 : isLung ? -820 : isBody ? 40 : -1000
  }
  return new Uint8Array(values.buffer)
}

const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']
const HEIGHT = [0.6, 1, 0.5, -0.8, 0.2, 0.7, -0.5, 0.3, 0.8, 1.2, 1.1, 0.9]

/** Ten seconds of twelve leads, 70 beats a minute. */
export function dicomEcg(patient: DicomPatient): Uint8Array<ArrayBuffer> {
  const [perSecond, seconds, beat] = [500, 10, 60 / 70]
  const samples = perSecond * seconds
  const data = new Int16Array(samples * LEADS.length)
  const wave = (at: number, center: number, width: number) => Math.exp(-(((at - center) / width) ** 2))
  for (let i = 0; i < samples; i++) {
    const at = (i / perSecond) % beat
    const shape =
      0.12 * wave(at, 0.12, 0.03) -
      0.1 * wave(at, 0.235, 0.008) +
      wave(at, 0.26, 0.012) -
      0.2 * wave(at, 0.285, 0.01) +
      0.25 * wave(at, 0.48, 0.05)
    for (const [lead, height] of HEIGHT.entries()) data[i * LEADS.length + lead] = Math.round(1000 * height * shape)
  }
  const code = (value: string, scheme: string, meaning: string): readonly Tagged[] => [
    [0x00080100, 'SH', value],
    [0x00080102, 'SH', scheme],
    [0x00080104, 'LO', meaning],
  ]
  const channels = LEADS.map((lead): readonly Tagged[] => [
    [0x003a0208, 'SQ', [code(`5.6.3-9-${LEADS.indexOf(lead) + 1}`, 'SCPECG', `Lead ${lead}`)]],
    [0x003a0210, 'DS', '1'],
    [0x003a0211, 'SQ', [code('uV', 'UCUM', 'microvolt')]],
    [0x003a0212, 'DS', '1'],
    [0x003a0213, 'DS', '0'],
    [0x003a021a, 'US', { us: [16] }],
  ])
  return dicomFile(TWELVE_LEAD_ECG, EXPLICIT, [
    ...about(patient, 'ECG', 'Electrocardiogram, computed'),
    [0x0020000d, 'UI', `${UID}.4`],
    [0x0020000e, 'UI', `${UID}.5`],
    [0x00200013, 'IS', '1'],
    [
      0x0040b020,
      'SQ',
      [
        [
          [0x0040a043, 'SQ', [code('8867-4', 'LN', 'Heart rate')]],
          [0x0040a30a, 'DS', '70'],
          [0x004008ea, 'SQ', [code('/min', 'UCUM', 'per minute')]],
        ],
        [[0x00700006, 'ST', 'Sinus rhythm, computed']],
      ],
    ],
    [
      0x54000100,
      'SQ',
      [
        [
          [0x003a0004, 'CS', 'ORIGINAL'],
          [0x003a0005, 'US', { us: [LEADS.length] }],
          [0x003a0010, 'UL', { ul: samples }],
          [0x003a001a, 'DS', String(perSecond)],
          [0x003a0200, 'SQ', channels],
          [0x54001004, 'US', { us: [16] }],
          [0x54001006, 'CS', 'SS'],
          [0x54001010, 'OW', new Uint8Array(data.buffer)],
        ],
      ],
    ],
  ])
}

const about = (
  { name, id, birthDate = '1964-01-01' }: DicomPatient,
  modality: string,
  study: string,
): readonly Tagged[] => [
  [0x00080005, 'CS', 'ISO_IR 192'],
  [0x00080020, 'DA', '20260314'],
  [0x00080060, 'CS', modality],
  [0x00080080, 'LO', 'No hospital'],
  [0x00081030, 'LO', study],
  [0x00100010, 'PN', name],
  [0x00100020, 'LO', id],
  [0x00100030, 'DA', birthDate.replaceAll('-', '')],
]

function dicomFile(sopClass: string, transferSyntax: string, elements: readonly Tagged[]): Uint8Array<ArrayBuffer> {
  const meta = encoded([
    [0x00020001, 'OB', Uint8Array.of(0, 1)],
    [0x00020002, 'UI', sopClass],
    [0x00020003, 'UI', `${UID}.1`],
    [0x00020010, 'UI', transferSyntax],
    [0x00020012, 'UI', UID],
  ])
  const length = encoded([[0x00020000, 'UL', { ul: meta.length }]])
  return joined(new Uint8Array(128), ascii('DICM'), length, meta, encoded([[0x00080016, 'UI', sopClass], ...elements]))
}

function encoded(elements: readonly Tagged[]): Uint8Array<ArrayBuffer> {
  return joined(
    ...elements.flatMap(([tag, vr, value]) => {
      const isEncapsulated = tag === 0x7fe00010 && value instanceof Uint8Array && ENCAPSULATED.has(value)
      const bytes = bytesOf(vr, value)
      const head = new DataView(new ArrayBuffer(LONG.has(vr) ? 12 : 8))
      head.setUint16(0, tag >>> 16, true)
      head.setUint16(2, tag & 0xffff, true)
      head.setUint8(4, vr.charCodeAt(0))
      head.setUint8(5, vr.charCodeAt(1))
      if (LONG.has(vr)) head.setUint32(8, isEncapsulated ? 0xffffffff : bytes.length, true)
      else head.setUint16(6, bytes.length, true)
      return [new Uint8Array(head.buffer), bytes]
    }),
  )
}

function bytesOf(vr: string, value: Value): Uint8Array {
  if (value instanceof Uint8Array) return even(value, 0)
  if (typeof value === 'string') return even(new TextEncoder().encode(value), vr === 'UI' ? 0 : 0x20)
  if ('us' in value) return new Uint8Array(Uint16Array.from(value.us).buffer)
  if ('ul' in value) return new Uint8Array(Uint32Array.of(value.ul).buffer)
  return joined(...value.flatMap((item) => ((bytes) => [itemHead(bytes.length), bytes])(encoded(item))))
}

const ENCAPSULATED = new WeakSet<Uint8Array>()

/** An empty offset table and one fragment for each frame (PS3.5 A.4). */
function encapsulated(frames: readonly Uint8Array[]): Uint8Array {
  const fragments = frames.flatMap((frame) => ((bytes) => [itemHead(bytes.length), bytes])(even(frame, 0)))
  const end = Uint8Array.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0)
  const whole = joined(itemHead(0), ...fragments, end)
  ENCAPSULATED.add(whole)
  return whole
}

function itemHead(length: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(8))
  head.setUint32(0, 0xe000fffe, true)
  head.setUint32(4, length, true)
  return new Uint8Array(head.buffer)
}

const ascii = (text: string) => new TextEncoder().encode(text)
const even = (bytes: Uint8Array, pad: number) => (bytes.length % 2 === 0 ? bytes : joined(bytes, Uint8Array.of(pad)))

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
