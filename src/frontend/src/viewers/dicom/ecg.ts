import type { DataSet } from 'dicom-parser'
import { type DicomFile, numberAt, textsOf } from './dicom-file.ts'
import { type Ecg, type EcgLead, UnreadableFile } from './dicom-types.ts'

// The waveforms of a DICOM ECG (PS3.3 A.34.3 to A.34.5, C.10.9). Runs in the worker.

const CHANNELS_MAX = 24
const SAMPLES_MAX = 24 * 60 * 60 * 1000
const NOTES_MAX = 100

/** UCUM units of a channel's sensitivity, in millivolts. */
const MILLIVOLTS: Readonly<Record<string, number>> = { uV: 0.001, mV: 1, V: 1000 }

/** The first group of leads, which is the recording; averaged beats follow in others. @throws UnreadableFile */
export function readEcg({ dataSet }: DicomFile): Ecg {
  const group = dataSet.elements['x54000100']?.items?.[0]?.dataSet
  if (group === undefined) throw new UnreadableFile('noPicture')
  const channels = group.uint16('x003a0005') ?? 0
  const samples = group.uint32('x003a0010') ?? 0
  const samplesPerSecond = numberAt(group, 'x003a001a') ?? 0
  if (channels > CHANNELS_MAX || samples > SAMPLES_MAX) throw new UnreadableFile('tooLarge')
  const data = group.elements['x54001010']
  const definitions = group.elements['x003a0200']?.items ?? []
  const bits = group.uint16('x54001004')
  if (bits !== 16 || group.string('x54001006') !== 'SS') throw new UnreadableFile('unsupported', `${bits} bits`)
  const isSound =
    channels > 0 && samples > 0 && samplesPerSecond > 0 && definitions.length === channels && data !== undefined
  if (!isSound || data.length < channels * samples * 2) throw new UnreadableFile('damaged')
  const { byteArray, byteArrayParser } = group
  const leads = definitions.map(({ dataSet: definition }, channel): EcgLead => {
    if (definition === undefined) throw new UnreadableFile('damaged')
    const { name, scale, baseline } = channelOf(definition, dataSet, channel)
    const values = new Float32Array(samples)
    for (let i = 0; i < samples; i++) {
      const stored = byteArrayParser.readInt16(byteArray, data.dataOffset + 2 * (i * channels + channel))
      values[i] = (stored + baseline) * scale
    }
    return { name, samples: values }
  })
  return { leads, samplesPerSecond, seconds: samples / samplesPerSecond, notes: notesOf(dataSet) }
}

function channelOf(definition: DataSet, file: DataSet, channel: number) {
  const source = definition.elements['x003a0208']?.items?.[0]?.dataSet
  const meaning = source === undefined ? '' : textsOf(source, file)('x00080104')
  const label = textsOf(definition, file)('x003a0203')
  const unit = definition.elements['x003a0211']?.items?.[0]?.dataSet?.string('x00080100')?.trim() ?? ''
  const millivolts = MILLIVOLTS[unit]
  const sensitivity = (numberAt(definition, 'x003a0210') ?? 1) * (numberAt(definition, 'x003a0212') ?? 1)
  // A curve whose scale nobody knows would be measured by whoever sees the grid.
  if (millivolts === undefined) throw new UnreadableFile('unsupported', `unit ${unit.slice(0, 20)}`)
  const name = (meaning || label).replace(/^lead\s+/i, '').replace(/\s*\(.*\)$/, '') || `${channel + 1}`
  return { name, scale: sensitivity * millivolts, baseline: numberAt(definition, 'x003a0213') ?? 0 }
}

function notesOf(dataSet: DataSet): { name: string; value: string }[] {
  const items = dataSet.elements['x0040b020']?.items ?? []
  return items.slice(0, NOTES_MAX).flatMap(({ dataSet: note }) => {
    if (note === undefined) return []
    const text = textsOf(note, dataSet)
    const said = text('x00700006')
    if (said !== '') return [{ name: '', value: said }]
    const concept = note.elements['x0040a043']?.items?.[0]?.dataSet
    const unit = note.elements['x004008ea']?.items?.[0]?.dataSet
    const name = concept === undefined ? '' : textsOf(concept, dataSet)('x00080104')
    const value = text('x0040a30a')
    const unitText = unit === undefined ? '' : textsOf(unit, dataSet)('x00080100')
    return name === '' || value === '' ? [] : [{ name, value: `${value} ${unitText}`.trim() }]
  })
}
