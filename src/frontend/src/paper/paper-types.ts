// What reading a paper gives: lines of words, each with how sure the reader is of it.

/** Languages whose letters can be read, by the names that their data has (ISO 639-2/T). */
export const PAPER_LANGUAGES = ['eng', 'ces', 'ara'] as const
export type PaperLanguage = (typeof PAPER_LANGUAGES)[number]

export interface ReadWord {
  readonly text: string
  /** 0 to 100, as the recogniser says; 100 for text that the file brings itself. */
  readonly sure: number
  /** Where it stands in its picture; unknown for text that the file brings itself. */
  readonly box?: Box
}
/** In dots of a page's picture. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}
/** A part of a page, counted from 0. */
export interface Place {
  readonly page: number
  readonly box: Box
}
export type ReadLine = readonly ReadWord[]
export type ReadPage = readonly ReadLine[]

/** A picture as a canvas has it. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8ClampedArray<ArrayBuffer>
}

/** The worker that reads pictures. */
export interface PaperReader {
  /**
   * Fetches the recogniser and the data of the languages, which the browser keeps.
   *
   * @throws when they do not come.
   */
  begin(languages: readonly PaperLanguage[]): Promise<void>
  /** @param progress told parts of 1. @throws for a picture that cannot be read. */
  read(pixels: Pixels, progress: (part: number) => void): Promise<readonly ReadLine[]>
}

/** Around all words of a line; null where nobody knows. */
export function boxOf(line: ReadLine): Box | null {
  const boxes = line.flatMap(({ box }) => box ?? [])
  const [first] = boxes
  if (first === undefined) return null
  return boxes.reduce(
    (all, box) => ({
      left: Math.min(all.left, box.left),
      top: Math.min(all.top, box.top),
      right: Math.max(all.right, box.right),
      bottom: Math.max(all.bottom, box.bottom),
    }),
    first,
  )
}

export const textOf = (line: ReadLine): string => line.map(({ text }) => text).join(' ')

/** What is fetched once, compressed, in bytes: the recogniser and the data of each language (paper-sizes.test.ts compares). */
export const RECOGNISER_BYTES = 1_500_000
export const LANGUAGE_BYTES: Readonly<Record<PaperLanguage, number>> = {
  eng: 3_000_000,
  ces: 2_250_000,
  ara: 1_700_000,
}
export const bytesFor = (languages: readonly PaperLanguage[]): number =>
  languages.reduce((sum, language) => sum + LANGUAGE_BYTES[language], RECOGNISER_BYTES)
