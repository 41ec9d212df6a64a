import type { RecordSummary, SearchAnswer } from '@medguard/client'
import { useEffect, useState } from 'react'
import { useServices } from '../app/context.ts'
import { settle } from '../app/loadable.ts'

const WAIT_MS = 150

export type Search =
  | { readonly status: 'off' }
  /** `answer` is that of what was searched for before, if anything was. */
  | { readonly status: 'searching'; readonly answer: SearchAnswer | null }
  | { readonly status: 'found'; readonly answer: SearchAnswer }
  | { readonly status: 'failed' }

interface Asked {
  readonly words: string
  readonly records: readonly RecordSummary[]
  readonly answer: SearchAnswer | null
}

/** Asks the worker a moment after the last letter. @param records asked anew when there are others. */
export function useSearch(words: string, records: readonly RecordSummary[]): Search {
  const { client } = useServices()
  const [last, setLast] = useState<Asked | null>(null)
  const wanted = words.trim()
  useEffect(() => {
    if (wanted === '') return
    let isWanted = true
    const ask = async () => {
      const answer = await settle(() => client.search(wanted))
      if (isWanted) setLast({ words: wanted, records, answer: answer.kind === 'done' ? answer.value : null })
    }
    const timer = setTimeout(() => void ask(), WAIT_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [client, wanted, records])
  if (wanted === '') return { status: 'off' }
  if (last?.words !== wanted || last.records !== records) return { status: 'searching', answer: last?.answer ?? null }
  return last.answer === null ? { status: 'failed' } : { status: 'found', answer: last.answer }
}
