import { Button } from '@mantine/core'
import { IconEye, IconKey, IconLock } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useRouter, useServices } from '../app/context.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { Link, ProblemNotice } from '../app/elements.tsx'
import { Plain } from '../app/Plain.tsx'
import './sign-in.css'

/** First run: what this is, in plain words, and one button. */
export function EnrolPage() {
  const { enrolling } = useServices()
  const { task, run } = useStore(enrolling)
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
  return (
    <Plain signOut>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {t('enrol.heading')}
        </h1>
        <p className="mg-intro">{t('enrol.intro')}</p>
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
      {task.status === 'failed' && <ProblemNotice problem={task.problem} onRetry={begin} />}
      <div className="mg-stack">
        <Button size="lg" fullWidth loading={isWorking} onClick={begin}>
          {t('enrol.go')}
        </Button>
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
