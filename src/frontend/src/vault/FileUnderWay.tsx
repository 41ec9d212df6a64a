import type { ProgressStep } from '@medguard/client'
import { Button } from '@mantine/core'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { t } from '../words/language.ts'

/** How far a file is that everything, or much of it, is written into. */
export function FileUnderWay(props: { label: string; step: ProgressStep | null; onCancel: () => void }) {
  return (
    <div className="mg-stack">
      <SendingSteps
        label={props.label}
        step={props.step}
        steps={[
          { step: 'listing', label: t('vault.stepListing') },
          { step: 'downloading', label: t('vault.stepFetching') },
        ]}
      />
      <div className="mg-row">
        <Button variant="default" onClick={props.onCancel}>
          {t('page.cancel')}
        </Button>
      </div>
    </div>
  )
}
