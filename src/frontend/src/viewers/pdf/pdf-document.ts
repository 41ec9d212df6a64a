import type { PDFDocumentProxy } from 'pdfjs-dist'
import { startWorker } from '../../worker/our-workers.ts'
import type { WhyUnshown } from '../Unshown.tsx'
import { linesOfTexts } from './pdf-lines.ts'

// PDF files by pdf.js, onto a canvas: never in a frame (decision 38), no script in them runs, no form is filled in, no link leads anywhere.

/** Longer than any honest page takes on a slow phone. */
const PATIENCE_MS = 30_000
const IMAGE_PIXELS_MAX = 64 * 2 ** 20
const CANVAS_PIXELS_MAX = 16 * 2 ** 20

/** Data that comes with pdf.js, each file inside a script that is fetched when a document needs it: fonts that a document names and does not bring, and decoders. */
const DATA: Readonly<Record<string, () => Promise<unknown>>> = {
  ...import.meta.glob('../../../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', {
    query: '?base64',
    import: 'default',
  }),
  ...import.meta.glob('../../../../../node_modules/pdfjs-dist/wasm/{openjpeg,jbig2}.wasm', {
    query: '?base64',
    import: 'default',
  }),
}
class DataInside {
  async fetch({ filename }: { filename: string }): Promise<Uint8Array> {
    const load = Object.entries(DATA).find(([path]) => path.endsWith(`/${filename}`))?.[1]
    const base64 = await load?.()
    if (typeof base64 !== 'string') throw new Error('not here')
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  }
}

export interface PdfFile {
  readonly pages: number
  /**
   * Draws one page, whatever was being drawn before.
   *
   * @param width CSS pixels that it may take; @param zoom 1 fills them.
   */
  draw(
    canvas: HTMLCanvasElement,
    page: number,
    width: number,
    zoom: number,
  ): Promise<'drawn' | 'overtaken' | WhyUnshown>
  text(page: number): Promise<string>
  /** The text of a page, line by line as it is seen. @throws when it cannot be had. */
  lines(page: number): Promise<string[]>
  close(): void
}

export async function openPdf(bytes: Uint8Array): Promise<PdfFile | WhyUnshown> {
  const pdf = await import('pdfjs-dist')
  const port = startWorker('pdf', 'medguard-pdf')
  const worker = pdf.PDFWorker.create({ port })
  const over = new AbortController()
  const close = () => {
    over.abort()
    worker.destroy()
    port.terminate()
  }
  port.addEventListener('error', close)
  const within = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(close, PATIENCE_MS)
      const failed = () => reject(new Error('tooSlow'))
      over.signal.addEventListener('abort', failed)
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer)
        over.signal.removeEventListener('abort', failed)
      })
    })
  const loading = pdf.getDocument({
    data: new Uint8Array(bytes), // its own: the worker takes them
    worker,
    BinaryDataFactory: DataInside,
    useWorkerFetch: false,
    isEvalSupported: false,
    enableXfa: false,
    // Fonts of a document become outlines: none of them gets into the browser's own font machinery.
    disableFontFace: true,
    useSystemFonts: false,
    maxImageSize: IMAGE_PIXELS_MAX,
    verbosity: pdf.VerbosityLevel.ERRORS,
  })
  let file: PDFDocumentProxy
  try {
    file = await within(loading.promise)
  } catch (error) {
    close()
    return whyOf(error)
  }
  let drawing: { cancel(): void } | null = null

  return {
    pages: file.numPages,
    async draw(canvas, number, width, zoom) {
      drawing?.cancel()
      try {
        const page = await within(file.getPage(number))
        const natural = page.getViewport({ scale: 1 })
        const shown = (width / natural.width) * zoom
        const sharpest = Math.sqrt(CANVAS_PIXELS_MAX / (natural.width * natural.height))
        const viewport = page.getViewport({ scale: Math.min(sharpest, shown * Math.min(3, devicePixelRatio)) })
        // Drawn aside, so that the page before stays until this one is there.
        const aside = document.createElement('canvas')
        aside.width = Math.max(1, Math.floor(viewport.width))
        aside.height = Math.max(1, Math.floor(viewport.height))
        const task = page.render({ canvas: aside, viewport, annotationMode: pdf.AnnotationMode.ENABLE })
        drawing = task
        await within(task.promise)
        canvas.width = aside.width
        canvas.height = aside.height
        canvas.style.width = `${natural.width * shown}px`
        canvas.style.height = `${natural.height * shown}px`
        canvas.getContext('2d')?.drawImage(aside, 0, 0)
        page.cleanup()
        return 'drawn'
      } catch (error) {
        return error instanceof pdf.RenderingCancelledException ? 'overtaken' : whyOf(error)
      }
    },
    async text(number) {
      const page = await within(file.getPage(number))
      const { items } = await within(page.getTextContent())
      return items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('')
    },
    async lines(number) {
      const page = await within(file.getPage(number))
      const { items } = await within(page.getTextContent())
      return linesOfTexts(items.flatMap((item) => ('str' in item ? [item] : [])))
    },
    close,
  }
}

function whyOf(error: unknown): WhyUnshown {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  if (name === 'PasswordException') return 'password'
  return message === 'tooSlow' ? 'tooSlow' : 'damaged'
}
