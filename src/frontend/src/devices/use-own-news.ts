import type { Category } from '@medguard/client'
import { useEffect } from 'react'
import { useServices } from '../app/context.ts'
import { NEWS_EVERY_MS } from '../records/own-news.ts'

/** Lets what joins one kind of one's own records come onto the page that is looked at. */
export function useOwnNews(category: Category): void {
  const { news } = useServices()
  useEffect(
    () =>
      news.watch({
        firstMs: 0,
        everyMs: NEWS_EVERY_MS,
        wanted: async () => ({ categories: [category], mayList: true }),
      }),
    [news, category],
  )
}
