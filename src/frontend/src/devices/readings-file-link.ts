import type { FileFormat } from '@medguard/readings/imports'
import { proxy, wrap } from 'comlink'
import { startWorker } from '../worker/our-workers.ts'
import type { LookedThrough, ReadingsFileReader } from './looking-through.ts'

// The page's end of the worker that looks through files of readings.

/** @param signal ends the worker at once, whatever it does. */
export function readingsFileLink(signal: AbortSignal): ReadingsFileReader {
  const worker = startWorker('readings', 'medguard-readings')
  const reader = wrap<ReadingsFileReader>(worker)
  const ended = new AbortController()
  const end = () => {
    ended.abort()
    worker.terminate()
  }
  worker.addEventListener('error', end) // it did not load, or ran out of memory
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  const whileRunning = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const failed = () => reject(new Error('the reading ended'))
      if (ended.signal.aborted) failed()
      ended.signal.addEventListener('abort', failed)
      work.then(resolve, reject)
    })
  return {
    formatOf: (file) => whileRunning<FileFormat | null>(reader.formatOf(file)),
    lookThrough: (of, told) => whileRunning<LookedThrough>(reader.lookThrough(of, proxy(told))),
  }
}
