import type { PaperLanguage, Pixels, ReadLine, ReadWord } from './paper-types.ts'

// Tesseract (tesseract.js-core, Apache-2.0), asked directly: its usual wrapper for browsers fetches what it needs from elsewhere, and a reader of ours may
// fetch nothing (scripts/app-headers.ts). So its code and its data come inside scripts.

/** What of `tesseract-core-simd-lstm` is used; its C++ interface is `TessBaseAPI`. */
interface Core {
  readonly FS: { writeFile(path: string, bytes: Uint8Array): void }
  readonly TessBaseAPI: new () => Api
}
interface Api {
  /** @returns 0 when it worked. @param mode 1: the neural network alone. */
  Init(folder: null, languages: string, mode: 1): number
  /** Takes `/input`. @returns 0 when it worked. */
  SetImageFile(orientation: 1, angle: 0): number
  /** @returns 0 when it worked. */
  Recognize(monitor: null): number
  GetTSVText(page: number): string
  Clear(): void
}
type Glue = (options: {
  wasmBinary: ArrayBuffer
  TesseractProgress: (percent: number) => void
  print: () => void
  printErr: () => void
}) => Promise<Core>

/** What letters of a language look like, as the network learned it (the smaller, whole-number form), each inside a script of its own. */
const DATA: Readonly<Record<string, () => Promise<unknown>>> = import.meta.glob(
  '../../../../node_modules/@tesseract.js-data/{eng,ces,ara}/4.0.0_best_int/*.traineddata.gz',
  { query: '?base64', import: 'default' },
)
async function lettersOf(language: PaperLanguage): Promise<Uint8Array> {
  const load = Object.entries(DATA).find(([path]) => path.endsWith(`/${language}.traineddata.gz`))?.[1]
  const base64 = await load?.()
  if (typeof base64 !== 'string') throw new Error('no letters of this language')
  return unpacked(bytesIn(base64))
}

export interface Tesseract {
  /** @throws Error for a picture that cannot be read. */
  read(pixels: Pixels, progress: (part: number) => void): readonly ReadLine[]
}

/** @throws when its files do not come, or this browser cannot run it. */
export async function startTesseract(languages: readonly PaperLanguage[]): Promise<Tesseract> {
  const [glue, wasm, ...letters] = await Promise.all([
    import('tesseract.js-core/tesseract-core-simd-lstm.js'),
    import('tesseract.js-core/tesseract-core-simd-lstm.wasm?base64'),
    ...languages.map(lettersOf),
  ])
  let told: (part: number) => void = () => {}
  const silent = () => {}
  const core = await (glue.default as Glue)({
    wasmBinary: bytesIn(wasm.default).buffer,
    // The first 30 are for finding lines and are never told singly.
    TesseractProgress: (percent) => told(Math.max(0, (percent - 30) / 70)),
    print: silent,
    printErr: silent,
  })
  for (const [i, language] of languages.entries())
    core.FS.writeFile(`/${language}.traineddata`, letters[i] ?? new Uint8Array())
  const api = new core.TessBaseAPI()
  if (api.Init(null, languages.join('+'), 1) !== 0) throw new Error('the recogniser did not start')
  return {
    read(pixels, progress) {
      told = progress
      core.FS.writeFile('/input', greyMap(pixels))
      if (api.SetImageFile(1, 0) !== 0 || api.Recognize(null) !== 0) throw new Error('this picture cannot be read')
      const lines = linesOfTsv(api.GetTSVText(0))
      api.Clear()
      return lines
    },
  }
}

const bytesIn = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))

async function unpacked(gzip: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([gzip]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Portable greymap (netpbm, `P5`): the plainest file of a picture there is, so that no decoder of others' files runs. Where nothing is drawn is white. */
export function greyMap({ width, height, rgba }: Pixels): Uint8Array {
  const head = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`)
  const file = new Uint8Array(head.length + width * height)
  file.set(head)
  for (let pixel = 0, at = head.length; pixel < rgba.length; pixel += 4, at++) {
    const [red = 0, green = 0, blue = 0, opacity = 0] = [rgba[pixel], rgba[pixel + 1], rgba[pixel + 2], rgba[pixel + 3]]
    file[at] = 255 - ((255 - (red * 0.299 + green * 0.587 + blue * 0.114)) * opacity) / 255
  }
  return file
}

/** Columns of Tesseract's table: level (5 is a word), page, block, paragraph, line, word, place and size, confidence, text. */
export function linesOfTsv(tsv: string): ReadLine[] {
  const lines = new Map<string, ReadWord[]>()
  for (const row of tsv.split('\n')) {
    const [level, page, block, paragraph, line, , left, top, width, height, sure, ...text] = row.split('\t')
    const word = text.join(' ').trim()
    if (level !== '5' || word === '') continue
    const name = [page, block, paragraph, line].join(' ')
    const [x, y] = [Number(left), Number(top)]
    const box = { left: x, top: y, right: x + Number(width), bottom: y + Number(height) }
    const read = { text: word, sure: Math.max(0, Math.min(100, Number(sure))), box }
    const known = lines.get(name)
    if (known === undefined) lines.set(name, [read])
    else known.push(read)
  }
  return [...lines.values()]
}
