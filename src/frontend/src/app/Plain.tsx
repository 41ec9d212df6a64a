import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { LanguagePicker } from '../words/LanguagePicker.tsx'
import { t } from '../words/language.ts'
import { usePage } from './context.ts'
import { Logo } from './Logo.tsx'

/** Frame of pages that stand alone: no menu, nothing of anybody's records. */
export function Plain({ children, signOut }: { children: ReactNode; signOut?: boolean }) {
  const { session, config } = usePage()
  const leave = useStore(session, (state) => state.leave)
  return (
    <div className="mg-plain">
      <header className="mg-plain-head mg-row">
        <span className="mg-brand">
          <Logo /> MedGuard
        </span>
        <span className="mg-push">
          <LanguagePicker />
        </span>
        {signOut === true && (
          <button type="button" className="mg-chip" onClick={() => void leave('signedOut')}>
            {t('shell.signOut')}
          </button>
        )}
      </header>
      <main className="mg-plain-main mg-stack">{children}</main>
      <footer className="mg-plain-foot">
        {config.mode === 'development' && <p>{t('page.development')}</p>}
        <p>{t('page.version', { version: config.version })}</p>
      </footer>
    </div>
  )
}
