import type { ProgressStep } from '@medguard/client'
import { IconCheck } from '@tabler/icons-react'
import { t } from '../words/language.ts'
import { stepText } from './words.ts'

/**
 * What is going on while something is sent, step by step. Steps the work skips count as done once a later one is under way; a step that is
 * not listed shows as the words of its own.
 */
export function SendingSteps(props: {
  label: string
  step: ProgressStep | null
  steps: readonly { readonly step: ProgressStep['step']; readonly label: string }[]
}) {
  const { step } = props
  const now = props.steps.findIndex((one) => one.step === step?.step)
  const isCounted = step?.step === 'uploading' || step?.step === 'sealing'
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={props.label}>
      <ol className="mg-steps">
        {props.steps.map(({ step: name, label }, place) => (
          <li key={name} data-state={place < now ? 'done' : place === Math.max(now, 0) ? 'now' : 'next'}>
            {place < now ? <IconCheck size={20} aria-hidden /> : <span className="mg-dot" aria-hidden />}
            {label}
          </li>
        ))}
      </ol>
      {isCounted && step.totalBytes > 0 && (
        <progress className="mg-progress" aria-label={props.label} value={step.doneBytes} max={step.totalBytes} />
      )}
      <output className="mg-block mg-soft mg-small">
        {t('page.seconds', { step: isCounted ? `${props.steps[now]?.label ?? ''}…` : stepText(step) })}
      </output>
    </section>
  )
}

const STORING = [
  { step: 'askingForKey', label: 'add.stepPrepare' },
  { step: 'sealing', label: 'add.stepSeal' },
  { step: 'uploading', label: 'add.stepSend' },
  { step: 'confirming', label: 'add.stepConfirm' },
] as const

/** Of a record that is being stored. */
export function StoringSteps(props: { label: string; step: ProgressStep | null }) {
  return <SendingSteps {...props} steps={STORING.map(({ step, label }) => ({ step, label: t(label) }))} />
}
