import { Button } from '@mantine/core'
import { useStore } from 'zustand'
import { useKnown, useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'

/** On top of everything: whoever did not ask for it has three days to say no. */
export function RecoveryUnderWay() {
  const { stoppingRecovery, around } = useServices()
  const { task, run } = useStore(stoppingRecovery)
  const nowMs = useNow()
  const [waiting] = useKnown(around)?.waiting ?? []
  if (waiting === undefined) {
    return task.status === 'done' ? <Notice tone="good" title={t('recovery.stopped')} loud /> : null
  }
  return (
    <Notice
      tone="bad"
      loud
      title={t('home.takingOver')}
      actions={
        <Button className="mg-danger-filled" loading={task.status === 'working'} onClick={() => void run()}>
          {t('home.takingOverStop')}
        </Button>
      }
    >
      <p>
        {t('home.takingOverText', {
          code: shortCode(waiting.newPrincipal),
          at: atText(msOf(waiting.readyNs), nowMs),
        })}
      </p>
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('home.notStopped')} onRetry={() => void run()} />
      )}
    </Notice>
  )
}
