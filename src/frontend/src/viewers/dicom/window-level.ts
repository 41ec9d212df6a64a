import type { DicomFacts, Picture, WindowPreset } from './dicom-types.ts'

// Which measured values are shown dark and which bright (PS3.3 C.11.2).

export interface Window {
  readonly center: number
  readonly width: number
}
type Grey = Extract<Picture, { kind: 'grey' }>

/** Usual ones of computed tomography, in Hounsfield units. */
export const CT_WINDOWS = [
  { key: 'softTissue', center: 40, width: 400 },
  { key: 'lung', center: -600, width: 1500 },
  { key: 'bone', center: 300, width: 1500 },
  { key: 'brain', center: 40, width: 80 },
] as const

/** Everything that is in the picture. */
export function wholeWindow({ lowest, highest, slope, intercept }: Grey): Window {
  const [a, b] = [lowest * slope + intercept, highest * slope + intercept]
  return { center: (a + b) / 2, width: Math.max(1, Math.abs(b - a)) }
}

export const firstWindow = (facts: DicomFacts, picture: Grey): Window =>
  facts.presets.find(({ width }: WindowPreset) => width >= 1) ?? wholeWindow(picture)

/** Moves by a share of the width: a step is felt alike in a narrow and in a wide window. */
export const stepped = ({ center, width }: Window, brighter: number, harder: number): Window => ({
  center: center - brighter * width * 0.1,
  width: Math.min(1_000_000, Math.max(1, width * 0.85 ** harder)),
})

/** Puts a grey picture into 32-bit pixels. One table look-up for each, whatever its values. */
export function paintGrey(picture: Grey, { center, width }: Window, isInverted: boolean, into: Uint32Array): void {
  const { values, slope, intercept, lowest, highest } = picture
  const flip = picture.isInverted !== isInverted
  const table = new Uint32Array(highest - lowest + 1)
  const span = Math.max(1, width - 1)
  for (let stored = lowest; stored <= highest; stored++) {
    const share = (stored * slope + intercept - (center - 0.5)) / span + 0.5
    const level = Math.round(255 * Math.min(1, Math.max(0, flip ? 1 - share : share)))
    table[stored - lowest] = (255 << 24) | (level << 16) | (level << 8) | level
  }
  for (let i = 0; i < values.length; i++) into[i] = table[(values[i] ?? 0) - lowest] ?? 0
}
