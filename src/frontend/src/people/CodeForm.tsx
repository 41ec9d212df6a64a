import { Button, Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import type { TaskStore } from '../app/task.ts'
import { readRecordCode } from '../sharing/share-code.ts'
import { t } from '../words/language.ts'

/** One share code and what to do with it. */
export function CodeForm<T>(props: {
  task: TaskStore<string, T>
  name: string
  text: string
  label: string
  go: string
  failed: string
  done: ReactNode
}) {
  const { client } = useServices()
  const { task, run, reset } = useStore(props.task)
  const [code, setCode] = useState('')
  const [isTried, setIsTried] = useState(false)
  const read = readRecordCode(code, client.principal)
  if (task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={props.name}
        actions={
          <Button
            variant="default"
            onClick={() => {
              setCode('')
              setIsTried(false)
              reset()
            }}
          >
            {t('page.close')}
          </Button>
        }
      >
        <p className="mg-break">{props.done}</p>
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      aria-label={props.name}
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        if (read.kind === 'code') void run(read.code)
      }}
    >
      <p>{props.text}</p>
      <Textarea
        label={props.label}
        autosize={false}
        rows={2}
        value={code}
        error={isTried && read.kind !== 'code' ? t('recovery.codeWrong') : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        className="mg-code-field"
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={props.failed} />}
      <div className="mg-row">
        <Button type="submit" variant="default" loading={task.status === 'working'}>
          {props.go}
        </Button>
      </div>
    </form>
  )
}
