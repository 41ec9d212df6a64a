import { Button } from '@mantine/core'
import type { AccessRequestInfo } from '@medguard/client'
import { useRouter, useServices } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** It ended while somebody was reading it: why, and the way on for who wants to share all the same. */
export function RequestOver({ request }: { request: AccessRequestInfo }) {
  const { sharing } = useServices()
  const { go } = useRouter()
  const isExpired = request.state === 'pending' || request.state === 'expired'
  return (
    <div className="mg-ask-form">
      <Notice
        tone="warn"
        loud
        title={t(isExpired ? 'requests.expiredNow' : 'requests.answeredAlready')}
        actions={
          isExpired && (
            <Button
              onClick={() => {
                sharing.form.getState().begin(request.grantee)
                go({ name: 'share', step: 1 })
              }}
            >
              {t('share.title')}
            </Button>
          )
        }
      >
        <p>{t(isExpired ? 'requests.expiredText' : 'requests.answeredText')}</p>
      </Notice>
    </div>
  )
}
