import { type PdfFile, openPdf } from '../viewers/pdf/pdf-document.ts'
import type { PaperLanguage, Pixels, ReadPage } from './paper-types.ts'
import { startRecogniser } from './recognise.ts'

// A paper as a file: its pages as pictures to look at, and what they say. A PDF that brings its own text is read without recognising anything.

export interface PaperPages {
  /** A picture of each page that is shown, at most so many. */
  readonly pictures: readonly HTMLCanvasElement[]
  /** Text that the file brings itself; null where it brings none, and the pictures have to be read. */
  readonly lines: readonly ReadPage[] | null
  /** All there are. */
  readonly pages: number
}

/** More pages are shown by nobody's phone, and read by nobody's patience. */
export const PAGES_MAX = 4
/** As sharp as a good scan of a letter: 300 dots an inch. */
const PAGE_PIXELS = 2480
const LONGEST_SIDE = 3400
const SHORTEST_READABLE = 1800
/** Fewer letters on a page are a stamp on a scan. */
const LETTERS_MIN = 40

export const isReadable = (mediaType: string): boolean =>
  mediaType === 'application/pdf' || ['image/png', 'image/jpeg', 'image/webp', 'image/gif'].includes(mediaType)

/** @throws when it cannot be opened. */
export async function openPaper(bytes: Uint8Array<ArrayBuffer>, mediaType: string): Promise<PaperPages> {
  if (mediaType !== 'application/pdf') return { pictures: [await drawn(bytes, mediaType)], lines: null, pages: 1 }
  const pdf = await openPdf(bytes)
  if (typeof pdf === 'string') throw new Error(pdf)
  try {
    return await pagesOf(pdf)
  } finally {
    pdf.close()
  }
}

async function pagesOf(pdf: PdfFile): Promise<PaperPages> {
  const pictures: HTMLCanvasElement[] = []
  const lines: ReadPage[] = []
  const count = Math.min(pdf.pages, PAGES_MAX)
  for (let page = 1; page <= count; page++) {
    const canvas = document.createElement('canvas')
    if ((await pdf.draw(canvas, page, PAGE_PIXELS / Math.min(3, devicePixelRatio), 1)) !== 'drawn')
      throw new Error('damaged')
    canvas.removeAttribute('style')
    pictures.push(canvas)
    const texts = await pdf.lines(page)
    lines.push(texts.map((line) => line.split(/\s+/).map((text) => ({ text, sure: 100 }))))
  }
  const letters = lines.flat(2).reduce((sum, { text }) => sum + text.length, 0)
  return { pictures, lines: letters >= LETTERS_MIN * count ? lines : null, pages: pdf.pages }
}

async function drawn(bytes: Uint8Array<ArrayBuffer>, mediaType: string): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(new Blob([bytes], { type: mediaType }), { imageOrientation: 'from-image' })
  const longest = Math.max(picture.width, picture.height)
  // Small letters are read badly: a small picture is enlarged, a huge one is not read whole.
  const scale = longest > LONGEST_SIDE ? LONGEST_SIDE / longest : longest < SHORTEST_READABLE ? 2 : 1
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('no canvas')
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  return canvas
}

function pixelsOf(canvas: HTMLCanvasElement): Pixels {
  const { width, height } = canvas
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no canvas')
  const { data } = context.getImageData(0, 0, width, height)
  return { width, height, rgba: new Uint8ClampedArray(data) }
}

/**
 * Reads pictures on this device.
 *
 * @param progress parts of 1. @throws when it was stopped, or cannot be read.
 */
export async function readPictures(
  pictures: readonly HTMLCanvasElement[],
  languages: readonly PaperLanguage[],
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<ReadPage[]> {
  const recogniser = await startRecogniser(languages, signal)
  try {
    const read: ReadPage[] = []
    for (const [page, canvas] of pictures.entries()) {
      read.push(await recogniser.read(pixelsOf(canvas), (part) => progress((page + part) / pictures.length)))
    }
    return read
  } finally {
    recogniser.close()
  }
}
