import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Dialog, ProblemNotice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import type { Ending } from './people-stores.ts'

/** Ends somebody's part after a question that says what it means. Until it is confirmed nothing says that it ended. */
export function EndButton(props: { ending: Ending; whom: string; label: string; title: string; text: string }) {
  const { task, run } = useStore(props.ending)
  const [asking, setAsking] = useState(false)
  const [isMine, setIsMine] = useState(false) // what is under way was begun here
  const isWorking = isMine && task.status === 'working'
  return (
    <>
      <Button variant="default" aria-label={props.title} loading={isWorking} onClick={() => setAsking(true)}>
        {props.label}
      </Button>
      {isMine && task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('people.notEnded')} />}
      {asking && (
        <Dialog
          title={props.title}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button
                className="mg-danger-filled"
                onClick={() => {
                  setAsking(false)
                  setIsMine(true)
                  void run(props.whom)
                }}
              >
                {props.title}
              </Button>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('page.cancel')}
              </Button>
            </>
          }
        >
          <p>{props.text}</p>
        </Dialog>
      )}
    </>
  )
}
