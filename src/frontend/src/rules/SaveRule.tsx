import { Button } from '@mantine/core'
import type { MyRules, MyRulesChange } from '@medguard/client'
import { useStore } from 'zustand'
import { useForgetDone, useNow } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { ProblemNotice } from '../app/elements.tsx'
import type { TaskStore } from '../app/task.ts'
import { t } from '../words/language.ts'

/** Lays a rule down; it holds from the moment that both canisters said so. */
export function SaveRule(props: {
  store: TaskStore<MyRulesChange, MyRules>
  change: MyRulesChange
  isChanged: boolean
  label: string
}) {
  const { task, run } = useStore(props.store)
  const nowMs = useNow()
  useForgetDone(props.store)
  return (
    <>
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('rules.notSaved')} onRetry={() => void run(props.change)} />
      )}
      <div className="mg-row">
        <Button
          variant="default"
          aria-label={props.label}
          disabled={!props.isChanged}
          loading={task.status === 'working'}
          onClick={() => void run(props.change)}
        >
          {t('rules.saveChange')}
        </Button>
        <output className="mg-soft mg-small">
          {task.status === 'done' && !props.isChanged && t('rules.saved', { at: atText(task.atMs, nowMs) })}
        </output>
      </div>
    </>
  )
}
