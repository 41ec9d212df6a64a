import dicomParser, { type DataSet } from 'dicom-parser'
import { type DicomFacts, UnreadableFile, type WindowPreset } from './dicom-types.ts'

// Facts of a DICOM file (PS3.3, PS3.6). Runs in the worker.

/** More pixels than any detector has. */
const PIXELS_MAX = 64 * 2 ** 20
const FRAMES_MAX = 20_000
const TEXT_CHARS_MAX = 200

export interface DicomFile {
  readonly dataSet: DataSet
  readonly facts: DicomFacts
  readonly transferSyntax: string
}

/** @throws UnreadableFile */
export function readDicom(bytes: Uint8Array): DicomFile {
  const dataSet = parsed(bytes)
  const text = textsOf(dataSet)
  const transferSyntax = dataSet.string('x00020010') ?? ''
  const isEcg = (dataSet.elements['x54000100']?.items?.length ?? 0) > 0
  const rows = dataSet.uint16('x00280010') ?? 0
  const columns = dataSet.uint16('x00280011') ?? 0
  if (!isEcg && (dataSet.elements['x7fe00010'] === undefined || rows === 0 || columns === 0))
    throw new UnreadableFile('noPicture', text('x00080060'))
  const frames = isEcg ? 1 : Math.max(1, Math.floor(numberAt(dataSet, 'x00280008') ?? 1))
  if (rows * columns > PIXELS_MAX || frames > FRAMES_MAX) throw new UnreadableFile('tooLarge')
  const facts: DicomFacts = {
    patientName: nameText(text('x00100010')),
    patientId: text('x00100020'),
    birthDate: dateText(text('x00100030')),
    studyDate: dateText(text('x00080020')),
    studyDescription: text('x00081030'),
    seriesDescription: text('x0008103e'),
    seriesUid: text('x0020000e'),
    seriesNumber: numberAt(dataSet, 'x00200011'),
    instanceNumber: numberAt(dataSet, 'x00200013'),
    position: positionOf(dataSet),
    modality: text('x00080060'),
    institution: text('x00080080'),
    kind: isEcg ? 'ecg' : 'pictures',
    frames,
    columns,
    rows,
    frameMs: frames > 1 ? frameMsOf(dataSet) : null,
    presets: presetsOf(dataSet, text),
    pixelAspect: pixelAspectOf(dataSet),
  }
  return { dataSet, facts, transferSyntax }
}

function parsed(bytes: Uint8Array): DataSet {
  const isPart10 = bytes.length > 132 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM'
  if (!isPart10) throw new UnreadableFile('notDicom')
  try {
    return dicomParser.parseDicom(bytes)
  } catch (error) {
    // The parser throws text or objects. Deflated files are the one kind that is sound and not read.
    if (String(error).includes('inflater') || String(error).includes('pako'))
      throw new UnreadableFile('unsupported', 'deflated')
    throw new UnreadableFile('notDicom')
  }
}

/** A number out of text or binary; null for none, and for what is no finite one. */
export function numberAt(dataSet: DataSet, tag: string, index = 0): number | null {
  const value = dataSet.floatString(tag, index)
  return value === undefined || !Number.isFinite(value) ? null : value
}

/** PS3.3 C.12.1.1.2: how text is written. Of several repertoires the first counts here; escapes to others show as they are. */
const ENCODINGS: Readonly<Record<string, string>> = {
  'ISO_IR 100': 'windows-1252',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
}

/** Texts of a data set, shortened, without what could make them read as something else. */
export function textsOf(dataSet: DataSet, above?: DataSet): (tag: string) => string {
  const charset = (dataSet.string('x00080005', 0) ?? above?.string('x00080005', 0) ?? '').trim()
  const decoder = new TextDecoder(ENCODINGS[charset] ?? 'windows-1252')
  return (tag) => {
    const element = dataSet.elements[tag]
    if (element === undefined || element.length === 0 || element.length > 10_000) return ''
    const { dataOffset, length } = element
    const raw = decoder.decode(
      new Uint8Array(dataSet.byteArray.buffer, dataSet.byteArray.byteOffset + dataOffset, length),
    )
    return shown(raw)
  }
}

function shown(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu, ' ').trim()
  const chars = Array.from(clean)
  return chars.length > TEXT_CHARS_MAX ? `${chars.slice(0, TEXT_CHARS_MAX - 1).join('')}…` : clean
}

/** `Bergstrom^Tressa^^Ms` as people write it: `Ms Tressa Bergstrom`. The first of the three ways of writing it. */
function nameText(name: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = (name.split('=')[0] ?? '').split('^')
  return [prefix, given, middle, family, suffix]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ')
}

/** `20260314` as `2026-03-14`; anything else as it stands. */
function dateText(date: string): string {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(date) ?? []
  return year === undefined ? date : `${year}-${month}-${day}`
}

/** How far along its own normal a slice lies. */
function positionOf(dataSet: DataSet): number | null {
  const numbers = (tag: string, count: number) =>
    Array.from({ length: count }, (_, i) => numberAt(dataSet, tag, i)).filter((value) => value !== null)
  const at = numbers('x00200032', 3)
  const axes = numbers('x00200037', 6)
  if (at.length < 3 || axes.length < 6) return null
  const [x = 0, y = 0, z = 0] = at
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = axes
  return x * (b * f - c * e) + y * (c * d - a * f) + z * (a * e - b * d)
}

function frameMsOf(dataSet: DataSet): number | null {
  const frameTime = numberAt(dataSet, 'x00181063')
  if (frameTime !== null && frameTime > 0) return frameTime
  const perSecond = numberAt(dataSet, 'x00180040') ?? numberAt(dataSet, 'x00082144')
  return perSecond !== null && perSecond > 0 ? 1000 / perSecond : null
}

function presetsOf(dataSet: DataSet, text: (tag: string) => string): WindowPreset[] {
  const names = text('x00281055').split('\\')
  const count = Math.min(8, dataSet.numStringValues('x00281050') ?? 0)
  return Array.from({ length: count }, (_, i) => {
    const center = numberAt(dataSet, 'x00281050', i)
    const width = numberAt(dataSet, 'x00281051', i)
    return center === null || width === null || width < 1 ? [] : [{ center, width, name: names[i]?.trim() ?? '' }]
  }).flat()
}

function pixelAspectOf(dataSet: DataSet): number {
  const [high, wide] = [numberAt(dataSet, 'x00280030', 0), numberAt(dataSet, 'x00280030', 1)]
  const [ratioHigh, ratioWide] = [numberAt(dataSet, 'x00280034', 0), numberAt(dataSet, 'x00280034', 1)]
  const aspect = high !== null && wide !== null ? high / wide : (ratioHigh ?? 1) / (ratioWide ?? 1)
  return Number.isFinite(aspect) && aspect >= 0.1 && aspect <= 10 ? aspect : 1
}
