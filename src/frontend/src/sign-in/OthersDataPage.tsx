import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { Plain } from '../app/Plain.tsx'
import { t } from '../words/language.ts'

/** A full stop before anything of the one who signed in: what this device keeps is somebody else's. Nobody reads it, and only a person says that it goes. */
export function OthersDataPage() {
  const { session } = usePage()
  const { removeOthersData, leave } = useStore(session)
  const [state, setState] = useState<'asking' | 'removing' | 'failed'>('asking')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  const title = t('page.title', { page: t('signIn.othersData') })
  useEffect(() => {
    document.title = title
  }, [title])
  const remove = () => {
    setState('removing')
    removeOthersData().catch(() => setState('failed'))
  }
  return (
    <Plain>
      <h1 ref={heading} tabIndex={-1}>
        {t('signIn.othersData')}
      </h1>
      <p>{t('signIn.othersDataText')}</p>
      {state === 'failed' && <Notice tone="warn" title={t('signIn.othersDataFailed')} loud />}
      <div className="mg-stack">
        <Button size="lg" fullWidth loading={state === 'removing'} onClick={remove}>
          {t('signIn.othersDataRemove')}
        </Button>
        <Button size="lg" fullWidth variant="default" onClick={() => void leave('signedOut')}>
          {t('shell.signOut')}
        </Button>
      </div>
    </Plain>
  )
}
