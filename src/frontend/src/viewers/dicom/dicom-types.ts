// What the worker that reads DICOM files tells the page: plain facts, and pixels that are decoded. All text is that of whoever made the file.

/** Why a file or a picture of it is not shown. */
export type Unreadable =
  | 'notDicom' // no DICOM file, or broken
  | 'noPicture' // a DICOM file without pictures or waveforms, for instance a structured report
  | 'unsupported' // encoded in a way that no decoder here knows
  | 'tooLarge'
  | 'damaged' // the picture contradicts itself or does not decode
  | 'tooSlow' // whoever was reading it was ended

/** Thrown in the worker, told as `kind: 'unreadable'`. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
  readonly why: Unreadable
  /** The encoding that is not known, as its number or name. */
  readonly detail: string
  constructor(why: Unreadable, detail = '') {
    super(`${why} ${detail}`)
    this.why = why
    this.detail = detail
  }
}

export type Answer<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly why: Unreadable; readonly detail: string }

export interface WindowPreset {
  readonly center: number
  readonly width: number
  /** As the maker calls it; may be empty. */
  readonly name: string
}

/** What a file says of itself. Dates as `2026-03-14` where they are dates; empty where it says nothing. */
export interface DicomFacts {
  readonly patientName: string
  readonly patientId: string
  readonly birthDate: string
  readonly studyDate: string
  readonly studyDescription: string
  readonly seriesDescription: string
  readonly seriesUid: string
  readonly seriesNumber: number | null
  readonly instanceNumber: number | null
  /** Along the stack, millimetres; null where the file does not say where it lies. */
  readonly position: number | null
  readonly modality: string
  readonly institution: string
  readonly kind: 'pictures' | 'ecg'
  readonly frames: number
  readonly columns: number
  readonly rows: number
  /** Milliseconds for each picture of a film; null for a stack that is no film. */
  readonly frameMs: number | null
  readonly presets: readonly WindowPreset[]
  /** Height of a pixel for a width of 1. */
  readonly pixelAspect: number
}

/** One picture. Grey ones come with the values that were measured, so that the page can choose what it shows dark and bright. */
export type Picture =
  | {
      readonly kind: 'grey'
      readonly columns: number
      readonly rows: number
      readonly values: Int16Array<ArrayBuffer> | Uint16Array<ArrayBuffer>
      /** Measured value = stored value × slope + intercept. */
      readonly slope: number
      readonly intercept: number
      /** Smallest and largest stored value. */
      readonly lowest: number
      readonly highest: number
      /** Small values are bright in the file's own presentation (MONOCHROME1). */
      readonly isInverted: boolean
    }
  | {
      readonly kind: 'colour'
      readonly columns: number
      readonly rows: number
      readonly rgba: Uint8ClampedArray<ArrayBuffer>
    }

export interface EcgLead {
  readonly name: string
  /** Millivolts. */
  readonly samples: Float32Array<ArrayBuffer>
}
export interface Ecg {
  readonly leads: readonly EcgLead[]
  readonly samplesPerSecond: number
  readonly seconds: number
  /** Measurements and statements that the device or a reader left, as name and value. */
  readonly notes: readonly { readonly name: string; readonly value: string }[]
}

/** All that crosses into the worker and back. One worker has one stack of files, and ends with it. */
export interface DicomReader {
  /** Takes a file. @returns its facts. */
  read(file: number, bytes: Uint8Array): Promise<Answer<DicomFacts>>
  picture(file: number, frame: number): Promise<Answer<Picture>>
  ecg(file: number): Promise<Answer<Ecg>>
}
