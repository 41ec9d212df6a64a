import { Button } from '@mantine/core'
import type { MyRules } from '@medguard/client'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { Dialog, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** Everything on hold, or not: one press and a confirmation. What it did is said once both canisters said so. */
export function Pause({ rules: { pausedNs } }: { rules: MyRules }) {
  const { rules } = useServices()
  const { task, run } = useStore(rules.pausing)
  const [isAsking, setAsking] = useState(false)
  const nowMs = useNow()
  useForgetDone(rules.pausing)
  const isPaused = pausedNs !== null
  const change = () => {
    setAsking(false)
    void run({ kind: isPaused ? 'resume' : 'pause' })
  }
  const button = (
    <Button
      variant={isPaused ? 'filled' : 'default'}
      {...(isPaused ? {} : { className: 'mg-danger' })}
      loading={task.status === 'working'}
      leftSection={isPaused ? <IconPlayerPlay size={18} aria-hidden /> : <IconPlayerPause size={18} aria-hidden />}
      onClick={() => setAsking(true)}
    >
      {t(isPaused ? 'rules.resume' : 'rules.pause')}
    </Button>
  )
  return (
    <Section title={t('rules.all')}>
      {isPaused ? (
        <Notice tone="warn" title={t('rules.paused', { at: atText(msOf(pausedNs), nowMs) })} actions={button}>
          <p>{t('rules.pausedText')}</p>
        </Notice>
      ) : (
        <div className="mg-card mg-pad mg-stack">
          <p>{t('rules.pauseText')}</p>
          <div className="mg-row">{button}</div>
        </div>
      )}
      <output className="mg-block mg-soft mg-small">
        {task.status === 'working' && t(isPaused ? 'rules.resuming' : 'rules.pausing')}
        {task.status === 'done' && !isPaused && t('rules.resumed', { at: atText(task.atMs, nowMs) })}
      </output>
      {task.status === 'failed' && (
        <ProblemNotice
          problem={task.problem}
          what={t(isPaused ? 'rules.notResumed' : 'rules.notPaused')}
          onRetry={change}
        />
      )}
      {isAsking && (
        <Dialog
          title={t(isPaused ? 'rules.resumeAsk' : 'rules.pauseAsk')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('share.back')}
              </Button>
              <Button {...(isPaused ? {} : { className: 'mg-danger-filled' })} onClick={change}>
                {t(isPaused ? 'rules.resume' : 'rules.pause')}
              </Button>
            </>
          }
        >
          <p>{t(isPaused ? 'rules.resumeAskText' : 'rules.pauseAskText')}</p>
        </Dialog>
      )}
    </Section>
  )
}
