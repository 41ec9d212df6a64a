import { createContext, use } from 'react'
import { saveToDisk } from './save-to-disk.ts'

/** What becomes of a content that somebody wants to save. */
export type HandOut = (content: Uint8Array | Blob, fileName: string) => void

/** One's own is saved at once. Whoever reads under a share gives another way, by which the patient's log hears of it first. */
export const HandOutContext = createContext<HandOut>(saveToDisk)
export const useHandOut = (): HandOut => use(HandOutContext)
