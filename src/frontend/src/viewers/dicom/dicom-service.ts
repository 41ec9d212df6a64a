import { wrap } from 'comlink'
import { startWorker } from '../../worker/our-workers.ts'
import type { Answer, DicomFacts, DicomReader, Ecg, Picture } from './dicom-types.ts'

// The page's end of the worker that reads DICOM files.

/** Longer than any honest picture takes on a slow phone. What takes longer is ended, worker and all. */
const PATIENCE_MS = 30_000

export interface DicomService {
  read(file: number, bytes: Uint8Array): Promise<Answer<DicomFacts>>
  picture(file: number, frame: number): Promise<Answer<Picture>>
  ecg(file: number): Promise<Answer<Ecg>>
  /** Ends the worker, and with it everything it has read. */
  close(): void
}

export function startDicom(): DicomService {
  const worker = startWorker('dicom', 'medguard-dicom')
  const reader = wrap<DicomReader>(worker)
  const over = new AbortController()
  const close = () => {
    over.abort()
    worker.terminate()
  }
  worker.addEventListener('error', close) // it did not load, or ran out of memory
  /** One after the other, so that each has the patience to itself. */
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    const answer = before.then(() => within(ask))
    before = answer
    return answer
  }
  const within = <T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> =>
    new Promise((resolve) => {
      const failed = () => resolve({ kind: 'unreadable', why: 'tooSlow', detail: '' })
      if (over.signal.aborted) return failed()
      const timer = setTimeout(close, PATIENCE_MS)
      over.signal.addEventListener('abort', failed)
      const done = () => {
        clearTimeout(timer)
        over.signal.removeEventListener('abort', failed)
      }
      ask().then(resolve, failed).finally(done)
    })
  return {
    read: (file, bytes) => inTurn(() => reader.read(file, bytes)),
    picture: (file, frame) => inTurn(() => reader.picture(file, frame)),
    ecg: (file) => inTurn(() => reader.ecg(file)),
    close,
  }
}
