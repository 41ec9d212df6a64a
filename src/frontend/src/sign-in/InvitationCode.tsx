import { Textarea } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { ReadCode } from '../qr/ReadCode.tsx'
import { t } from '../words/language.ts'

/** Where the code of an invitation is written, pasted or read from a picture. @param isRefused nothing opened for want of a code that holds. */
export default function InvitationCode({ isRefused }: { isRefused: boolean }) {
  const { invitation, enrolling } = useServices()
  const { shown, code, wrong } = useStore(invitation)
  const { status } = useStore(enrolling).task
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (status === 'idle' || isRefused) field.current?.focus()
  }, [status, isRefused])
  const write = (text: string) => {
    invitation.setState({ code: text, wrong: null })
    if (status === 'failed') enrolling.getState().reset()
  }
  return (
    <div className="mg-card mg-pad mg-stack">
      {shown === 'needed' && (
        <Notice tone="warn" title={t('enrol.codeNeeded')} loud>
          <p>{t('enrol.codeNeededText')}</p>
        </Notice>
      )}
      <Textarea
        ref={field}
        label={t('enrol.code')}
        description={t('enrol.codeHint')}
        autosize={false}
        rows={2}
        dir="ltr"
        className="mg-code-field"
        value={code}
        error={wrong === null ? undefined : t(`enrol.${wrong}`)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => write(event.currentTarget.value)}
      />
      <ReadCode onCode={write} />
    </div>
  )
}
