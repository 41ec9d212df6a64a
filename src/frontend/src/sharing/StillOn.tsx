import { Button } from '@mantine/core'
import type { Share } from '@medguard/client'
import { useStore } from 'zustand'
import { useKnown, useServices } from '../app/context.ts'
import { problemText } from '../app/problem.ts'
import { t } from '../words/language.ts'

/** A change that broke off between giving the new share and ending the old one: what it was before is open too, and this says so until it is not. */
export function StillOn({ share }: { share: Share }) {
  const { shares, finishing } = useServices()
  const { task, run } = useStore(finishing)
  const before = useKnown(shares)?.find(({ grantId }) => grantId === share.inPlaceOf)
  if (before?.state !== 'live' && before?.state !== 'notStarted') return null
  return (
    <div className="mg-stack mg-tight">
      <output className="mg-stopping">{t('oneShare.stillOn')}</output>
      {task.status === 'failed' && <p className="mg-field-error">{problemText(task.problem).text}</p>}
      <Button variant="default" loading={task.status === 'working'} onClick={() => void run()}>
        {t('oneShare.finish')}
      </Button>
    </div>
  )
}
