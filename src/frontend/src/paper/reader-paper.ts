import { expose } from 'comlink'
import type { PaperReader } from './paper-types.ts'
import { startTesseract, type Tesseract } from './tesseract.ts'

// The worker that reads pictures of papers. Its policy (scripts/app-headers.ts) lets it run WebAssembly and reach nothing: the picture cannot leave it.

let tesseract: Tesseract | null = null

const reader: PaperReader = {
  async begin(languages) {
    tesseract = await startTesseract(languages)
  },
  async read(pixels, progress) {
    if (tesseract === null) throw new Error('not begun')
    return tesseract.read(pixels, progress)
  },
}
expose(reader)
