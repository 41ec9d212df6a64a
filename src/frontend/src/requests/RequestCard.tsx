import { Button } from '@mantine/core'
import type { AccessRequestInfo } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useRouter, useServices } from '../app/context.ts'
import { Dialog, ProblemNotice } from '../app/elements.tsx'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { ApproveDialog } from './ApproveDialog.tsx'
import { RequestFacts } from './RequestFacts.tsx'
import { RequestUnderWay } from './RequestUnderWay.tsx'

/** A request that waits for an answer. */
export function RequestCard({ request }: { request: AccessRequestInfo }) {
  const { requests } = useServices()
  const { go } = useRouter()
  const { task, run } = useStore(requests.answeringOf(request))
  const [asking, setAsking] = useState<'approve' | 'decline' | 'block' | null>(null)
  const name = useNames()(request.requester)
  const isWorking = task.status === 'working'
  return (
    <li className="mg-card mg-pad mg-stack" aria-label={t('requests.from', { name })}>
      <RequestFacts request={request} />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('requests.notAnswered')} />}
      {isWorking ? (
        <RequestUnderWay step={task.step} />
      ) : (
        <div className="mg-row">
          <Button onClick={() => setAsking('approve')} aria-label={t('requests.approveFrom', { name })}>
            {t('requests.approve')}
          </Button>
          <Button
            variant="default"
            onClick={() => go({ name: 'request', askId: request.askId })}
            aria-label={t('requests.approveLessFrom', { name })}
          >
            {t('requests.approveLess')}
          </Button>
          <Button
            variant="default"
            onClick={() => setAsking('decline')}
            aria-label={t('requests.declineFrom', { name })}
          >
            {t('requests.decline')}
          </Button>
          <Button
            variant="default"
            className="mg-danger"
            onClick={() => setAsking('block')}
            aria-label={t('requests.blockFrom', { name })}
          >
            {t('requests.block')}
          </Button>
        </div>
      )}
      {asking === 'approve' && (
        <ApproveDialog
          request={request}
          onClose={() => setAsking(null)}
          onApprove={(approval) => {
            setAsking(null)
            void run({ kind: 'approve', approval })
          }}
        />
      )}
      {(asking === 'decline' || asking === 'block') && (
        <Dialog
          title={t(asking === 'decline' ? 'requests.declineAsk' : 'requests.blockAsk', { name })}
          onClose={() => setAsking(null)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(null)}>
                {t('share.back')}
              </Button>
              <Button
                className="mg-danger-filled"
                onClick={() => {
                  setAsking(null)
                  void run({ kind: asking })
                }}
              >
                {t(asking === 'decline' ? 'requests.decline' : 'requests.block')}
              </Button>
            </>
          }
        >
          <p>{t(asking === 'decline' ? 'requests.declineText' : 'requests.blockText')}</p>
        </Dialog>
      )}
    </li>
  )
}
