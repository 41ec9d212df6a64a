import type { Category } from '@medguard/client'
import { useEffect } from 'react'
import { useServices } from '../app/context.ts'
import { settle } from '../app/loadable.ts'
import { setTimer } from '../app/services.ts'
import { LIST_AGAIN_MS, NEWS_EVERY_MS } from '../care-team/board-store.ts'

/** Lets what joins one kind of one's own records come onto the page that is looked at, as `createBoard` does for those of others. */
export function useOwnNews(category: Category): void {
  const { client, records } = useServices()
  useEffect(() => {
    let isHere = true
    let listedMs = Date.now()
    let cancel = () => {}
    const vault = { of: 'me' } as const
    const look = async () => {
      const { view } = records.getState()
      if (document.visibilityState === 'visible' && view.status === 'ready' && !view.refreshing) {
        const answer = await settle(() => client.news([vault], [category])) // a hint: one that does not come is none
        if (!isHere) return
        let news = answer.kind === 'done' ? (answer.value[0] ?? null) : []
        if (news === null && Date.now() > listedMs + LIST_AGAIN_MS) {
          listedMs = Date.now()
          const listed = await settle(() => client.list(vault, [category]))
          news = listed.kind === 'done' ? listed.value : null
        }
        const { view: now, put } = records.getState()
        if (isHere && news !== null && news.length > 0 && now.status === 'ready') {
          const ids = new Set(news.map(({ recordId }) => recordId))
          put([...now.value.filter(({ recordId }) => !ids.has(recordId)), ...news])
        }
      }
      if (isHere) cancel = setTimer(() => void look(), NEWS_EVERY_MS)
    }
    void look()
    return () => {
      isHere = false
      cancel()
    }
  }, [client, records, category])
}
