import type { RecordSummary, Vault } from '@medguard/client'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import type { LoadableStore } from '../app/loadable.ts'
import { t } from '../words/language.ts'

/**
 * Says that there is more than the list on the page shows. It does not list by itself: each list is an entry in the owner's log, and is the
 * reader's to ask for.
 */
export function MoreRecords({ vault, store }: { vault: Vault; store: LoadableStore<readonly RecordSummary[]> }) {
  const { client, poller } = useServices()
  const listedMs = useStore(store, ({ view }) => (view.status === 'ready' ? view.atMs : null))
  const [grownSinceMs, setGrownSinceMs] = useState<number | null>(null)
  const name = vault.of === 'me' ? null : vault.grantId
  useEffect(() => {
    if (listedMs === null) return
    let isShown = true
    const unsubscribe = poller.live.subscribe((live, before) => {
      if (live.answeredMs === before.answeredMs) return
      client
        .hasGrown(name === null ? { of: 'me' } : { of: 'grant', grantId: name })
        .then((answer) => isShown && answer.kind === 'done' && answer.value && setGrownSinceMs(listedMs))
        .catch(() => {}) // a hint that did not come: the poller tells when nothing comes any more
    })
    return () => {
      isShown = false
      unsubscribe()
    }
  }, [client, poller, name, listedMs])
  if (listedMs === null || grownSinceMs !== listedMs) return null
  return (
    <Notice
      tone="info"
      title={t('records.grown')}
      actions={
        <Button variant="default" onClick={() => void store.getState().load()}>
          {t('records.grownShow')}
        </Button>
      }
    />
  )
}
