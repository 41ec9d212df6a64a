import type { Outcome } from '@medguard/client'
import { saveToDisk } from '../records/save-to-disk.ts'

/** A file that is being written. Nothing of it is kept unless it is finished. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<void>
  discard(): Promise<void>
}

/** What browsers that can write to the disk piece by piece offer beyond the types we have (File System Access). */
interface WithSavePicker {
  showSaveFilePicker(options: { suggestedName: string }): Promise<{
    createWritable(): Promise<{
      write(bytes: Uint8Array): Promise<void>
      close(): Promise<void>
      abort(): Promise<void>
    }>
  }>
}
const hasPicker = (browser: object): browser is WithSavePicker => 'showSaveFilePicker' in browser

/**
 * Asks where to, and writes there as it comes; where the browser cannot, it is gathered and handed over as a download. Straight from a click.
 *
 * @returns null when the reader closed the browser's question.
 */
export async function newFile(name: string, browser: object = window): Promise<NewFile | null> {
  if (!hasPicker(browser)) return gathered(name)
  try {
    const file = await (await browser.showSaveFilePicker({ suggestedName: name })).createWritable()
    return { write: (bytes) => file.write(bytes), finish: () => file.close(), discard: () => file.abort() }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    return gathered(name) // not allowed here
  }
}

/** The browser keeps large blobs on the disk itself. */
export function gathered(name: string, handOut: (content: Blob, name: string) => void = saveToDisk): NewFile {
  let parts: Blob[] = []
  return {
    write: (bytes) => {
      parts.push(new Blob([new Uint8Array(bytes)]))
      return Promise.resolve()
    },
    finish: () => {
      handOut(new Blob(parts), name)
      parts = []
      return Promise.resolve()
    },
    discard: () => {
      parts = []
      return Promise.resolve()
    },
  }
}

/** What is taken out into a file: it is there as a whole, with the log's word that it was taken, or nothing of it is. */
export async function kept<T>(
  file: NewFile,
  write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  let isWhole = false
  try {
    const outcome = await write((bytes) => file.write(bytes))
    if (outcome.kind === 'refused') return outcome
    await file.finish()
    isWhole = true
    return outcome
  } finally {
    if (!isWhole) await file.discard()
  }
}
