import type { ProgressStep } from '@medguard/client'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { t } from '../words/language.ts'

/** An answer on its way: nothing is claimed before the network has confirmed it. */
export function RequestUnderWay({ step }: { step: ProgressStep | null }) {
  return (
    <SendingSteps
      label={t('requests.answering')}
      step={step}
      steps={[
        { step: 'asking', label: t('share.stepSending') },
        { step: 'confirming', label: t('share.stepConfirming') },
      ]}
    />
  )
}
