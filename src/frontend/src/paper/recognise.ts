import { proxy, wrap } from 'comlink'
import { startWorker } from '../worker/our-workers.ts'
import type { PaperLanguage, PaperReader, Pixels, ReadLine } from './paper-types.ts'

// The page's end of the worker that reads pictures.

/** Longer than any page takes on a slow phone. */
const PATIENCE_MS = 180_000

export interface Recogniser {
  /** @throws when the picture cannot be read, takes too long, or the reading was stopped. */
  read(pixels: Pixels, progress: (part: number) => void): Promise<readonly ReadLine[]>
  close(): void
}

/** @param signal ends everything. @throws when the recogniser does not come. */
export async function startRecogniser(languages: readonly PaperLanguage[], signal: AbortSignal): Promise<Recogniser> {
  const worker = startWorker('paper', 'medguard-paper')
  const reader = wrap<PaperReader>(worker)
  const over = new AbortController()
  const close = () => {
    over.abort()
    worker.terminate()
  }
  worker.addEventListener('error', close) // it did not load, or ran out of memory
  signal.addEventListener('abort', close)
  const within = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(close, PATIENCE_MS)
      const failed = () => reject(new Error('the reading ended'))
      if (over.signal.aborted || signal.aborted) failed()
      over.signal.addEventListener('abort', failed)
      work.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  try {
    await within(reader.begin(languages))
  } catch (error) {
    close()
    throw error
  }
  return { read: (pixels, progress) => within(reader.read(pixels, proxy(progress))), close }
}
