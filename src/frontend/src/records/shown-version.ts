import { createContext } from 'react'

/** Which version a content is of, where several of one record are on the page at once; null where only one can be. */
export const ShownVersion = createContext<number | null>(null)
