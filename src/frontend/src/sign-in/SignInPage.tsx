import { Button } from '@mantine/core'
import { IconEye, IconFingerprint, IconKey, IconLock } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { t } from '../words/language.ts'
import { Notice } from '../app/elements.tsx'
import { Logo } from '../app/Logo.tsx'
import { Plain } from '../app/Plain.tsx'
import type { SessionView } from './session-store.ts'
import './sign-in.css'

export function SignInPage({ view }: { view: Extract<SessionView, { status: 'signedOut' }> }) {
  const { session, config } = usePage()
  const signIn = useStore(session, (state) => state.signIn)
  const why = view.why === 'fresh' ? 'hero' : view.why
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
  }, [])
  const title = t('page.title', { page: t('signIn.title') })
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <Plain>
      <div className="mg-hero">
        <Logo size={52} />
        <h1 ref={heading} tabIndex={-1}>
          {t(`signIn.${why}`)}
        </h1>
        <p className="mg-soft">{t(`signIn.${why}Text`)}</p>
      </div>
      {view.trouble === 'closed' && (
        <Notice tone="info" title={t('signIn.closed')} loud>
          <p>{t('signIn.closedText')}</p>
        </Notice>
      )}
      {view.trouble === 'failed' && (
        <Notice tone="warn" title={t('signIn.failed')} loud>
          <p>{t('signIn.failedText')}</p>
        </Notice>
      )}
      <div className="mg-card mg-pad mg-stack">
        <Button
          size="lg"
          fullWidth
          leftSection={<IconFingerprint size={24} aria-hidden />}
          onClick={() => void signIn()}
        >
          {t(view.waiting ? 'signIn.again' : config.mode === 'production' ? 'signIn.withIdentity' : 'signIn.go')}
        </Button>
        <output className="mg-block mg-soft mg-small">{t(view.waiting ? 'signIn.waiting' : 'signIn.explain')}</output>
      </div>
      {view.why === 'fresh' && (
        <ul className="mg-points">
          <li>
            <IconLock size={22} aria-hidden />
            <span>{t('signIn.pointEncrypted')}</span>
          </li>
          <li>
            <IconKey size={22} aria-hidden />
            <span>{t('signIn.pointChoose')}</span>
          </li>
          <li>
            <IconEye size={22} aria-hidden />
            <span>{t('signIn.pointSee')}</span>
          </li>
        </ul>
      )}
    </Plain>
  )
}
