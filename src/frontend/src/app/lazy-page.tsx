import { type ComponentType, useEffect, useState } from 'react'
import { t } from '../words/language.ts'
import { ListSkeleton, Page, ProblemNotice } from './elements.tsx'

/**
 * A page whose code is fetched when somebody goes there: the first screen does not wait for it. A fetch that failed can be tried again, which
 * React's own `lazy` cannot: it remembers the failure.
 */
export function lazyPage<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let fetched: ComponentType<P> | null = null
  return function LazyPage(props: P) {
    const [shown, setShown] = useState<{ page: ComponentType<P> | null }>({ page: fetched })
    const [tries, setTries] = useState(0)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (fetched !== null) return
      let isHere = true
      const fetchPage = async () => {
        const page = await load().catch(() => null)
        fetched ??= page
        if (!isHere) return
        if (page === null) setFailed(true)
        else setShown({ page })
      }
      void fetchPage()
      return () => {
        isHere = false
      }
    }, [tries])
    if (shown.page !== null) return <shown.page {...props} />
    return (
      <Page title={t('page.fetching')}>
        {failed ? (
          <ProblemNotice
            problem={{ kind: 'fault', code: 'Unreachable' }}
            onRetry={() => {
              setFailed(false)
              setTries(tries + 1)
            }}
          />
        ) : (
          <ListSkeleton label={t('page.fetching')} />
        )}
      </Page>
    )
  }
}
