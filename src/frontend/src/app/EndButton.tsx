import type { Outcome } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { t } from '../words/language.ts'
import { Dialog, ProblemNotice } from './elements.tsx'
import { createTask } from './task.ts'

/**
 * Ends one thing of a list after a question that says what it means. How far that is belongs to this button alone: its neighbours end something else.
 * Until it is confirmed nothing says that it ended, which is said by the list.
 */
export function EndButton(props: {
  end: () => Promise<Outcome<null>>
  label: string
  /** What is ended, for who hears the button alone; the question too, and its answer, unless there is another question. */
  name: string
  question?: string
  /** What it means. */
  texts: readonly string[]
  notEnded: string
}) {
  const { end, label, name } = props
  const [ending] = useState(() => createTask<() => Promise<Outcome<null>>, null>((ask) => ask()))
  const { task, run } = useStore(ending)
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button
        variant="default"
        className="mg-danger"
        aria-label={name}
        loading={task.status === 'working'}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={props.notEnded} onRetry={() => void run(end)} />
      )}
      {isAsking && (
        <Dialog
          title={props.question ?? name}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('page.cancel')}
              </Button>
              <Button
                className="mg-danger-filled"
                onClick={() => {
                  setAsking(false)
                  void run(end)
                }}
              >
                {props.question === undefined ? name : label}
              </Button>
            </>
          }
        >
          {props.texts.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </Dialog>
      )}
    </>
  )
}
