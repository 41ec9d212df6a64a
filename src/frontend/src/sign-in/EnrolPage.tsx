import { Button } from '@mantine/core'
import { IconEye, IconKey, IconLock } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { Plain } from '../app/Plain.tsx'
import './sign-in.css'

/** First run: what this is, in plain words, and one button. */
export function EnrolPage() {
  const { enrolling } = useServices()
  const { task, run } = useStore(enrolling)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = 'Welcome · MedGuard'
    heading.current?.focus({ preventScroll: true })
  }, [])
  const isWorking = task.status === 'working'
  return (
    <Plain signOut>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          Welcome. Let us set up your health record
        </h1>
        <p className="mg-intro">It takes a few seconds. There is nothing to fill in.</p>
      </div>
      <div className="mg-card mg-pad">
        <ul className="mg-points">
          <li>
            <IconLock size={22} aria-hidden />
            <span>
              <strong>Only you can read it.</strong> Everything is encrypted on your device. Those who run MedGuard keep
              it and cannot open it.
            </span>
          </li>
          <li>
            <IconKey size={22} aria-hidden />
            <span>
              <strong>You share, and you stop sharing.</strong> Nothing is shared with anyone to begin with. What
              somebody has already seen, they have seen.
            </span>
          </li>
          <li>
            <IconEye size={22} aria-hidden />
            <span>
              <strong>Every look is written down.</strong> Yours too. The list cannot be changed afterwards, and this
              page checks that it was not.
            </span>
          </li>
        </ul>
      </div>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} onRetry={() => void run()} />}
      <div className="mg-stack">
        <Button size="lg" fullWidth loading={isWorking} onClick={() => void run()}>
          Set up my health record
        </Button>
        <output className="mg-block mg-soft mg-small">
          {isWorking
            ? 'Setting up. The network confirms each step, which takes some seconds…'
            : 'Also needed to read what other people share with you. Add a second way to sign in at Internet Identity: who loses every way in loses the records.'}
        </output>
      </div>
    </Plain>
  )
}
