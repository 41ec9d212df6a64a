import { createContext, use } from 'react'
import { gathered, type NewFile, newFile } from '../vault/new-file.ts'
import { saveToDisk } from './save-to-disk.ts'

/** What becomes of a content that somebody wants to save. */
export type HandOut = (content: Uint8Array | Blob, fileName: string) => void

/** One's own is saved at once. Whoever reads under a share gives another way, by which the patient's log hears of it first. */
export const HandOutContext = createContext<HandOut>(saveToDisk)
export const useHandOut = (): HandOut => use(HandOutContext)

/**
 * For a content that memory need not hold: one's own goes straight to the disk, where the browser can; else it is handed out once it is whole.
 * Straight from a click.
 *
 * @returns null when the reader closed the browser's question.
 */
export function useHandOutFile(): (name: string) => Promise<NewFile | null> {
  const handOut = useHandOut()
  return async (name) => (handOut === saveToDisk ? newFile(name) : gathered(name, handOut))
}
