import { Button } from '@mantine/core'
import type { AccessRequestInfo, Approval } from '@medguard/client'
import { useState } from 'react'
import { CheckChoice, FieldError } from '../app/Choice.tsx'
import { Dialog } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { approvalErrors, approvalOf, approvalSentence, beginApproval } from './approval-draft.ts'
import { useNameOf, useSensitive } from '../sharing/use-names.ts'

/** All that was asked for, said once more before it is given. What is sensitive is ticked by itself, or left out. */
export function ApproveDialog(props: {
  request: AccessRequestInfo
  onClose: () => void
  onApprove: (approval: Approval) => void
}) {
  const { request } = props
  const { kinds: sensitive } = useSensitive()
  const name = useNameOf(request.grantee)
  const [draft, setDraft] = useState(() => beginApproval(request, sensitive))
  const [isTried, setIsTried] = useState(false)
  const asked = request.categories.filter((category) => sensitive.includes(category))
  const sentence = approvalSentence(draft, request, name)
  const error = isTried ? approvalErrors(draft).categories : undefined
  return (
    <Dialog
      title={t('requests.approveAsk')}
      onClose={props.onClose}
      actions={
        <>
          <Button variant="default" onClick={props.onClose}>
            {t('share.back')}
          </Button>
          <Button
            onClick={() => {
              setIsTried(true)
              const approval = approvalOf(draft, request, sensitive)
              if (approval !== null) props.onApprove(approval)
            }}
          >
            {t('requests.approve')}
          </Button>
        </>
      }
    >
      {asked.length > 0 && (
        <CheckChoice
          legend={t('requests.alsoSensitive')}
          name="sensitive"
          on={draft.categories.filter((category) => asked.includes(category))}
          options={asked.map((value) => ({ value, label: t(`categories.${value}`), hint: t('requests.leftOut') }))}
          onChange={(on) =>
            setDraft({
              ...draft,
              categories: request.categories.filter((one) => !asked.includes(one) || on.includes(one)),
            })
          }
        />
      )}
      {error !== undefined && <FieldError text={error} />}
      {sentence !== null && <p className="mg-sentence">{sentence}</p>}
      <p className="mg-soft mg-small">{t('requests.stopAnyTime')}</p>
    </Dialog>
  )
}
