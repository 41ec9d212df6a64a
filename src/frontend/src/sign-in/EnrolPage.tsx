import { Button } from '@mantine/core'
import { IconEye, IconKey, IconLock } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useRouter, useServices } from '../app/context.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { Link, ProblemNotice } from '../app/elements.tsx'
import { Plain } from '../app/Plain.tsx'
import './sign-in.css'

const InvitationCode = lazy(() => import('./InvitationCode.tsx'))

/** First run: what this is, in plain words, and one button. */
export function EnrolPage() {
  const { enrolling, invitation } = useServices()
  const { task, run } = useStore(enrolling)
  const { shown, wrong } = useStore(invitation)
  const { go } = useRouter()
  /** This page stays until the account is there; behind it wait the two steps of the first run. */
  const begin = () => {
    go({ name: 'welcome', step: 1 }, 'replace')
    void run()
  }
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
  }, [])
  const title = t('page.title', { page: t('enrol.title') })
  useEffect(() => {
    document.title = title
  }, [title])
  const isWorking = task.status === 'working'
  /** What went wrong is said beside the field. */
  const isAboutCode =
    wrong !== null ||
    (task.status === 'failed' && task.problem.kind === 'refused' && task.problem.refusal.kind === 'Unverified')
  const askForCode = () => {
    enrolling.getState().reset()
    invitation.setState({ shown: 'asked' })
  }
  return (
    <Plain signOut>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {t('enrol.heading')}
        </h1>
        {shown === 'no' && <p className="mg-intro">{t('enrol.intro')}</p>}
      </div>
      <div className="mg-card mg-pad">
        <ul className="mg-points">
          <li>
            <IconLock size={22} aria-hidden />
            <span>
              <Marked text="enrol.onlyYou" marks={{ b: strong }} />
            </span>
          </li>
          <li>
            <IconKey size={22} aria-hidden />
            <span>
              <Marked text="enrol.youShare" marks={{ b: strong }} />
            </span>
          </li>
          <li>
            <IconEye size={22} aria-hidden />
            <span>
              <Marked text="enrol.written" marks={{ b: strong }} />
            </span>
          </li>
        </ul>
      </div>
      {task.status === 'failed' && !isAboutCode && <ProblemNotice problem={task.problem} onRetry={begin} />}
      {shown !== 'no' && (
        <Suspense fallback={<output className="mg-block mg-soft">{t('page.looking')}</output>}>
          <InvitationCode isRefused={isAboutCode} />
        </Suspense>
      )}
      <div className="mg-stack">
        <Button size="lg" fullWidth loading={isWorking} onClick={begin}>
          {t('enrol.go')}
        </Button>
        {shown === 'no' && (
          <Button variant="default" fullWidth disabled={isWorking} onClick={askForCode}>
            {t('enrol.invited')}
          </Button>
        )}
        <p>
          <Link to={{ name: 'lost' }} className="mg-button-link">
            {t('lost.link')}
          </Link>
        </p>
        <output className="mg-block mg-soft mg-small">{t(isWorking ? 'enrol.working' : 'enrol.explain')}</output>
      </div>
    </Plain>
  )
}

const strong = (text: string) => <strong>{text}</strong>
