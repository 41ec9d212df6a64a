import { Button } from '@mantine/core'
import { useStore } from 'zustand'
import { useKnown, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** On top of everything: a dependant's record is erased unless somebody who manages it objects. */
export function ErasureNotice() {
  const { around, stoppingErasure } = useServices()
  const { task, run } = useStore(stoppingErasure)
  const nowMs = useNow()
  const erasure = useKnown(around)?.erasure ?? null
  if (erasure === null) return null
  return (
    <Notice
      tone="bad"
      loud
      title={t('people.erasure')}
      actions={
        <Button className="mg-danger-filled" loading={task.status === 'working'} onClick={() => void run()}>
          {t('people.stopErasure')}
        </Button>
      }
    >
      <p>{t('people.erasureText', { from: momentText(msOf(erasure.readyNs), nowMs) })}</p>
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('home.notStopped')} onRetry={() => void run()} />
      )}
    </Notice>
  )
}
